import { concatBytes, toHex } from '../base/bytes.ts';
import { type PieceIndex, piece as pieceIndex } from '../base/ids.ts';
import type { WantedLayer } from '../merkle/layer-assembly.ts';
import { piecesOf } from '../merkle/ranges.ts';
import { HASH_LENGTH, LEAF_LENGTH, rootOf } from '../merkle/tree.ts';
import type { SwarmState } from './state.ts';

/** Layers that are hashed at a time: over 1 MiB, which is in memory meanwhile. */
const AT_ONCE = 6;

/**
 * The piece layers of a hybrid that was fetched by version 1 alone (BEP 52): made of a file's own bytes when a peer asks for them
 * and none has given them, once all its pieces are ours to give. One file after the other, each once; a layer that does not lead to the file's root is none.
 */
export class MadeLayers {
  readonly #state: SwarmState;
  readonly #serves: (piece: PieceIndex) => boolean;
  readonly #ready: () => void;
  /** By root; undefined: it could not be made. */
  readonly #layers = new Map<string, Uint8Array | undefined>();
  readonly #wanted = new Map<string, WantedLayer>();
  /** A piece of each file, by its first piece, that was not ours to give: while it is not, none of the others has to be looked at. */
  readonly #lacking = new Map<number, PieceIndex>();
  #busy = false;

  /** `ready`: a layer is there, or cannot be made. */
  constructor(state: SwarmState, serves: (piece: PieceIndex) => boolean, ready: () => void) {
    this.#state = state;
    this.#serves = serves;
    this.#ready = ready;
  }

  /** Whether the roots of a file's pieces are known, or can be. */
  has(tree: WantedLayer): boolean {
    if (this.#state.pieceRoots !== undefined || this.#wanted.has(tree.root)) return true;
    if (this.#layers.has(tree.root)) return this.#layers.get(tree.root) !== undefined;
    return this.#pieces(tree) !== undefined;
  }

  /** The roots of a file's pieces; undefined where there are none, or not yet: see `isDue`. */
  of(tree: WantedLayer): Uint8Array | undefined {
    const { pieceRoots } = this.#state;
    const [first] = tree.firstPieces;
    if (pieceRoots === undefined || first === undefined) return this.#layers.get(tree.root);
    return pieceRoots.subarray(first * HASH_LENGTH, (first + piecesOf(tree)) * HASH_LENGTH);
  }

  /** Whether a layer is still being made; begins with it. */
  isDue(tree: WantedLayer): boolean {
    if (this.#state.pieceRoots !== undefined || this.#layers.has(tree.root)) return false;
    this.#wanted.set(tree.root, tree);
    void this.#make();
    return true;
  }

  async #make(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    for (const [root, tree] of this.#wanted) {
      // What cannot be read is not there: whoever fetches or serves it will find out and say so.
      const layer = await this.#layerOf(tree).catch(() => undefined);
      this.#wanted.delete(root);
      this.#layers.set(root, layer);
      this.#ready();
    }
    this.#busy = false;
  }

  async #layerOf(tree: WantedLayer): Promise<Uint8Array | undefined> {
    const roots: Uint8Array[] = [];
    for (const piece of this.#pieces(tree) ?? []) roots.push(await this.#rootOf(piece, tree.pieceLayer));
    const layer = concatBytes(...roots);
    return toHex(rootOf(layer, tree.pieceLayer)) === tree.root ? layer : undefined;
  }

  async #rootOf(piece: PieceIndex, layer: number): Promise<Uint8Array> {
    const { store, geometry, ports } = this.#state;
    const height = Math.min(layer, AT_ONCE);
    const size = geometry.dataSize(piece);
    const roots: Uint8Array[] = [];
    for (let begin = 0; begin < size; begin += LEAF_LENGTH * 2 ** height) {
      const data = new Uint8Array(Math.min(LEAF_LENGTH * 2 ** height, size - begin));
      await store.read(piece, begin, data);
      roots.push(await ports.hasher.hash(data, { sha1: false, tree: { bytes: data.length, height } }));
    }
    return rootOf(concatBytes(...roots), height, layer - height);
  }

  /** The pieces of a file of this tree, if all of them are ours to give. */
  #pieces(tree: WantedLayer): readonly PieceIndex[] | undefined {
    const count = piecesOf(tree);
    const first = tree.firstPieces.find((one) => this.#isWhole(one, count));
    return first === undefined ? undefined : Array.from({ length: count }, (_, i) => pieceIndex(first + i));
  }

  #isWhole(first: number, count: number): boolean {
    const lacking = this.#lacking.get(first);
    if (lacking !== undefined && !this.#serves(lacking)) return false;
    for (let p = first; p < first + count; p++) {
      const piece = pieceIndex(p);
      if (this.#serves(piece)) continue;
      this.#lacking.set(first, piece);
      return false;
    }
    return true;
  }
}
