import {
  bytes,
  bytesPerSecond,
  identityIndex,
  type InfoHashV1,
  type Millis,
  millis,
  torrentKey,
} from '../../base/ids.ts';
import type {
  DownloadChanges,
  DownloadSnapshot,
  DownloadState,
  FileSnapshot,
  PeerSnapshot,
  PieceMapSnapshot,
  SourceSnapshot,
} from '../engine.ts';
import { PIECE } from '../piece-codes.ts';
import type { FakeDownload } from './fake-engine.ts';
import { fakeOptions, fakePeers } from './moving-download.ts';
import { sourceSnapshotsOf } from './moving-sources.ts';

const PIECES = 240;
const PIECE_LENGTH = 4_194_304;
const HOSTS = ['tracker.example.org', 'open.example.net', 'private.example.com'];
const CATEGORIES = ['Films', 'Music', 'Linux'];
const WORDS = ['Harbour', 'meadow', 'Ocean', 'lantern', 'Summit', 'archive', 'Orchard', 'signal', 'Écho', 'winter'];
/** One in so many downloads; the others are at rest. */
const BUSY = 20;

/** Many downloads of one identity, most at rest, as somebody has them after years. Each costs next to nothing. */
export function manyDownloads(count: number, wall: Millis): FakeDownload[] {
  return Array.from({ length: count }, (_, n) => new OneOfMany(n, millis(wall - (count - n) * 600_000)));
}

class OneOfMany implements FakeDownload {
  readonly key;
  #state: DownloadState;
  #options;
  #done: number;
  #seconds = 0;
  readonly #n: number;
  readonly #base: DownloadSnapshot;
  #snapshot: DownloadSnapshot | undefined;

  constructor(n: number, added: Millis) {
    const infoHash = n.toString(16).padStart(40, '0') as InfoHashV1;
    const word = (by: number): string => WORDS[Math.floor(n / by) % WORDS.length] ?? '';
    const size = PIECES * PIECE_LENGTH;
    this.#n = n;
    this.#options = fakeOptions({
      identities: 1,
      category: CATEGORIES[n % 4] ?? '',
      tags: n % 6 === 0 ? ['weekend', 'to keep'] : n % 6 === 3 ? ['weekend'] : [],
    });
    this.key = torrentKey(infoHash);
    this.#state = n % BUSY === 0 ? 'downloading' : n % 7 === 1 ? 'paused' : n % 5 === 2 ? 'done' : 'seeding';
    this.#done = this.#state === 'downloading' || this.#state === 'paused' ? (n % 90) / 100 : 1;
    this.#base = {
      key: this.key,
      infoHash,
      name: `${word(1)} ${word(10)} ${word(100)} S${1 + (n % 9)}E${1 + (n % 24)} ${n}`,
      state: this.#state,
      added,
      pieces: { have: 0, wanted: PIECES, total: PIECES, toGo: 0 },
      bytes: { have: 0, wanted: size, total: size },
      pieceLength: PIECE_LENGTH,
      files: 1 + (n % 12),
      fileSlots: 1 + (n % 12),
      private: n % 3 === 2,
      trackerHosts: [HOSTS[n % HOSTS.length] ?? ''],
      rate: { down: bytesPerSecond(0), up: bytesPerSecond(0) },
      peers: 0,
      downloaded: bytes(0),
      uploaded: bytes(((n * 37) % 400) * 10_000_000),
      wasted: bytes(0),
      duplicatePieces: 0,
      hashFailures: 0,
      identities: [],
      options: this.#options,
      active: millis(n * 60_000),
      seeded: millis(0),
      place: n,
    };
  }

  get state(): DownloadState {
    return this.#state;
  }

  move(seconds: number): void {
    if (this.#state !== 'downloading') return;
    this.#seconds += seconds;
    this.#done = Math.min(1, this.#done + seconds / 4000);
    this.#become();
  }

  snapshot(): DownloadSnapshot {
    return (this.#snapshot ??= this.#made());
  }

  #become(state = this.#state): void {
    this.#state = state;
    this.#snapshot = undefined;
  }

  #made(): DownloadSnapshot {
    const have = Math.floor(PIECES * this.#done);
    const busy = this.#state === 'downloading';
    const down = busy ? Math.round(400_000 * (2 + Math.sin(this.#seconds / 2 + this.#n))) : 0;
    const up = busy || (this.#state === 'seeding' && this.#n % 9 === 0) ? 30_000 + (this.#n % 50) * 900 : 0;
    const peers = busy ? 12 : this.#state === 'seeding' ? this.#n % 4 : 0;
    const rate = { down: bytesPerSecond(down), up: bytesPerSecond(up) };
    const { downloaded, uploaded, wasted, active, peers: _, rate: _rate, ...same } = this.#base;
    const identity = {
      index: identityIndex(0),
      state: busy ? 'downloading' : this.#state === 'seeding' ? 'seeding' : 'paused',
      pieces: have,
      held: have,
      rate,
      downloaded,
      uploaded,
      wasted,
      peers,
      seeds: busy ? 5 : 0,
      punched: 0,
      claimed: 0,
      reachability: { kind: 'unknown' },
      sources: {},
      active,
      restarts: 0,
    } as const;
    return {
      ...same,
      state: this.#state,
      pieces: { have, wanted: PIECES, total: PIECES, toGo: PIECES - have },
      bytes: { ...this.#base.bytes, wanted: this.#wanted(), have: have * PIECE_LENGTH },
      rate,
      peers,
      downloaded: bytes(have * PIECE_LENGTH),
      uploaded,
      wasted,
      active,
      identities: [identity],
      options: this.#options,
      ...(busy && down > 0 ? { timeLeft: millis((1000 * (PIECES - have) * PIECE_LENGTH) / down) } : {}),
      ...(this.#state === 'done' || this.#state === 'seeding' ? { result: [`/home/user/Downloads/${same.name}`] } : {}),
    };
  }

  #wanted(): number {
    const { filePriorities } = this.#options;
    const { files, bytes } = this.#base;
    const skipped = filePriorities?.filter((priority) => priority === 0).length ?? 0;
    return Math.round((bytes.total * (files - skipped)) / files);
  }

  pieceMap(): PieceMapSnapshot {
    const have = Math.floor(PIECES * this.#done);
    const pieces = Uint8Array.from({ length: PIECES }, (_, p) => ((p * 97) % PIECES < have ? 0 : PIECE.missing));
    const wanted = new Set<number>();
    for (const { priority, pieces: range } of this.files()) {
      for (let p = range?.first ?? 0; range && priority > 0 && p <= range.last; p++) wanted.add(p);
    }
    for (let p = 0; p < PIECES; p++) if (pieces[p] === PIECE.missing && !wanted.has(p)) pieces[p] = PIECE.unwanted;
    return { key: this.key, pieces, begun: new Uint32Array(0), availability: new Uint16Array(PIECES).fill(4) };
  }

  files(): readonly FileSnapshot[] {
    const { files, name } = this.#base;
    const length = Math.floor((PIECES * PIECE_LENGTH) / files);
    return Array.from({ length: files }, (_, index) => ({
      index,
      path: files === 1 ? name : `${name}/Season ${1 + (index % 2)}/Episode ${index + 1}.mkv`,
      length,
      pieces: { first: Math.floor((index * PIECES) / files), last: Math.floor(((index + 1) * PIECES) / files) - 1 },
      have: Math.floor(length * this.#done),
      priority: this.#options.filePriorities?.[index] ?? 4,
    }));
  }

  pause = (): void => this.#become('paused');
  resume = (): void => this.#become(this.#done < 1 ? 'downloading' : 'seeding');
  recheck = (): void => this.#become();
  change(changes: DownloadChanges): void {
    this.#options = { ...this.#options, ...changes };
    this.#become();
  }
  assemble = (): Promise<readonly string[]> => Promise.resolve([]);
  cancelAssembly(): void {}
  restart(): void {}
  pieceSource = (): readonly string[] => [];
  sources = (): readonly SourceSnapshot[] =>
    this.#state === 'downloading' ? sourceSnapshotsOf(1, this.#seconds, false) : [];
  peers = (): readonly PeerSnapshot[] => (this.#state === 'downloading' ? fakePeers(12) : []);
}
