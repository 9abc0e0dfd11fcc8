import { createHash } from 'node:crypto';
import { MAX_PIECES, MAX_TORRENT_BYTES } from '../base/bounds.ts';
import { EnsembleError, messageOf } from '../base/errors.ts';
import type { InfoHash, InfoHashV1, PieceIndex } from '../base/ids.ts';
import { toHex } from '../base/bytes.ts';
import type { BencodeLimits } from '../bencode/gate.ts';
import { Token } from '../bencode/reader.ts';
import { LenientFields } from '../bencode/lenient.ts';
import { bytesField, fieldError, integerField, isUtf8 } from './fields.ts';
import { type TorrentName, readFiles } from './file-list.ts';
import { keepNames } from './keep-names.ts';
import { NameText } from './name-text.ts';
import { Notes } from './notes.ts';
import { safeComponent } from './safe-path.ts';
import type { Info, Naming, TorrentFile } from './torrent.ts';

/** Smaller pieces would cost more in hashes and messages than in payload. */
export const MIN_PIECE_LENGTH = 1024;
/** A piece is hashed as a whole in memory. The largest in use are 64 and 128 MiB. */
export const MAX_PIECE_LENGTH = 256 * 1024 * 1024;

const HASH_LENGTH = 20;

export const TORRENT_LIMITS: BencodeLimits = { maxDepth: 100, maxBytes: MAX_TORRENT_BYTES, maxItems: 8_000_000 };

/** Names in which no character would stay. */
// oxlint-disable-next-line no-control-regex -- they are what does not stay
const MEANINGLESS = /^[\x00-\x20\x7f-\x9f./\\]*$/;

const FIELDS = ['name', 'name.utf-8', 'piece length', 'pieces', 'length', 'files', 'private', 'meta version'];

/**
 * Checks an info dictionary field by field (BEP 3, 27, 47). The info-hash is of the raw bytes as they are. `naming` is that of the
 * torrent file. Throws EnsembleError('invalid-torrent'), also where the hash is not `expected` (BEP 9).
 */
export function parseInfo(raw: Uint8Array, expected?: InfoHash, naming: Naming = {}): Info {
  const infoHash = infoHashOf(raw);
  if (expected !== undefined && infoHash !== expected) {
    throw new EnsembleError('invalid-torrent', `The metadata has the info-hash ${infoHash}; it must be ${expected}.`);
  }
  // A copy, as it is kept and sent to other processes without what is around it in `raw`'s memory.
  const own = raw.slice();
  const fields = asTorrentError('info dictionary', () => new LenientFields(own, FIELDS, TORRENT_LIMITS));
  refuseV2Only(fields);

  const notes = new Notes();
  const names = new NameText(naming.encoding);
  const name = readName(fields, names);
  const pieceHashes = readHashes(fields);
  const pieceCount = pieceHashes.length / HASH_LENGTH;
  refuseTooMany(pieceCount);
  const files = readContent(fields, name, names, notes);
  const last = files[files.length - 1];
  const length = last === undefined ? 0 : last.offset + last.length;
  if (length === 0) throw fieldError('length', 0, 'at least 1 byte in all: there is nothing to download');
  const pieceLength = readPieceLength(fields, pieceCount === 1 ? length : Infinity);
  const needed = Math.ceil(length / pieceLength);
  if (pieceCount !== needed) {
    throw fieldError('pieces', pieceCount, `${needed} hashes, for ${length} bytes in pieces of ${pieceLength}`);
  }
  const info: Info = {
    infoHash,
    name: name.safe,
    pieceLength,
    pieceCount,
    length,
    files,
    pieceHashes,
    private: readPrivate(fields, notes),
    raw: own,
    naming: names.encoding === undefined ? {} : { encoding: names.encoding },
    notes: notes.list,
  };
  return keepNames(info, naming.keep ?? []);
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

function refuseV2Only(fields: LenientFields): void {
  if (fields.raw('pieces') !== undefined || fields.raw('meta version') === undefined) return;
  throw new EnsembleError(
    'invalid-torrent',
    'This is a torrent of version 2 alone (BEP 52), which is not supported yet. Ask for a version 1 or hybrid one.',
  );
}

function readName(fields: LenientFields, names: NameText): TorrentName {
  const utf8 = bytesField(fields, 'name.utf-8');
  const name = utf8 !== undefined && isUtf8(utf8) ? utf8 : bytesField(fields, 'name');
  if (name === undefined) throw fieldError('name', fields.value('name'), 'a string');
  const own = names.of(name);
  return { safe: safeComponent(own), own };
}

/** `most`: what a piece can have. One is no longer than the torrent, whatever it says. */
function readPieceLength(fields: LenientFields, most: number): number {
  const declared = fields.value('piece length');
  const said = typeof declared === 'number' && Number.isSafeInteger(declared) ? declared : 0;
  const length = said > MAX_PIECE_LENGTH ? Math.min(said, most) : said;
  if (said < MIN_PIECE_LENGTH || length > MAX_PIECE_LENGTH) {
    throw fieldError('piece length', declared, `an integer from ${MIN_PIECE_LENGTH} to ${MAX_PIECE_LENGTH}`);
  }
  return length;
}

/** The hashes: a view. */
function readHashes(fields: LenientFields): Uint8Array {
  const hashes = bytesField(fields, 'pieces');
  if (hashes === undefined) throw fieldError('pieces', fields.value('pieces'), 'a string of hashes');
  if (hashes.length % HASH_LENGTH !== 0 || hashes.length === 0) {
    throw fieldError('pieces', `${hashes.length} bytes`, 'one or more hashes of 20 bytes');
  }
  return hashes;
}

/** The one file, or all of them. A list counts even where there is a length, too. */
function readContent(fields: LenientFields, name: TorrentName, names: NameText, notes: Notes): TorrentFile[] {
  const list = fields.raw('files');
  if (list?.[0] === Token.list) {
    if (fields.raw('length') !== undefined)
      notes.leftOut('length', fields.value('length'), 'absent, as there are "files"');
    const files = readFiles(list, name, names);
    if (files.length === 0) throw fieldError('files', [], 'a list of at least one file');
    return files;
  }
  if (fields.raw('length') === undefined) throw fieldError('length', undefined, 'there, or a list of "files"');
  if (list !== undefined) notes.leftOut('files', fields.value('files'), 'a list');
  // A folder may be called anything, but here there would be nothing left of the one name.
  if (MEANINGLESS.test(name.own)) throw fieldError('name', fields.value('name'), 'a file name');
  const length = integerField(fields, 'length', 0, Number.MAX_SAFE_INTEGER);
  const own = name.own === name.safe ? {} : { own: [name.own] };
  return [{ path: [name.safe], ...own, length, offset: 0, padding: false }];
}

/** As libtorrent, Transmission and parse-torrent take it: what is private for the others must not be public here. */
function readPrivate(fields: LenientFields, notes: Notes): boolean {
  const flag = fields.value('private');
  if (typeof flag === 'number') return flag !== 0;
  if (flag !== undefined) notes.leftOut('private', flag, 'an integer');
  return false;
}
