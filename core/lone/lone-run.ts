import { EnsembleError } from '../base/errors.ts';
import { millis, type Millis, piece as pieceIndex, type PieceIndex } from '../base/ids.ts';
import type { FoundPeer } from '../base/peer-source.ts';
import type { BucketStore } from '../claims/bucket-store.ts';
import type { ClaimStore, PieceNews } from '../claims/claim-store.ts';
import { DEFAULT_LEASE } from '../claims/sibling-watch.ts';
import { StoreClaimer } from '../claims/store-claimer.ts';
import { ExperimentLog } from '../coordinator/download/experiment-log.ts';
import { DistinctWarnings } from '../coordinator/download/distinct-warnings.ts';
import type { Member } from '../coordinator/run/member.ts';
import { statusesIn } from '../engine/statuses.ts';
import type { DownloadOptions, DownloadSnapshot, PieceMapSnapshot } from '../engine/engine.ts';
import { HostedDownload } from '../identity/hosted-download.ts';
import type { HostedPieces } from '../identity/hosted-pieces.ts';
import { shareMap } from '../identity/setup-shares.ts';
import { SharedHost } from '../identity/shared-host.ts';
import type { DownloadSetup, AboutDownloads } from '../identity/messages.ts';
import type { Info } from '../metainfo/torrent.ts';
import type { Timer } from '../ports/clock.ts';
import { confined } from '../store/confined.ts';
import { keepsToRanges } from '../strategy/claims/fixed-range.ts';
import { PieceShare, type ShareMap } from '../strategy/pieces/share-map.ts';
import type { LoneDht } from './lone-dht.ts';
import { LonePicture } from './lone-picture.ts';
import { LonePeers } from './lone-peers.ts';
import { OwnRecord } from './own-record.ts';
import { type ExchangeChoice, PieceExchange, type PieceExchangeOptions } from './piece-exchange.ts';
import { withProgress } from './progress.ts';
import { type LonePorts, memberOf } from './setup.ts';
import { unfetched } from './unfetched.ts';

const LOOK_PERIOD = millis(250);
const EXCHANGE_PERIOD = millis(1000);

type Store = PieceExchangeOptions['store'] & Pick<BucketStore, 'trouble'>;

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
  readonly dht: LoneDht;
  /** See `StoreClaimerOptions`. */
  readonly lease?: Millis;
  /** How pieces go between machines without a common disk; undefined: they do not. */
  readonly exchange?: ExchangeChoice & { readonly store: Store; readonly link?: string | undefined };
  /** A sentence for people. */
  warn(text: string): void;
}

/** One identity at work without a coordinator: the client, its claims in a store, its peers, its record and its log. */
export class LoneRun {
  /** Resolves when its share is done; rejects with what stops it. */
  readonly ended: Promise<void>;
  readonly #ports: LonePorts;
  readonly #input: LoneRunInput;
  readonly #host: SharedHost;
  readonly #member: Member;
  readonly #download: HostedDownload;
  readonly #claimer: StoreClaimer;
  readonly #share: ShareMap;
  readonly #record: OwnRecord;
  readonly #peers: LonePeers;
  readonly #exchange: PieceExchange | undefined;
  readonly #log: ExperimentLog | undefined;
  readonly #picture: LonePicture;
  #looks: Timer | undefined;
  /** What siblings verified while the client was being built. */
  readonly #early: [Uint32Array, Uint8Array][] = [];
  readonly #trackerWarnings = new DistinctWarnings((text) => this.#input.warn(text));
  #open = false;
  #exchanged: Millis;
  #told = false;
  #stays = false;
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
    this.#record = new OwnRecord(setup, info);
    this.#member = memberOf(setup);
    this.#peers = new LonePeers(setup.key, this.#member, machine, (message) => this.#tell(message));
    this.#share = shareMap(info.pieceCount, setup);
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
      own: this.#record.own,
      share: this.#share,
      endpoint: () => this.#member.endpoint,
      ...(input.lease === undefined ? {} : { lease: input.lease }),
      onPresent: (pieces, owners) => this.#present(pieces, owners),
      onLost: (news) => this.#lost(news),
      exchange: () => this.#exchange?.said,
      onSiblings: (siblings) => {
        this.#peers.met(siblings);
        this.#exchange?.met(siblings);
        // Those for whom it stayed may be through.
        if (this.#open) this.#look();
      },
      onFailed: (error) => this.#fail(error),
    });
    this.#host = new SharedHost(
      ports,
      ports.program.client,
      (message) => this.#heard(message),
      () => [this.#download],
      input.dht.desk(ports.program.client),
    );
    this.#download = new HostedDownload(setup, this.#host, { share: this.#share, claimer: this.#claimer });
    this.#exchange = this.#exchangeOf(input);
    this.#picture = new LonePicture({
      clock: ports.clock,
      info,
      setup,
      options,
      record: this.#record,
      member: this.#member,
      claimer: this.#claimer,
      ...(input.exchange !== undefined &&
        this.#exchange !== undefined && { meeting: { store: input.exchange.store, exchange: this.#exchange } }),
    });
    this.#exchanged = ports.clock.now();
    this.#share.onChange((p, now, was) => {
      if (now === PieceShare.mine) this.#log?.write(setup.identity, { event: 'claim', piece: p });
      else if (was === PieceShare.mine && now === PieceShare.open) {
        this.#log?.write(setup.identity, { event: 'release', piece: p });
      }
    });
  }

  /** `hurry`: it was interrupted, so the part is left as it is. */
  async close(hurry: boolean): Promise<void> {
    this.#looks?.cancel();
    const over = this.#host.stop();
    await this.#exchange?.stop();
    await this.#download.leave(hurry);
    await over;
    await this.#claimer.stop();
    await this.#record.save(within(this.#ports, this.#input.setup).disk, this.#member);
    this.#log?.ended(this.#member, hurry ? 'left' : 'complete');
    await this.#log?.close();
  }

  /** Whether every wanted piece lies here. */
  get whole(): boolean {
    const { ledger, here } = this.#record;
    return ledger.complete && [...ledger.present.indexes()].every((p) => here.has(p) || !ledger.wants(pieceIndex(p)));
  }

  snapshot(): DownloadSnapshot {
    return this.#picture.snapshot();
  }

  /** See `LonePicture`. */
  pieceMap(): PieceMapSnapshot | undefined {
    return this.#picture.pieceMap();
  }

  async #start(): Promise<void> {
    const { peers, setup } = this.#input;
    const { clock } = this.#ports;
    this.#member.began(clock.now());
    this.#log?.write(setup.identity, { event: 'start', pieces: 0 });
    await this.#exchange?.start();
    await this.#claimer.start();
    await this.#download.open();
    this.#open = true;
    for (const [pieces, owners] of this.#early.splice(0)) this.#present(pieces, owners);
    // Once more, as the client was not there yet to hear it.
    this.#peers.introduce();
    this.#peers.found(peers);
    this.#host.start();
    this.#looks = clock.every(LOOK_PERIOD, () => this.#look());
    this.#exchange?.look();
  }

  #look(): void {
    const status = this.#download.status(false);
    if (status !== undefined) {
      this.#member.reported(status, this.#ports.clock.now());
      this.#log?.sample([this.#member]);
    }
    const now = this.#ports.clock.now();
    if (now - this.#exchanged >= EXCHANGE_PERIOD) {
      this.#exchanged = now;
      this.#exchange?.look();
    }
    if (!this.#record.ledger.complete && (!this.#claimer.done || this.#input.options.stay)) return;
    if (this.#exchange?.over === false) return this.#tellStays(this.#exchange);
    this.#tellUnfetched();
    this.#end();
  }

  #tellStays({ staysFor }: PieceExchange): void {
    if (staysFor.length === 0 || this.#stays) return;
    this.#stays = true;
    const names = staysFor.join(', ');
    this.#input.warn(`Done here; staying as long as others collect (identity ${names}). Ctrl-C ends that.`);
  }

  #tellUnfetched(): void {
    const { setup, options, info, warn } = this.#input;
    if (options.common === undefined || !keepsToRanges(options) || this.#told) return;
    this.#told = true;
    const { identity: own, count } = setup;
    const ranges = { own, count, pieceCount: info.pieceCount, alive: this.#peers.alive };
    const lines = unfetched(ranges, (piece) => {
      return setup.shares?.[piece] === PieceShare.open && this.#share.get(piece) !== PieceShare.present;
    });
    for (const line of lines) warn(line);
  }

  #heard(message: AboutDownloads): void {
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
        this.#record.verified(message.pieces);
        for (const { piece, from, seconds, late } of message.pieces) {
          if (late) continue;
          this.#member.fetched();
          this.#log?.write(identity, { event: 'piece', piece, from, seconds });
        }
        return;
      case 'synced':
        this.#record.synced(message.pieces);
        return;
      case 'hash-failed':
        this.#picture.hashFailed();
        this.#log?.heard(identity, message);
        return;
      case 'peer':
        this.#peers.heard(message);
        this.#log?.heard(identity, message);
        return;
      case 'status':
        for (const status of statusesIn(message)) this.#member.reported(status, this.#ports.clock.now());
        return;
      case 'left':
        this.#member.left(this.#ports.clock.now(), message.begun);
        return;
      case 'failed':
        this.#fail(new EnsembleError(message.code, message.message));
        return;
      case 'claim':
      case 'release':
      case 'idle':
        // Its claimer is here.
        return;
      case 'banned':
      case 'availability':
      case 'ask-sibling':
      case 'brought':
        // It has no siblings to tell.
        return;
      case 'collected':
      case 'machines':
        // It meets them here.
        return;
      case 'metadata':
      case 'files-closed':
      case 'leaving':
        // It begins with the metadata, and leaves by a call that is waited for.
        return;
      case 'tracker-warning':
        this.#trackerWarnings.say(message.message);
        return;
      default:
        message satisfies never;
    }
  }

  #present(pieces: Uint32Array, owners: Uint8Array): void {
    if (!this.#open) {
      this.#early.push([pieces, owners]);
      return;
    }
    this.#record.present(pieces, owners);
    this.#exchange?.heard();
    this.#tell({ type: 'present', key: this.#input.setup.key, pieces, owners });
  }

  /** Pieces that a sibling found wrong on its disk are missing, unless somebody else has them. */
  #lost(news: readonly PieceNews[]): void {
    const store = this.#input.exchange?.store;
    this.#reopen(this.#record.lost(news, (piece) => store?.holders(piece) ?? 0));
  }

  /** These are to be fetched, by whoever claims them. */
  #reopen(pieces: readonly PieceIndex[]): void {
    if (this.#open) this.#tell({ type: 'lost', key: this.#input.setup.key, pieces: Uint32Array.from(pieces) });
    else for (const piece of pieces) this.#share.set(piece, PieceShare.open);
  }

  #exchangeOf({ exchange, info, setup, warn, lease = DEFAULT_LEASE }: LoneRunInput): PieceExchange | undefined {
    if (exchange === undefined) return undefined;
    const pieces = (): HostedPieces => {
      const there = this.#download.pieces;
      if (there === undefined) throw new EnsembleError('interrupted', 'It has left.');
      return there;
    };
    return new PieceExchange({
      ...exchange,
      ports: this.#ports,
      info,
      identity: setup.identity,
      lease,
      way: { ...setup, name: exchange.link },
      record: this.#record,
      read: (piece, begin, into) => pieces().read(piece, begin, into),
      keep: (piece, data) => pieces().keep(piece, data),
      kept: (piece) => {
        this.#record.kept(piece);
        this.#claimer.collected(piece);
      },
      orphaned: (orphans) => {
        this.#record.forget(orphans);
        this.#reopen(orphans);
      },
      found: (found, owners) => this.#present(found, owners),
      figures: () => {
        const { downloaded, uploaded } = this.#member.totals;
        const { down, up } = this.#member.recent(this.#ports.clock.now());
        const peers = this.#member.status?.peers ?? 0;
        return { down: Math.round(down), up: Math.round(up), peers, downloaded, uploaded };
      },
      changed: () => {
        this.#claimer.beat();
        this.#look();
      },
      failed: (error) => this.#fail(error),
      warn,
    });
  }

  #tell(message: Parameters<HostedDownload['handle']>[0]): void {
    this.#download.handle(message);
  }
}

/** The ports with a disk that follows no link below the folders that the user named. */
function within(ports: LonePorts, { location }: DownloadSetup): LonePorts {
  return { ...ports, disk: confined(ports.disk, location) };
}
