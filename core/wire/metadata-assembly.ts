import { concatBytes } from '../base/bytes.ts';
import { EnsembleError } from '../base/errors.ts';

/** Bytes of a metadata piece; only the last may be shorter (BEP 9). */
export const METADATA_PIECE_LENGTH = 16384;

/** Largest info dictionary that is taken from peers, in bytes: room for 500,000 pieces. */
export const MAX_METADATA_SIZE = 10 * 1024 * 1024;

/**
 * Puts an info dictionary together from the pieces that peers send (BEP 9). The caller checks the hash of the result.
 * Memory grows with what has arrived, not with what a peer claims.
 */
export class MetadataAssembly {
  /** Bytes of the whole. */
  readonly size: number;
  readonly pieceCount: number;
  readonly #pieces = new Map<number, Uint8Array>();

  /** Throws EnsembleError('protocol') for a size out of bounds. */
  constructor(size: number) {
    if (!Number.isSafeInteger(size) || size < 1 || size > MAX_METADATA_SIZE)
      throw new EnsembleError(
        'protocol',
        `The peer says that the metadata has ${size} bytes; it may have from 1 to ${MAX_METADATA_SIZE}.`,
      );
    this.size = size;
    this.pieceCount = Math.ceil(size / METADATA_PIECE_LENGTH);
  }

  has(piece: number): boolean {
    return this.#pieces.has(piece);
  }

  /** Pieces that are not there, ascending. */
  missing(): number[] {
    const out: number[] = [];
    for (let piece = 0; piece < this.pieceCount; piece++) if (!this.#pieces.has(piece)) out.push(piece);
    return out;
  }

  /** Copies a piece in; false where it is there already, its index is out of range, or its length is wrong. */
  add(piece: number, data: Uint8Array): boolean {
    if (!Number.isInteger(piece) || piece < 0 || piece >= this.pieceCount || this.#pieces.has(piece)) return false;
    const wanted = Math.min(METADATA_PIECE_LENGTH, this.size - piece * METADATA_PIECE_LENGTH);
    if (data.length !== wanted) return false;
    this.#pieces.set(piece, data.slice());
    return true;
  }

  get complete(): boolean {
    return this.#pieces.size === this.pieceCount;
  }

  /** All of it, in new memory; undefined while a piece is missing. */
  bytes(): Uint8Array | undefined {
    if (!this.complete) return undefined;
    const parts: Uint8Array[] = [];
    for (let piece = 0; piece < this.pieceCount; piece++) parts.push(this.#pieces.get(piece) ?? new Uint8Array(0));
    return concatBytes(...parts);
  }

  /** Forgets everything: the hash was wrong. */
  clear(): void {
    this.#pieces.clear();
  }
}
