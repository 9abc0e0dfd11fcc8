import { identityIndex, type IdentityIndex, piece, type PieceIndex } from '../base/ids.ts';
import { LateMap, LateSet } from '../base/late-map.ts';
import type { Clock } from '../ports/clock.ts';
import { homeOf } from '../strategy/claims/fixed-range.ts';
import { PieceShare } from '../strategy/pieces/share-map.ts';
import { DeskNews, type DeskNewsOptions } from './desk-news.ts';

/** Stands for the claimant of a free piece: an index that no identity has. */
const NOBODY = 255;

/** Which pieces are wanted and which are there, as the coordinator keeps it. */
export interface DeskLedger {
  readonly present: { has(index: number): boolean };
  /** Pieces that are there under final names. */
  readonly placed: { has(index: number): boolean };
  readonly owners: Uint8Array;
  wants(index: PieceIndex): boolean;
  /** A piece is there. False where it was there already. */
  add(index: PieceIndex, owner: number): boolean;
  remove(index: PieceIndex): void;
}

/** The messages of the desk. */
export interface DeskOutput extends Pick<DeskNewsOptions, 'shares' | 'present'> {
  log(identity: IdentityIndex, event: 'claim' | 'release', piece: PieceIndex): void;
}

/** An identity says that it verified and wrote a piece. `late`: it knew by then that another had. */
interface Verified {
  readonly piece: PieceIndex;
  readonly late: boolean;
}

export interface DeskOptions {
  readonly clock: Clock;
  readonly ledger: DeskLedger;
  readonly pieceCount: number;
  /** K. */
  readonly count: number;
  /** Whether pieces belong to identities from the start: with fixed ranges, or with a single identity. */
  readonly fixed: boolean;
  /** With `fixed`: whether idle identities may take what others have not begun. */
  readonly takeOver: boolean;
  /** With `fixed`: whose a piece is. Missing: ranges. */
  home?(index: PieceIndex): IdentityIndex;
  /** Whether an identity is to fetch anything; missing: all are. What one that is not would fetch with `fixed` is open to the others. */
  fetches?(identity: IdentityIndex): boolean;
}

/**
 * Decides which identity fetches which piece of one download (architecture, invariants 1 and 3). Every wanted piece that is not
 * present is free or claimed by one identity; others may fetch it too only by granted copies (end-game).
 */
export class ClaimsDesk {
  /** How many pieces were fetched by two identities without a granted copy. */
  duplicates = 0;
  readonly #o: DeskOptions;
  readonly #out: DeskOutput;
  readonly #claimant: Uint8Array;
  readonly #claims: number[];
  readonly #copies = new LateMap<PieceIndex, Set<IdentityIndex>>();
  /** Pieces that several identities were ever allowed to fetch: a second copy of these is waste, but no fault. */
  readonly #copied = new LateSet<PieceIndex>();
  /** Identities whose range is open to the others. */
  readonly #givenUp = new LateSet<IdentityIndex>();
  readonly #news: DeskNews;
  #free = 0;

  constructor(options: DeskOptions, output: DeskOutput) {
    this.#o = options;
    this.#out = output;
    this.#claimant = new Uint8Array(options.pieceCount).fill(NOBODY);
    this.#claims = Array.from({ length: options.count }, () => 0);
    this.#news = new DeskNews({
      clock: options.clock,
      count: options.count,
      owners: options.ledger.owners,
      state: (identity, index) => this.#state(identity, index),
      shares: output.shares,
      present: output.present,
    });
    if (options.fixed) this.#assignRanges();
    this.#free = this.#countFree();
  }

  /** How many wanted pieces nobody has or claims. */
  get free(): number {
    return this.#free;
  }

  /** How many pieces an identity claims, copies not counted. */
  claimed(identity: IdentityIndex): number {
    return this.#claims[identity] ?? 0;
  }

  /** The pieces that an identity claims. */
  claimsOf(identity: IdentityIndex): PieceIndex[] {
    const out: PieceIndex[] = [];
    for (let p = 0; p < this.#claimant.length; p++) if (this.#claimant[p] === identity) out.push(piece(p));
    return out;
  }

  claimant(index: PieceIndex): IdentityIndex | undefined {
    const who = this.#claimant[index] ?? NOBODY;
    return who === NOBODY ? undefined : identityIndex(who);
  }

  /** Whose a piece is where each identity has pieces of its own. */
  home(index: PieceIndex): IdentityIndex {
    return this.#o.home?.(index) ?? homeOf(index, this.#o.count, this.#o.pieceCount);
  }

  /** The identities that may fetch a piece besides its claimant. */
  copies(index: PieceIndex): ReadonlySet<IdentityIndex> {
    return this.#copies.get(index) ?? new Set();
  }

  hasCopies(identity: IdentityIndex): boolean {
    for (const holders of this.#copies.values()) if (holders.has(identity)) return true;
    return false;
  }

  /**
   * The state of every piece for an identity that is given the download now; from here on it is told of changes. `begun`: pieces of
   * which it has blocks from earlier, which become its own if they are free.
   */
  sharesFor(identity: IdentityIndex, begun: readonly PieceIndex[]): Uint8Array {
    for (const index of begun) if (this.#state(identity, index) === PieceShare.open) this.#grant(identity, index);
    this.begin(identity);
    return Uint8Array.from({ length: this.#o.pieceCount }, (_, p) => this.#state(identity, piece(p)));
  }

  /** An identity is given the download now, and knows the state of every piece: from here on it is told of changes. */
  begin(identity: IdentityIndex): void {
    this.#news.begin(identity);
  }

  /** An identity no longer has the download. */
  forget(identity: IdentityIndex): void {
    this.#news.forget(identity);
  }

  /** Grants pieces that are free; the answer gives the present state of each piece. */
  claim(identity: IdentityIndex, pieces: Iterable<number>): void {
    for (const p of pieces) {
      const index = piece(p);
      if (this.#state(identity, index) === PieceShare.open) this.#grant(identity, index);
      this.#news.note(identity, index);
    }
    this.#news.tellOne(identity);
  }

  /** An identity gives pieces back; those that it does not claim are ignored. `to`: the identity that gets them, if any was agreed on. */
  release(identity: IdentityIndex, pieces: Iterable<number>, to?: IdentityIndex): PieceIndex[] {
    const out: PieceIndex[] = [];
    for (const p of pieces) {
      const index = piece(p);
      this.#dropCopy(identity, index);
      if (this.#claimant[index] !== identity) continue;
      out.push(index);
      this.#passOn(identity, index, to);
    }
    if (to !== undefined) this.#news.tellOne(to);
    this.#news.tellOne(identity);
    return out;
  }

  /** Lets an identity fetch pieces that a sibling is fetching (end-game). */
  grantCopies(identity: IdentityIndex, pieces: Iterable<number>): void {
    for (const p of pieces) {
      const index = piece(p);
      if (this.#state(identity, index) !== PieceShare.theirs) continue;
      this.#copies.set(index, (this.#copies.get(index) ?? new Set()).add(identity));
      this.#copied.add(index);
      this.#news.note(identity, index);
    }
    this.#news.tellOne(identity);
  }

  /** Gives an identity pieces that others claim. These may just be through with them, or lose what they have begun. */
  move(to: IdentityIndex, pieces: Iterable<PieceIndex>): void {
    const losers = new Set<IdentityIndex>();
    for (const index of pieces) {
      const claimant = this.claimant(index);
      if (claimant === undefined || claimant === to) continue;
      this.#copied.add(index);
      this.#passOn(claimant, index, to);
      losers.add(claimant);
    }
    // First they stop, so that nobody asks for the same.
    for (const loser of losers) this.#news.tellOne(loser);
    if (losers.size > 0) this.#news.tellOne(to);
  }

  /** An identity verified and wrote these pieces; returns those that are new. */
  verified<Piece extends Verified>(identity: IdentityIndex, pieces: readonly Piece[]): Piece[] {
    let copied = false;
    const fresh = pieces.filter((verified) => {
      const index = verified.piece;
      if (index >= this.#o.pieceCount) return false;
      if (this.#o.ledger.add(index, identity)) {
        if (this.#claimant[index] !== NOBODY) this.#unclaim(index);
        if (this.#o.ledger.wants(index)) this.#free--;
        if (this.#copies.delete(index)) copied = true;
        this.#news.changed(index);
        return true;
      }
      if (!verified.late && this.#o.ledger.owners[index] !== identity && !this.#copied.has(index)) this.duplicates++;
      return false;
    });
    // Others who still fetch a copy do so in vain, and are told now.
    if (copied) this.tell();
    return fresh;
  }

  /** An identity died or left: its claims are free. With fixed ranges it keeps its range, unless it is given up. */
  vacate(identity: IdentityIndex, gaveUp: boolean): void {
    this.forget(identity);
    if (gaveUp) this.#givenUp.add(identity);
    for (const [index, holders] of this.#copies) if (holders.has(identity)) this.#dropCopy(identity, index);
    if (this.#keepsRange(identity)) return;
    for (const index of this.claimsOf(identity)) this.#passOn(identity, index, undefined);
  }

  /** Some that fetched are to fetch nothing any more, or the other way round. */
  rolesChanged(): void {
    for (let i = 0; i < this.#o.count; i++) {
      const identity = identityIndex(i);
      if (this.#fetches(identity)) continue;
      for (const [index, holders] of this.#copies) if (holders.has(identity)) this.#dropCopy(identity, index);
      for (const index of this.claimsOf(identity)) this.#passOn(identity, index, undefined);
    }
    for (let p = 0; p < this.#o.pieceCount; p++) {
      const index = piece(p);
      const isFree = this.#claimant[p] === NOBODY && this.#o.ledger.wants(index) && !this.#o.ledger.present.has(index);
      if (isFree && this.#o.fixed) this.#claimHome(index);
      this.#news.changed(index);
    }
    this.tell();
  }

  /** Pieces turned out wrong on disk, and are missing again. */
  lost(pieces: Iterable<number>): void {
    for (const p of pieces) {
      const index = piece(p);
      const { ledger } = this.#o;
      if (!ledger.present.has(index) && !ledger.placed.has(index)) continue;
      ledger.remove(index);
      if (ledger.wants(index)) this.#free++;
      if (this.#o.fixed) this.#claimHome(index);
      this.#news.changed(index);
    }
  }

  /** The choice of files changed. */
  choiceChanged(): void {
    for (let p = 0; p < this.#o.pieceCount; p++) {
      const index = piece(p);
      const wanted = this.#o.ledger.wants(index) && !this.#o.ledger.present.has(index);
      if (!wanted && this.#claimant[p] !== NOBODY) this.#unclaim(index);
      if (wanted && this.#o.fixed && this.#claimant[p] === NOBODY) this.#claimHome(index);
      this.#news.changed(index);
    }
    this.#free = this.#countFree();
    this.tell();
  }

  /** Sends all news now. */
  tell(): void {
    this.#news.tell();
  }

  close(): void {
    this.#news.close();
  }

  #state(identity: IdentityIndex, index: PieceIndex): PieceShare {
    if (this.#o.ledger.present.has(index)) return PieceShare.present;
    if (!this.#o.ledger.wants(index) || !this.#fetches(identity)) return PieceShare.unwanted;
    const who = this.#claimant[index];
    if (who === identity) return PieceShare.mine;
    if (who === NOBODY) return PieceShare.open;
    if (this.#copies.get(index)?.has(identity) === true) return PieceShare.both;
    return this.#keepsRange(this.home(index)) ? PieceShare.unwanted : PieceShare.theirs;
  }

  #fetches(identity: IdentityIndex): boolean {
    return this.#o.fetches?.(identity) ?? true;
  }

  /** Whether the others fetch what is its range. */
  #isOpen(home: IdentityIndex): boolean {
    return this.#givenUp.has(home) || !this.#fetches(home);
  }

  /** Whether what lies in an identity's range is for it alone. */
  #keepsRange(identity: IdentityIndex): boolean {
    return this.#o.fixed && !this.#o.takeOver && !this.#isOpen(identity);
  }

  #grant(identity: IdentityIndex, index: PieceIndex): void {
    this.#claimant[index] = identity;
    this.#claims[identity] = (this.#claims[identity] ?? 0) + 1;
    this.#free--;
    this.#out.log(identity, 'claim', index);
    this.#news.changed(index);
  }

  #unclaim(index: PieceIndex): void {
    const who = this.#claimant[index] ?? NOBODY;
    if (who === NOBODY) return;
    this.#claimant[index] = NOBODY;
    this.#claims[who] = (this.#claims[who] ?? 0) - 1;
    this.#free++;
  }

  /** Ends a claim: an identity with a copy becomes the claimant, or else `to`, or else the piece is free. */
  #passOn(identity: IdentityIndex, index: PieceIndex, to: IdentityIndex | undefined): void {
    this.#unclaim(index);
    this.#out.log(identity, 'release', index);
    const [holder] = this.copies(index);
    if (holder !== undefined) this.#dropCopy(holder, index);
    const next = holder ?? to;
    if (next !== undefined) this.#grant(next, index);
    this.#news.changed(index);
  }

  /** Ends a copy. */
  #dropCopy(identity: IdentityIndex, index: PieceIndex): void {
    const holders = this.#copies.get(index);
    if (holders?.delete(identity) !== true) return;
    if (holders.size === 0) this.#copies.delete(index);
    this.#news.changedFor(identity, index);
  }

  #claimHome(index: PieceIndex): void {
    const home = this.home(index);
    if (!this.#isOpen(home)) this.#grant(home, index);
  }

  #assignRanges(): void {
    for (let p = 0; p < this.#o.pieceCount; p++) {
      const index = piece(p);
      if (this.#o.ledger.wants(index) && !this.#o.ledger.present.has(index)) this.#claimHome(index);
    }
  }

  #countFree(): number {
    let free = 0;
    for (let p = 0; p < this.#o.pieceCount; p++) {
      const missing = this.#o.ledger.wants(piece(p)) && !this.#o.ledger.present.has(p);
      if (missing && this.#claimant[p] === NOBODY) free++;
    }
    return free;
  }
}
