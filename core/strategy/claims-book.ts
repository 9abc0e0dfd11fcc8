import type { IdentityIndex, PieceIndex } from '../base/ids.ts';
import { PieceShare } from './share-map.ts';

/** `claimed` includes being fetched and verified: these the identities tell apart. */
export type ClaimState = 'unwanted' | 'free' | 'claimed' | 'present';

/** What a verified piece was: `duplicate` means that two identities fetched it without a grant, which invariant 3 forbids. */
export type Verdict = 'first' | 'granted-duplicate' | 'duplicate';

const NOBODY = 255;

/**
 * Who downloads which piece (architecture, invariants 1 and 3). A piece is in exactly one state: unwanted, free, claimed by one
 * identity, present. Copies that were granted for the end-game change nothing about whose the claim is.
 */
export class ClaimsBook {
  readonly pieceCount: number;
  /** Number of identities, at most 255. */
  readonly identities: number;
  readonly #unwanted: Uint8Array;
  readonly #present: Uint8Array;
  /** Of a claimed piece who claims it, of a present one who verified it; else `NOBODY`. */
  readonly #owner: Uint8Array;
  readonly #claims: Uint32Array;
  /** Who else may fetch a piece, or may still come late with it. */
  readonly #copies = new Map<PieceIndex, Set<IdentityIndex>>();
  readonly #counts: Record<ClaimState, number> = { unwanted: 0, free: 0, claimed: 0, present: 0 };

  /** All pieces are free. */
  constructor(pieceCount: number, identities: number) {
    this.pieceCount = pieceCount;
    this.identities = identities;
    this.#unwanted = new Uint8Array(pieceCount);
    this.#present = new Uint8Array(pieceCount);
    this.#owner = new Uint8Array(pieceCount).fill(NOBODY);
    this.#claims = new Uint32Array(identities);
    this.#counts.free = pieceCount;
  }

  /** How many pieces are in each state. */
  get counts(): Readonly<Record<ClaimState, number>> {
    return this.#counts;
  }

  state(piece: PieceIndex): ClaimState {
    if (this.#present[piece] === 1) return 'present';
    if (this.#unwanted[piece] !== 0) return 'unwanted';
    return this.owner(piece) === undefined ? 'free' : 'claimed';
  }

  /** Of a claimed piece who claims it, of a present one who verified it. */
  owner(piece: PieceIndex): IdentityIndex | undefined {
    const owner = this.#owner[piece] ?? NOBODY;
    return owner === NOBODY ? undefined : (owner as IdentityIndex);
  }

  /** How many pieces it claims now. */
  claimedBy(identity: IdentityIndex): number {
    return this.#claims[identity] ?? 0;
  }

  /** What a piece is to one identity. */
  shareOf(identity: IdentityIndex, piece: PieceIndex): PieceShare {
    switch (this.state(piece)) {
      case 'present':
        return PieceShare.present;
      case 'unwanted':
        return PieceShare.unwanted;
      case 'free':
        return PieceShare.open;
      case 'claimed':
        if (this.owner(piece) === identity) return PieceShare.mine;
        return this.#copies.get(piece)?.has(identity) === true ? PieceShare.both : PieceShare.theirs;
    }
  }

  /** How many identities may fetch a piece. */
  holders(piece: PieceIndex): number {
    return this.state(piece) === 'claimed' ? 1 + (this.#copies.get(piece)?.size ?? 0) : 0;
  }

  /** Grants those of the pieces that are free. */
  claim(identity: IdentityIndex, pieces: Iterable<number>): PieceIndex[] {
    const granted: PieceIndex[] = [];
    if (identity < 0 || identity >= this.identities) return granted;
    for (const piece of pieces as Iterable<PieceIndex>) {
      if (!this.#isPiece(piece) || this.state(piece) !== 'free') continue;
      this.#move(piece, () => (this.#owner[piece] = identity));
      granted.push(piece);
    }
    return granted;
  }

  /** Lets an identity fetch a piece that a sibling claims; false where there is nothing to copy. */
  grantCopy(identity: IdentityIndex, piece: PieceIndex): boolean {
    if (this.shareOf(identity, piece) !== PieceShare.theirs) return false;
    const copies = this.#copies.get(piece) ?? new Set();
    this.#copies.set(piece, copies.add(identity));
    return true;
  }

  /** Gives up claims and copies. A piece whose claim ends passes to whoever has a copy, else it is free. Those that changed. */
  release(identity: IdentityIndex, pieces: Iterable<number>): PieceIndex[] {
    const changed: PieceIndex[] = [];
    for (const piece of pieces as Iterable<PieceIndex>) {
      if (this.#dropCopy(piece, identity)) changed.push(piece);
      if (this.#present[piece] === 1 || this.owner(piece) !== identity) continue;
      const heir = this.#copies.get(piece)?.values().next().value ?? NOBODY;
      if (heir !== NOBODY) this.#dropCopy(piece, heir);
      this.#move(piece, () => (this.#owner[piece] = heir));
      changed.push(piece);
    }
    return changed;
  }

  /** An identity is gone: releases all that it has. */
  releaseAll(identity: IdentityIndex): PieceIndex[] {
    const pieces: PieceIndex[] = [];
    for (let i = 0; i < this.pieceCount; i++) {
      const piece = i as PieceIndex;
      const claims = this.#present[i] === 0 && this.#owner[i] === identity;
      if (claims || this.#copies.get(piece)?.has(identity) === true) pieces.push(piece);
    }
    return this.release(identity, pieces);
  }

  /** A piece was verified and written by an identity. */
  verified(identity: IdentityIndex, piece: PieceIndex): Verdict {
    if (this.#present[piece] === 1) return this.#dropCopy(piece, identity) ? 'granted-duplicate' : 'duplicate';
    if (!this.#isPiece(piece)) return 'duplicate';
    const claimant = this.owner(piece);
    const copies = this.#copies.get(piece);
    // A copy was faster: the claimant may come late.
    if (copies?.delete(identity) === true && claimant !== undefined) copies.add(claimant);
    if (copies?.size === 0) this.#copies.delete(piece);
    this.#move(piece, () => {
      this.#present[piece] = 1;
      this.#owner[piece] = identity;
    });
    return 'first';
  }

  /** A present piece turned out to be wrong on disk. */
  lost(piece: PieceIndex): void {
    if (this.#present[piece] !== 1) return;
    this.#copies.delete(piece);
    this.#move(piece, () => {
      this.#present[piece] = 0;
      this.#owner[piece] = NOBODY;
    });
  }

  /** The choice of files changed. Claims of pieces that are no longer wanted end. Pieces whose state is another now. */
  setWanted(pieces: Iterable<number>, wanted: boolean): PieceIndex[] {
    const changed: PieceIndex[] = [];
    for (const piece of pieces as Iterable<PieceIndex>) {
      if (!this.#isPiece(piece) || (this.#unwanted[piece] === 0) === wanted) continue;
      const was = this.state(piece);
      this.#move(piece, () => {
        this.#unwanted[piece] = wanted ? 0 : 1;
        if (this.#present[piece] === 0) this.#owner[piece] = NOBODY;
      });
      if (this.state(piece) === was) continue;
      this.#copies.delete(piece);
      changed.push(piece);
    }
    return changed;
  }

  #isPiece(piece: number): boolean {
    return Number.isInteger(piece) && piece >= 0 && piece < this.pieceCount;
  }

  #dropCopy(piece: PieceIndex, identity: IdentityIndex): boolean {
    const copies = this.#copies.get(piece);
    if (copies?.delete(identity) !== true) return false;
    if (copies.size === 0) this.#copies.delete(piece);
    return true;
  }

  /** Changes a piece and keeps the counts in step. */
  #move(piece: PieceIndex, change: () => void): void {
    this.#count(piece, -1);
    change();
    this.#count(piece, 1);
  }

  #count(piece: PieceIndex, by: 1 | -1): void {
    const state = this.state(piece);
    this.#counts[state] += by;
    const owner = this.owner(piece);
    if (state === 'claimed' && owner !== undefined) this.#claims[owner] = (this.#claims[owner] ?? 0) + by;
  }
}
