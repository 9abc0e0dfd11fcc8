import type { SelectionMode } from '../../base/choices.ts';
import { type IdentityIndex, identityIndex, type PieceIndex } from '../../base/ids.ts';

/** Pieces [first, end) of identity i of K: [floor(i*N/K), floor((i+1)*N/K)) (A6). */
export function fixedRange(
  index: IdentityIndex,
  count: number,
  pieceCount: number,
): { readonly first: number; readonly end: number } {
  return {
    first: Math.floor((index * pieceCount) / count),
    end: Math.floor(((index + 1) * pieceCount) / count),
  };
}

/** Whether each identity fetches its fixed range alone, and nobody takes anything over from it. */
export function keepsToRanges({
  selection,
  takeOver,
}: {
  readonly selection: SelectionMode;
  readonly takeOver: boolean;
}): boolean {
  return selection === 'fixed' && !takeOver;
}

/** In whose fixed range a piece lies: the one i with first <= piece < end. */
export function homeOf(piece: PieceIndex, count: number, pieceCount: number): IdentityIndex {
  return identityIndex(Math.floor(((piece + 1) * count - 1) / pieceCount));
}
