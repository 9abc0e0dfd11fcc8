import type { SelectionMode } from '../base/choices.ts';
import type { Endpoint } from '../base/endpoint.ts';
import { EnsembleError, failureOf, messageOf } from '../base/errors.ts';
import {
  type IdentityIndex,
  type Millis,
  millis,
  type PeerId,
  piece as pieceIndex,
  type PieceIndex,
} from '../base/ids.ts';
import type { Timer } from '../ports/clock.ts';
import type { Ports } from '../ports/ports.ts';
import type { Claimer } from '../strategy/claims/claimer.ts';
import { homeOf, keepsToRanges } from '../strategy/claims/fixed-range.ts';
import { PieceShare, type ShareMap } from '../strategy/pieces/share-map.ts';
import type { ClaimStore, Exchange, PieceNews } from './claim-store.ts';
import { ClaimBook } from './claim-book.ts';
import { TakeOver } from './take-over.ts';
import { DEFAULT_LEASE, type Sibling, SiblingWatch } from './sibling-watch.ts';

/** How often the store is read. Reading many claims takes a while, and then the next look comes later. */
const LOOK_EVERY = millis(1000);
const LOOK_SHARE = 10;
/** Where siblings wait for each other they hear of each other after this long for each of them, so that many do not tell it too often. */
const SOON = 50;
/** What others left is looked for at most so often: each look reads the store. */
const IDLE_EVERY = millis(500);

export interface StoreClaimerOptions {
  readonly ports: Pick<Ports, 'clock' | 'random'>;
  readonly store: ClaimStore;
  readonly identity: IdentityIndex;
  /** K. */
  readonly count: number;
  readonly peerId: PeerId;
  /** Which machine this is; see `MemberRecord`. */
  readonly machine: string;
  readonly selection: SelectionMode;
  /** With `fixed`: whether to take what others have not begun. */
  readonly takeOver: boolean;
  /** How long an identity without a heartbeat counts as alive; all identities of a store have to agree on it. */
  readonly lease?: Millis;
  /** Pieces that this identity itself verified before. */
  readonly own?: readonly PieceIndex[];
  /** At first, wanted pieces are `open` or `present`, and all others `unwanted`. */
  readonly share: ShareMap;
  /** Where this identity listens, once it does. */
  endpoint(): Endpoint | undefined;
  /** What it says of the exchange of pieces, where there is one. */
  exchange?(): Exchange | undefined;
  /** Siblings verified these pieces; `owners` has the identity of each. */
  onPresent(pieces: Uint32Array, owners: Uint8Array): void;
  /** A sibling found these pieces wrong on its disk, or missing. */
  onLost(news: readonly PieceNews[]): void;
  /** All registered siblings. */
  onSiblings(siblings: readonly Sibling[]): void;
  /** The store cannot be read or written any more, or another process is this identity now. */
  onFailed(error: EnsembleError): void;
}

/**
 * Claims without a coordinator, in a store that identities on several machines share (A4, A7). Each identity decides by itself
 * what it claims, who counts as dead, and what it takes over from the dead (A15); where several decide the same, the store lets
 * only one have it.
 */
export class StoreClaimer implements Claimer {
  readonly #o: StoreClaimerOptions;
  readonly #store: ClaimStore;
  readonly #siblings: SiblingWatch;
  readonly #book: ClaimBook;
  readonly #takeOver: TakeOver;
  /** Pieces that were verified here, and not yet reported to the siblings. */
  #untold: PieceIndex[] = [];
  #timer: Timer | undefined;
  #heartbeat: Timer | undefined;
  #soon: Timer | undefined;
  #work: Promise<void> = Promise.resolve();
  #idling = false;
  #idledAt = -Infinity as Millis;
  #beats = false;
  #stopped = false;

  constructor(options: StoreClaimerOptions) {
    const { ports, store, identity, lease = DEFAULT_LEASE } = options;
    this.#o = options;
    this.#store = store;
    this.#siblings = new SiblingWatch(ports.clock, lease, identity);
    this.#book = new ClaimBook(ports.clock);
    this.#takeOver = new TakeOver({
      ...options,
      random: ports.random,
      book: this.#book,
      siblings: this.#siblings,
      claim: (pieces) => this.#claim(pieces),
    });
  }

  /** Registers this identity, and finds out what the others have and claim. Rejects with EnsembleError('in-use') where it runs already. */
  async start(): Promise<void> {
    await this.#store.join((error) => this.#fail(error), this.#o.own ?? []);
    await this.#beat();
    await this.#look();
    await this.#adopt();
    this.#store.listen?.(() => this.#hasten());
    this.#heartbeat = this.#o.ports.clock.every(this.#siblings.heartbeat, () => this.beat());
    this.#schedule(LOOK_EVERY);
  }

  /** Renews the heartbeat of this identity, and tells where it listens. */
  beat(): void {
    // While the store is away one waits.
    if (this.#beats) return;
    this.#beats = true;
    this.#then(async () => {
      this.#beats = false;
      await this.#beat();
    });
  }

  claim(pieces: readonly PieceIndex[]): void {
    this.#then(async () => {
      await this.#claim(pieces.filter((piece) => this.#o.share.get(piece) === PieceShare.open));
    });
  }

  release(pieces: readonly PieceIndex[]): void {
    this.#then(async () => {
      const turns = this.#book.givenBack(pieces);
      if (turns.size > 0) await this.#store.release(turns);
      for (const piece of turns.keys()) {
        if (this.#o.share.get(piece) !== PieceShare.present) this.#o.share.set(piece, PieceShare.open);
      }
    });
  }

  verified(piece: PieceIndex): void {
    this.#book.dropped(piece);
    this.#untold.push(piece);
    this.#hasten();
  }

  /** What a sibling had verified is here, too. */
  collected(piece: PieceIndex): void {
    this.#untold.push(piece);
  }

  idle(): void {
    // One question at a time is enough, as the store may be slow.
    const now = this.#o.ports.clock.now();
    if (this.#idling || now - this.#idledAt < IDLE_EVERY) return;
    this.#idling = true;
    this.#idledAt = now;
    this.#then(async () => {
      this.#idling = false;
      await this.#look();
      await this.#takeOver.fromDead();
      if (this.#o.selection === 'fixed' && this.#o.takeOver) this.#takeOver.fromSlow();
      if (!keepsToRanges(this.#o)) await this.#takeOver.helpAtTheEnd();
    });
  }

  /** Gives back what is not verified, and unregisters this identity. */
  async stop(): Promise<void> {
    this.#then(() => this.#tell());
    this.release(Array.from(this.#book.own, ([piece]) => piece));
    this.#halt();
    await this.#work;
    await this.#store.leave();
  }

  /** The identities that registered, as they were when it was looked last. */
  get siblings(): readonly Sibling[] {
    return this.#siblings.siblings;
  }

  /** Whether nothing is left to wait for: of the whole download, or of its own range where nobody takes over. */
  get done(): boolean {
    const { share } = this.#o;
    return share.left + (keepsToRanges(this.#o) ? 0 : share.count(PieceShare.theirs)) === 0;
  }

  /** Whether all that is missing is with others, who fetch it. */
  get waits(): boolean {
    return this.#o.share.left === 0 && !this.done;
  }

  async #claim(pieces: readonly PieceIndex[]): Promise<void> {
    if (pieces.length === 0) return;
    const { share } = this.#o;
    const wishes = pieces.map((piece) => ({ piece, after: this.#book.last(piece) }));
    const late = new Map<PieceIndex, number>();
    await this.#store.claim(wishes, ({ piece, after }, turn) => {
      const state = share.get(piece);
      // It may have become present in the meantime.
      if (state !== PieceShare.open && state !== PieceShare.theirs) {
        if (turn !== undefined) late.set(piece, turn);
      } else if (turn === undefined) {
        share.set(piece, PieceShare.theirs);
        this.#book.see(piece, after);
      } else {
        this.#book.granted(piece, turn);
        share.set(piece, PieceShare.mine);
      }
    });
    if (late.size > 0) await this.#store.release(late);
  }

  /** By its heartbeat siblings know that it has told them what it had verified by then. */
  async #beat(): Promise<void> {
    await this.#tell();
    const { identity: index, peerId, machine, endpoint, ports } = this.#o;
    const listening = endpoint() ?? { host: '', port: 0 };
    const exchange = this.#o.exchange?.();
    const heartbeat = ports.clock.wall();
    const said = exchange === undefined ? {} : { exchange };
    await this.#store.beat({ index, peerId, machine, endpoint: listening, heartbeat, ...said });
  }

  async #tell(): Promise<void> {
    const pieces = this.#untold.splice(0);
    if (pieces.length > 0) await this.#store.record(pieces);
  }

  /** Takes back what an earlier process of this identity had claimed and not finished. */
  async #adopt(): Promise<void> {
    const { share, identity, count } = this.#o;
    for (let p = 0; p < share.pieceCount; p++) {
      const piece = pieceIndex(p);
      const state = share.get(piece);
      if (state === PieceShare.unwanted || state === PieceShare.present) continue;
      const own = homeOf(piece, count, share.pieceCount) === identity;
      // Ranges that nobody else may touch need no claims; with take-over they are claimed as usual, the own one first.
      if (keepsToRanges(this.#o)) share.set(piece, own ? PieceShare.mine : PieceShare.unwanted);
      else if (this.#o.selection === 'fixed' && !own) share.set(piece, PieceShare.theirs);
    }
    const own: PieceIndex[] = [];
    for (const [piece, { turn, free }] of this.#book.all) {
      if (free || share.get(piece) !== PieceShare.theirs || this.#book.ownTurn(piece) !== undefined) continue;
      if ((await this.#store.holder(piece, turn)) === identity) own.push(piece);
    }
    // Claimed anew, as a sibling that takes us for dead may be about to claim it.
    await this.#claim(own);
  }

  /** Finds out what siblings verified, claimed and gave back, and who they are. */
  async #look(): Promise<void> {
    const { share } = this.#o;
    await this.#tell();
    this.#takeNews(await this.#store.journal());
    const { members, claims, since } = await this.#store.watch();
    if (this.#siblings.look(members, since)) this.#o.onSiblings(this.#siblings.siblings);
    if (keepsToRanges(this.#o)) return;
    this.#book.read(claims, since);
    if (this.#siblings.wasSilent) await this.#renew();
    for (const [piece, claimed] of this.#book.all) {
      const state = share.get(piece);
      if (state === PieceShare.present || state === PieceShare.unwanted) continue;
      const turn = this.#book.ownTurn(piece);
      if (turn !== undefined && claimed.turn > turn) {
        // We were silent for longer than our lease, and it was taken over, or even given back again since.
        this.#book.dropped(piece);
        share.set(piece, PieceShare.theirs);
      } else if (state === PieceShare.open && !claimed.free) share.set(piece, PieceShare.theirs);
      this.#book.see(piece, claimed);
      const isOthers = share.get(piece) === PieceShare.theirs || share.get(piece) === PieceShare.both;
      if (isOthers && claimed.free && this.#isOwnTurn(piece)) share.set(piece, PieceShare.open);
    }
  }

  /** Others may take us for dead: claims what is still ours anew, before they do. */
  async #renew(): Promise<void> {
    const held = [...this.#book.own].filter(([piece, turn]) => (this.#book.last(piece)?.turn ?? turn) <= turn);
    const wishes = held.map(([piece, turn]) => ({ piece, after: { turn, free: false } }));
    if (wishes.length === 0) return;
    await this.#store.claim(wishes, ({ piece }, turn) => {
      if (this.#book.ownTurn(piece) === undefined) return;
      if (turn === undefined) {
        this.#book.dropped(piece);
        this.#o.share.set(piece, PieceShare.theirs);
      } else this.#book.granted(piece, turn);
    });
  }

  #takeNews(news: readonly PieceNews[]): void {
    const there = news.filter(({ present }) => present);
    for (const { piece } of there) this.#book.dropped(piece);
    if (there.length > 0) {
      const pieces = Uint32Array.from(there, ({ piece }) => piece);
      this.#o.onPresent(
        pieces,
        Uint8Array.from(there, ({ identity }) => identity),
      );
    }
    const lost = news.filter(({ present }) => !present);
    if (lost.length > 0) this.#o.onLost(lost);
  }

  /** Whether a piece may be claimed in the usual way: with fixed ranges, pieces of others are only taken over. */
  #isOwnTurn(piece: PieceIndex): boolean {
    const { selection, share, identity, count } = this.#o;
    return selection !== 'fixed' || homeOf(piece, count, share.pieceCount) === identity;
  }

  /** Tells and reads what is new, well before the next look, where nothing else is left to begin: somebody may wait for just that. */
  #hasten(): void {
    const { share, ports } = this.#o;
    if (this.#soon !== undefined || this.#stopped || this.#store.listen === undefined) return;
    if (share.left > 0 && (keepsToRanges(this.#o) || share.count(PieceShare.open) > 0)) return;
    const wait = Math.min(LOOK_EVERY, SOON * Math.max(1, this.siblings.length));
    this.#soon = ports.clock.after(millis(wait), () => {
      this.#soon = undefined;
      this.#then(() => this.#look());
    });
  }

  #schedule(delay: number): void {
    this.#timer = this.#o.ports.clock.after(millis(delay), () => {
      this.#then(async () => {
        const began = this.#o.ports.clock.now();
        await this.#look();
        const took = this.#o.ports.clock.now() - began;
        // A store that was away for long took long, too.
        const rest = Math.min(took * LOOK_SHARE, this.#siblings.heartbeat);
        if (!this.#stopped) this.#schedule(Math.max(LOOK_EVERY, rest));
      });
    });
  }

  /** Runs steps one after the other; the first that fails ends the claimer. */
  #then(step: () => Promise<void>): void {
    if (this.#stopped) return;
    this.#work = this.#work.then(step).catch((error: unknown) => this.#fail(error));
  }

  #fail(error: unknown): void {
    if (this.#stopped) return;
    this.#halt();
    if (error instanceof EnsembleError) this.#o.onFailed(error);
    else {
      const text = `The ${this.#store.name} cannot be used: ${messageOf(error)}`;
      this.#o.onFailed(new EnsembleError(failureOf(error).code, text, { cause: error }));
    }
  }

  #halt(): void {
    this.#stopped = true;
    for (const timer of [this.#timer, this.#heartbeat, this.#soon]) timer?.cancel();
  }
}
