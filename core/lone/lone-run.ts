import { EnsembleError } from '../base/errors.ts';
import { millis, type Millis, piece as pieceIndex } from '../base/ids.ts';
import type { FoundPeer } from '../base/peer-source.ts';
import type { ClaimStore, PieceNews } from '../claims/claim-store.ts';
import { StoreClaimer } from '../claims/store-claimer.ts';
import { ExperimentLog } from '../coordinator/download/experiment-log.ts';
import type { DownloadOptions, DownloadSnapshot } from '../engine/engine.ts';
import type { SwarmStatus } from '../engine/statuses.ts';
import type { HostNeeds } from '../identity/clients.ts';
import { HostedDownload } from '../identity/hosted-download.ts';
import type { DownloadSetup, FromIdentity } from '../identity/messages.ts';
import type { Info } from '../metainfo/torrent.ts';
import type { Timer } from '../ports/clock.ts';
import { confined } from '../store/confined.ts';
import { PieceShare, ShareMap } from '../strategy/pieces/share-map.ts';
import { LonePeers } from './lone-peers.ts';
import { OwnRecord } from './own-record.ts';
import { withProgress } from './progress.ts';
import { loneHost, type LonePorts } from './setup.ts';
import { loneSnapshot } from './snapshot.ts';
import { unfetched } from './unfetched.ts';

const LOOK_PERIOD = millis(250);
const SYNC_PERIOD = millis(15_000);

export interface LoneRunInput {
  readonly info: Info;
  readonly setup: DownloadSetup;
  readonly options: DownloadOptions;
  /** The store in which it agrees with its siblings on who fetches what. */
  readonly store: ClaimStore;
  /** Identifies this machine; see `MemberRecord`. */
  readonly machine: string;
  /** Peers that the source and the user name. */
  readonly peers: readonly FoundPeer[];
  /** See `StoreClaimerOptions`. */
  readonly lease?: Millis;
  /** A sentence for people. */
  warn(text: string): void;
}

/** One identity at work without a coordinator: the client, its claims in a store, its peers, its record and its log. */
export class LoneRun {
  /** Resolves when its share is done; rejects with what stops it. */
  readonly ended: Promise<void>;
  readonly #ports: LonePorts;
  readonly #input: LoneRunInput;
  readonly #host: HostNeeds;
  readonly #download: HostedDownload;
  readonly #claimer: StoreClaimer;
  readonly #share: ShareMap;
  readonly #record: OwnRecord;
  readonly #peers: LonePeers;
  readonly #log: ExperimentLog | undefined;
  readonly #startedAt: Millis;
  readonly #added: Millis;
  readonly #timers: Timer[] = [];
  /** What siblings verified while the client was being built. */
  readonly #early: [Uint32Array, Uint8Array][] = [];
  #open = false;
  #told = false;
  #status: SwarmStatus | undefined;
  #hashFailures = 0;
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
    const { setup, info, options, machine } = input;
    this.#ports = ports;
    this.#input = input;
    this.#startedAt = ports.clock.now();
    this.#added = ports.clock.wall();
    this.#record = new OwnRecord(setup, info);
    this.#peers = new LonePeers(setup, machine, (message) => this.#tell(message));
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
      machine,
      selection: options.selection,
      takeOver: options.takeOver,
      share: this.#share,
      endpoint: () => this.#peers.endpoint,
      ...(input.lease === undefined ? {} : { lease: input.lease }),
      onPresent: (pieces, owners) => this.#present(pieces, owners),
      onLost: (news) => this.#lost(news),
      onSiblings: (siblings) => this.#peers.met(siblings),
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

  /** `hurry`: it was interrupted, so the part is left as it is. */
  async close(hurry: boolean): Promise<void> {
    for (const timer of this.#timers) timer.cancel();
    const { setup } = this.#input;
    const unmapped = this.#host.listenSockets.unmap();
    await this.#download.leave(hurry);
    await unmapped;
    await this.#claimer.stop();
    const { downloaded = 0, uploaded = 0 } = this.#status ?? {};
    await this.#record.save(within(this.#ports, setup).disk, { downloaded, uploaded });
    const reason = hurry ? 'left' : 'complete';
    this.#log?.write(setup.identity, { event: 'end', pieces: this.#record.verified, downloaded, uploaded, reason });
    await this.#log?.close();
  }

  snapshot(): DownloadSnapshot {
    return loneSnapshot({
      ...this.#input,
      share: this.#share,
      status: this.#status,
      endpoint: this.#peers.endpoint,
      done: this.#claimer.done,
      pieces: this.#record.verified,
      held: this.#record.count((piece) => this.#share.get(piece) === PieceShare.present),
      hashFailures: this.#hashFailures,
      added: this.#added,
      active: millis(this.#ports.clock.now() - this.#startedAt),
    });
  }

  async #start(): Promise<void> {
    const { peers, setup } = this.#input;
    this.#log?.write(setup.identity, { event: 'start', pieces: 0 });
    await this.#claimer.start();
    await this.#download.open();
    this.#open = true;
    for (const [pieces, owners] of this.#early.splice(0)) this.#present(pieces, owners);
    // Once more, as the client was not there yet to hear it.
    this.#peers.introduce();
    this.#peers.found(peers);
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
    const status = this.#status;
    if (status !== undefined) {
      this.#log?.sample([{ ...status, index: setup.identity, pieces: this.#record.verified, status }]);
    }
    const everything = this.#share.count(PieceShare.present) + this.#share.count(PieceShare.unwanted);
    const complete = everything === this.#share.pieceCount;
    if (!complete && (!this.#claimer.done || options.stay)) return;
    this.#tellUnfetched();
    this.#end();
  }

  #tellUnfetched(): void {
    const { setup, options, info, warn } = this.#input;
    if (options.common === undefined || options.selection !== 'fixed' || options.takeOver || this.#told) return;
    this.#told = true;
    const { identity: own, count } = setup;
    const ranges = { own, count, pieceCount: info.pieceCount, alive: this.#peers.alive };
    const lines = unfetched(ranges, (piece) => {
      return setup.shares?.[piece] === PieceShare.open && this.#share.get(piece) !== PieceShare.present;
    });
    for (const line of lines) warn(line);
  }

  #heard(message: FromIdentity): void {
    const { identity } = this.#input.setup;
    switch (message.type) {
      case 'listening':
        this.#peers.heard(message);
        this.#claimer.beat();
        return;
      case 'peers-found':
        this.#peers.heard(message);
        return;
      case 'verified':
        this.#record.heard(message);
        for (const { piece, from, seconds, late } of message.pieces) {
          if (!late) this.#log?.write(identity, { event: 'piece', piece, from, seconds });
        }
        return;
      case 'synced':
        this.#record.heard(message);
        return;
      case 'hash-failed':
        this.#hashFailures++;
        this.#log?.heard(identity, message);
        return;
      case 'peer':
        this.#peers.heard(message);
        this.#log?.heard(identity, message);
        return;
      case 'status':
        this.#status = message.swarms[0] ?? this.#status;
        return;
      case 'left':
        this.#record.begun = message.begun;
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
    this.#record.present(pieces, owners);
    this.#tell({ type: 'present', key: this.#input.setup.key, pieces, owners });
  }

  /** Pieces that a sibling found wrong on its disk are missing, unless somebody else has them. */
  #lost(news: readonly PieceNews[]): void {
    const pieces = this.#record.lost(news);
    if (this.#open) this.#tell({ type: 'lost', key: this.#input.setup.key, pieces: Uint32Array.from(pieces) });
    else for (const piece of pieces) this.#share.set(piece, PieceShare.open);
  }

  #tell(message: Parameters<HostedDownload['handle']>[0]): void {
    this.#download.handle(message);
  }
}

/** The ports with a disk that follows no link below the folders that the user named. */
function within(ports: LonePorts, { location }: DownloadSetup): LonePorts {
  return { ...ports, disk: confined(ports.disk, location) };
}
