import type { InfoHash } from '../base/ids.ts';
import { mediaType } from '../base/media-type.ts';
import type { IdentitySnapshot, PieceMapSnapshot } from '../engine/engine.ts';
import { PIECE } from '../engine/piece-codes.ts';
import { fileEntry, fileStats, priorityEntry, wantedEntry } from './files.ts';
import { type Json, seconds, SPEED_UNIT } from './json.ts';
import { getsFromUs, peerEntry, peersFrom, sendsToUs } from './peers.ts';
import { FIRST_LIMIT } from './idle-limits.ts';
import { labelsOf } from './labels.ts';
import { FIRST_IDLE, FIRST_RATIO, limitOf, shown } from './seeding.ts';
import { ETA_NONE, errorOf, etaOf, ratioOf, statusOf } from './status.ts';
import type { RpcTorrent } from './torrent.ts';
import { trackerEntry, trackerList, trackerStats } from './trackers.ts';

type Field = (torrent: RpcTorrent) => Json;

/**
 * Every field of `torrent-get` in version 17 of the protocol (Transmission 4.0), and `identities`, which is ours. What is not kept here
 * is what Transmission says of a torrent for which nobody has set it.
 */
export const TORRENT_FIELDS: Readonly<Record<string, Field>> = {
  activityDate: ({ lastActive }) => seconds(lastActive),
  addedDate: ({ of }) => seconds(of.added),
  availability: ({ pieceMap }) => (pieceMap === undefined ? [] : availabilityOf(pieceMap)),
  bandwidthPriority: () => 0,
  comment: ({ of }) => of.comment ?? '',
  corruptEver: ({ of }) => of.hashFailures * of.pieceLength,
  creator: ({ of }) => of.createdBy ?? '',
  dateCreated: ({ of }) => seconds(of.created),
  desiredAvailable: (torrent) => (torrent.of.stall?.kind === 'no-seed' ? 0 : torrent.of.peers > 0 ? torrent.left : 0),
  doneDate: ({ of }) => seconds(of.finished),
  downloadDir: ({ of }) => of.options.output,
  downloadedEver: ({ of }) => of.downloaded,
  downloadLimit: (torrent) => speed(torrent, 'down'),
  downloadLimited: ({ of }) => of.options.down > 0,
  editDate: () => 0,
  error: ({ of }) => errorOf(of).code,
  errorString: ({ of }) => errorOf(of).message,
  eta: ({ of, goals }) => etaOf(of, goals.ratio === 'none' ? undefined : goals.ratio),
  etaIdle: () => ETA_NONE,
  'file-count': ({ of }) => of.files,
  files: ({ files }) => files.map(fileEntry),
  fileStats: ({ files }) => files.map(fileStats),
  group: () => '',
  hashString: ({ of }) => of.infoHash,
  haveUnchecked: () => 0,
  haveValid: ({ of }) => of.bytes.have,
  honorsSessionLimits: () => true,
  id: ({ id }) => id,
  identities: ({ of }) => of.identities.map(identityEntry),
  isFinished: ({ of }) => of.state === 'done',
  isPrivate: ({ of }) => of.private,
  isStalled: ({ of }) => of.stall !== undefined,
  labels: ({ of }) => labelsOf(of.options),
  leftUntilDone: ({ left }) => left,
  magnetLink: (torrent) => magnetOf(torrent),
  manualAnnounceTime: () => 0,
  maxConnectedPeers: ({ of }) => of.options.maxPeers,
  metadataPercentComplete: ({ of }) => (of.pieceLength > 0 ? 1 : 0),
  name: ({ of }) => of.name,
  'peer-limit': ({ of }) => of.options.maxPeers,
  peers: ({ peers }) => peers.map(peerEntry),
  peersConnected: ({ of }) => of.peers,
  peersFrom: ({ of }) => peersFrom(of.identities),
  peersGettingFromUs: (torrent) => active(torrent.of.rate.up, torrent.peers.filter(getsFromUs).length),
  peersSendingToUs: (torrent) => active(torrent.of.rate.down, torrent.peers.filter(sendsToUs).length),
  percentComplete: ({ of }) => part(of.bytes.have, of.bytes.total),
  percentDone: ({ left, sizeWhenDone }) => part(sizeWhenDone - left, sizeWhenDone),
  pieceCount: ({ of }) => of.pieces.total,
  pieceSize: ({ of }) => of.pieceLength,
  pieces: ({ pieceMap }) => (pieceMap === undefined ? '' : bitfieldOf(pieceMap)),
  'primary-mime-type': ({ of }) => mediaType(of.name),
  priorities: ({ files }) => files.map(priorityEntry),
  queuePosition: ({ of }) => of.place,
  rateDownload: ({ of }) => Math.round(of.rate.down),
  rateUpload: ({ of }) => Math.round(of.rate.up),
  recheckProgress: ({ of }) => of.work ?? 0,
  secondsDownloading: ({ of }) => Math.floor(Math.max(0, of.active - of.seeded) / 1000),
  secondsSeeding: ({ of }) => Math.floor(of.seeded / 1000),
  seedIdleLimit: (torrent) => seeds(torrent, 'idle').limit,
  seedIdleMode: (torrent) => seeds(torrent, 'idle').mode,
  seedRatioLimit: (torrent) => seeds(torrent, 'ratio').limit,
  seedRatioMode: (torrent) => seeds(torrent, 'ratio').mode,
  sequential_download: ({ of }) => of.options.sequential,
  sizeWhenDone: ({ sizeWhenDone }) => sizeWhenDone,
  source: () => '',
  startDate: ({ of }) => seconds(of.added),
  status: ({ of }) => statusOf(of),
  torrentFile: () => '',
  totalSize: ({ of }) => of.bytes.total,
  trackerList: ({ trackers }) => trackerList(trackers),
  trackers: ({ trackers }) => trackers.map(trackerEntry),
  trackerStats: ({ trackers, now }) => trackers.map((tracker) => trackerStats(tracker, now)),
  uploadedEver: ({ of }) => of.uploaded,
  uploadLimit: (torrent) => speed(torrent, 'up'),
  uploadLimited: ({ of }) => of.options.up > 0,
  uploadRatio: ({ of }) => ratioOf(of),
  wanted: ({ files }) => files.map(wantedEntry),
  webseeds: ({ sources }) =>
    sources.flatMap((one) => (one.kind === 'web' && one.identity === 0 ? one.seeds.map(({ url }) => url) : [])),
  webseedsSendingToUs: ({ sources }) =>
    sources.reduce(
      (sum, one) => sum + (one.kind === 'web' ? one.seeds.filter(({ state }) => state === 'working').length : 0),
      0,
    ),
};

/** In kB/s, also while it does not hold. */
function speed(torrent: RpcTorrent, way: 'down' | 'up'): number {
  const now = torrent.of.options[way];
  return now > 0 ? Math.round(now / SPEED_UNIT) : (torrent.idle(way) ?? FIRST_LIMIT);
}

/** Which limit of seeding holds, and its number, also while it does not hold. */
function seeds(torrent: RpcTorrent, of: 'ratio' | 'idle'): ReturnType<typeof limitOf> {
  const usual = torrent.goals[of];
  const first = of === 'ratio' ? FIRST_RATIO : FIRST_IDLE;
  return limitOf(torrent.of.options.seed, of, torrent.idle(of) ?? (usual === 'none' ? first : shown(of, usual)));
}

const part = (of: number, all: number): number => (all === 0 ? 0 : Math.min(1, of / all));

/** Peers are only told of the torrent that somebody looks at: of the others it is known that one at least must be active. */
const active = (rate: number, known: number): number => (rate > 0 ? Math.max(1, known) : 0);

const isThere = (code: number | undefined): boolean =>
  code !== PIECE.unwanted && code !== PIECE.missing && code !== PIECE.fetching;

/** For each piece how many connected peers have it; -1: it is here. */
function availabilityOf({ pieces, availability }: PieceMapSnapshot): Json {
  return Array.from(pieces, (code, p) => (isThere(code) ? -1 : (availability[p] ?? 0)));
}

/** A bit a piece, the first one highest (BEP 3), in base64. */
function bitfieldOf({ pieces }: PieceMapSnapshot): string {
  const bits = new Uint8Array(Math.ceil(pieces.length / 8));
  pieces.forEach((code, p) => {
    if (isThere(code)) bits[p >> 3] = (bits[p >> 3] ?? 0) | (0x80 >> (p & 7));
  });
  return Buffer.from(bits).toString('base64');
}

function identityEntry(one: IdentitySnapshot): Json {
  return {
    index: one.index,
    state: one.state,
    address: one.address ?? one.proxy ?? '',
    port: one.port ?? 0,
    pieces: one.held,
    rateDownload: Math.round(one.rate.down),
    rateUpload: Math.round(one.rate.up),
    downloadedEver: one.downloaded,
    uploadedEver: one.uploaded,
    peersConnected: one.peers,
    reachability: one.reachability.kind,
  };
}

/** Names the torrent to others (BEP 9, 52). */
function magnetOf({ of, trackers }: RpcTorrent): string {
  const topic = (hash: InfoHash | undefined, before: string): string[] =>
    hash === undefined ? [] : [`xt=${before}${hash}`];
  return `magnet:?${[
    ...topic(of.infoHashV1, 'urn:btih:'),
    ...topic(of.infoHashV2, 'urn:btmh:1220'),
    `dn=${encodeURIComponent(of.name)}`,
    ...trackers.map(({ url }) => `tr=${encodeURIComponent(url)}`),
  ].join('&')}`;
}
