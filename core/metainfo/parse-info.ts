import { createHash } from 'node:crypto';
import { MAX_PIECES, MAX_TORRENT_BYTES } from '../base/bounds.ts';
import { EnsembleError, messageOf } from '../base/errors.ts';
import type { InfoHash, InfoHashV1, PieceIndex } from '../base/ids.ts';
import { toHex } from '../base/bytes.ts';
import type { BencodeDict } from '../bencode/bencode.ts';
import { decodeAround, isDict } from '../bencode/bencode.ts';
import type { BencodeLimits } from '../bencode/gate.ts';
import { fieldError, integerField, isUtf8, optionalBytes, textOf } from './fields.ts';
import { readFiles } from './file-list.ts';
import { safeComponent } from './safe-path.ts';
import type { Info, TorrentFile } from './torrent.ts';

/** Smaller pieces would cost more in hashes and messages than in payload. */
export const MIN_PIECE_LENGTH = 1024;
/** A piece is hashed as a whole in memory. The largest in use are 64 and 128 MiB. */
export const MAX_PIECE_LENGTH = 256 * 1024 * 1024;

const HASH_LENGTH = 20;

/** Keys must be in order (BEP 3), so that no two clients read a torrent differently. */
export const TORRENT_LIMITS: BencodeLimits = {
  maxDepth: 100,
  maxBytes: MAX_TORRENT_BYTES,
  maxItems: 8_000_000,
  sortedKeys: true,
};

/**
 * Checks an info dictionary field by field (BEP 3, 27, 47). The info-hash is of the raw bytes as they are.
 * Throws EnsembleError('invalid-torrent'), also where the hash is not `expected` (BEP 9).
 */
export function parseInfo(raw: Uint8Array, expected?: InfoHash): Info {
  const infoHash = infoHashOf(raw);
  if (expected !== undefined && infoHash !== expected) {
    throw new EnsembleError('invalid-torrent', `The metadata has the info-hash ${infoHash}; it must be ${expected}.`);
  }
  // A copy, as it is kept and sent to other processes without what is around it in `raw`'s memory.
  const own = raw.slice();
  const { dict, spans } = asTorrentError('info dictionary', () => {
    const { value, spans } = decodeAround(own, ['files', 'pieces', 'file tree'], TORRENT_LIMITS);
    return { dict: value, spans };
  });
  if (!isDict(dict)) throw fieldError('info', dict, 'a dictionary');
  refuseV2Only(dict, spans['pieces'] !== undefined);

  const name = readName(dict);
  const pieceLength = integerField(dict, 'piece length', MIN_PIECE_LENGTH, MAX_PIECE_LENGTH);
  const pieceHashes = readHashes(spans['pieces']);
  const pieceCount = pieceHashes.length / HASH_LENGTH;
  refuseTooMany(pieceCount);
  const files = spans['files'] !== undefined ? multiFile(dict, spans['files'], name) : singleFile(dict, name);
  const last = files[files.length - 1];
  const length = last === undefined ? 0 : last.offset + last.length;
  if (length === 0) throw fieldError('length', 0, 'at least 1 byte in all: there is nothing to download');
  const needed = Math.ceil(length / pieceLength);
  if (pieceCount !== needed) {
    throw fieldError('pieces', pieceCount, `${needed} hashes, for ${length} bytes in pieces of ${pieceLength}`);
  }
  const flag = dict['private'];
  if (flag !== undefined && typeof flag !== 'number') throw fieldError('private', flag, 'an integer');
  return {
    infoHash,
    name,
    pieceLength,
    pieceCount,
    length,
    files,
    pieceHashes,
    private: flag !== undefined && flag !== 0,
    raw: own,
  };
}

/** Other processes would refuse it; here the user gets to hear why. */
function refuseTooMany(pieceCount: number): void {
  if (pieceCount <= MAX_PIECES) return;
  throw new EnsembleError(
    'invalid-torrent',
    `The torrent has ${pieceCount} pieces, and at most ${MAX_PIECES} are possible. Ask for one with larger pieces.`,
  );
}

/** The SHA-1 that a piece must have: a view of 20 bytes. */
export function pieceHash(info: Pick<Info, 'pieceHashes'>, index: PieceIndex): Uint8Array {
  return info.pieceHashes.subarray(index * HASH_LENGTH, (index + 1) * HASH_LENGTH);
}

/** Runs a decoder; what it throws becomes EnsembleError('invalid-torrent'). */
export function asTorrentError<T>(what: string, decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    throw new EnsembleError('invalid-torrent', `This is no valid ${what}. ${messageOf(error)}`, { cause: error });
  }
}

/** The info-hash of a raw info dictionary, whatever is in it. */
export function infoHashOf(raw: Uint8Array): InfoHashV1 {
  return toHex(createHash('sha1').update(raw).digest()) as InfoHashV1;
}

function refuseV2Only(dict: BencodeDict, hasPieces: boolean): void {
  const version = dict['meta version'];
  if (hasPieces || version === undefined) return;
  throw new EnsembleError(
    'invalid-torrent',
    'This is a torrent of version 2 alone (BEP 52), which is not supported yet. Ask for a version 1 or hybrid one.',
  );
}

function readName(dict: BencodeDict): string {
  const utf8 = optionalBytes(dict, 'name.utf-8');
  const name = utf8 !== undefined && isUtf8(utf8) ? utf8 : optionalBytes(dict, 'name');
  if (name === undefined) throw fieldError('name', undefined, 'a string');
  return safeComponent('name', textOf(name));
}

/** The hashes within the raw string: a view. */
function readHashes(raw: Uint8Array | undefined): Uint8Array {
  const colon = raw?.indexOf(0x3a) ?? -1;
  const first = raw?.[0] ?? 0;
  if (raw === undefined || first < 0x30 || first > 0x39) throw fieldError('pieces', undefined, 'a string of hashes');
  const hashes = raw.subarray(colon + 1);
  if (hashes.length % HASH_LENGTH !== 0 || hashes.length === 0) {
    throw fieldError('pieces', `${hashes.length} bytes`, 'one or more hashes of 20 bytes');
  }
  return hashes;
}

function singleFile(dict: BencodeDict, name: string): TorrentFile[] {
  if (dict['length'] === undefined) throw fieldError('length', undefined, 'there, or "files"');
  const length = integerField(dict, 'length', 0, Number.MAX_SAFE_INTEGER);
  return [{ path: [name], length, offset: 0, padding: false }];
}

function multiFile(dict: BencodeDict, raw: Uint8Array, name: string): TorrentFile[] {
  if (dict['length'] !== undefined) throw fieldError('length', dict['length'], 'absent where there are "files"');
  const files = readFiles(raw, name);
  if (files.length === 0) throw fieldError('files', [], 'a list of at least one file');
  return files;
}
