import type { IdentityIndex, PieceIndex } from '../../base/ids.ts';

/** An identity that could fetch urgent pieces. */
export interface UrgentWorker {
  readonly identity: IdentityIndex;
  /** What it receives, bytes a second; 0: not known, or nothing comes. */
  readonly rate: number;
  /** Whether one of its peers has a piece, as far as is known. */
  readonly able: (piece: PieceIndex) => boolean;
}

export interface UrgentInput {
  /** In the order of their deadlines. */
  readonly pieces: readonly PieceIndex[];
  readonly workers: readonly UrgentWorker[];
  /** Bytes. */
  readonly pieceLength: number;
  /** The identities that may fetch a piece now, its claimant first. */
  readonly holders: (piece: PieceIndex) => readonly IdentityIndex[];
  /** Whether free pieces may go to whoever is fastest; otherwise each identity keeps to its own. */
  readonly mayDeal: boolean;
  /** Whether a piece may be given away by its claimant, who has most likely not begun it. */
  readonly mayMove?: (piece: PieceIndex) => boolean;
}

export interface UrgentPlan {
  /** What each identity is to fetch first, in order; also those that are to fetch nothing of it. */
  readonly first: ReadonlyMap<IdentityIndex, readonly PieceIndex[]>;
  /** Free pieces that an identity is to claim. */
  readonly claims: ReadonlyMap<IdentityIndex, readonly PieceIndex[]>;
  /** Pieces of others that it may fetch too, as they would come late. */
  readonly copies: ReadonlyMap<IdentityIndex, readonly PieceIndex[]>;
  /** Pieces of others that it is to claim in their place. */
  readonly moves: ReadonlyMap<IdentityIndex, readonly PieceIndex[]>;
}

/** A piece gets a second holder only where that one would have it this many times sooner. */
const SOONER = 3;
/** And goes to another one altogether where that one would have it so many times sooner. The first may be begun, and need more. */
const SOONER_MOVED = 2;
/** Only so many of the most urgent pieces are fetched twice. */
const COPIED = 2;
const MAX_HOLDERS = 2;

/**
 * Shares urgent pieces out: each goes to the identity that will have it first, counting what it was given before it. A piece that
 * a slow sibling has claimed stays its own, and is fetched by a faster one too where somebody waits for it; only of a range that was
 * its own from the start pieces are given away.
 */
export function planUrgent({ pieces, workers, pieceLength, holders, mayDeal, mayMove }: UrgentInput): UrgentPlan {
  const first = new Map(workers.map(({ identity }) => [identity, [] as PieceIndex[]]));
  const claims = new Map<IdentityIndex, PieceIndex[]>();
  const copies = new Map<IdentityIndex, PieceIndex[]>();
  const moves = new Map<IdentityIndex, PieceIndex[]>();
  const known = Math.max(1, ...workers.map(({ rate }) => rate));
  /** Seconds until an identity has one more piece. One of which nothing is known may be as fast as the fastest. */
  const end = ({ identity, rate }: UrgentWorker): number =>
    (((first.get(identity)?.length ?? 0) + 1) * pieceLength) / (rate > 0 ? rate : known / SOONER);
  const soonest = (piece: PieceIndex): UrgentWorker | undefined => {
    let best: UrgentWorker | undefined;
    for (const one of workers) if (one.able(piece) && (best === undefined || end(one) < end(best))) best = one;
    return best;
  };
  pieces.forEach((piece, rank) => {
    const held = holders(piece);
    const best = soonest(piece);
    if (held.length === 0) {
      if (best === undefined || !mayDeal) return;
      first.get(best.identity)?.push(piece);
      add(claims, best.identity, piece);
      return;
    }
    const own = workers.filter(({ identity }) => held.includes(identity));
    const late = Math.min(...own.map(end));
    const other = best !== undefined && !held.includes(best.identity) ? best : undefined;
    const sooner = rank < COPIED ? SOONER : SOONER_MOVED;
    if (other !== undefined && mayMove?.(piece) === true && end(other) * sooner <= late) {
      first.get(other.identity)?.push(piece);
      return add(moves, other.identity, piece);
    }
    for (const { identity } of own) first.get(identity)?.push(piece);
    if (!mayDeal || rank >= COPIED || held.length >= MAX_HOLDERS) return;
    if (other === undefined || end(other) * SOONER > late) return;
    first.get(other.identity)?.push(piece);
    add(copies, other.identity, piece);
  });
  return { first, claims, copies, moves };
}

function add(to: Map<IdentityIndex, PieceIndex[]>, identity: IdentityIndex, piece: PieceIndex): void {
  const list = to.get(identity);
  if (list === undefined) to.set(identity, [piece]);
  else list.push(piece);
}
