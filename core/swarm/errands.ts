import type { IdentityIndex, PieceIndex } from '../base/ids.ts';
import { BLOCK_LENGTH, type Geometry } from '../metainfo/geometry.ts';
import type { BlockRef } from '../strategy/pieces/picker.ts';
import { blockKey, type BlockSource } from './block-source.ts';

/** A block of a sibling's piece that we fetch for it. */
interface Errand {
  /** The last one that asked for it. */
  sibling: IdentityIndex;
  readonly piece: PieceIndex;
  readonly block: number;
  /** Who was asked for it. */
  source: BlockSource | undefined;
}

/** Most blocks that are fetched for siblings at a time. */
const MOST = 4096;

/** Blocks that we fetch for siblings, as somebody waits for their piece: they go before all that we fetch for ourselves. */
export class Errands {
  readonly #geometry: Geometry;
  readonly #errands = new Map<number, Errand>();

  constructor(geometry: Geometry) {
    this.#geometry = geometry;
  }

  /** Returns those blocks that it does not take, as there are too many or no such ones. */
  add(sibling: IdentityIndex, piece: PieceIndex, blocks: Iterable<number>): number[] {
    const refused: number[] = [];
    for (const block of blocks) {
      const key = blockKey(piece, block);
      const known = this.#errands.get(key);
      // The piece went from one sibling to another.
      if (known !== undefined) known.sibling = sibling;
      else if (block >= this.#geometry.blockCount(piece) || this.#errands.size >= MOST) refused.push(block);
      else this.#errands.set(key, { sibling, piece, block, source: undefined });
    }
    return refused;
  }

  /** For whom a block is fetched; undefined: for nobody else. */
  sibling(key: number): IdentityIndex | undefined {
    return this.#errands.get(key)?.sibling;
  }

  /** Appends up to `count` blocks that nobody was asked for and that a source may bring. */
  pick(source: BlockSource, count: number, out: BlockRef[], may: (piece: PieceIndex) => boolean): void {
    let left = count;
    for (const errand of this.#errands.values()) {
      if (left <= 0) return;
      const { piece, block } = errand;
      if (errand.source !== undefined || !may(piece)) continue;
      errand.source = source;
      out.push({ piece, block, begin: block * BLOCK_LENGTH, length: this.#geometry.blockSize(piece, block) });
      left--;
    }
  }

  /** A source will not bring a block; whether that was for a sibling. */
  abandon(source: BlockSource, key: number): boolean {
    const errand = this.#errands.get(key);
    if (errand === undefined) return false;
    if (errand.source === source) errand.source = undefined;
    return true;
  }

  abandonAll(source: BlockSource): void {
    for (const errand of this.#errands.values()) if (errand.source === source) errand.source = undefined;
  }

  /** It is done with, or not wanted any more; returns who was asked for it. */
  remove(key: number): BlockSource | undefined {
    const source = this.#errands.get(key)?.source;
    this.#errands.delete(key);
    return source;
  }

  of(piece: PieceIndex): Errand[] {
    return [...this.#errands.values()].filter((errand) => errand.piece === piece);
  }

  takeAll(): Errand[] {
    const out = [...this.#errands.values()];
    this.#errands.clear();
    return out;
  }

  /** Takes out those of which no source is left that can bring them. */
  takeHopeless(able: (piece: PieceIndex) => boolean): Errand[] {
    const out: Errand[] = [];
    for (const [key, errand] of this.#errands) {
      if (errand.source !== undefined || able(errand.piece)) continue;
      this.#errands.delete(key);
      out.push(errand);
    }
    return out;
  }
}
