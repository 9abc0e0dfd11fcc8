import type { BytesPerSecond, IdentityIndex, PieceIndex } from '../../base/ids.ts';

/** What one identity has left to do. */
export interface Workload {
  readonly identity: IdentityIndex;
  /** What it receives, or received when it last had work; 0: not known, or nothing comes. */
  readonly rate: BytesPerSecond | number;
  /** Number of claimed pieces of which no block was requested yet, copies not counted. */
  readonly unbegun: number;
  /** Claimed pieces being fetched, with how much of each is there, 0 to 255. */
  readonly begun: readonly { readonly piece: PieceIndex; readonly fill: number }[];
}

export interface IdleInput {
  /** The identity that ran out of work. */
  readonly idle: Workload;
  readonly others: readonly Workload[];
  /** Bytes. */
  readonly pieceLength: number;
  /** How many identities fetch a piece now. */
  readonly holders: (piece: PieceIndex) => number;
  /** Whether the idle one could fetch it, as far as is known: one of its peers has it. */
  readonly able?: (piece: PieceIndex) => boolean;
}

export type IdlePlan =
  /** Up to `most` pieces that `from` has not begun go to the idle one. */
  | { readonly giveBack: { readonly from: IdentityIndex; readonly most: number } }
  /** The idle one may fetch these too. */
  | { readonly grantEndGame: { readonly to: IdentityIndex; readonly pieces: readonly PieceIndex[] } };

const MAX_HOLDERS = 2;
/**
 * As many copies are granted at once as the idle identity fetches until it asks again: what it has in hand beyond that, others that become idle
 * cannot have.
 */
const COPY_SECONDS = 0.2;
const MOST_COPIES = 16;

/**
 * What an idle identity is to do (A17). From the identity that needs longest it takes so much of what was not begun that both end
 * at the same time. When nothing unbegun is left anywhere it fetches copies of pieces that others are fetching: those with the
 * longest time left first, at most two identities a piece, and none that its holder will have sooner. Undefined: there is nothing
 * to do.
 */
export function planIdle(input: IdleInput): IdlePlan | undefined {
  const { idle, others, pieceLength } = input;
  const slowestFirst = others
    .map((work) => ({ work, left: timeLeft(work, pieceLength) }))
    .sort((a, b) => b.left - a.left);

  const giver = slowestFirst.find(({ work }) => work.unbegun > 0)?.work;
  if (giver !== undefined) {
    // Not knowing the rates it takes half.
    const known = idle.rate > 0 || giver.rate > 0;
    const part = known ? idle.rate / (idle.rate + giver.rate) : 0.5;
    const most = Math.min(giver.unbegun, Math.max(1, Math.round(giver.unbegun * part)));
    return { giveBack: { from: giver.identity, most } };
  }

  const most = Math.min(MOST_COPIES, Math.max(1, Math.ceil((idle.rate * COPY_SECONDS) / pieceLength)));
  const ownTime = idle.rate > 0 ? pieceLength / idle.rate : 0;
  const pieces: PieceIndex[] = [];
  for (const { work, left } of slowestFirst) {
    if (left < ownTime) break;
    const emptiestFirst = [...work.begun].sort((a, b) => a.fill - b.fill);
    for (const { piece } of emptiestFirst) {
      if (pieces.length >= most) break;
      if (input.holders(piece) < MAX_HOLDERS && input.able?.(piece) !== false && !pieces.includes(piece))
        pieces.push(piece);
    }
  }
  return pieces.length > 0 ? { grantEndGame: { to: idle.identity, pieces } } : undefined;
}

/** Seconds; Infinity where nothing comes. */
function timeLeft({ rate, unbegun, begun }: Workload, pieceLength: number): number {
  const pieces = begun.reduce((sum, { fill }) => sum + (1 - fill / 256), unbegun);
  if (pieces === 0) return 0;
  return rate > 0 ? (pieces * pieceLength) / rate : Infinity;
}
