import type { PieceIndex } from '../../base/ids.ts';

/**
 * What a piece is to one identity (architecture, invariant 1). The restricted pickers are the ordinary
 * picker over this map (A9); with one identity every wanted piece is `mine` from the start.
 */
export const PieceShare = {
  /** Not wanted: in no chosen file, or outside of this identity's fixed range. */
  unwanted: 0,
  /** Wanted and free: nobody has it or is downloading it. May be claimed. */
  open: 1,
  /** Claimed by this identity: blocks may be requested. */
  mine: 2,
  /** Claimed by a sibling. */
  theirs: 3,
  /** Claimed by a sibling, and this identity was granted to fetch it too (end-game). */
  both: 4,
  /** Verified and written, by whichever identity. */
  present: 5,
} as const;
export type PieceShare = (typeof PieceShare)[keyof typeof PieceShare];

/** Called after each change of a piece's state. */
export type ShareListener = (piece: PieceIndex, now: PieceShare, was: PieceShare) => void;

/** What one identity may do with each piece of a torrent. Swarm and picker read it; whoever shares out the pieces writes it. */
export class ShareMap {
  readonly pieceCount: number;
  readonly #states: Uint8Array;
  readonly #counts: number[] = [0, 0, 0, 0, 0, 0];
  readonly #listeners: ShareListener[] = [];

  constructor(pieceCount: number, initial: PieceShare) {
    this.pieceCount = pieceCount;
    this.#states = new Uint8Array(pieceCount).fill(initial);
    this.#counts[initial] = pieceCount;
  }

  get(piece: PieceIndex): PieceShare {
    return (this.#states[piece] ?? PieceShare.unwanted) as PieceShare;
  }

  set(piece: PieceIndex, now: PieceShare): void {
    const was = this.get(piece);
    if (was === now || piece < 0 || piece >= this.pieceCount) return;
    this.#states[piece] = now;
    this.#counts[was] = (this.#counts[was] ?? 0) - 1;
    this.#counts[now] = (this.#counts[now] ?? 0) + 1;
    for (const listener of this.#listeners) listener(piece, now, was);
  }

  /** How many pieces are in a state. */
  count(state: PieceShare): number {
    return this.#counts[state] ?? 0;
  }

  /** How many pieces this identity may still take: see `mayTake`. */
  get left(): number {
    return this.count(PieceShare.open) + this.count(PieceShare.mine) + this.count(PieceShare.both);
  }

  /** Whether this identity may still take the piece, so that a peer that has it is interesting (A10). */
  mayTake(piece: PieceIndex): boolean {
    return mayTake(this.get(piece));
  }

  /** Whether blocks of it may be requested now. */
  mayRequest(piece: PieceIndex): boolean {
    return mayRequest(this.get(piece));
  }

  onChange(listener: ShareListener): void {
    this.#listeners.push(listener);
  }
}

/** See `ShareMap.mayTake`. */
export function mayTake(state: PieceShare): boolean {
  return state === PieceShare.open || state === PieceShare.mine || state === PieceShare.both;
}

/** See `ShareMap.mayRequest`. */
export function mayRequest(state: PieceShare): boolean {
  return state === PieceShare.mine || state === PieceShare.both;
}
