import type { SelectionMode } from '../base/choices.ts';
import type { Endpoint } from '../base/endpoint.ts';
import { EnsembleError, messageOf } from '../base/errors.ts';
import {
  type IdentityIndex,
  identityIndex,
  type Millis,
  millis,
  type PeerId,
  piece as pieceIndex,
  type PieceIndex,
} from '../base/ids.ts';
import type { Timer } from '../ports/clock.ts';
import type { Ports } from '../ports/ports.ts';
import type { Claimer } from '../strategy/claims/claimer.ts';
import { fixedRange } from '../strategy/claims/fixed-range.ts';
import { PieceShare, type ShareMap } from '../strategy/pieces/share-map.ts';
import type { Claimed, ClaimStore, PieceNews } from './claim-store.ts';
import { DEFAULT_LEASE, type Sibling, SiblingWatch } from './sibling-watch.ts';

/** How often the store is read. Reading many claims takes a while, and then the next look comes later. */
const LOOK_EVERY = millis(1000);
const LOOK_SHARE = 10;
/** When nothing else is left, a piece that a living sibling has held for this long is fetched here too. */
const TAIL_AFTER = millis(10_000);
/** How many such pieces are fetched at a time. */
const TAIL_PIECES = 2;
/** How many claims of dead identities are taken over at a time: the first are fetched while the next ones are looked at. */
const TAKE_AT_ONCE = 64;

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
  /** At first, wanted pieces are `open` or `present`, and all others `unwanted`. */
  readonly share: ShareMap;
  /** Where this identity listens, once it does. */
  endpoint(): Endpoint | undefined;
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
  /** When we first saw the current claim of each piece that is not ours. */
  readonly #seen = new Map<PieceIndex, { readonly turn: number; readonly at: Millis }>();
  /** The turn in which this identity claimed each piece that it has not verified yet. */
  readonly #mine = new Map<PieceIndex, number>();
  #claims = new Map<PieceIndex, Claimed>();
  /** Pieces that were verified here, and not yet reported to the siblings. */
  #untold: PieceIndex[] = [];
  #timer: Timer | undefined;
  #heartbeat: Timer | undefined;
  #work: Promise<void> = Promise.resolve();
  #idling = false;
  #stopped = false;

  constructor(options: StoreClaimerOptions) {
    const { ports, store, identity, lease = DEFAULT_LEASE } = options;
    this.#o = options;
    this.#store = store;
    this.#siblings = new SiblingWatch(ports.clock, lease, identity);
  }

  /** Registers this identity, and finds out what the others have and claim. Rejects with EnsembleError('in-use') where it runs already. */
  async start(): Promise<void> {
    await this.#store.join((error) => this.#fail(error));
    await this.#beat();
    await this.#look();
    await this.#adopt();
    this.#heartbeat = this.#o.ports.clock.every(this.#siblings.heartbeat, () => this.beat());
    this.#schedule(LOOK_EVERY);
  }

  /** Renews the heartbeat of this identity, and tells where it listens. */
  beat(): void {
    this.#then(() => this.#beat());
  }

  claim(pieces: readonly PieceIndex[]): void {
    this.#then(async () => {
      await this.#claim(pieces.filter((piece) => this.#o.share.get(piece) === PieceShare.open));
    });
  }

  release(pieces: readonly PieceIndex[]): void {
    this.#then(async () => {
      const turns = new Map<PieceIndex, number>();
      for (const piece of pieces) {
        const turn = this.#mine.get(piece);
        if (turn === undefined) continue;
        this.#mine.delete(piece);
        this.#claims.set(piece, { turn, free: true });
        turns.set(piece, turn);
      }
      if (turns.size > 0) await this.#store.release(turns);
      for (const piece of turns.keys()) {
        if (this.#o.share.get(piece) !== PieceShare.present) this.#o.share.set(piece, PieceShare.open);
      }
    });
  }

  verified(piece: PieceIndex): void {
    this.#mine.delete(piece);
    this.#untold.push(piece);
  }

  idle(): void {
    // One question at a time is enough, as the store may be slow.
    if (this.#idling) return;
    this.#idling = true;
    this.#then(async () => {
      this.#idling = false;
      await this.#look();
      await this.#takeFromDead();
      if (this.#o.selection === 'fixed' && this.#o.takeOver) this.#takeFromSlow();
      this.#helpAtTheEnd();
    });
  }

  /** Gives back what is not verified, and unregisters this identity. */
  async stop(): Promise<void> {
    this.#then(() => this.#tell());
    this.release([...this.#mine.keys()]);
    this.#halt();
    await this.#work;
    await this.#store.leave();
  }

  /** Whether nothing is left to wait for: of the whole download, or of its own range where nobody takes over. */
  get done(): boolean {
    const { share } = this.#o;
    const waiting = share.count(PieceShare.open) + share.count(PieceShare.mine) + share.count(PieceShare.both);
    return waiting + (this.#isPlainFixed ? 0 : share.count(PieceShare.theirs)) === 0;
  }

  get #isPlainFixed(): boolean {
    return this.#o.selection === 'fixed' && !this.#o.takeOver;
  }

  async #claim(pieces: readonly PieceIndex[]): Promise<void> {
    if (pieces.length === 0) return;
    const { share } = this.#o;
    const wishes = pieces.map((piece) => ({ piece, after: this.#claims.get(piece) }));
    const late = new Map<PieceIndex, number>();
    await this.#store.claim(wishes, ({ piece, after }, turn) => {
      const state = share.get(piece);
      // It may have become present in the meantime.
      if (state !== PieceShare.open && state !== PieceShare.theirs) {
        if (turn !== undefined) late.set(piece, turn);
      } else if (turn === undefined) {
        share.set(piece, PieceShare.theirs);
        this.#see(piece, after);
      } else {
        this.#mine.set(piece, turn);
        this.#claims.set(piece, { turn, free: false });
        share.set(piece, PieceShare.mine);
      }
    });
    if (late.size > 0) await this.#store.release(late);
  }

  async #beat(): Promise<void> {
    const { identity: index, peerId, machine, endpoint, ports } = this.#o;
    const listening = endpoint() ?? { host: '', port: 0 };
    await this.#store.beat({ index, peerId, machine, endpoint: listening, heartbeat: ports.clock.wall() });
  }

  async #tell(): Promise<void> {
    const pieces = this.#untold.splice(0);
    if (pieces.length > 0) await this.#store.record(pieces);
  }

  /** Takes back what an earlier process of this identity had claimed and not finished. */
  async #adopt(): Promise<void> {
    const { share, identity, count } = this.#o;
    const range = fixedRange(identity, count, share.pieceCount);
    for (let p = 0; p < share.pieceCount; p++) {
      const piece = pieceIndex(p);
      const state = share.get(piece);
      if (state === PieceShare.unwanted || state === PieceShare.present) continue;
      const own = p >= range.first && p < range.end;
      // Ranges that nobody else may touch need no claims; with take-over they are claimed as usual, the own one first.
      if (this.#isPlainFixed) share.set(piece, own ? PieceShare.mine : PieceShare.unwanted);
      else if (this.#o.selection === 'fixed' && !own) share.set(piece, PieceShare.theirs);
    }
    const own: PieceIndex[] = [];
    for (const [piece, { turn, free }] of this.#claims) {
      if (free || share.get(piece) !== PieceShare.theirs || this.#mine.has(piece)) continue;
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
    const { members, claims } = await this.#store.watch();
    if (this.#siblings.look(members)) this.#o.onSiblings(this.#siblings.siblings);
    if (this.#isPlainFixed) return;
    this.#claims = new Map(claims);
    if (this.#siblings.wasSilent) await this.#renew();
    for (const [piece, claimed] of this.#claims) {
      const state = share.get(piece);
      if (state === PieceShare.present || state === PieceShare.unwanted) continue;
      const turn = this.#mine.get(piece);
      if (turn !== undefined && claimed.turn > turn) {
        // We were silent for longer than our lease, and it was taken over, or even given back again since.
        this.#mine.delete(piece);
        share.set(piece, PieceShare.theirs);
      } else if (state === PieceShare.open && !claimed.free) share.set(piece, PieceShare.theirs);
      this.#see(piece, claimed);
      const isOthers = share.get(piece) === PieceShare.theirs || share.get(piece) === PieceShare.both;
      if (isOthers && claimed.free && this.#ownTurn(piece)) share.set(piece, PieceShare.open);
    }
  }

  /** Others may take us for dead: claims what is still ours anew, before they do. */
  async #renew(): Promise<void> {
    const held = [...this.#mine].filter(([piece, turn]) => (this.#claims.get(piece)?.turn ?? turn) <= turn);
    const wishes = held.map(([piece, turn]) => ({ piece, after: { turn, free: false } }));
    if (wishes.length === 0) return;
    await this.#store.claim(wishes, ({ piece }, turn) => {
      if (!this.#mine.has(piece)) return;
      if (turn === undefined) {
        this.#mine.delete(piece);
        this.#o.share.set(piece, PieceShare.theirs);
      } else {
        this.#mine.set(piece, turn);
        this.#claims.set(piece, { turn, free: false });
      }
    });
  }

  #takeNews(news: readonly PieceNews[]): void {
    const there = news.filter(({ present }) => present);
    for (const { piece } of there) this.#mine.delete(piece);
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

  /** Remembers since when we have seen a claim of somebody else. */
  #see(piece: PieceIndex, claimed: Claimed | undefined): void {
    const turn = claimed?.turn ?? -1;
    if (this.#seen.get(piece)?.turn !== turn) this.#seen.set(piece, { turn, at: this.#o.ports.clock.now() });
  }

  /** Whether a piece may be claimed in the usual way: with fixed ranges, pieces of others are only taken over. */
  #ownTurn(piece: PieceIndex): boolean {
    if (this.#o.selection !== 'fixed') return true;
    const { first, end } = fixedRange(this.#o.identity, this.#o.count, this.#o.share.pieceCount);
    return piece >= first && piece < end;
  }

  async #takeFromDead(): Promise<void> {
    const { share } = this.#o;
    if (share.count(PieceShare.theirs) === 0) return;
    let abandoned: PieceIndex[] = [];
    for (let p = 0; p < share.pieceCount; p++) {
      const piece = pieceIndex(p);
      const claimed = this.#claims.get(piece);
      if (share.get(piece) !== PieceShare.theirs || claimed?.free === true) continue;
      if (await this.#isAbandoned(piece, claimed)) abandoned.push(piece);
      if (abandoned.length < TAKE_AT_ONCE) continue;
      await this.#claim(abandoned);
      abandoned = [];
    }
    await this.#claim(abandoned);
  }

  async #isAbandoned(piece: PieceIndex, claimed: Claimed | undefined): Promise<boolean> {
    const siblings = this.#siblings;
    const holder = claimed && (await this.#store.holder(piece, claimed.turn));
    if (holder === this.#o.identity) return !this.#mine.has(piece);
    if (holder !== undefined && !siblings.isDead(holder)) return false;
    // A claim without a name, or a piece's file without a claim, may be in the making or left by a crash. And a holder that seems
    // dead may be back, which a network disk shows late: its new claims are seen before that.
    const seen = this.#seen.get(piece);
    return seen !== undefined && siblings.hasExpired(seen.at);
  }

  /**
   * With nothing else to do, pieces that a slow sibling has held for long are fetched here too (A17). The first to have one says so
   * in its journal, and the other gives up; both would write the same verified bytes.
   */
  #helpAtTheEnd(): void {
    const { share, ports } = this.#o;
    const busy = share.count(PieceShare.open) + share.count(PieceShare.mine) + share.count(PieceShare.both);
    if (this.#isPlainFixed || busy > 0) return;
    const now = ports.clock.now();
    const slow: PieceIndex[] = [];
    for (const [piece, { at }] of this.#seen) {
      if (share.get(piece) !== PieceShare.theirs) this.#seen.delete(piece);
      else if (now - at >= TAIL_AFTER) slow.push(piece);
    }
    for (let i = 0; i < TAIL_PIECES && slow.length > 0; i++) {
      const [piece] = slow.splice(Math.floor(ports.random.uniform() * slow.length), 1);
      if (piece !== undefined) share.set(piece, PieceShare.both);
    }
  }

  /** Opens to this identity half of what the sibling with most left has not begun, its last pieces first. */
  #takeFromSlow(): void {
    const { share, count, identity } = this.#o;
    let best: PieceIndex[] = [];
    for (let i = 0; i < count; i++) {
      if (i === identity) continue;
      const { first, end } = fixedRange(identityIndex(i), count, share.pieceCount);
      const unbegun: PieceIndex[] = [];
      for (let p = end - 1; p >= first; p--) {
        const piece = pieceIndex(p);
        const claimed = this.#claims.get(piece);
        if (share.get(piece) === PieceShare.theirs && claimed?.free !== false) unbegun.push(piece);
      }
      if (unbegun.length > best.length) best = unbegun;
    }
    for (const piece of best.slice(0, Math.ceil(best.length / 2))) share.set(piece, PieceShare.open);
  }

  #schedule(delay: number): void {
    this.#timer = this.#o.ports.clock.after(millis(delay), () => {
      this.#then(async () => {
        const began = this.#o.ports.clock.now();
        await this.#look();
        const took = this.#o.ports.clock.now() - began;
        if (!this.#stopped) this.#schedule(Math.max(LOOK_EVERY, took * LOOK_SHARE));
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
      this.#o.onFailed(new EnsembleError('disk', text, { cause: error }));
    }
  }

  #halt(): void {
    this.#stopped = true;
    this.#timer?.cancel();
    this.#heartbeat?.cancel();
  }
}
