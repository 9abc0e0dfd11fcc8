import { type HashRange, uncleCount } from '../base/hash-range.ts';
import { heightOf } from './tree.ts';

/** Most hashes of a layer that are asked for at a time (BEP 52: "should not be greater than 512"). */
export const HASHES_PER_REQUEST = 512;
/**
 * Most that are given at a time, and most hashes of the piece layer that they may stand for: others ask for all leaves of a piece at
 * once, here of one of 128 MiB.
 */
const MAX_GIVEN = 8192;

/** The shape of a file's tree. */
export interface TreeShape {
  /** `pieces root`, 64 hex digits. */
  readonly root: string;
  /** How many leaves have bytes, at least 1. */
  readonly leaves: number;
  /** The layer in which a hash stands for a piece. */
  readonly pieceLayer: number;
}

/** How many pieces the file has. */
export const piecesOf = ({ leaves, pieceLayer }: TreeShape): number => Math.ceil(leaves / 2 ** pieceLayer);

/** How many requests fetch the whole piece layer: none for a file of one piece, whose root says it all. */
export function layerRequests(tree: TreeShape): number {
  const pieces = piecesOf(tree);
  return pieces < 2 ? 0 : Math.ceil(pieces / HASHES_PER_REQUEST);
}

/** Where the hash above the `n`th part of the piece layer stands: each part is asked for by itself. */
export function layerPart(tree: TreeShape, n: number): { readonly layer: number; readonly index: number } {
  const left = Math.min(HASHES_PER_REQUEST, piecesOf(tree) - n * HASHES_PER_REQUEST);
  const height = Math.max(1, heightOf(left));
  return { layer: tree.pieceLayer + height, index: (n * HASHES_PER_REQUEST) / 2 ** height };
}

/** The `n`th request for the piece layer, proven by so many further hashes: without `uncles` by all up to the root. */
export function layerRange(tree: TreeShape, n: number, uncles?: number): HashRange {
  const height = layerPart(tree, n).layer - tree.pieceLayer;
  const proofLayers = uncles === undefined ? heightOf(piecesOf(tree)) - 1 : height - 1 + uncles;
  return { root: tree.root, base: tree.pieceLayer, index: n * HASHES_PER_REQUEST, length: 2 ** height, proofLayers };
}

/** How many leaves of a piece have bytes. */
export function leavesIn(tree: TreeShape, piece: number): number {
  return Math.min(2 ** tree.pieceLayer, tree.leaves - piece * 2 ** tree.pieceLayer);
}

/** How many requests fetch the leaves of a piece: none where its own hash is one, as with a single leaf. */
export function leafRequests(tree: TreeShape, piece: number): number {
  return heightOfPiece(tree) === 0 ? 0 : Math.ceil(leavesIn(tree, piece) / HASHES_PER_REQUEST);
}

/** The `n`th request for the leaves of a piece (the file's `piece`th), proven by that piece's hash. */
export function leafRange(tree: TreeShape, piece: number, n: number): HashRange {
  const height = heightOfPiece(tree);
  const length = Math.min(HASHES_PER_REQUEST, 2 ** height);
  const index = piece * 2 ** height + n * HASHES_PER_REQUEST;
  return { root: tree.root, base: 0, index, length, proofLayers: height - 1 };
}

/** How many layers the tree over one piece has above its leaves: a file of one piece has no more than that needs. */
export function heightOfPiece(tree: TreeShape): number {
  return piecesOf(tree) < 2 ? heightOf(tree.leaves) : tree.pieceLayer;
}

/** Whether a tree has such hashes, and they are of a kind that is given: leaves, or the piece layer and those above it. */
export function isGiven(tree: TreeShape, range: HashRange): boolean {
  const { base, index, length, proofLayers } = range;
  const height = heightOf(tree.leaves);
  if (base >= height || (base > 0 && base < tree.pieceLayer)) return false;
  if (length < 2 || length > MAX_GIVEN || !Number.isInteger(Math.log2(length)) || index % length !== 0) return false;
  // Leaves are read from disk: those of a piece at a time, or as many as anyone should ask for.
  if (base === 0 && length > Math.max(HASHES_PER_REQUEST, 2 ** tree.pieceLayer)) return false;
  // What stands above the piece layer is worked out for each answer, from all that is below it.
  if (base > tree.pieceLayer && length * 2 ** (base - tree.pieceLayer) > MAX_GIVEN) return false;
  return index + length <= 2 ** (height - base) && proofLayers < height - base;
}

/** Where the hashes stand that prove a range, from the lowest up. */
export function* unclesOf(range: HashRange): Generator<{ readonly layer: number; readonly index: number }> {
  let layer = range.base + Math.log2(range.length);
  let index = range.index / range.length;
  for (let left = uncleCount(range); left > 0; left--) {
    yield { layer, index: index % 2 === 0 ? index + 1 : index - 1 };
    layer++;
    index = Math.floor(index / 2);
  }
}
