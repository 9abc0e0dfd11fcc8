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

type Sizes = Pick<Info, 'pieceCount' | 'pieceLength' | 'length' | 'files'>;

/** Sizes and places of a torrent's pieces, blocks and files. Computed once, asked everywhere. */
export class Geometry {
  readonly pieceCount: number;
  readonly pieceLength: number;
  readonly length: number;
  readonly #lastLength: number;
  readonly #files: Info['files'];
  /** Whether files start at pieces of their own (BEP 52). */
  readonly #gaps: boolean;
  /** Bytes of each piece where files end within pieces (BEP 52); undefined: only the last piece can be short. */
  readonly #sizes: Uint32Array | undefined;
  /** As `dataSize`; undefined: as `pieceSize`. */
  readonly #data: Uint32Array | undefined;

  constructor(info: Sizes) {
    this.pieceCount = info.pieceCount;
    this.pieceLength = info.pieceLength;
    this.length = info.length;
    this.#lastLength = info.length - (info.pieceCount - 1) * info.pieceLength;
    this.#files = info.files;
    this.#gaps = info.files.some(({ root }) => root !== undefined);
    this.#sizes = sizesBetweenGaps(info);
    this.#data = this.#sizes ?? sizesBeforePadding(info, this);
  }

  /** Bytes of a piece as peers count them, padding included; 0 for an index out of range. */
  pieceSize(index: PieceIndex): number {
    if (index < 0 || index >= this.pieceCount) return 0;
    if (this.#sizes !== undefined) return this.#sizes[index] ?? 0;
    return index === this.pieceCount - 1 ? this.#lastLength : this.pieceLength;
  }

  /** Bytes of a piece that have to be fetched: without the padding that it ends with. A piece of nothing else has all of it. */
  dataSize(index: PieceIndex): number {
    return this.#data === undefined ? this.pieceSize(index) : (this.#data[index] ?? 0);
  }

  /**
   * Bytes of a piece that peers may ask for: in version 2 with the gap behind it, which counts as zeros. libtorrent 2.0.8 asks for all of
   * it, though no file has it.
   */
  servedSize(index: PieceIndex): number {
    const size = this.pieceSize(index);
    return this.#gaps && size > 0 ? this.pieceLength : size;
  }

  /** Where a piece starts in the torrent's bytes. */
  pieceOffset(index: PieceIndex): number {
    return index * this.pieceLength;
  }

  /** How many blocks of a piece have to be fetched. */
  blockCount(index: PieceIndex): number {
    return Math.ceil(this.dataSize(index) / BLOCK_LENGTH);
  }

  /** Bytes of such a block: padding that follows is not asked for. */
  blockSize(index: PieceIndex, block: number): number {
    return Math.min(BLOCK_LENGTH, this.dataSize(index) - block * BLOCK_LENGTH);
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

/** Bytes of each piece where a file starts elsewhere than the one before it ends; undefined where none does. */
function sizesBetweenGaps({ files, pieceLength, pieceCount }: Sizes): Uint32Array | undefined {
  let end = 0;
  let gaps = false;
  for (const { offset, length } of files) {
    // One without bytes may start behind the gap, and would hide it.
    if (length === 0) continue;
    if (offset !== end) gaps = true;
    end = offset + length;
  }
  if (!gaps) return undefined;
  const out = new Uint32Array(pieceCount).fill(pieceLength);
  for (const { offset, length } of files) {
    const rest = (offset + length) % pieceLength;
    if (length > 0 && rest > 0) out[Math.floor((offset + length) / pieceLength)] = rest;
  }
  return out;
}

/** Bytes of each piece before the padding that it ends with; undefined where none ends so. */
function sizesBeforePadding({ files, pieceLength, length }: Sizes, geometry: Geometry): Uint32Array | undefined {
  let out: Uint32Array | undefined;
  let start = 0;
  let end = -1;
  const close = (): void => {
    const index = Math.floor(start / pieceLength);
    const before = start - index * pieceLength;
    if (end < Math.min((index + 1) * pieceLength, length) || before === 0) return;
    out ??= Uint32Array.from({ length: geometry.pieceCount }, (_, i) => geometry.pieceSize(piece(i)));
    out[index] = before;
  };
  for (const file of files) {
    if (!file.padding || file.length === 0) continue;
    if (file.offset !== end) {
      close();
      start = file.offset;
    }
    end = file.offset + file.length;
  }
  close();
  return out;
}
