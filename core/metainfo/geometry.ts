import type { PieceIndex } from '../base/ids.ts';
import { piece } from '../base/ids.ts';
import type { Info } from './torrent.ts';

/** Bytes of a block, the unit of requests (BEP 3: 2^14). Only the last one of a piece may be shorter. */
export const BLOCK_LENGTH = 16384;

/** Part of a file that a range of the torrent covers. */
export interface FileSpan {
  /** Index into `Info.files`. */
  readonly file: number;
  /** Where in the file. */
  readonly offset: number;
  readonly length: number;
  /** Where in the range that was asked for. */
  readonly at: number;
}

/** Sizes and places of a torrent's pieces, blocks and files. Computed once, asked everywhere. */
export class Geometry {
  readonly pieceCount: number;
  readonly pieceLength: number;
  readonly length: number;
  readonly #lastLength: number;
  readonly #files: Info['files'];

  constructor(info: Pick<Info, 'pieceCount' | 'pieceLength' | 'length' | 'files'>) {
    this.pieceCount = info.pieceCount;
    this.pieceLength = info.pieceLength;
    this.length = info.length;
    this.#lastLength = info.length - (info.pieceCount - 1) * info.pieceLength;
    this.#files = info.files;
  }

  /** Bytes of a piece; 0 for an index out of range. */
  pieceSize(index: PieceIndex): number {
    if (index < 0 || index >= this.pieceCount) return 0;
    return index === this.pieceCount - 1 ? this.#lastLength : this.pieceLength;
  }

  /** Where a piece starts in the torrent's bytes. */
  pieceOffset(index: PieceIndex): number {
    return index * this.pieceLength;
  }

  /** How many blocks a piece has. */
  blockCount(index: PieceIndex): number {
    return Math.ceil(this.pieceSize(index) / BLOCK_LENGTH);
  }

  /** Bytes of a block of a piece. */
  blockSize(index: PieceIndex, block: number): number {
    return Math.min(BLOCK_LENGTH, this.pieceSize(index) - block * BLOCK_LENGTH);
  }

  /** The parts of files that `length` bytes from `begin` of a piece cover, in order. Files without bytes have none. */
  spans(index: PieceIndex, begin = 0, length = this.pieceSize(index) - begin): FileSpan[] {
    const out: FileSpan[] = [];
    const start = this.pieceOffset(index) + begin;
    let at = 0;
    for (let f = this.#fileAt(start); at < length; f++) {
      const file = this.#files[f];
      if (file === undefined) break;
      const offset = start + at - file.offset;
      const n = Math.min(file.length - offset, length - at);
      if (n > 0) {
        out.push({ file: f, offset, length: n, at });
        at += n;
      }
    }
    return out;
  }

  /** First and last piece that hold bytes of a file; undefined for a file without bytes. */
  piecesOf(fileIndex: number): { readonly first: PieceIndex; readonly last: PieceIndex } | undefined {
    const file = this.#files[fileIndex];
    if (file === undefined || file.length === 0) return undefined;
    return {
      first: piece(Math.floor(file.offset / this.pieceLength)),
      last: piece(Math.floor((file.offset + file.length - 1) / this.pieceLength)),
    };
  }

  /** Index of the last file that starts at or before `position`: of those that share an offset, the one with bytes. */
  #fileAt(position: number): number {
    let low = 0;
    let high = this.#files.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((this.#files[middle]?.offset ?? 0) <= position) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}
