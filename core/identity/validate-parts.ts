import * as v from 'valibot';
import type { Endpoint } from '../base/endpoint.ts';
import type { ErrorCode } from '../base/errors.ts';
import type { PeerId, PieceIndex } from '../base/ids.ts';
import { MAX_IDENTITIES, MAX_PIECES, MAX_TORRENT_BYTES } from '../base/bounds.ts';
import { LAYOUT_KINDS } from '../base/choices.ts';
import {
  amount,
  byteCount,
  count,
  flag,
  fraction,
  host,
  identity,
  infoHash,
  isWhole,
  MAX_LIST,
  port,
  rate,
  span,
  text,
} from '../engine/values.ts';
import type { BegunRecord } from '../store/begun-record.ts';
import type { StoreLocation } from '../store/layout.ts';
import { PieceShare } from '../strategy/share-map.ts';
import type { PeerStatus, RateLimits, SwarmStatus, SwarmTuning, TrackerStatus, VerifiedPiece } from './messages.ts';

/** The parts that process messages are made of, with the bounds that hold for them. */

export const peerId = v.custom<PeerId>((x) => typeof x === 'string' && /^[0-9a-f]{40}$/.test(x), 'not a peer id');
export const identityCount = v.custom<number>((n) => isWhole(n, MAX_IDENTITIES) && n > 0, 'not a count of identities');
export const pieceIndex = v.custom<PieceIndex>((n) => isWhole(n, MAX_PIECES - 1), 'not a piece');
/** One byte for each piece. */
export const bytePerPiece = v.custom<Uint8Array>(
  (x) => x instanceof Uint8Array && x.length <= MAX_PIECES,
  'not one byte a piece',
);
export const shares = v.custom<Uint8Array>(
  (x) => x instanceof Uint8Array && x.length <= MAX_PIECES && x.every((state) => state <= PieceShare.present),
  'not a map of shares',
);
export const counts = v.custom<Uint16Array>(
  (x) => x instanceof Uint16Array && x.length <= MAX_PIECES,
  'not counts of pieces',
);
export const pieces = v.custom<Uint32Array>(
  (x) => x instanceof Uint32Array && x.length <= MAX_PIECES && x.every((piece) => piece < MAX_PIECES),
  'not a list of pieces',
);
export const rawInfo = v.custom<Uint8Array>(
  (x) => x instanceof Uint8Array && x.length > 0 && x.length <= MAX_TORRENT_BYTES,
  'not an info dictionary',
);
export const share = v.custom<PieceShare>((n) => isWhole(n, PieceShare.present), 'not a share');

const ERROR_CODES: Record<ErrorCode, true> = {
  usage: true,
  'invalid-torrent': true,
  'invalid-bencode': true,
  protocol: true,
  tracker: true,
  network: true,
  disk: true,
  exists: true,
  verification: true,
  'in-use': true,
  'newer-version': true,
  'invalid-message': true,
  'timed-out': true,
  interrupted: true,
  private: true,
};
export const errorCode = v.custom<ErrorCode>(
  (x) => typeof x === 'string' && Object.hasOwn(ERROR_CODES, x),
  'not an error code',
);

export const hosts = v.pipe(v.array(host), v.maxLength(MAX_LIST));
export const endpoint: v.GenericSchema<unknown, Endpoint> = v.object({ host, port });
export const endpoints = v.pipe(v.array(endpoint), v.maxLength(MAX_LIST));
export const addresses = v.pipe(v.array(text), v.maxLength(MAX_LIST));
export const peerIds = v.pipe(v.array(peerId), v.maxLength(255));
export const trackers = v.pipe(v.array(v.pipe(v.array(text), v.maxLength(MAX_LIST))), v.maxLength(MAX_LIST));

export const begunRecords: v.GenericSchema<unknown, BegunRecord[]> = v.pipe(
  v.array(v.object({ piece: pieceIndex, blocks: bytePerPiece })),
  v.maxLength(MAX_PIECES),
);

export const location: v.GenericSchema<unknown, StoreLocation> = v.object({
  layout: v.picklist(LAYOUT_KINDS),
  workFolder: v.pipe(text, v.minLength(1)),
  output: v.pipe(text, v.minLength(1)),
  assembled: flag,
  identity,
});

export const rateLimits: v.GenericSchema<unknown, RateLimits> = v.object({ down: rate, up: rate });

export const tuning: v.GenericSchema<unknown, SwarmTuning> = v.object({
  limits: rateLimits,
  maxUploads: count,
  maxPeers: count,
  share: flag,
  sequential: flag,
});

export const verifiedPieces: v.GenericSchema<unknown, VerifiedPiece[]> = v.pipe(
  v.array(v.object({ piece: pieceIndex, from: addresses, seconds: amount, late: flag })),
  v.maxLength(MAX_PIECES),
);

const trackerStatus: v.GenericSchema<unknown, TrackerStatus> = v.object({
  url: text,
  tier: count,
  state: v.picklist(['idle', 'announcing', 'working', 'failed']),
  message: v.exactOptional(text),
  seeds: v.exactOptional(count),
  leechers: v.exactOptional(count),
  next: v.exactOptional(span),
});

const peerStatus: v.GenericSchema<unknown, PeerStatus> = v.object({
  endpoint,
  client: text,
  incoming: flag,
  down: rate,
  up: rate,
  downloaded: byteCount,
  uploaded: byteCount,
  progress: fraction,
  amInterested: flag,
  amChoking: flag,
  peerInterested: flag,
  peerChoking: flag,
  snubbed: flag,
  optimistic: flag,
  pieces: v.custom<Uint8Array>((x) => x instanceof Uint8Array && x.length <= 64, 'not a line of cells'),
});

export const swarmStatus: v.GenericSchema<unknown, SwarmStatus> = v.object({
  infoHash,
  state: v.picklist(['fetching-metadata', 'downloading', 'seeding', 'paused', 'no-address', 'sharing']),
  endpoint: v.exactOptional(endpoint),
  down: rate,
  up: rate,
  downloaded: byteCount,
  uploaded: byteCount,
  wasted: byteCount,
  peers: count,
  seeds: count,
  reachable: flag,
  begun: pieces,
  begunFill: bytePerPiece,
  trackers: v.pipe(v.array(trackerStatus), v.maxLength(MAX_LIST)),
  peerList: v.exactOptional(v.pipe(v.array(peerStatus), v.maxLength(MAX_LIST))),
});
