import { crc32 } from 'node:zlib';
import { Bitfield } from '../../base/bitfield.ts';
import { concatBytes, fromHex, readU32, writeU32 } from '../../base/bytes.ts';
import { EnsembleError } from '../../base/errors.ts';
import { type InfoHash, piece as pieceIndex } from '../../base/ids.ts';
import { BLOCK_LENGTH } from '../../metainfo/geometry.ts';
import type { BegunRecord } from './begun-record.ts';

/** What a download has to know to continue where it stopped. */
export interface ResumeRecord {
  /** Nothing was written after it: no journal is newer, and blocks of begun pieces may be used. */
  readonly clean: boolean;
  readonly have: Bitfield;
  /** Identity that fetched each piece; `UNKNOWN_OWNER`: nobody knows. */
  readonly owners: Uint8Array;
  /** Pieces of `have` that are not known to be on stable storage. */
  readonly unsynced: Bitfield;
  readonly begun: readonly BegunRecord[];
  /** Payload bytes over all runs. */
  readonly downloaded: number;
  readonly uploaded: number;
}

/** ENSR; the version has a checksum of its own, so that damage is not taken for a newer version. */
const MAGIC = 0x454e5352;
const VERSION = 1;
const HEADER = 12;
/** Flags, info-hash, piece count, two totals. */
const FIXED = 4 + 32 + 4 + 16;
/** Bounds the block bits of a begun piece, by the longest possible piece. */
const MAX_BLOCK_BYTES = (1 << 30) / BLOCK_LENGTH / 8;

/** The bytes of a resume record. */
export function encodeResume(infoHash: InfoHash, record: ResumeRecord): Uint8Array {
  const head = new Uint8Array(HEADER);
  writeU32(head, 0, MAGIC);
  writeU32(head, 4, VERSION);
  writeU32(head, 8, crc32(head.subarray(0, 8)));
  const fixed = new Uint8Array(FIXED);
  writeU32(fixed, 0, record.clean ? 1 : 0);
  fixed.set(fromHex(infoHash) ?? [], 4);
  writeU32(fixed, 36, record.have.length);
  const view = new DataView(fixed.buffer);
  view.setFloat64(40, record.downloaded);
  view.setFloat64(48, record.uploaded);
  const begun = record.begun.map(({ piece, blocks }) => {
    const out = new Uint8Array(8 + blocks.length);
    writeU32(out, 0, piece);
    writeU32(out, 4, blocks.length);
    out.set(blocks, 8);
    return out;
  });
  const count = new Uint8Array(4);
  writeU32(count, 0, begun.length);
  const body = concatBytes(head, fixed, record.have.bytes, record.owners, record.unsynced.bytes, count, ...begun);
  const check = new Uint8Array(4);
  writeU32(check, 0, crc32(body));
  return concatBytes(body, check);
}

/**
 * The reverse of `encodeResume`; undefined where the bytes are not what was written for this torrent. Throws
 * EnsembleError('newer-version').
 */
export function decodeResume(
  data: Uint8Array,
  infoHash: InfoHash,
  pieceCount: number,
  path: string,
): ResumeRecord | undefined {
  if (data.length < HEADER || readU32(data, 0) !== MAGIC || readU32(data, 8) !== crc32(data.subarray(0, 8))) {
    return undefined;
  }
  const version = readU32(data, 4);
  if (version > VERSION) {
    throw new EnsembleError(
      'newer-version',
      `The resume record "${path}" has version ${version}; this program knows versions up to ${VERSION}. Use a newer Ensemble.`,
    );
  }
  const bits = (pieceCount + 7) >>> 3;
  const end = data.length - 4;
  const lists = HEADER + FIXED;
  if (end < lists + 2 * bits + pieceCount + 4 || readU32(data, end) !== crc32(data.subarray(0, end))) return undefined;
  const hash = new Uint8Array(32);
  hash.set(fromHex(infoHash) ?? []);
  if (!hash.every((byte, i) => byte === data[HEADER + 4 + i])) return undefined;
  if (readU32(data, HEADER + 36) !== pieceCount) return undefined;
  const have = Bitfield.fromWire(pieceCount, data.subarray(lists, lists + bits));
  const owners = data.slice(lists + bits, lists + bits + pieceCount);
  const unsynced = Bitfield.fromWire(
    pieceCount,
    data.subarray(lists + bits + pieceCount, lists + 2 * bits + pieceCount),
  );
  const begun = decodeBegun(data.subarray(lists + 2 * bits + pieceCount, end), pieceCount);
  if (have === undefined || unsynced === undefined || begun === undefined) return undefined;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const total = (at: number): number => Math.max(0, view.getFloat64(HEADER + at) || 0);
  return {
    clean: (readU32(data, HEADER) & 1) === 1,
    have,
    owners,
    unsynced,
    begun,
    downloaded: total(40),
    uploaded: total(48),
  };
}

function decodeBegun(data: Uint8Array, pieceCount: number): BegunRecord[] | undefined {
  const count = readU32(data, 0);
  const out: BegunRecord[] = [];
  let at = 4;
  for (let i = 0; i < count; i++) {
    if (at + 8 > data.length) return undefined;
    const piece = readU32(data, at);
    const length = readU32(data, at + 4);
    at += 8;
    if (piece >= pieceCount || length > MAX_BLOCK_BYTES || at + length > data.length) return undefined;
    out.push({ piece: pieceIndex(piece), blocks: data.slice(at, at + length) });
    at += length;
  }
  return at === data.length ? out : undefined;
}
