import { ENCRYPTIONS } from '../../base/choices.ts';
import { EnsembleError } from '../../base/errors.ts';
import {
  bytes,
  bytesPerSecond,
  identityIndex,
  type InfoHash,
  type Millis,
  millis,
  type TorrentKey,
  torrentKey,
} from '../../base/ids.ts';
import type {
  DownloadChanges,
  DownloadOptions,
  DownloadSnapshot,
  DownloadState,
  FileSnapshot,
  IdentitySnapshot,
  PeerSnapshot,
  PieceMapSnapshot,
  SourceSnapshot,
} from '../engine.ts';
import { ordinaryOptions } from '../download-options.ts';
import { PIECE } from '../piece-codes.ts';
import type { FakeDownload } from './fake-engine.ts';
import { countsOf, reachabilityOf, sourceOf, sourceSnapshotsOf } from './moving-sources.ts';

const PIECE_LENGTH = 1_048_576;
const CLIENTS = ['qBittorrent 5.1.2', 'Transmission 4.1.0', 'Deluge 2.2.0', 'libtorrent 2.0.11', 'Ensemble 0.1.0'];
const SPEEDS = [3.21, 2.84, 1.97, 1.39, 1.1, 0.9, 0.8, 0.7];
const RESTART_SECONDS = 3;

interface MovingSetup {
  readonly infoHash: InfoHash;
  readonly name: string;
  readonly added: Millis;
  readonly pieces: number;
  /** How much is there at the start, 0 to 1. */
  readonly done: number;
  readonly options: DownloadOptions;
  readonly state?: DownloadState;
  /** Nobody has what is missing. */
  readonly stalled?: boolean;
  readonly private?: boolean;
  /** How many times faster than usual. */
  readonly speed?: number;
  /** Names and shares of the whole. */
  readonly files?: readonly (readonly [string, number])[];
}

/** Choices as the Add dialog makes them, with some changed. */
export function fakeOptions(change: Partial<DownloadOptions> = {}): DownloadOptions {
  return ordinaryOptions('/home/user/Downloads', { identities: 4, ...change });
}

/** One download that moves by itself. Chance is a fixed sequence, so that each run is the same. */
export class MovingDownload implements FakeDownload {
  changed?: () => void;
  readonly key: TorrentKey;
  readonly #setup: MovingSetup;
  #options: DownloadOptions;
  #state: DownloadState;
  readonly #pieces: Uint8Array;
  /** By identity: pieces that it fetched. */
  readonly #fetched = new Uint32Array(256);
  readonly #begun: Map<number, { readonly identity: number; fill: number }> = new Map();
  readonly #availability: Uint16Array;
  readonly #restarted: (number | undefined)[] = [];
  readonly #restarts: number[] = [];
  readonly #away: number[] = [];
  #toGo: number;
  #seconds = 75;
  #work: number | undefined;
  #result: readonly string[] | undefined;
  #assembled: { resolve(files: readonly string[]): void; reject(error: Error): void } | undefined;
  #chance = 12_345;

  constructor(setup: MovingSetup) {
    this.key = torrentKey(setup.infoHash);
    this.#setup = setup;
    this.#options = setup.options;
    this.#state = setup.state ?? (setup.options.paused ? 'paused' : 'downloading');
    this.#pieces = new Uint8Array(setup.pieces).fill(PIECE.missing);
    this.#availability = Uint16Array.from({ length: setup.pieces }, () => 1 + Math.floor(this.#random() * 12));
    const most = Math.round(setup.pieces * setup.done);
    for (let have = 0; have < most;) {
      const p = Math.floor(this.#random() * setup.pieces);
      const at = this.#nextMissing(p);
      this.#got(at, this.#anybody());
      have++;
    }
    this.#toGo = setup.pieces - most;
    if (this.#state === 'seeding' || this.#state === 'done') this.#result = this.#paths();
    if (setup.stalled === true) {
      for (let p = 0; p < setup.pieces; p++) if (this.#pieces[p] === PIECE.missing) this.#availability[p] = 0;
    }
  }

  /** Lets so many seconds pass. */
  move(seconds: number): void {
    if (this.#state === 'downloading' || this.#state === 'seeding') this.#seconds += seconds;
    this.#away.forEach((left, i) => (this.#away[i] = left - seconds));
    if (this.#work !== undefined) this.#workOn(seconds);
    else if (this.#state === 'downloading' && this.#setup.stalled !== true) this.#fetch(seconds);
  }

  get state(): DownloadState {
    return this.#state;
  }

  pause(): void {
    const seeds = this.#state === 'seeding' || (this.#state === 'complete' && this.#options.seed.kind !== 'never');
    if (this.#state === 'downloading' || seeds) this.#state = 'paused';
  }

  resume(): void {
    if (this.#state !== 'paused' && this.#state !== 'failed' && this.#state !== 'missing-files') return;
    this.#state = this.#result !== undefined ? 'seeding' : this.#toGo === 0 ? 'complete' : 'downloading';
  }

  recheck(): void {
    this.#state = 'checking';
    this.#work = 0;
  }

  assemble(): Promise<readonly string[]> {
    if (this.#result !== undefined) return Promise.resolve(this.#result);
    if (this.#toGo > 0) {
      const message = `${this.#setup.name} cannot be assembled yet: ${this.#toGo} pieces are missing.`;
      return Promise.reject(new EnsembleError('usage', message));
    }
    this.#state = 'assembling';
    this.#work = 0;
    return new Promise((resolve, reject) => (this.#assembled = { resolve, reject }));
  }

  cancelAssembly(): void {
    if (this.#state !== 'assembling') return;
    this.#state = 'complete';
    this.#work = undefined;
    this.#assembled?.reject(new EnsembleError('interrupted', 'The assembly was stopped.'));
  }

  change(changes: DownloadChanges): void {
    this.#options = { ...this.#options, ...changes };
  }

  restart(identity: number, wall: number): void {
    this.#restarted[identity] = wall;
    this.#restarts[identity] = (this.#restarts[identity] ?? 0) + 1;
    this.#away[identity] = RESTART_SECONDS;
    for (const [p, { identity: owner }] of this.#begun) if (owner === identity) this.#begun.delete(p);
  }

  snapshot(): DownloadSnapshot {
    const { infoHash, name, added, pieces: total } = this.#setup;
    const identities = Array.from({ length: this.#options.identities }, (_, i) => this.#identity(i));
    const down = identities.reduce((sum, one) => sum + one.rate.down, 0);
    const have = total - this.#toGo;
    const files = this.files();
    return {
      key: this.key,
      infoHash,
      name,
      state: this.#state,
      added,
      pieces: { have, wanted: total, total, toGo: this.#toGo },
      bytes: { have: have * PIECE_LENGTH, wanted: total * PIECE_LENGTH, total: total * PIECE_LENGTH },
      pieceLength: PIECE_LENGTH,
      files: files.length,
      fileSlots: files.length,
      private: this.#isPrivate,
      rate: { down: bytesPerSecond(down), up: bytesPerSecond(identities.reduce((sum, one) => sum + one.rate.up, 0)) },
      peers: identities.reduce((sum, one) => sum + one.peers, 0),
      ...(down > 0 ? { timeLeft: millis((1000 * this.#toGo * PIECE_LENGTH) / down) } : {}),
      downloaded: bytes(have * PIECE_LENGTH),
      uploaded: bytes(Math.round(have * PIECE_LENGTH * 0.84)),
      wasted: bytes(49_152),
      duplicatePieces: 0,
      hashFailures: 0,
      identities,
      ...(this.#work === undefined ? {} : { work: this.#work }),
      options: this.#options,
      ...(this.#result === undefined ? {} : { result: this.#result }),
      active: millis(this.#seconds * 1000),
      seeded: millis(this.#state === 'seeding' ? this.#seconds * 1000 : 0),
      place: 0,
    };
  }

  pieceMap(): PieceMapSnapshot {
    const pieces = this.#pieces.slice();
    const begun: number[] = [];
    for (const [p, { identity, fill }] of this.#begun) {
      pieces[p] = PIECE.fetching;
      begun.push(p, identity, Math.min(255, Math.floor(fill * 255)));
    }
    return { key: this.key, pieces, begun: Uint32Array.from(begun), availability: this.#availability };
  }

  pieceSource(index: number): readonly string[] {
    const owner = this.#pieces[index] ?? PIECE.missing;
    return owner < PIECE.unwanted ? [`198.51.100.${10 * owner + 1 + (index % this.#peerCount(owner))}:6881`] : [];
  }

  files(): FileSnapshot[] {
    const { name, pieces: total, files = [[name, 1] as const] } = this.#setup;
    const fraction = (total - this.#toGo) / total;
    let at = 0;
    return files.map(([path, share], index) => {
      const length = Math.max(1, Math.round(share * total * PIECE_LENGTH));
      const first = Math.min(total - 1, Math.floor(at / PIECE_LENGTH));
      at += length;
      const last = Math.min(total - 1, Math.floor((at - 1) / PIECE_LENGTH));
      const priority = this.#options.filePriorities?.[index] ?? 4;
      const full = files.length > 1 ? `${name}/${path}` : path;
      return { index, path: full, length, pieces: { first, last }, have: Math.floor(length * fraction), priority };
    });
  }

  sources(): SourceSnapshot[] {
    return sourceSnapshotsOf(this.#options.identities, this.#seconds, this.#isPrivate);
  }

  peers(): PeerSnapshot[] {
    return Array.from({ length: this.#options.identities }, (_, i) => i).flatMap((i) =>
      fakePeers(this.#peerCount(i), i, this.#rate(i), this.#seconds, this.#isPrivate),
    );
  }

  #identity(i: number): IdentitySnapshot {
    const rate = this.#rate(i);
    const pieces = this.#fetched[i] ?? 0;
    const gone = (this.#away[i] ?? 0) > 0;
    const restarted = this.#restarted[i];
    const active = this.#state === 'downloading' || this.#state === 'seeding';
    return {
      index: identityIndex(i),
      state: gone
        ? 'restarting'
        : this.#state === 'paused'
          ? 'paused'
          : this.#state === 'seeding'
            ? i === 0
              ? 'seeding'
              : 'left'
            : active
              ? 'downloading'
              : 'left',
      address: `192.0.2.${14 + i}`,
      port: 6881 + i,
      pieces,
      held: pieces,
      rate: { down: bytesPerSecond(rate), up: bytesPerSecond(active && !gone ? 402_000 / (i + 1) : 0) },
      downloaded: bytes(pieces * PIECE_LENGTH),
      uploaded: bytes(Math.floor(pieces * PIECE_LENGTH * 0.1)),
      wasted: bytes(0),
      peers: active && !gone ? this.#peerCount(i) : 0,
      seeds: active && !gone ? 2 : 0,
      punched: 0,
      claimed: [...this.#begun.values()].filter(({ identity }) => identity === i).length + 3,
      reachability: reachabilityOf(i),
      sources: active && !gone ? countsOf(i, this.#peerCount(i), this.#isPrivate) : {},
      active: millis(this.#seconds * 1000),
      restarts: this.#restarts[i] ?? 0,
      ...(restarted === undefined ? {} : { restarted: millis(restarted) }),
      pid: 4000 + i,
    };
  }

  get #isPrivate(): boolean {
    return this.#setup.private === true;
  }

  #peerCount(i: number): number {
    return Math.max(3, 14 - i);
  }

  /** Bytes a second, swinging a little. */
  #rate(i: number): number {
    if (this.#state !== 'downloading' || this.#setup.stalled === true || (this.#away[i] ?? 0) > 0) return 0;
    const speed = (SPEEDS[i % SPEEDS.length] ?? 1) * (this.#setup.speed ?? 1);
    return Math.round(speed * 1e6 * (1 + 0.12 * Math.sin(this.#seconds / 3 + i)));
  }

  #fetch(seconds: number): void {
    for (let i = 0; i < this.#options.identities; i++) {
      const mine = [...this.#begun].filter(([, { identity }]) => identity === i);
      while (mine.length < 4 && (this.#away[i] ?? 0) <= 0 && this.#toGo > this.#begun.size) {
        const p = this.#nextMissing(Math.floor(this.#random() * this.#pieces.length));
        const begun = { identity: i, fill: 0 };
        this.#begun.set(p, begun);
        mine.push([p, begun]);
      }
      for (const [p, begun] of mine) {
        begun.fill += (this.#rate(i) * seconds) / PIECE_LENGTH / mine.length;
        if (begun.fill < 1) continue;
        this.#begun.delete(p);
        this.#got(p, i);
        this.#toGo--;
      }
    }
    if (this.#toGo > 0) return;
    this.#state = 'complete';
    if (this.#options.assemble) void this.assemble();
  }

  #workOn(seconds: number): void {
    this.#work = (this.#work ?? 0) + seconds / 4;
    if (this.#work < 1) return;
    this.#work = undefined;
    if (this.#state === 'checking') this.#state = this.#toGo > 0 ? 'downloading' : 'complete';
    else {
      this.#state = 'done';
      this.#result = this.#paths();
      this.#assembled?.resolve(this.#result);
    }
  }

  #got(at: number, identity: number): void {
    this.#pieces[at] = identity;
    this.#fetched[identity] = (this.#fetched[identity] ?? 0) + 1;
  }

  #paths(): readonly string[] {
    return this.files().map(({ path }) => `${this.#options.output}/${path}`);
  }

  #nextMissing(from: number): number {
    for (let k = 0; k < this.#pieces.length; k++) {
      const p = (from + k) % this.#pieces.length;
      if (this.#pieces[p] === PIECE.missing && !this.#begun.has(p)) return p;
    }
    return from;
  }

  #anybody(): number {
    return Math.min(this.#options.identities - 1, Math.floor(this.#random() ** 1.4 * this.#options.identities));
  }

  #random(): number {
    this.#chance = (Math.imul(this.#chance, 1_103_515_245) + 12_345) >>> 0;
    return this.#chance / 2 ** 32;
  }
}

/** Peers of identity `i`, which together send `whole` bytes a second. */
export function fakePeers(count: number, i = 0, whole = 800_000, seconds = 60, isPrivate = false): PeerSnapshot[] {
  return Array.from({ length: count }, (_unused, n): PeerSnapshot => {
    const rate = whole / (n + 2);
    return {
      identity: identityIndex(i),
      endpoint: { host: `198.51.100.${10 * i + n + 1}`, port: 6881 + n },
      client: CLIENTS[(i + n) % CLIENTS.length] ?? '',
      source: isPrivate ? 'tracker' : sourceOf(n),
      incoming: !isPrivate && sourceOf(n) === 'incoming',
      transport: n % 4 === 3 ? 'utp' : 'tcp',
      encryption: ENCRYPTIONS[n % 3] ?? 'plain',
      punched: n % 8 === 7,
      down: bytesPerSecond(Math.round(rate)),
      up: bytesPerSecond(Math.round(rate / 8)),
      downloaded: bytes(Math.round(rate * seconds)),
      uploaded: bytes(Math.round((rate * seconds) / 8)),
      progress: n % 4 === 0 ? 1 : Math.min(1, 0.2 * (n % 5) + 0.1),
      amInterested: n % 5 !== 4,
      amChoking: n > 3,
      peerInterested: n % 4 !== 0,
      peerChoking: n % 6 === 5,
      snubbed: n % 11 === 10,
      optimistic: n === 3,
      uploadOnly: n === 4,
      pieces: Uint8Array.from({ length: 64 }, (_cell, c) => (n % 4 === 0 || (c * 7 + n) % 5 < n % 5 ? 255 : 0)),
    };
  });
}
