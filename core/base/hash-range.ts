/** Bytes of a hash of a tree (SHA-256). */
export const TREE_HASH_LENGTH = 32;

/** Some hashes of the tree of a file, and what proves them: what a hash request asks for (BEP 52, "peer messages"). */
export interface HashRange {
  /** `pieces root` of the file, 64 hex digits. */
  readonly root: string;
  /** The layer, counted from the leaves, which are 0. */
  readonly base: number;
  /** The first hash in that layer: a multiple of `length`. */
  readonly index: number;
  /** How many hashes of that layer: a power of two, at least 2. */
  readonly length: number;
  /** How many layers above that layer are to be proven; those that follow from the hashes themselves count, but are not sent. */
  readonly proofLayers: number;
}

/** How many hashes beside those of its layer come with a range: one a layer that it does not cover itself, from the lowest up. */
export function uncleCount({ length, proofLayers }: Pick<HashRange, 'length' | 'proofLayers'>): number {
  return Math.max(0, proofLayers - Math.log2(length) + 1);
}

/** A text that is the same for the same range alone. */
export const rangeKey = ({ root, base, index, length, proofLayers }: HashRange): string =>
  `${root} ${base} ${index} ${length} ${proofLayers}`;
