import { hash } from 'node:crypto';
import { MAX_PIECES, MAX_TORRENT_BYTES } from '../base/bounds.ts';
import { MOST_TOGETHER } from '../base/kept-bytes.ts';
import { EnsembleError, messageOf } from '../base/errors.ts';
import type { InfoHash, InfoHashV1, InfoHashV2, PieceIndex } from '../base/ids.ts';
import { type BencodeLimits, gate } from '../bencode/gate.ts';
import { Token } from '../bencode/reader.ts';
import { LenientFields } from '../bencode/lenient.ts';
import { LEAF_LENGTH } from '../merkle/tree.ts';
import { withChosenNames } from './chosen-names.ts';
import { SHA1_LENGTH, readContent, readHashes, totalLength } from './content-v1.ts';
import { bytesField, fieldError, isUtf8 } from './fields.ts';
import type { TorrentName } from './file-list.ts';
import { readFileTree } from './file-tree.ts';
import { joinHalves } from './hybrid.ts';
import { keepNames } from './keep-names.ts';
import { NameText } from './name-text.ts';
import { Notes } from './notes.ts';
import { pieceRootsOf } from './piece-layers.ts';
import { safeComponent } from './safe-path.ts';
import { isV2, torrentId } from './torrent-id.ts';
import type { Info, Naming } from './torrent.ts';

/** Smaller pieces would cost more in hashes and messages than in payload. */
export const MIN_PIECE_LENGTH = 1024;
/** A piece is hashed as a whole in memory. The largest in use are 64 and 128 MiB. */
export const MAX_PIECE_LENGTH = 256 * 1024 * 1024;

export const TORRENT_LIMITS: BencodeLimits = { maxDepth: 100, maxBytes: MAX_TORRENT_BYTES, maxItems: 8_000_000 };

const FIELDS = [
  'name',
  'name.utf-8',
  'piece length',
  'pieces',
  'length',
  'files',
  'private',
  'meta version',
  'file tree',
];

/** What was read already when it comes to files and hashes. */
interface Known {
  readonly fields: LenientFields;
  readonly name: TorrentName;
  readonly names: NameText;
  readonly notes: Notes;
}

/** What of `Info` depends on the version. */
type Content = Pick<Info, 'pieceLength' | 'pieceCount' | 'length' | 'files' | 'pieceHashes' | 'pieceRoots'>;

/**
 * Checks an info dictionary field by field (BEP 3, 27, 47, 52). The info-hashes are of the raw bytes as they are. `naming` is that of
 * the torrent file. Throws EnsembleError('invalid-torrent'), also where neither hash is `expected` (BEP 9).
 */
export function parseInfo(raw: Uint8Array, expected?: InfoHash, naming: Naming = {}): Info {
  const hashes = new BothHashes(raw);
  const asV2 = expected !== undefined && isV2(expected);
  const found = asV2 ? hashes.v2 : hashes.v1;
  if (expected !== undefined && expected !== found) {
    throw new EnsembleError('invalid-torrent', `The metadata has the info-hash ${found}; it must be ${expected}.`);
  }
  // A copy where it would keep a good deal of other memory: most torrent files consist of it, and are kept, too.
  const own = raw.length * 2 > raw.buffer.byteLength || raw.length <= MOST_TOGETHER ? raw : raw.slice();
  const fields = asTorrentError('info dictionary', () => new LenientFields(own, FIELDS, TORRENT_LIMITS));
  const versions = readVersions(fields, own);
  if (asV2 && !versions.v2) {
    throw new EnsembleError('invalid-torrent', `The metadata of ${expected} is of version 1, not of version 2.`);
  }
  const notes = new Notes();
  const names = new NameText(naming.encoding);
  const name = readName(fields, names);
  const known = { fields, name, names, notes };
  const content = versions.v2 ? readV2(known, versions.v1) : readV1(known);
  const byV2 = versions.v1 && versions.v2 && (naming.byV2 === true || asV2);
  const id = torrentId(
    { ...(versions.v1 && { v1: hashes.v1 }), ...(versions.v2 && { v2: hashes.v2 }) },
    versions.v1 && !byV2 ? hashes.v1 : hashes.v2,
  );
  const info: Info = {
    id,
    infoHash: versions.v1 && !byV2 ? hashes.v1 : hashes.v2,
    name: name.safe,
    ...content,
    private: readPrivate(fields, notes),
    raw: own,
    naming: {
      ...(names.encoding !== undefined && { encoding: names.encoding }),
      ...(byV2 && { byV2 }),
    },
    notes: notes.list,
  };
  return withChosenNames(keepNames(info, naming.keep ?? []), naming.chosen ?? []);
}

/** Which versions a torrent has: libtorrent takes it for version 1 as well where there is anything of that. */
function readVersions(fields: LenientFields, raw: Uint8Array): { readonly v1: boolean; readonly v2: boolean } {
  const version = fields.value('meta version');
  if (typeof version !== 'number' || version < 2) return { v1: true, v2: false };
  if (version > 2) {
    throw new EnsembleError(
      'invalid-torrent',
      `The torrent is of version ${version}, of which nothing is known here; versions 1 and 2 are. Ask for one of those.`,
    );
  }
  // Others would make another info-hash of what is untidy; there are no old torrents of which that has to be borne.
  asTorrentError('info dictionary of version 2', () => gate(raw, { ...TORRENT_LIMITS, ordered: true }));
  const listed = fields.raw('files')?.[0] === Token.list || fields.raw('length') !== undefined;
  return { v1: listed && fields.raw('pieces') !== undefined, v2: true };
}

function readV1({ fields, name, names, notes }: Known): Content {
  const pieceHashes = readHashes(fields);
  const pieceCount = pieceHashes.length / SHA1_LENGTH;
  refuseTooMany(pieceCount);
  const files = readContent(fields, name, names, notes);
  const length = totalLength(files);
  refuseEmpty(length);
  const pieceLength = readPieceLength(fields, pieceCount === 1 ? length : Infinity);
  expectCount(pieceHashes, Math.ceil(length / pieceLength), `${length} bytes in pieces of ${pieceLength}`);
  return { pieceLength, pieceCount, length, files, pieceHashes };
}

function readV2({ fields, name, names, notes }: Known, hybrid: boolean): Content {
  const pieceLength = readPieceLengthV2(fields);
  const raw = fields.raw('file tree');
  if (raw?.[0] !== Token.dictionary) throw fieldError('file tree', fields.value('file tree'), 'a dictionary');
  const folder = fields.raw('files')?.[0] === Token.list;
  const tree = readFileTree(raw, { name, text: names, pieceLength, folder });
  const bytes = tree.reduce((sum, file) => sum + file.length, 0);
  refuseEmpty(bytes);
  const pieceCount = tree.reduce((sum, file) => sum + Math.ceil(file.length / pieceLength), 0);
  refuseTooMany(pieceCount);
  const files = hybrid ? joinHalves(readContent(fields, name, names, notes), tree, pieceLength) : tree;
  const pieceHashes = hybrid ? readHashes(fields) : new Uint8Array();
  if (hybrid) expectCount(pieceHashes, pieceCount, `files of ${bytes} bytes in pieces of ${pieceLength}`);
  const length = hybrid ? totalLength(files) : bytes;
  const pieceRoots = pieceRootsOf({ files, pieceLength, pieceCount }, () => undefined);
  return { pieceLength, pieceCount, length, files, pieceHashes, ...(pieceRoots !== undefined && { pieceRoots }) };
}

function expectCount(hashes: Uint8Array, needed: number, what: string): void {
  const count = hashes.length / SHA1_LENGTH;
  if (count !== needed) throw fieldError('pieces', count, `${needed} hashes, for ${what}`);
}

function refuseEmpty(length: number): void {
  if (length === 0) throw fieldError('length', 0, 'at least 1 byte in all: there is nothing to download');
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
  return info.pieceHashes.subarray(index * SHA1_LENGTH, (index + 1) * SHA1_LENGTH);
}

/** Runs a decoder; what it throws becomes EnsembleError('invalid-torrent'). */
export function asTorrentError<T>(what: string, decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    throw new EnsembleError('invalid-torrent', `This is no valid ${what}. ${messageOf(error)}`, { cause: error });
  }
}

/** Each is worked out when it is asked for: of most torrents one is never needed, and they may be large. */
class BothHashes {
  readonly #raw: Uint8Array;
  #v1: InfoHashV1 | undefined;
  #v2: InfoHashV2 | undefined;

  constructor(raw: Uint8Array) {
    this.#raw = raw;
  }

  get v1(): InfoHashV1 {
    return (this.#v1 ??= infoHashOf(this.#raw));
  }

  get v2(): InfoHashV2 {
    return (this.#v2 ??= infoHashV2Of(this.#raw));
  }
}

/** The info-hash of version 1 of a raw info dictionary, whatever is in it. */
export function infoHashOf(raw: Uint8Array): InfoHashV1 {
  return hash('sha1', raw) as InfoHashV1;
}

/** Its info-hash of version 2 (BEP 52). */
export function infoHashV2Of(raw: Uint8Array): InfoHashV2 {
  return hash('sha256', raw) as InfoHashV2;
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

/** BEP 52: "a power of two and at least 16KiB". */
function readPieceLengthV2(fields: LenientFields): number {
  const length = readPieceLength(fields, Infinity);
  if (length < LEAF_LENGTH || !Number.isInteger(Math.log2(length))) {
    throw fieldError(
      'piece length',
      length,
      `a power of two of at least ${LEAF_LENGTH}, as the torrent is of version 2`,
    );
  }
  return length;
}

/** As libtorrent, Transmission and parse-torrent take it: what is private for the others must not be public here. */
function readPrivate(fields: LenientFields, notes: Notes): boolean {
  const flag = fields.value('private');
  if (typeof flag === 'number') return flag !== 0;
  if (flag !== undefined) notes.leftOut('private', flag, 'an integer');
  return false;
}
