import type { Bitfield } from '../base/bitfield.ts';
import type { CollectMode } from '../base/choices.ts';
import type { Endpoint } from '../base/endpoint.ts';
import { EnsembleError } from '../base/errors.ts';
import { type IdentityIndex, type Millis, piece as pieceIndex, type PieceIndex, UNKNOWN_OWNER } from '../base/ids.ts';
import { placeOf } from '../base/store-place.ts';
import type { BucketStore } from '../claims/bucket-store.ts';
import type { Figures } from '../claims/claim-store.ts';
import type { Sibling } from '../claims/sibling-watch.ts';
import { StoreClaimer } from '../claims/store-claimer.ts';
import type { HostedPieces } from '../identity/hosted-pieces.ts';
import { MACHINE_PIECE, type MachineNews } from '../identity/machine-news.ts';
import type { DownloadSetup } from '../identity/messages.ts';
import type { Info } from '../metainfo/torrent.ts';
import { PieceShare, type ShareMap } from '../strategy/pieces/share-map.ts';
import { meet, type Meeting, takePlace } from './meet.ts';
import { OwnRecord } from './own-record.ts';
import { PieceExchange } from './piece-exchange.ts';
import { machinesOf, standingOf } from './picture.ts';
import type { LonePorts } from './setup.ts';

export interface TogetherOptions {
  readonly ports: LonePorts;
  readonly info: Info;
  readonly setup: DownloadSetup & Required<Pick<DownloadSetup, 'together'>>;
  /** Of each piece, as it is now. */
  readonly priorities: Uint8Array | undefined;
  readonly collect: CollectMode;
  readonly share: ShareMap;
  /** The pieces that lie here. */
  readonly here: Bitfield;
  /** Identifies this machine; see `MemberRecord`. */
  readonly machine: string;
  /** Where this identity listens, once it does. */
  endpoint(): Endpoint | undefined;
  /** The pieces of the client. Throws EnsembleError where it has none any more. */
  pieces(): HostedPieces;
  /** How this machine fares in the swarm. */
  figures(): Figures;
  /** Others verified these. */
  present(pieces: Uint32Array): void;
  /** Nobody has these any more. */
  lost(pieces: Uint32Array): void;
  /** It came from another machine. */
  collected(piece: PieceIndex): void;
  met(siblings: readonly Sibling[]): void;
  failed(error: unknown): void;
  /** Something is wrong with the server, or that is over: for people. */
  trouble(text: string, isOver: boolean): void;
  warn(text: string): void;
}

type Told = Pick<MachineNews, 'place' | 'machines' | 'down' | 'up' | 'twice' | 'waits' | 'needed' | 'done'>;

/** One stay of this machine among those that meet at a server: from the place that it takes there until it gives that back. */
export class TogetherSession {
  readonly claimer: StoreClaimer;
  readonly record: OwnRecord;
  readonly exchange: PieceExchange;
  readonly #o: TogetherOptions;
  readonly #place: IdentityIndex;
  readonly #store: BucketStore;
  readonly #part: () => Promise<void>;

  /** Rejects with EnsembleError, and with the reason of `signal`. Waits for a server that is away. */
  static async open(options: TogetherOptions, signal: AbortSignal): Promise<TogetherSession> {
    const { ports, info, setup, trouble } = options;
    const { infoHash, pieceCount } = info;
    const meeting: Meeting = {
      ports,
      folder: setup.location.workFolder,
      infoHash,
      pieceCount,
      count: undefined,
      selection: setup.selection,
      store: placeOf(setup.together),
      signal,
      // The coordinator has the lock of the folder.
      locked: true,
      warn: (text, isOver = false) => trouble(text, isOver),
    };
    const { identity, count, sit } = await takePlace(meeting);
    await sit();
    const met = await meet({ ...meeting, count }, identity);
    const session = new TogetherSession(options, identity, count, met);
    try {
      await session.exchange.start();
      await session.claimer.start();
    } catch (error) {
      await session.close();
      throw signal.aborted ? signal.reason : error;
    }
    return session;
  }

  private constructor(
    options: TogetherOptions,
    identity: IdentityIndex,
    count: number,
    { store, lease, part }: { readonly store: BucketStore; readonly lease: Millis; part(): Promise<void> },
  ) {
    const { ports, info, setup, share, here, priorities } = options;
    this.#o = options;
    this.#place = identity;
    this.#store = store;
    this.#part = part;
    const shares = Uint8Array.from({ length: info.pieceCount }, (_, p) => (here.has(p) ? PieceShare.present : 0));
    const owners = new Uint8Array(info.pieceCount).fill(identity);
    this.record = new OwnRecord({ ...setup, identity, shares, owners, ...(priorities && { priorities }) }, info);
    this.claimer = new StoreClaimer({
      ports,
      store,
      identity,
      count,
      peerId: setup.peerId,
      machine: options.machine,
      selection: setup.selection,
      takeOver: false,
      own: this.record.own,
      share,
      endpoint: () => options.endpoint(),
      lease,
      exchange: () => this.exchange.said,
      onPresent: (pieces, from) => this.#present(pieces, from),
      onLost: (news) => this.#lost(this.record.lost(news, (piece) => store.holders(piece))),
      onSiblings: (siblings) => {
        this.exchange.met(siblings);
        options.met(siblings);
      },
      onFailed: (error) => options.failed(error),
    });
    this.exchange = new PieceExchange({
      ports,
      info,
      identity,
      lease,
      way: { ...setup, name: setup.together.link },
      store,
      record: this.record,
      collect: options.collect,
      limit: setup.together.limit,
      fetches: true,
      read: (piece, begin, into) => options.pieces().read(piece, begin, into),
      keep: (piece, data) => options.pieces().keep(piece, data),
      kept: (piece) => {
        this.record.kept(piece);
        this.claimer.collected(piece);
        options.collected(piece);
      },
      orphaned: (orphans) => {
        this.record.forget(orphans);
        this.#lost(orphans);
      },
      found: (pieces, from) => this.#present(pieces, from),
      figures: () => options.figures(),
      changed: () => this.claimer.beat(),
      failed: (error) => options.failed(error),
      // In windows it has another number.
      named: (index) => this.#hostOf(index),
      warn: (text) => options.warn(text),
    });
  }

  /** How it stands, for the coordinator. */
  get told(): Told {
    const { ledger } = this.record;
    const { claimer, exchange } = this;
    const machines = machinesOf(this.#place, claimer.siblings, (index) => ledger.fetchedBy(index));
    return {
      place: this.#place,
      machines,
      ...exchange.rates(),
      twice: exchange.twice,
      ...standingOf(claimer, exchange),
    };
  }

  /** What each piece is to all machines: `MACHINE_PIECE`. */
  get codes(): Uint8Array {
    const { ledger } = this.record;
    const { present, owners } = ledger;
    return Uint8Array.from({ length: present.length }, (_, p) => {
      const owner = owners[p] ?? UNKNOWN_OWNER;
      if (present.has(p)) return owner;
      const holder = this.#store.claimedBy(pieceIndex(p));
      return holder === undefined || holder === this.#place ? MACHINE_PIECE.missing : MACHINE_PIECE.claimed + holder;
    });
  }

  /** Once a second. */
  look(): void {
    this.exchange.look();
  }

  /** Gives back what is not verified, and its place: to be called once nothing is fetched any more. Never rejects. */
  async close(): Promise<void> {
    this.#store.hurry();
    await this.exchange.stop().catch(() => undefined);
    await this.claimer.stop().catch(() => undefined);
    await this.#part().catch(() => undefined);
  }

  #hostOf(index: IdentityIndex): string {
    const there = this.claimer.siblings.find((one) => one.index === index);
    return there?.exchange?.hosts[0] ?? `machine ${index + 1}`;
  }

  #present(pieces: Uint32Array, from: Uint8Array): void {
    this.record.present(pieces, from);
    this.exchange.heard();
    this.#o.present(pieces);
  }

  #lost(pieces: readonly PieceIndex[]): void {
    if (pieces.length > 0) this.#o.lost(Uint32Array.from(pieces));
  }
}

/** What stops somebody who waits for the server. */
export const partedError = (): EnsembleError =>
  new EnsembleError('interrupted', 'It is not with the other machines any more.');
