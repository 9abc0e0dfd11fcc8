import { concatBytes, readU32, writeU32 } from '../../base/bytes.ts';
import type { InfoHash, PieceIndex } from '../../base/ids.ts';
import { piece as pieceIndex } from '../../base/ids.ts';
import type { Geometry } from '../../metainfo/geometry.ts';
import type { Disk } from '../../ports/disk.ts';
import { readRecords, recordHeader, type RecordFormat, type RecordsRead, sealRecord } from '../records/record-log.ts';

/** `part-<i>.index`: piece, offset (two halves), length, checksum. The header's number is the part's generation. */
export const PART_INDEX: RecordFormat = { magic: 'ENSI', version: 1, what: 'part index', recordBytes: 20 };

/** The first generation is written as pieces arrive; the second is in piece order. */
export const FIRST_GENERATION = 1;
const IN_ORDER = 2;

/**
 * The file that a generation of a part lies in. No two share a name: a reader that holds an older file open with the
 * older index goes on reading right bytes. `part-<i>` itself is the one in piece order (A12).
 */
export function partName(identity: number, generation: number): string {
  return generation === IN_ORDER ? `part-${identity}` : `part-${identity}.${generation}`;
}

/** Where an identity's index lies in the working folder. */
export function partIndexName(identity: number): string {
  return `part-${identity}.index`;
}

/** Which pieces a part holds, and where in it each lies. */
export class PartIndex {
  generation = FIRST_GENERATION;
  /** Where the part ends: the next piece goes there. */
  end = 0;
  /** How far the index file has been read. */
  consumed = 0;
  readonly #offsets = new Map<PieceIndex, number>();

  offset(piece: PieceIndex): number | undefined {
    return this.#offsets.get(piece);
  }

  set(piece: PieceIndex, offset: number, length: number): void {
    this.#offsets.set(piece, offset);
    this.end = Math.max(this.end, offset + length);
  }

  /** Takes in records; those that do not fit the torrent are ignored. */
  take(read: RecordsRead, geometry: Geometry): void {
    this.generation = read.tag;
    for (let at = 0; at < read.records.length; at += PART_INDEX.recordBytes) {
      const piece = pieceIndex(readU32(read.records, at));
      const offset = readU32(read.records, at + 4) * 2 ** 32 + readU32(read.records, at + 8);
      const length = readU32(read.records, at + 12);
      if (length > 0 && length === geometry.pieceSize(piece) && offset + length <= Number.MAX_SAFE_INTEGER) {
        this.set(piece, offset, length);
      }
    }
    this.consumed = read.end;
  }

  /** Its pieces ascending. */
  pieces(): PieceIndex[] {
    return [...this.#offsets.keys()].sort((a, b) => a - b);
  }

  /** Whether the part consists of its pieces in order and nothing else. */
  inOrder(geometry: Geometry): boolean {
    let at = 0;
    for (const piece of this.pieces()) {
      if (this.#offsets.get(piece) !== at) return false;
      at += geometry.pieceSize(piece);
    }
    return at === this.end;
  }
}

/** One record with its checksum. */
export function encodePartRecord(piece: PieceIndex, offset: number, length: number): Uint8Array {
  const out = new Uint8Array(PART_INDEX.recordBytes);
  writeU32(out, 0, piece);
  writeU32(out, 4, Math.floor(offset / 2 ** 32));
  writeU32(out, 8, offset >>> 0);
  writeU32(out, 12, length);
  return sealRecord(out);
}

/** The whole index of a part that is in piece order. */
export function encodeOrderedIndex(
  infoHash: InfoHash,
  generation: number,
  pieces: readonly PieceIndex[],
  geometry: Geometry,
): Uint8Array {
  let at = 0;
  const records = pieces.map((piece) => {
    const record = encodePartRecord(piece, at, geometry.pieceSize(piece));
    at += geometry.pieceSize(piece);
    return record;
  });
  return concatBytes(recordHeader(PART_INDEX, infoHash, generation), ...records);
}

/** The indexes of all parts in a working folder, by identity. */
export async function readPartIndexes(
  disk: Disk,
  workFolder: string,
  infoHash: InfoHash,
  geometry: Geometry,
): Promise<Map<number, PartIndex>> {
  const out = new Map<number, PartIndex>();
  for (const name of await disk.list(workFolder)) {
    const digits = /^part-(\d{1,3})\.index$/.exec(name)?.[1];
    if (digits === undefined) continue;
    const index = await readPartIndex(disk, `${workFolder}/${name}`, infoHash, geometry);
    if (index !== undefined) out.set(Number(digits), index);
  }
  return out;
}

/** Reads a whole index, or what was appended to a known one; undefined where there is none. */
export async function readPartIndex(
  disk: Disk,
  path: string,
  infoHash: InfoHash,
  geometry: Geometry,
  known?: PartIndex,
): Promise<PartIndex | undefined> {
  const read = await readRecords(disk, path, PART_INDEX, infoHash, known?.consumed ?? 0);
  if (read === undefined || read.end === 0) return undefined;
  if (known !== undefined && read.tag === known.generation) {
    known.take(read, geometry);
    return known;
  }
  const index = new PartIndex();
  if (known === undefined) index.take(read, geometry);
  else {
    const whole = await readRecords(disk, path, PART_INDEX, infoHash);
    if (whole === undefined || whole.end === 0) return undefined;
    index.take(whole, geometry);
  }
  return index;
}
