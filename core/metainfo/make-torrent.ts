import { writeU32 } from '../base/bytes.ts';
import { EnsembleError } from '../base/errors.ts';
import type { BencodeInput } from '../bencode/bencode.ts';
import { encode, encodeDictionary } from '../bencode/bencode.ts';
import { HASH_LENGTH, LEAF_LENGTH } from '../merkle/tree.ts';
import { isTrackerUrl, isWebUrl } from './announce-urls.ts';
import { SHA1_LENGTH } from './content-v1.ts';
import { canKeep } from './keep-names.ts';
import { encodeFileTree, fileFields, filesOfV1, inTreeOrder, type MadeFile } from './made-content.ts';
import { MAX_PIECE_LENGTH, MIN_PIECE_LENGTH } from './parse-info.ts';
import { parseTorrent } from './parse-torrent.ts';
import { encodePieceLayers } from './piece-layers.ts';
import type { Info } from './torrent.ts';
import type { TorrentVersion } from './torrent-id.ts';

/** What a torrent is made of. */
export interface TorrentInput {
  readonly name: string;
  /** Undefined: 1. */
  readonly version?: TorrentVersion;
  /** In the order of the torrent's bytes, which is `inTreeOrder` unless it is of version 1 alone; or the length of its only file, which has the torrent's name. */
  readonly files: readonly MadeFile[] | number;
  /** Whether the only file is. */
  readonly executable?: boolean;
  /** Take also names that not every system can hold: where one cannot, the files lie under other names. */
  readonly anyNames?: boolean;
  readonly pieceLength: number;
  /** SHA-1 of each piece, 20 bytes each, in order; empty for version 2 alone. */
  readonly pieceHashes: Uint8Array;
  /** As `Info.pieceRoots`, for version 2 and hybrids. */
  readonly pieceRoots?: Uint8Array;
  /** Tiers (BEP 12). */
  readonly trackers: readonly (readonly string[])[];
  readonly private?: boolean;
  /** Makes the info-hash another one, as private trackers ask for. */
  readonly source?: string;
  readonly comment?: string;
  readonly createdBy?: string;
  /** Unix seconds. */
  readonly creationDate?: number;
  readonly webSeeds?: readonly string[];
}

const MIN_AUTOMATIC = 16 * 1024;
const MAX_AUTOMATIC = 16 * 1024 * 1024;
/** Not everybody takes larger ones. */
export const MAX_CHOSEN = 64 * 1024 * 1024;
/** More pieces than this make a torrent file large, fewer make sharing coarse. */
const WANTED_PIECES = 1500;

/** A power of two from 16 KiB to 16 MiB that gives up to about 1,500 pieces; up to 64 MiB where the most `pieces` are given. */
export function choosePieceLength(totalBytes: number, pieces?: number): number {
  const most = pieces === undefined ? MAX_AUTOMATIC : MAX_CHOSEN;
  let length = MIN_AUTOMATIC;
  while (length < most && totalBytes / length > (pieces ?? WANTED_PIECES)) length *= 2;
  return length;
}

/** A torrent file (BEP 3, 12, 19, 27, 47, 52). Throws EnsembleError('usage') for what makes no torrent. */
export function encodeTorrent(input: TorrentInput): Uint8Array {
  const { fields, info } = make(input);
  if (info.id.v2 === undefined || input.pieceRoots === undefined) return encodeDictionary(fields);
  const layers = encodePieceLayers({ ...info, pieceRoots: input.pieceRoots });
  return encodeDictionary([...fields, ['piece layers', layers]]);
}

/** The torrent as it will be but for its hashes, to hash its pieces by. Throws as `encodeTorrent` does, before anything is hashed. */
export function planTorrent(input: Omit<TorrentInput, 'pieceHashes' | 'pieceRoots'>): Info {
  const { version = 1, pieceLength } = input;
  const list = filesOf(input);
  const pieces = list.reduce((sum, { length }) => sum + Math.ceil(length / pieceLength), 0);
  const total = list.reduce((sum, { length }) => sum + length, 0);
  const pieceHashes = new Uint8Array(SHA1_LENGTH * (version === 1 ? Math.ceil(total / pieceLength) : pieces));
  const pieceRoots = new Uint8Array(HASH_LENGTH * pieces);
  // Other ones for each, as files of other lengths have other roots.
  for (let piece = 0; piece < pieces; piece++) writeU32(pieceRoots, piece * HASH_LENGTH, piece + 1);
  const { info } = make({ ...input, pieceHashes: version === 2 ? new Uint8Array() : pieceHashes, pieceRoots });
  return version === 1 ? info : { ...info, pieceRoots };
}

type Encoded = readonly [key: string, value: Uint8Array | undefined];

/** The fields of the torrent file but its piece layers, and what is read from them. */
function make(input: TorrentInput): { readonly fields: readonly Encoded[]; readonly info: Info } {
  const list = filesOf(input);
  check(input, list);
  const tiers = input.trackers.filter((tier) => tier.length > 0).map((tier) => [...tier]);
  const urls = tiers.flat();
  const { webSeeds = [] } = input;
  const fields: Encoded[] = [
    ['announce', optional(urls[0])],
    ['announce-list', optional(urls.length > 1 ? tiers : undefined)],
    ['comment', optional(input.comment)],
    ['created by', optional(input.createdBy)],
    ['creation date', optional(input.creationDate)],
    ['info', encodeInfo(input, list)],
    ['url-list', optional(webSeeds.length > 0 ? webSeeds : undefined)],
  ];
  return { fields, info: checkNames(input, list, encodeDictionary(fields)) };
}

function encodeInfo(input: TorrentInput, list: readonly MadeFile[]): Uint8Array {
  const { version = 1, pieceLength, pieceRoots = new Uint8Array() } = input;
  const single = typeof input.files === 'number';
  const v1 = single ? fileFields(list[0]) : filesOfV1(list, version === 1 ? 0 : pieceLength);
  const tree = single ? list.map((file) => ({ ...file, path: [input.name] })) : list;
  const fields = {
    name: input.name,
    'piece length': pieceLength,
    private: input.private === true ? 1 : undefined,
    source: input.source,
    ...(version !== 2 && { pieces: input.pieceHashes, ...v1 }),
    ...(version !== 1 && { 'meta version': 2 }),
  };
  return encodeDictionary([
    ...Object.entries<BencodeInput | undefined>(fields).map(([key, value]): Encoded => [key, optional(value)]),
    ['file tree', version === 1 ? undefined : encodeFileTree(tree, pieceLength, pieceRoots)],
  ]);
}

function optional(value: BencodeInput | undefined): Uint8Array | undefined {
  return value === undefined ? undefined : encode(value);
}

function filesOf(input: Pick<TorrentInput, 'files' | 'executable'>): readonly MadeFile[] {
  const { files, executable = false } = input;
  return typeof files === 'number' ? [{ path: [], length: files, executable }] : files;
}

/** Downloads must give files the names that they have here, or the torrent could not be seeded from where its files lie. */
function checkNames(input: TorrentInput, list: readonly MadeFile[], made: Uint8Array): Info {
  const { info } = parseTorrent(made);
  const files = info.files.filter(({ padding }) => !padding);
  const given = list.filter(({ link }) => link === undefined);
  for (const [i, file] of given.entries()) {
    const wanted = [input.name, ...file.path];
    const { path = [], own } = files[i] ?? {};
    if (own === undefined || (input.anyNames === true && canKeep(wanted))) continue;
    throw usage(
      `"${wanted.join('/')}" cannot keep its name on every system; it would become "${path.join('/')}". Rename it, or take any names (--any-names).`,
    );
  }
  return info;
}

function check(input: TorrentInput, list: readonly MadeFile[]): void {
  const { pieceLength, pieceHashes, pieceRoots = new Uint8Array(), version = 1 } = input;
  const total = list.reduce((sum, file) => sum + file.length, 0);
  if (!Number.isSafeInteger(pieceLength) || pieceLength < MIN_PIECE_LENGTH || pieceLength > MAX_PIECE_LENGTH) {
    throw usage(`The piece length is ${pieceLength}; it must be from ${MIN_PIECE_LENGTH} to ${MAX_PIECE_LENGTH}.`);
  }
  if (version !== 1 && (pieceLength < LEAF_LENGTH || !Number.isInteger(Math.log2(pieceLength)))) {
    throw usage(`The piece length is ${pieceLength}; for version 2 it must be a power of two from ${LEAF_LENGTH} on.`);
  }
  if (total === 0) throw usage('There is nothing to share: all files are empty.');
  const aligned = list.reduce((sum, { length }) => sum + Math.ceil(length / pieceLength), 0);
  const count = version === 1 ? Math.ceil(total / pieceLength) : aligned;
  const wanted = version === 2 ? 0 : count * SHA1_LENGTH;
  if (pieceHashes.length !== wanted) {
    throw usage(`The piece hashes have ${pieceHashes.length} bytes; ${total} bytes need ${wanted}.`);
  }
  if (version !== 1 && pieceRoots.length !== count * HASH_LENGTH) {
    throw usage(`The piece roots have ${pieceRoots.length} bytes; ${count} pieces need ${count * HASH_LENGTH}.`);
  }
  if (version !== 1 && inTreeOrder(list).some((file, i) => file !== list[i])) {
    throw usage('The files of a torrent of version 2 must be in the order of its tree.');
  }
  for (const url of input.trackers.flat()) {
    if (!isTrackerUrl(url)) throw usage(`"${url}" is no tracker; give an http, https or udp URL, udp with a port.`);
  }
  for (const url of input.webSeeds ?? []) {
    if (!isWebUrl(url)) throw usage(`"${url}" is no web seed; give an http or https URL.`);
  }
}

function usage(message: string): EnsembleError {
  return new EnsembleError('usage', message);
}
