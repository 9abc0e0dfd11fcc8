import { crc32c } from '../../base/crc32c.ts';
import { fromHex, readU32, toHex, writeU32 } from '../../base/bytes.ts';
import { EnsembleError } from '../../base/errors.ts';
import type { InfoHash } from '../../base/ids.ts';

/**
 * Many torrent files in one, so that thousands that are added at once are made durable together. A header (magic, version, checksum of
 * these, number of entries), an entry for each (hash, its length, offset, length and checksum of the data), a checksum of both, the data.
 */
const MAGIC = 'ETPK';
const VERSION = 1;
const HEADER = 16;
const HASH = 32;
const ENTRY = HASH + 16;
/** Most torrents in one, and most bytes of them but for a last one that is larger. */
export const MOST_PACKED = 4096;
export const PACK_BYTES = 4 * 1024 * 1024;

/** A torrent file by its info-hash. */
export interface PackedTorrent {
  readonly infoHash: InfoHash;
  readonly data: Uint8Array;
}

/** Where the data of an entry lies, and its checksum. */
export interface PackEntry {
  readonly offset: number;
  readonly length: number;
  readonly crc: number;
}

export function encodePack(torrents: readonly PackedTorrent[]): Uint8Array {
  const index = HEADER + torrents.length * ENTRY;
  const out = new Uint8Array(torrents.reduce((sum, { data }) => sum + data.length, index + 4));
  for (let i = 0; i < 4; i++) out[i] = MAGIC.charCodeAt(i);
  writeU32(out, 4, VERSION);
  // A checksum of its own, in all versions to come too, so that damage is not taken for a newer version.
  writeU32(out, 8, crc32c(out.subarray(0, 8)));
  writeU32(out, 12, torrents.length);
  let offset = index + 4;
  for (const [i, { infoHash, data }] of torrents.entries()) {
    const at = HEADER + i * ENTRY;
    const hash = fromHex(infoHash) ?? new Uint8Array();
    out.set(hash, at);
    writeU32(out, at + HASH, hash.length);
    writeU32(out, at + HASH + 4, offset);
    writeU32(out, at + HASH + 8, data.length);
    writeU32(out, at + HASH + 12, crc32c(data));
    out.set(data, offset);
    offset += data.length;
  }
  writeU32(out, index, crc32c(out.subarray(0, index)));
  return out;
}

/** The entries of a pack. Throws EnsembleError('newer-version'), or 'disk' where it is damaged; `path` is for the message. */
export function readPack(pack: Uint8Array, path: string): ReadonlyMap<InfoHash, PackEntry> {
  const damaged = (): EnsembleError => new EnsembleError('disk', `${path} is damaged.`);
  const magic = String.fromCharCode(...pack.subarray(0, 4));
  if (pack.length < HEADER || magic !== MAGIC || readU32(pack, 8) !== crc32c(pack.subarray(0, 8))) throw damaged();
  const version = readU32(pack, 4);
  if (version > VERSION) {
    const known = `and this program knows up to ${VERSION}: use a newer program.`;
    throw new EnsembleError('newer-version', `${path} has version ${version}, ${known}`);
  }
  const count = readU32(pack, 12);
  const index = HEADER + count * ENTRY;
  if (count > MOST_PACKED || pack.length < index + 4) throw damaged();
  if (readU32(pack, index) !== crc32c(pack.subarray(0, index))) throw damaged();
  const out = new Map<InfoHash, PackEntry>();
  for (let at = HEADER; at < index; at += ENTRY) {
    const hash = toHex(pack.subarray(at, at + Math.min(readU32(pack, at + HASH), HASH))) as InfoHash;
    const [offset, length] = [readU32(pack, at + HASH + 4), readU32(pack, at + HASH + 8)];
    out.set(hash, { offset, length, crc: readU32(pack, at + HASH + 12) });
  }
  return out;
}

/** The torrent file of an entry from its bytes in the pack; undefined where they are damaged. */
export function unpacked(data: Uint8Array, { length, crc }: PackEntry): Uint8Array | undefined {
  return data.length === length && crc32c(data) === crc ? data : undefined;
}

/** Divides torrents among packs. */
export function packs(torrents: readonly PackedTorrent[]): PackedTorrent[][] {
  const out: PackedTorrent[][] = [];
  let room = 0;
  for (const torrent of torrents) {
    const last = out.at(-1);
    if (last === undefined || room < torrent.data.length || last.length >= MOST_PACKED) {
      out.push([torrent]);
      room = PACK_BYTES;
    } else last.push(torrent);
    room -= torrent.data.length;
  }
  return out;
}
