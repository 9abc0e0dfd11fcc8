import type { Millis, PieceIndex } from '../../base/ids.ts';

/** A peer, as far as it matters which pieces it is shown. */
export interface ShownPeer {
  readonly pieces: { has(piece: number): boolean; readonly isFull: boolean };
}

/** A peer that passed nothing on for so long gets its next piece all the same: it may reach no other peer. */
const PATIENCE = 120_000;

interface Row {
  /** Pieces that it was shown: these alone it may ask for. */
  readonly shown: Set<PieceIndex>;
  /** The one that it was shown last. */
  last: PieceIndex | undefined;
  /** Since when it has that one itself, though nobody else does. */
  since: Millis | undefined;
}

/**
 * Which pieces a seed admits to have (BEP 16): each peer is shown one piece, rather one that nobody has and nobody else was shown, and the
 * next one only after another peer has it. So each piece leaves us about once. Pure but for what it remembers of its own choices.
 */
export class SuperSeeding<P extends ShownPeer> {
  readonly #pieceCount: number;
  readonly #uniform: () => number;
  readonly #rows = new Map<P, Row>();

  constructor(pieceCount: number, uniform: () => number) {
    this.#pieceCount = pieceCount;
    this.#uniform = uniform;
  }

  join(peer: P): void {
    this.#rows.set(peer, { shown: new Set(), last: undefined, since: undefined });
  }

  leave(peer: P): void {
    this.#rows.delete(peer);
  }

  /** Whether this peer was shown the piece. */
  shows(peer: P, piece: PieceIndex): boolean {
    return this.#rows.get(peer)?.shown.has(piece) === true;
  }

  /**
   * The next piece for this peer; undefined: none for now. `holders`: how many peers have a piece. What is given counts as shown.
   */
  next(peer: P, now: Millis, holders: (piece: PieceIndex) => number): PieceIndex | undefined {
    const row = this.#rows.get(peer);
    if (row === undefined || peer.pieces.isFull || !this.#isDone(peer, row, now, holders)) return undefined;
    const piece = this.#rarest(peer, row, holders);
    if (piece === undefined) return undefined;
    row.shown.add(piece);
    row.last = piece;
    row.since = undefined;
    return piece;
  }

  /** Whether its last piece has gone on to somebody else, or cannot, or takes too long. */
  #isDone(peer: P, row: Row, now: Millis, holders: (piece: PieceIndex) => number): boolean {
    const { last } = row;
    if (last === undefined) return true;
    const own = peer.pieces.has(last);
    if (holders(last) > (own ? 1 : 0)) return true;
    if (!own) return false;
    // Nobody else is there who could take it.
    if (![...this.#rows.keys()].some((other) => other !== peer && !other.pieces.has(last))) return true;
    row.since ??= now;
    return now - row.since >= PATIENCE;
  }

  #rarest(peer: P, row: Row, holders: (piece: PieceIndex) => number): PieceIndex | undefined {
    const promised = this.#promised();
    let best: PieceIndex | undefined;
    let least = Infinity;
    let ties = 0;
    for (let i = 0; i < this.#pieceCount; i++) {
      const piece = i as PieceIndex;
      if (peer.pieces.has(i) || row.shown.has(piece)) continue;
      const count = holders(piece) + (promised.get(piece) ?? 0);
      if (count > least) continue;
      ties = count < least ? 1 : ties + 1;
      least = count;
      if (this.#uniform() * ties < 1) best = piece;
    }
    return best;
  }

  /** How many peers were shown a piece last and do not have it. */
  #promised(): ReadonlyMap<PieceIndex, number> {
    const counts = new Map<PieceIndex, number>();
    for (const [peer, { last }] of this.#rows) {
      if (last !== undefined && !peer.pieces.has(last)) counts.set(last, (counts.get(last) ?? 0) + 1);
    }
    return counts;
  }
}
