import type { PieceIndex } from '../../base/ids.ts';
import { BLOCK_LENGTH } from '../../metainfo/geometry.ts';

/** Where the blocks of an incomplete piece lie: in memory, on disk, or some in each. The picker knows which of them are there. */
export class IncomingPiece {
  readonly piece: PieceIndex;
  /** Bytes that are fetched of it: the padding that it ends with is not. */
  readonly size: number;
  /** Memory for the whole piece; undefined while all of it goes to disk. */
  buffer: Uint8Array | undefined;
  /** The memory budget was used up when it was begun: its blocks go to disk. */
  toDisk = false;
  /** Blocks that lie on disk, in wire order. */
  readonly onDisk: Uint8Array;
  /** How often its memory was handed out and not reported as filled yet: somebody may still be writing into it. */
  open = 0;
  /** Memory of blocks that are being written to disk, by their offset. */
  readonly loose = new Map<number, { readonly data: Uint8Array; /** How often it was handed out. */ open: number }>();
  /** All writes of blocks so far; rejects with the first failure. */
  writes: Promise<void> = Promise.resolve();

  constructor(piece: PieceIndex, size: number) {
    this.piece = piece;
    this.size = size;
    this.onDisk = new Uint8Array((Math.ceil(size / BLOCK_LENGTH) + 7) >>> 3);
  }

  get hasBlocksOnDisk(): boolean {
    return this.onDisk.some((byte) => byte !== 0);
  }

  mark(begin: number, onDisk: boolean): void {
    const block = Math.floor(begin / BLOCK_LENGTH);
    const bit = 0x80 >>> (block & 7);
    const byte = this.onDisk[block >>> 3] ?? 0;
    this.onDisk[block >>> 3] = onDisk ? byte | bit : byte & ~bit;
  }

  /** Runs of neighbouring blocks for which `wanted` is true, as byte ranges. */
  *runs(wanted: (block: number) => boolean): Generator<{ begin: number; end: number }> {
    const blocks = Math.ceil(this.size / BLOCK_LENGTH);
    for (let first = 0; first < blocks; first++) {
      if (!wanted(first)) continue;
      let last = first;
      while (last + 1 < blocks && wanted(last + 1)) last++;
      yield { begin: first * BLOCK_LENGTH, end: Math.min(this.size, (last + 1) * BLOCK_LENGTH) };
      first = last;
    }
  }
}

/** Whether a bit in wire order is set. */
export function hasBit(bits: Uint8Array, index: number): boolean {
  return ((bits[index >>> 3] ?? 0) & (0x80 >>> (index & 7))) !== 0;
}
