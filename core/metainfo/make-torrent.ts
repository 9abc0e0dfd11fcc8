import { EnsembleError } from '../base/errors.ts';
import type { BencodeInput } from '../bencode/bencode.ts';
import { encode } from '../bencode/bencode.ts';
import { isTrackerUrl, isWebUrl } from './announce-urls.ts';
import { canKeep } from './keep-names.ts';
import { MAX_PIECE_LENGTH, MIN_PIECE_LENGTH } from './parse-info.ts';
import { parseTorrent } from './parse-torrent.ts';

/** One file of a torrent that is made. */
export interface MadeFile {
  /** Components below the torrent's folder. */
  readonly path: readonly string[];
  readonly length: number;
  /** BEP 47, attr `x`. */
  readonly executable?: boolean;
  /** A link to this path below the torrent's folder (BEP 47, attr `l`): it has no bytes, and downloads of ours leave it out. */
  readonly link?: readonly string[];
}

/** What a torrent is made of. */
export interface TorrentInput {
  readonly name: string;
  /** In the order of the torrent's bytes; or the length of its only file, which has the torrent's name. */
  readonly files: readonly MadeFile[] | number;
  /** Whether the only file is. */
  readonly executable?: boolean;
  /** Take also names that not every system can hold: where one cannot, the files lie under other names. */
  readonly anyNames?: boolean;
  readonly pieceLength: number;
  /** SHA-1 of each piece, 20 bytes each, in order. */
  readonly pieceHashes: Uint8Array;
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

/** A torrent file (BEP 3, 12, 19, 27, 47). Throws EnsembleError('usage') for what makes no torrent. */
export function encodeTorrent(input: TorrentInput): Uint8Array {
  const single = typeof input.files === 'number';
  const list = typeof input.files === 'number' ? [only(input, input.files)] : input.files;
  check(
    input,
    list.reduce((sum, file) => sum + file.length, 0),
  );
  const tiers = input.trackers.filter((tier) => tier.length > 0).map((tier) => [...tier]);
  const urls = tiers.flat();
  const made = encode({
    announce: urls[0],
    'announce-list': urls.length > 1 ? tiers : undefined,
    comment: input.comment,
    'created by': input.createdBy,
    'creation date': input.creationDate,
    'url-list': input.webSeeds !== undefined && input.webSeeds.length > 0 ? input.webSeeds : undefined,
    info: {
      name: input.name,
      'piece length': input.pieceLength,
      pieces: input.pieceHashes,
      private: input.private === true ? 1 : undefined,
      source: input.source,
      ...(single ? fileFields(list[0]) : { files: list.map((file) => ({ path: file.path, ...fileFields(file) })) }),
    },
  });
  checkNames(input, list, made);
  return made;
}

function only({ executable = false }: TorrentInput, length: number): MadeFile {
  return { path: [], length, executable };
}

function fileFields({ length, executable, link }: Partial<MadeFile> = {}): Record<string, BencodeInput | undefined> {
  const attributes = `${executable === true ? 'x' : ''}${link === undefined ? '' : 'l'}`;
  return { length, attr: attributes === '' ? undefined : attributes, 'symlink path': link };
}

/** Downloads must give files the names that they have here, or the torrent could not be seeded from where its files lie. */
function checkNames(input: TorrentInput, list: readonly MadeFile[], made: Uint8Array): void {
  const { files } = parseTorrent(made).info;
  const given = list.filter(({ link }) => link === undefined);
  for (const [i, file] of given.entries()) {
    const wanted = [input.name, ...file.path];
    const { path = [], own } = files[i] ?? {};
    if (own === undefined || (input.anyNames === true && canKeep(wanted))) continue;
    throw usage(
      `"${wanted.join('/')}" cannot keep its name on every system; it would become "${path.join('/')}". Rename it, or take any names (--any-names).`,
    );
  }
}

function check(input: TorrentInput, total: number): void {
  const { pieceLength, pieceHashes } = input;
  if (!Number.isSafeInteger(pieceLength) || pieceLength < MIN_PIECE_LENGTH || pieceLength > MAX_PIECE_LENGTH) {
    throw usage(`The piece length is ${pieceLength}; it must be from ${MIN_PIECE_LENGTH} to ${MAX_PIECE_LENGTH}.`);
  }
  if (total === 0) throw usage('There is nothing to share: all files are empty.');
  const wanted = Math.ceil(total / pieceLength) * 20;
  if (pieceHashes.length !== wanted) {
    throw usage(`The piece hashes have ${pieceHashes.length} bytes; ${total} bytes need ${wanted}.`);
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
