import * as v from 'valibot';
import { MAX_PIECES } from '../base/bounds.ts';
import { type EncryptionPolicy, ENCRYPTIONS, MAPPING_PROTOCOLS, TRANSPORTS } from '../base/choices.ts';
import type { Endpoint } from '../base/endpoint.ts';
import { remembered } from '../base/remembered.ts';
import { bytesPerSecond, type PieceIndex } from '../base/ids.ts';
import { PEER_SOURCES } from '../base/peer-source.ts';
import { DOWNLOAD_OPTIONS } from './option-table.ts';
import {
  amount,
  byteCount,
  bytePerPiece,
  count,
  endpoint,
  flag,
  fraction,
  type Frozen,
  host,
  isWhole,
  listOf,
  pieces,
  port,
  rate,
  span,
  text,
  torrentKey,
} from './values.ts';
import { variantBy } from './variant-by.ts';

// What an identity reports of a download, and how it is told to behave in it. Front ends get peers and trackers in this form, with
// the identity added.

const { maxPeers, share, sequential, superSeeding, encryption, dht, pex, lsd, portMap, tcp, utp } = DOWNLOAD_OPTIONS;

/** How many cells show a peer's pieces: enough for a list, few enough to be sent twice a second. */
export const LINE_CELLS = 64;

/** Limits of rate; 0 means none. */
export const rateLimits = v.object({ down: rate, up: rate });
export type RateLimits = Frozen<v.InferOutput<typeof rateLimits>>;

/** Which ways to peers may be used, besides trackers and named peers, what carries connections with them, and how they are encrypted. */
export interface Ways {
  readonly dht: boolean;
  readonly pex: boolean;
  readonly lsd: boolean;
  readonly portMap: boolean;
  readonly tcp: boolean;
  readonly utp: boolean;
  readonly encryption: EncryptionPolicy;
}

/** The user's settings for the nodes that all downloads share. */
export interface DhtSettings {
  /** Nodes to start from, in place of the well-known ones; empty: those. */
  readonly dhtBootstrap: readonly Endpoint[];
  /** Run nodes also while no download uses them. */
  readonly dhtAlways: boolean;
  /** Whether there may be any. */
  readonly dht: boolean;
  /** Where they are while no download uses them. */
  readonly links: readonly string[];
  readonly bind: readonly string[];
  readonly proxies: readonly string[];
  readonly port: number;
}

/** What may change while a download runs. */
export const swarmTuning = v.object({
  /** Limits of this identity in this download. */
  limits: rateLimits,
  /** Its part of the download's upload slots, which identities behind one network interface share. */
  maxUploads: count,
  maxPeers: maxPeers.schema,
  share: share.schema,
  sequential: sequential.schema,
  superSeeding: superSeeding.schema,
  encryption: encryption.schema,
  dht: dht.schema,
  pex: pex.schema,
  lsd: lsd.schema,
  portMap: portMap.schema,
  tcp: tcp.schema,
  utp: utp.schema,
});
export type SwarmTuning = Frozen<v.InferOutput<typeof swarmTuning>>;

/** What became of a piece. */
export const verifiedPiece = v.object({
  piece: v.custom<PieceIndex>((n) => isWhole(n, MAX_PIECES - 1), 'not a piece'),
  /** Addresses of the peers it came from. */
  from: listOf(text),
  /** From first request to written. */
  seconds: amount,
  /** Its bytes arrived, but a sibling was first: they count as wasted. */
  late: flag,
});
export type VerifiedPiece = Frozen<v.InferOutput<typeof verifiedPiece>>;

/** What one identity knows of one tracker. */
export const trackerStatus = v.object({
  /** The same text for all torrents that name it. */
  url: v.pipe(text, v.transform(remembered(256, (url) => url))),
  tier: count,
  state: v.picklist(['idle', 'announcing', 'working', 'failed']),
  message: v.exactOptional(text),
  seeds: v.exactOptional(count),
  leechers: v.exactOptional(count),
  /** Until the next announce. */
  next: v.exactOptional(span),
});
export type TrackerStatus = Frozen<v.InferOutput<typeof trackerStatus>>;

/** A server that has the files (BEP 19), of those that were asked. */
export const webSeedStatus = v.object({
  url: text,
  /** `waiting`: until it is asked again; `gone`: it is not. */
  state: v.picklist(['stopped', 'working', 'waiting', 'gone']),
  /** Why it waits or is gone. */
  message: v.exactOptional(text),
  /** Payload that it sent. */
  downloaded: byteCount,
});
export type WebSeedStatus = Frozen<v.InferOutput<typeof webSeedStatus>>;

/** How a source of peers, or of blocks, fares. */
export const sourceStatus = variantBy('kind', [
  /** `found`, of each kind: how many different peers it named. */
  v.object({ kind: v.literal('tracker'), found: count, trackers: listOf(trackerStatus) }),
  /** The DHT (BEP 5), asked for this identity alone. */
  v.object({
    kind: v.literal('dht'),
    /** `off`: not to be used; `joining`: no node of ours knows others yet; `waiting`: until the next search. */
    state: v.picklist(['off', 'joining', 'searching', 'waiting']),
    /** Nodes that answered the last search. */
    nodes: count,
    /** Of these, the ones that took our announce. */
    announced: count,
    found: count,
    /** Since the last search was over. */
    last: v.exactOptional(span),
    /** Until the next one. */
    next: v.exactOptional(span),
  }),
  /** Peer exchange. */
  v.object({ kind: v.literal('pex'), found: count }),
  v.object({ kind: v.literal('web'), seeds: listOf(webSeedStatus) }),
  /** Local discovery; `next`: until the next announce. */
  v.object({ kind: v.literal('lsd'), found: count, next: v.exactOptional(span) }),
]);
export type SourceStatus = Frozen<v.InferOutput<typeof sourceStatus>>;

/** How many connected peers came from each source; those without any are left out. */
export const connectedBySource = v.record(v.picklist(PEER_SOURCES), count);
export type ConnectedBySource = Frozen<v.InferOutput<typeof connectedBySource>>;

const traffic = v.object({ messages: count, bytes: count });
/** One of our nodes in the DHT. */
export const dhtNodeStatus = v.object({
  /** The local address that it stands for, and its UDP port. */
  address: host,
  port,
  family: v.picklist([4, 6]),
  /** 40 hex digits. */
  id: v.pipe(v.string(), v.regex(/^[0-9a-f]{40}$/)),
  state: v.picklist(['stopped', 'joining', 'joined']),
  /** Nodes in its table: those that answered lately, those that have to be asked again, those in reserve. */
  nodes: v.object({ good: count, questionable: count, spare: count }),
  /** What it keeps for others. */
  kept: v.object({ torrents: count, peers: count }),
  /** How others see its address, where enough of them agree. */
  externalAddress: v.exactOptional(host),
  /** It asks, but answers nobody, since nobody reaches it unasked (BEP 43). */
  readOnly: flag,
  sent: traffic,
  received: traffic,
  /** Senders that are not heard for a while, as they sent too much. */
  muted: count,
  /** Searches under way, and waiting for their turn. */
  searches: count,
  /** Peers that its searches found; one that several searches found counts several times. */
  found: count,
});
export type DhtNodeStatus = Frozen<v.InferOutput<typeof dhtNodeStatus>>;

export const peerStatus = v.object({
  endpoint,
  client: text,
  /** How we came to know it. */
  source: v.picklist(PEER_SOURCES),
  incoming: flag,
  transport: v.picklist(TRANSPORTS),
  encryption: v.picklist(ENCRYPTIONS),
  /** A common peer helped to connect, through NATs (BEP 55). */
  punched: flag,
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
  /** It says that it wants nothing (BEP 21). */
  uploadOnly: flag,
  /** What it has, as a line of cells (`bitLine`): how much of each is there, 0 to 255. */
  pieces: v.custom<Uint8Array>((x) => x instanceof Uint8Array && x.length <= LINE_CELLS, 'not a line of cells'),
});
export type PeerStatus = Frozen<v.InferOutput<typeof peerStatus>>;

const mapped = {
  by: v.picklist(MAPPING_PROTOCOLS),
  /** The router's outer address, where it tells one. */
  host: v.exactOptional(host),
  /** The outer port. */
  port,
  /** Until when, unless it is renewed: time of day, Unix milliseconds. */
  until: span,
  /** Why it may not suffice, such as a second router before it, and what to do. */
  note: v.exactOptional(text),
};

/** How the mapping of an identity's port at its link's router fares. */
export const mappingStatus = variantBy('kind', [
  /** Not asked, not answered yet, or there is no router between. */
  v.object({ kind: v.literal('unknown') }),
  v.object({ kind: v.literal('mapped'), ...mapped }),
  /** It could not be had: a sentence that says what to do. */
  v.object({ kind: v.literal('unmapped'), message: text }),
]);
export type MappingStatus = Frozen<v.InferOutput<typeof mappingStatus>>;

/** Whether peers reach an identity from outside; `reached` (B18): one did, whatever is known of the mapping. */
export const reachability = variantBy('kind', [
  mappingStatus,
  v.object({ kind: v.literal('reached'), mapping: mappingStatus }),
]);
export type Reachability = Frozen<v.InferOutput<typeof reachability>>;

const atRest = {
  key: torrentKey,
  /** `no-address`: its address is gone, it waits (invariant 8); `sharing`: its share is done, it stays to upload (A11). */
  state: v.picklist(['fetching-metadata', 'downloading', 'seeding', 'paused', 'no-address', 'sharing']),
  endpoint: v.exactOptional(endpoint),
  /** Payload bytes since the process got the download. */
  downloaded: byteCount,
  uploaded: byteCount,
  wasted: byteCount,
  reachability,
  sources: listOf(sourceStatus),
  /** How trackers and peers see its address, where enough of them agree. */
  seenAs: v.exactOptional(host),
};
/** One identity in one download with which nobody is connected: there is nothing else to tell of it. */
export const restingStatus = v.object(atRest);
export type RestingStatus = Frozen<v.InferOutput<typeof restingStatus>>;

/** One identity in one download, twice a second. */
export const swarmStatus = v.object({
  ...atRest,
  down: rate,
  up: rate,
  peers: count,
  /** How many of these have everything. */
  seeds: count,
  /** How many of these a common peer helped to connect with (BEP 55). */
  punched: count,
  /** How many have something that is to be fetched here, and how many of these choke us. */
  useful: count,
  choking: count,
  /** Pieces being fetched right now, each with how much is there, 0 to 255: for the piece map. */
  begun: pieces,
  begunFill: bytePerPiece,
  connected: connectedBySource,
  /** Only for the watched download. */
  peerList: v.exactOptional(listOf(peerStatus)),
});
export type SwarmStatus = Frozen<v.InferOutput<typeof swarmStatus>>;

const NONE_BEGUN = new Uint32Array(0);
const NO_FILL = new Uint8Array(0);
const NOBODY = {};

/** The whole status of one at rest, each field by its name, as thousands are kept: V8 keeps what spreading puts together as a dictionary. */
export function wholeStatus(resting: RestingStatus): SwarmStatus {
  const { endpoint, seenAs } = resting;
  const whole: { -readonly [K in keyof SwarmStatus]: SwarmStatus[K] } = {
    key: resting.key,
    state: resting.state,
    down: bytesPerSecond(0),
    up: bytesPerSecond(0),
    downloaded: resting.downloaded,
    uploaded: resting.uploaded,
    wasted: resting.wasted,
    peers: 0,
    seeds: 0,
    punched: 0,
    useful: 0,
    choking: 0,
    reachability: resting.reachability,
    begun: NONE_BEGUN,
    begunFill: NO_FILL,
    sources: resting.sources,
    connected: NOBODY,
  };
  if (endpoint !== undefined) whole.endpoint = endpoint;
  if (seenAs !== undefined) whole.seenAs = seenAs;
  return whole;
}

/** All that an identity tells at once of its downloads. */
export function statusesIn(told: {
  readonly swarms: readonly SwarmStatus[];
  readonly resting?: readonly RestingStatus[];
}): SwarmStatus[] {
  const { swarms, resting = [] } = told;
  return [...swarms, ...resting.map(wholeStatus)];
}
