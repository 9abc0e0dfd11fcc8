import { toHex } from '../base/bytes.ts';
import type { HashRange } from '../base/hash-range.ts';
import { HASHES_PER_REQUEST, layerRange, layerRequests, piecesOf, type TreeShape } from './ranges.ts';
import { HASH_LENGTH, proofRoot } from './tree.ts';

/** A tree whose piece layer is wanted. */
export interface WantedLayer extends TreeShape {
  /** The first piece, in the torrent, of each file that has this tree: files of the same bytes have the same. */
  readonly firstPieces: readonly number[];
}

/** Puts the piece layers of a torrent together from the hashes that peers send. Nothing is taken that its file's root does not prove. */
export class LayerAssembly {
  /** 32 bytes for each piece of the torrent, in order. */
  readonly roots: Uint8Array;
  /** How many requests fetch all of it. */
  readonly count: number;
  readonly #trees: readonly WantedLayer[];
  /** The number of the first request of each tree. */
  readonly #starts: readonly number[];
  readonly #byRoot: ReadonlyMap<string, number>;

  /** `roots`: for all pieces, those of one-piece files in place; written to. */
  constructor(trees: readonly WantedLayer[], roots: Uint8Array) {
    this.roots = roots;
    this.#trees = trees.filter((tree) => layerRequests(tree) > 0);
    const starts: number[] = [];
    let count = 0;
    for (const tree of this.#trees) {
      starts.push(count);
      count += layerRequests(tree);
    }
    this.#starts = starts;
    this.count = count;
    this.#byRoot = new Map(this.#trees.map(({ root }, at) => [root, at]));
  }

  /** What a request of this number is for, from 0 up. */
  range(request: number): HashRange {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((this.#starts[middle] ?? 0) <= request) low = middle;
      else high = middle - 1;
    }
    const tree = this.#trees[low];
    if (tree === undefined || request < 0 || request >= this.count) throw new RangeError(`no request ${request}`);
    return layerRange(tree, request - (this.#starts[low] ?? 0));
  }

  /** The number of the request that asks for a range; undefined: none does. */
  requestFor(range: HashRange): number | undefined {
    const at = this.#byRoot.get(range.root);
    const tree = at === undefined ? undefined : this.#trees[at];
    const n = range.index / HASHES_PER_REQUEST;
    if (at === undefined || tree === undefined || !Number.isInteger(n) || n >= layerRequests(tree)) return undefined;
    const wanted = layerRange(tree, n);
    const same = wanted.base === range.base && wanted.length === range.length;
    return same && wanted.proofLayers === range.proofLayers ? (this.#starts[at] ?? 0) + n : undefined;
  }

  /** Takes the answer to a request: the hashes, then those that prove them. False where they do not, so that their sender lied. */
  add(request: number, hashes: Uint8Array): boolean {
    const { root, index, length } = this.range(request);
    const own = hashes.subarray(0, length * HASH_LENGTH);
    if (toHex(proofRoot(own, index, hashes.subarray(own.length))) !== root) return false;
    const tree = this.#trees[this.#byRoot.get(root) ?? -1];
    if (tree === undefined) return false;
    const real = own.subarray(0, (piecesOf(tree) - index) * HASH_LENGTH);
    for (const first of tree.firstPieces) this.roots.set(real, (first + index) * HASH_LENGTH);
    return true;
  }
}
