import * as v from 'valibot';
import { MAX_FILES, MAX_IDENTITIES, MAX_PIECES, MAX_TORRENT_BYTES } from '../base/bounds.ts';
import { ERROR_CODES } from '../base/errors.ts';
import type { PeerId, PieceIndex } from '../base/ids.ts';
import { PEER_SOURCES } from '../base/peer-source.ts';
import { DOWNLOAD_OPTIONS } from '../engine/option-table.ts';
import {
  bytePerPiece,
  chosenNames,
  count,
  flag,
  type Frozen,
  host,
  identity,
  isWhole,
  linkName,
  listOf,
  meetingPlace,
  port,
  rate,
  text,
} from '../engine/values.ts';
import { BLOCK_LENGTH } from '../metainfo/geometry.ts';
import { isWebUrl } from '../metainfo/announce-urls.ts';
import type { Naming } from '../metainfo/torrent.ts';
import type { BegunRecord } from '../store/records/begun-record.ts';
import type { StoreLocation } from '../store/layouts/layout.ts';
import { PieceShare } from '../strategy/pieces/share-map.ts';

/** In the key of a block it has 16 bits. */
const MAX_BLOCK = 65_535;
const MAX_RANGE_WORDS = 32_000_000;

// The parts that only process messages are made of, with their bounds.

export const peerId = v.custom<PeerId>((x) => typeof x === 'string' && /^[0-9a-f]{40}$/.test(x), 'not a peer id');
export const peerIds = v.pipe(v.array(peerId), v.maxLength(MAX_IDENTITIES));
export const identityCount = v.custom<number>((n) => isWhole(n, MAX_IDENTITIES) && n > 0, 'not a count of identities');
export const pieceIndex = v.custom<PieceIndex>((n) => isWhole(n, MAX_PIECES - 1), 'not a piece');
/** A block of a piece, and all that is asked for of one. */
export const block = v.custom<number>((n) => isWhole(n, MAX_BLOCK), 'not a block');
export const blocks = v.custom<Uint32Array>(
  (x) => x instanceof Uint32Array && x.length <= MAX_BLOCK && x.every((n) => n <= MAX_BLOCK),
  'not a list of blocks',
);
export const blockData = v.custom<Uint8Array>(
  (x) => x instanceof Uint8Array && x.length <= BLOCK_LENGTH,
  'not a block of data',
);
/** What a sibling receives, bytes a second. */
export const receives = v.pipe(v.number(), v.finite(), v.minValue(0));

export const share = v.custom<PieceShare>((n) => isWhole(n, PieceShare.present), 'not a share');
export const shares = v.custom<Uint8Array>(
  (x) => x instanceof Uint8Array && x.length <= MAX_PIECES && x.every((state) => state <= PieceShare.present),
  'not a map of shares',
);
export const counts = v.custom<Uint16Array>(
  (x) => x instanceof Uint16Array && x.length <= MAX_PIECES,
  'not counts of pieces',
);
export const rawInfo = v.custom<Uint8Array>(
  (x) => x instanceof Uint8Array && x.length > 0 && x.length <= MAX_TORRENT_BYTES,
  'not an info dictionary',
);
export const pieceRoots = v.custom<Uint8Array>(
  (x) => x instanceof Uint8Array && x.length > 0 && x.length <= 32 * MAX_PIECES && x.length % 32 === 0,
  'not roots of pieces',
);
/** What decides file names besides the info dictionary. */
export const naming: v.GenericSchema<unknown, Naming> = v.object({
  encoding: v.exactOptional(text),
  byV2: v.exactOptional(flag),
  keep: v.exactOptional(v.pipe(v.array(count), v.maxLength(MAX_FILES))),
  chosen: v.exactOptional(chosenNames),
});
/** Packed ranges of addresses. */
export const ranges = v.custom<Uint32Array>(
  (x) => x instanceof Uint32Array && x.length <= MAX_RANGE_WORDS && x.length % 2 === 0,
  'not ranges of addresses',
);
export const peerSource = v.picklist(PEER_SOURCES);
const perhaps = v.exactOptional(flag);
/** A peer that somebody named: see `NamedPeer`. */
export const namedPeer = v.object({ host, port, unsure: perhaps, overUtp: perhaps, v2: perhaps });
/** A peer that may be dialled, and who named it. */
export const foundPeer = v.object({ ...namedPeer.entries, source: peerSource });
export const errorCode = v.picklist(ERROR_CODES);
export const urls = v.pipe(v.array(v.pipe(text, v.check(isWebUrl, 'not a web address'))), v.maxLength(256));
export const trackers = listOf(listOf(text));

export const begunRecords: v.GenericSchema<unknown, BegunRecord[]> = v.pipe(
  v.array(v.object({ piece: pieceIndex, blocks: bytePerPiece })),
  v.maxLength(MAX_PIECES),
);

/** The server where machines meet, and what goes between them. */
export const together = v.object({
  ...meetingPlace.entries,
  collect: DOWNLOAD_OPTIONS.collect.schema,
  limit: rate,
  /** What the link of this identity is called, for the others. */
  link: v.exactOptional(linkName),
});

export const path = v.pipe(text, v.minLength(1));
export const location: v.GenericSchema<unknown, StoreLocation> = v.object({
  layout: DOWNLOAD_OPTIONS.layout.schema,
  workFolder: path,
  output: path,
  chosen: v.exactOptional(v.pipe(v.array(v.object({ folder: path, real: path })), v.maxLength(4))),
  assembled: flag,
  identity,
});

/** A proxy, and the address, or the interface's name, from which alone it is reached; undefined: the system chooses. */
export const proxy = v.object({ url: text, from: v.exactOptional(host) });
export type ProxyChoice = Frozen<v.InferOutput<typeof proxy>>;
