import { hash } from 'node:crypto';

/** Bytes of a hash of a tree (SHA-256). Several hashes stand one behind the other in one byte string. */
export const HASH_LENGTH = 32;
/** Bytes of a leaf's block (BEP 52, "pieces root"); the last one of a file may be shorter. */
export const LEAF_LENGTH = 16384;

const PAIR = 2 * HASH_LENGTH;

/**
 * Trees of SHA-256 hashes (BEP 52). A tree's leaves are the hashes of a file's blocks; layer n is n steps above them. What is
 * missing to a power of two is filled with leaves of zeros, so that `blankHash(n)` stands in layer n wherever a file has no bytes.
 */
export function blankHash(layer: number): Uint8Array {
  let last = BLANK[BLANK.length - 1] ?? new Uint8Array(HASH_LENGTH);
  while (BLANK.length <= layer) {
    last = parentHash(last, last);
    BLANK.push(last);
  }
  return BLANK[layer] ?? last;
}
const BLANK: Uint8Array[] = [new Uint8Array(HASH_LENGTH)];

/** SHA-256 of two hashes: what stands above them. */
export function parentHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  const pair = new Uint8Array(PAIR);
  pair.set(left);
  pair.set(right, HASH_LENGTH);
  return sha256(pair);
}

/** The leaves of bytes that begin at a block's beginning. */
export function leavesOf(data: Uint8Array): Uint8Array {
  const out = new Uint8Array(leafCount(data.length) * HASH_LENGTH);
  for (let at = 0, to = 0; at < data.length; at += LEAF_LENGTH, to += HASH_LENGTH) {
    out.set(sha256(data.subarray(at, at + LEAF_LENGTH)), to);
  }
  return out;
}

/** How many leaves have bytes, of `length` bytes in all. */
export function leafCount(length: number): number {
  return Math.ceil(length / LEAF_LENGTH);
}

/** The layer in which one hash stands for `pieceLength` bytes, a power of two of at least a leaf's. */
export function pieceLayer(pieceLength: number): number {
  return Math.log2(pieceLength / LEAF_LENGTH);
}

/** The layer of the root over `count` hashes of layer 0: 0 for one, 1 for two, 2 for three and four. */
export function heightOf(count: number): number {
  return count <= 1 ? 0 : Math.ceil(Math.log2(count));
}

/**
 * The hash `height` layers above hashes of `layer`: the root over them and, up to 2^`height`, blank ones. Without `height` it is
 * the lowest that covers them all.
 */
export function rootOf(hashes: Uint8Array, layer: number, height = heightOf(hashes.length / HASH_LENGTH)): Uint8Array {
  let row = hashes;
  for (let up = 0; up < height; up++) row = rowAbove(row, layer + up);
  return row.length === 0 ? blankHash(layer + height) : row.slice(0, HASH_LENGTH);
}

/** The hashes one layer up: half as many. One that has no neighbour gets a blank one. */
export function rowAbove(row: Uint8Array, layer: number): Uint8Array {
  const count = Math.ceil(row.length / PAIR);
  const out = new Uint8Array(count * HASH_LENGTH);
  for (let i = 0; i < count; i++) {
    const pair = row.subarray(i * PAIR, (i + 1) * PAIR);
    out.set(pair.length === PAIR ? sha256(pair) : parentHash(pair, blankHash(layer)), i * HASH_LENGTH);
  }
  return out;
}

/**
 * The root over the bytes of one piece, from its leaves: what the piece layer has. A file of one piece ends with it, and the tree
 * with the file: there it is the file's root.
 */
export function pieceRootOf(leaves: Uint8Array, pieceLength: number, fileLength: number): Uint8Array {
  return fileLength <= pieceLength ? rootOf(leaves, 0) : rootOf(leaves, 0, pieceLayer(pieceLength));
}

/** The root of a file from the roots of its pieces. */
export function fileRootOf(pieceRoots: Uint8Array, pieceLength: number): Uint8Array {
  return pieceRoots.length <= HASH_LENGTH ? pieceRoots.slice() : rootOf(pieceRoots, pieceLayer(pieceLength));
}

/**
 * Where a proof leads: the hash above `hashes`, a power of two of them, the first of which is the `index`th of its layer and a
 * multiple of their number, and `uncles`, from the lowest up (BEP 52, "hashes"). They belong to the tree whose root this is.
 */
export function proofRoot(hashes: Uint8Array, index: number, uncles: Uint8Array): Uint8Array {
  let root = rootOf(hashes, 0);
  let position = index / (hashes.length / HASH_LENGTH);
  for (let at = 0; at < uncles.length; at += HASH_LENGTH) {
    const uncle = uncles.subarray(at, at + HASH_LENGTH);
    root = position % 2 === 0 ? parentHash(root, uncle) : parentHash(uncle, root);
    position = Math.floor(position / 2);
  }
  return root;
}

/** One of several hashes: a view. */
export function hashAt(hashes: Uint8Array, index: number): Uint8Array {
  return hashes.subarray(index * HASH_LENGTH, (index + 1) * HASH_LENGTH);
}

function sha256(data: Uint8Array): Uint8Array {
  return hash('sha256', data, 'buffer');
}
