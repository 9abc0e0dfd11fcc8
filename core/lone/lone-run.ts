import type { Endpoint } from '../base/endpoint.ts';
import { formatEndpoint } from '../base/endpoint.ts';
import { EnsembleError } from '../base/errors.ts';
import {
  bytes,
  bytesPerSecond,
  millis,
  type Millis,
  type PieceIndex,
  piece as pieceIndex,
  UNKNOWN_OWNER,
  unknownOwners,
} from '../base/ids.ts';
import { type FoundPeer, foundBy } from '../base/peer-source.ts';
import { Bitfield } from '../base/bitfield.ts';
import type { DownloadOptions, DownloadSnapshot } from '../engine/engine.ts';
import type { ClaimStore, PieceNews } from '../claims/claim-store.ts';
import type { Sibling } from '../claims/sibling-watch.ts';
import { StoreClaimer } from '../claims/store-claimer.ts';
import { ExperimentLog } from '../coordinator/experiment-log.ts';
import { KnownPeers } from '../coordinator/known-peers.ts';
import type { HostNeeds } from '../identity/clients.ts';
import { HostedDownload } from '../identity/hosted-download.ts';
import type { DownloadSetup, FromIdentity } from '../identity/messages.ts';
import type { SwarmStatus } from '../engine/statuses.ts';
import { Geometry } from '../metainfo/geometry.ts';
import type { Info } from '../metainfo/torrent.ts';
import type { Timer } from '../ports/clock.ts';
import type { BegunRecord } from '../store/begun-record.ts';
import { confined } from '../store/confined.ts';
import { saveState } from '../store/state.ts';
import { fixedRest, restText } from '../strategy/fixed-rest.ts';
import { PieceShare, ShareMap } from '../strategy/share-map.ts';
import type { LonePorts } from './setup.ts';
import { loneHost } from './setup.ts';
import { dealtTo } from './dealing.ts';
import { withProgress } from './progress.ts';

const LOOK_PERIOD = millis(250);
const SAMPLE_PERIOD = 10_000;
const SYNC_PERIOD = millis(15_000);

export interface LoneRunInput {
  readonly info: Info;
  readonly setup: DownloadSetup;
  readonly options: DownloadOptions;
  /** Where it agrees with its siblings on who fetches what. */
  readonly store: ClaimStore;
  /** Which machine this is; see `MemberRecord`. */
  readonly machine: string;
  /** Peers that the source and the user named. */
  readonly peers: readonly FoundPeer[];
  /** See `StoreClaimerOptions`. */
  readonly lease?: Millis;
  /** A sentence for people. */
  warn(text: string): void;
}

/** One identity at work without a coordinator: the client, its claims in a store, its log and its record. */
export class LoneRun {
  /** Resolves when its share is done; rejects with what stops it. */
  readonly ended: Promise<void>;
  readonly #ports: LonePorts;
  readonly #input: LoneRunInput;
  readonly #host: HostNeeds;
  readonly #download: HostedDownload;
  readonly #claimer: StoreClaimer;
  readonly #share: ShareMap;
  readonly #owners: Uint8Array;
  readonly #log: ExperimentLog | undefined;
  readonly #connected = new Set<string>();
  readonly #known = new KnownPeers((key) => this.#connected.has(key));
  readonly #startedAt: Millis;
  readonly #added: Millis;
  readonly #timers: Timer[] = [];
  /** What siblings verified while the client was being built. */
  readonly #early: [Uint32Array, Uint8Array][] = [];
  /** Own pieces that are not known to be on stable storage. */
  readonly #unsynced = new Set<PieceIndex>();
  #open = false;
  #told = false;
  #siblings: readonly Sibling[] = [];
  #endpoint: Endpoint | undefined;
  #status: SwarmStatus | undefined;
  #begun: readonly BegunRecord[] = [];
  #pieces = 0;
  #hashFailures = 0;
  #lastSample: number;
  #end: () => void = () => {};
  #fail: (error: unknown) => void = () => {};

  /** Reads what is there, and takes part. Rejects with EnsembleError. */
  static async open(ports: LonePorts, input: LoneRunInput): Promise<LoneRun> {
    const setup = await withProgress(within(ports, input.setup), input);
    const run = new LoneRun(ports, { ...input, setup });
    await run.#start();
    return run;
  }

  private constructor(ports: LonePorts, input: LoneRunInput) {
    const { setup, info, options } = input;
    this.#ports = ports;
    this.#input = input;
    this.#startedAt = ports.clock.now();
    this.#added = ports.clock.wall();
    this.#lastSample = this.#startedAt;
    this.#owners = setup.owners?.slice() ?? unknownOwners(info.pieceCount);
    this.#share = new ShareMap(info.pieceCount, PieceShare.open);
    setup.shares?.forEach((state, p) => this.#share.set(pieceIndex(p), state as PieceShare));
    this.#log = options.log === undefined ? undefined : new ExperimentLog(ports, options.log, input.warn);
    this.ended = new Promise((resolve, reject) => {
      this.#end = resolve;
      this.#fail = reject;
    });
    this.ended.catch(() => {});
    this.#claimer = new StoreClaimer({
      ports,
      store: input.store,
      identity: setup.identity,
      count: setup.count,
      peerId: setup.peerId,
      machine: input.machine,
      selection: options.selection,
      takeOver: options.takeOver,
      share: this.#share,
      endpoint: () => this.#endpoint,
      ...(input.lease === undefined ? {} : { lease: input.lease }),
      onPresent: (pieces, owners) => this.#present(pieces, owners),
      onLost: (news) => this.#lost(news),
      onSiblings: (siblings) => this.#met(siblings),
      onFailed: (error) => this.#fail(error),
    });
    this.#host = loneHost(ports, (message) => this.#heard(message));
    this.#download = new HostedDownload(setup, this.#host, { share: this.#share, claimer: this.#claimer });
    this.#share.onChange((p, now, was) => {
      if (now === PieceShare.mine) this.#log?.write(setup.identity, { event: 'claim', piece: p });
      else if (was === PieceShare.mine && now === PieceShare.open) {
        this.#log?.write(setup.identity, { event: 'release', piece: p });
      }
    });
  }

  /** `hurry`: interrupted; the part is left as it is. */
  async close(hurry: boolean): Promise<void> {
    for (const timer of this.#timers) timer.cancel();
    const { setup, info } = this.#input;
    await this.#download.leave(hurry);
    await this.#claimer.stop();
    const have = new Bitfield(info.pieceCount);
    for (let p = 0; p < info.pieceCount; p++) if (this.#owners[p] === setup.identity) have.add(p);
    const { downloaded = 0, uploaded = 0 } = this.#status ?? {};
    const at = { ...setup.location, infoHash: info.infoHash, pieceCount: info.pieceCount };
    const state = { have, owners: this.#owners, unsynced: this.#unsynced, begun: this.#begun, downloaded, uploaded };
    // The journal stays: siblings read from it what this identity has.
    await saveState(within(this.#ports, setup).disk, at, state, false);
    this.#log?.write(setup.identity, {
      event: 'end',
      pieces: this.#pieces,
      downloaded,
      uploaded,
      reason: hurry ? 'left' : 'complete',
    });
    await this.#log?.close();
  }

  snapshot(): DownloadSnapshot {
    const { info, setup, options } = this.#input;
    const share = this.#share;
    const geometry = new Geometry(info);
    const total = info.pieceCount;
    const present = share.count(PieceShare.present);
    const wanted = total - share.count(PieceShare.unwanted);
    const size = (n: number): number => Math.min(info.length, n * geometry.pieceLength);
    const status = this.#status;
    const none = bytesPerSecond(0);
    const rate = { down: status?.down ?? none, up: status?.up ?? none };
    const active = millis(this.#ports.clock.now() - this.#startedAt);
    const moved = {
      downloaded: status?.downloaded ?? bytes(0),
      uploaded: status?.uploaded ?? bytes(0),
      wasted: status?.wasted ?? bytes(0),
    };
    return {
      key: setup.key,
      infoHash: info.infoHash,
      name: info.name,
      state: this.#claimer.done ? 'complete' : 'downloading',
      added: this.#added,
      pieces: { have: present, wanted, total, toGo: Math.max(0, wanted - present) },
      pieceLength: info.pieceLength,
      files: info.files.filter((file) => !file.padding).length,
      fileSlots: info.files.length,
      private: info.private,
      bytes: { have: size(present), wanted: size(wanted), total: info.length },
      rate,
      peers: status?.peers ?? 0,
      ...moved,
      duplicatePieces: 0,
      hashFailures: this.#hashFailures,
      identities: [
        {
          index: setup.identity,
          state: this.#claimer.done ? 'left' : status?.state === 'no-address' ? 'no-address' : 'downloading',
          ...(this.#endpoint === undefined ? {} : { address: this.#endpoint.host, port: this.#endpoint.port }),
          pieces: this.#pieces,
          held: this.#held(),
          rate,
          ...moved,
          peers: status?.peers ?? 0,
          seeds: status?.seeds ?? 0,
          claimed: 0,
          reachable: status?.reachable ?? false,
          active,
          restarts: 0,
        },
      ],
      options,
      active,
    };
  }

  /** Pieces that are there and came from it, also in earlier runs. */
  #held(): number {
    const { identity } = this.#input.setup;
    let held = 0;
    for (const p of this.#owners.keys()) {
      if (this.#owners[p] === identity && this.#share.get(pieceIndex(p)) === PieceShare.present) held++;
    }
    return held;
  }

  async #start(): Promise<void> {
    const { peers, setup } = this.#input;
    this.#log?.write(setup.identity, { event: 'start', pieces: 0 });
    await this.#claimer.start();
    await this.#download.open();
    this.#open = true;
    for (const [pieces, owners] of this.#early.splice(0)) this.#present(pieces, owners);
    // Said once more: there was nobody to hear it.
    this.#met(this.#siblings);
    this.#found(peers);
    const { clock } = this.#ports;
    this.#timers.push(
      clock.every(LOOK_PERIOD, () => this.#look()),
      clock.every(SYNC_PERIOD, () => void this.#download.sync()),
    );
  }

  #look(): void {
    const { setup, options } = this.#input;
    this.#status = this.#download.status(false) ?? this.#status;
    this.#host.listenSockets.check();
    const now = this.#ports.clock.now();
    if (now - this.#lastSample >= SAMPLE_PERIOD && this.#status !== undefined) {
      this.#lastSample = now;
      const { down, up, peers } = this.#status;
      this.#log?.write(setup.identity, { event: 'sample', pieces: this.#pieces, down, up, peers });
    }
    const everything = this.#share.count(PieceShare.present) + this.#share.count(PieceShare.unwanted);
    const complete = everything === this.#share.pieceCount;
    if (!complete && (!this.#claimer.done || options.stay)) return;
    this.#tellUnfetched();
    this.#end();
  }

  /** Fixed ranges that nobody takes over stay as they are where their identity died: the user has to know. */
  #tellUnfetched(): void {
    const { setup, options, info, warn } = this.#input;
    if (options.common === undefined || options.selection !== 'fixed' || options.takeOver || this.#told) return;
    this.#told = true;
    const isMissing = (p: number): boolean =>
      setup.shares?.[p] === PieceShare.open && this.#share.get(pieceIndex(p)) !== PieceShare.present;
    const alive = new Set(this.#siblings.filter((one) => one.alive).map((one) => one.index));
    for (const rest of fixedRest(setup.count, info.pieceCount, isMissing)) {
      if (rest.identity === setup.identity) continue;
      const what = restText(rest, setup.count);
      const help = 'run it again, or this one with --take-over';
      // One that died a moment ago is not known to be dead yet.
      if (alive.has(rest.identity)) warn(`Still to come: ${what}. Should that one have died, ${help}.`);
      else warn(`Missing: ${what}, which is not running. Nobody else fetches them: ${help}.`);
    }
  }

  #heard(message: FromIdentity): void {
    const { identity } = this.#input.setup;
    switch (message.type) {
      case 'listening':
        this.#endpoint = message.endpoint;
        this.#claimer.beat();
        this.#deal();
        return;
      case 'peers-found':
        this.#found(foundBy(message.source, message.endpoints));
        return;
      case 'verified':
        for (const { piece, from, seconds, late } of message.pieces) {
          this.#unsynced.add(piece);
          if (late) continue;
          this.#owners[piece] = identity;
          this.#pieces++;
          this.#log?.write(identity, { event: 'piece', piece, from, seconds });
        }
        return;
      case 'synced':
        for (const p of message.pieces) this.#unsynced.delete(pieceIndex(p));
        return;
      case 'hash-failed':
        this.#hashFailures++;
        this.#log?.write(identity, { event: 'hash-fail', piece: message.piece, from: message.from });
        return;
      case 'peer': {
        const { source, incoming, connected } = message;
        const address = formatEndpoint(message.endpoint);
        if (connected) this.#connected.add(address);
        else this.#connected.delete(address);
        this.#log?.write(identity, { event: 'peer', address, source, incoming, connected });
        return;
      }
      case 'status':
        this.#status = message.swarms[0] ?? this.#status;
        return;
      case 'left':
        this.#begun = message.begun;
        return;
      case 'failed':
        this.#fail(new EnsembleError(message.code, message.message));
        return;
      default:
    }
  }

  #present(pieces: Uint32Array, owners: Uint8Array): void {
    if (!this.#open) {
      this.#early.push([pieces, owners]);
      return;
    }
    pieces.forEach((p, i) => (this.#owners[p] = owners[i] ?? UNKNOWN_OWNER));
    this.#tell({ type: 'present', key: this.#input.setup.key, pieces, owners });
  }

  /** What a sibling found wrong on its disk is missing, unless somebody else has it. */
  #lost(news: readonly PieceNews[]): void {
    const pieces = news.filter(({ piece, identity }) => this.#owners[piece] === identity).map(({ piece }) => piece);
    for (const piece of pieces) this.#owners[piece] = UNKNOWN_OWNER;
    if (this.#open) {
      this.#tell({ type: 'lost', key: this.#input.setup.key, pieces: Uint32Array.from(pieces) });
    } else {
      for (const piece of pieces) this.#share.set(piece, PieceShare.open);
    }
  }

  #met(siblings: readonly Sibling[]): void {
    this.#siblings = siblings;
    const peerIds = siblings.map((one) => one.peerId);
    const endpoints = siblings.map((one) => one.endpoint).filter((one) => one.host !== '' && one.port > 0);
    this.#tell({ type: 'siblings', key: this.#input.setup.key, peerIds, endpoints });
    this.#deal();
  }

  #found(peers: readonly FoundPeer[]): void {
    for (const peer of peers) this.#known.add(peer);
    this.#deal();
  }

  /** Without a coordinator each works out by itself which peers are its own to dial (A16). */
  #deal(): void {
    const { setup, machine } = this.#input;
    const own = { index: setup.identity, endpoint: this.#endpoint, machine };
    const dial = dealtTo(own, this.#siblings, [...this.#known.peers]);
    this.#tell({ type: 'peers', key: setup.key, dial });
  }

  #tell(message: Parameters<HostedDownload['handle']>[0]): void {
    this.#download.handle(message);
  }
}

/** The ports with a disk that goes through no link below the folders that the user named. */
function within(ports: LonePorts, { location }: DownloadSetup): LonePorts {
  return { ...ports, disk: confined(ports.disk, location) };
}
