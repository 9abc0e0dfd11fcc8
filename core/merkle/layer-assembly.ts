import { fromHex } from '../base/bytes.ts';
import { type HashRange, uncleCount } from '../base/hash-range.ts';
import { ProvenTree } from './proven-tree.ts';
import { HASHES_PER_REQUEST, layerPart, layerRange, layerRequests, piecesOf, type TreeShape } from './ranges.ts';
import { HASH_LENGTH, heightOf, rootOf } from './tree.ts';

/** A tree whose piece layer is wanted. */
export interface WantedLayer extends TreeShape {
  /** The first piece, in the torrent, of each file that has this tree: files of the same bytes have the same. */
  readonly firstPieces: readonly number[];
}

const NONE = new Uint8Array(0);

interface Growing {
  readonly tree: WantedLayer;
  readonly proven: ProvenTree;
  /** The number of its first request. */
  readonly start: number;
}

/** Puts the piece layers of a torrent together from the hashes that peers send. Nothing is taken that its file's root does not prove. */
export class LayerAssembly {
  /** 32 bytes for each piece of the torrent, in order. */
  readonly roots: Uint8Array;
  /** How many requests fetch all of it. */
  readonly count: number;
  readonly #growing: readonly Growing[];
  readonly #byRoot: ReadonlyMap<string, Growing>;

  /** `roots`: for all pieces, those of one-piece files in place; written to. */
  constructor(trees: readonly WantedLayer[], roots: Uint8Array) {
    this.roots = roots;
    const growing: Growing[] = [];
    let count = 0;
    for (const tree of trees) {
      if (layerRequests(tree) === 0) continue;
      const height = tree.pieceLayer + heightOf(piecesOf(tree));
      growing.push({ tree, proven: new ProvenTree(fromHex(tree.root) ?? NONE, height), start: count });
      count += layerRequests(tree);
    }
    this.#growing = growing;
    this.count = count;
    this.#byRoot = new Map(growing.map((one) => [one.tree.root, one]));
  }

  /** What a request of this number is for, from 0 up, with as much proof as is needed by now. */
  range(request: number): HashRange {
    const { tree, proven, start } = this.#of(request);
    const { layer, index } = layerPart(tree, request - start);
    return layerRange(tree, request - start, proven.distance(layer, index));
  }

  /** The number of the request that asks for a range, with however much proof; undefined: none does. */
  requestFor({ root, base, index, length }: HashRange): number | undefined {
    const growing = this.#byRoot.get(root);
    const n = index / HASHES_PER_REQUEST;
    if (growing === undefined || !Number.isInteger(n) || n >= layerRequests(growing.tree)) return undefined;
    const wanted = layerRange(growing.tree, n);
    return wanted.base === base && wanted.length === length ? growing.start + n : undefined;
  }

  /** Takes what came for a range: the hashes, then those that prove them. False where they do not, so that their sender lied. */
  add(range: HashRange, hashes: Uint8Array): boolean {
    const growing = this.#byRoot.get(range.root);
    if (growing === undefined || hashes.length !== (range.length + uncleCount(range)) * HASH_LENGTH) return false;
    const { tree, proven } = growing;
    const own = hashes.subarray(0, range.length * HASH_LENGTH);
    const { layer, index } = layerPart(tree, range.index / HASHES_PER_REQUEST);
    if (!proven.add(layer, index, rootOf(own, 0), hashes.subarray(own.length))) return false;
    const real = own.subarray(0, (piecesOf(tree) - range.index) * HASH_LENGTH);
    for (const first of tree.firstPieces) this.roots.set(real, (first + range.index) * HASH_LENGTH);
    return true;
  }

  #of(request: number): Growing {
    let low = 0;
    let high = this.#growing.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((this.#growing[middle]?.start ?? 0) <= request) low = middle;
      else high = middle - 1;
    }
    const one = this.#growing[low];
    if (one === undefined || request < 0 || request >= this.count) throw new RangeError(`no request ${request}`);
    return one;
  }
}
