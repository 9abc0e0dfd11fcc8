import { EnsembleError } from '../base/errors.ts';
import { encode } from '../bencode/bencode.ts';
import { isTrackerUrl, isWebUrl } from './announce-urls.ts';
import { MAX_PIECE_LENGTH, MIN_PIECE_LENGTH } from './parse-info.ts';
import { parseTorrent } from './parse-torrent.ts';

/** What a torrent is made of. */
export interface TorrentInput {
  readonly name: string;
  /** Components below the torrent's folder in the order of the torrent's bytes; or the length of its only file. */
  readonly files: readonly { readonly path: readonly string[]; readonly length: number }[] | number;
  readonly pieceLength: number;
  /** SHA-1 of each piece, 20 bytes each, in order. */
  readonly pieceHashes: Uint8Array;
  /** Tiers (BEP 12). */
  readonly trackers: readonly (readonly string[])[];
  readonly private?: boolean;
  readonly comment?: string;
  readonly createdBy?: string;
  /** Unix seconds. */
  readonly creationDate?: number;
  readonly webSeeds?: readonly string[];
}

const MIN_AUTOMATIC = 16 * 1024;
const MAX_AUTOMATIC = 16 * 1024 * 1024;
/** More pieces than this make a torrent file large, fewer make sharing coarse. */
const WANTED_PIECES = 1500;

/** A power of two from 16 KiB to 16 MiB that gives up to about 1,500 pieces. */
export function choosePieceLength(totalBytes: number): number {
  let length = MIN_AUTOMATIC;
  while (length < MAX_AUTOMATIC && totalBytes / length > WANTED_PIECES) length *= 2;
  return length;
}

/** A torrent file (BEP 3, 12, 19, 27). Throws EnsembleError('usage') for what makes no torrent. */
export function encodeTorrent(input: TorrentInput): Uint8Array {
  const total = typeof input.files === 'number' ? input.files : input.files.reduce((sum, file) => sum + file.length, 0);
  check(input, total);
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
      ...(typeof input.files === 'number'
        ? { length: input.files }
        : { files: input.files.map(({ path, length }) => ({ length, path })) }),
    },
  });
  checkNames(input, made);
  return made;
}

/** Downloads must give files the names that they have here, or the torrent could not be seeded from where its files lie. */
function checkNames(input: TorrentInput, made: Uint8Array): void {
  const { files } = parseTorrent(made).info;
  const given = typeof input.files === 'number' ? [[]] : input.files.map((file) => file.path);
  for (const [i, path] of given.entries()) {
    const wanted = [input.name, ...path].join('/');
    const stored = files[i]?.path.join('/');
    if (wanted === stored) continue;
    throw usage(`"${wanted}" cannot keep its name on every system; it would become "${stored}". Rename it first.`);
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
