import type { IdentityIndex } from '../../base/ids.ts';

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
