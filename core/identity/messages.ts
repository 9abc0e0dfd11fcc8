import * as v from 'valibot';
import { MAX_PIECES } from '../base/bounds.ts';
import { DOWNLOAD_OPTIONS } from '../engine/option-table.ts';
import { rateLimits, restingStatus, swarmStatus, swarmTuning, verifiedPiece } from '../engine/statuses.ts';
import {
  bindList,
  bytePerPiece,
  count,
  endpoint,
  flag,
  type Frozen,
  hashes,
  host,
  identity,
  listOf,
  pieces,
  port,
  span,
  text,
  torrentKey as key,
} from '../engine/values.ts';
import { checkedSame } from '../engine/checked-alike.ts';
import { variantBy } from '../engine/variant-by.ts';
import { type DhtFromIdentity, dhtFromIdentity, dhtToIdentity } from './dht-messages.ts';
import { machineNews } from './machine-news.ts';
import * as part from './message-parts.ts';

// Each message in one entry, from which its type and its check follow (docs/architecture.md, "How to add a message").

/** Version of all messages, the workers' too. A process of another version is refused, with a message that names both. */
export const MESSAGES_VERSION = 1;

/** All that an identity needs for one download. */
const setup = v.object({
  key,
  /** What peers and trackers call it: a hybrid torrent is in two swarms (BEP 52). */
  hashes,
  identity,
  /** K. */
  count: part.identityCount,
  peerId: part.peerId,
  /** The `key` of announces, which stays the same when the address changes. */
  trackerKey: count,
  /** Local address to bind everything to; undefined: the system chooses. */
  address: v.exactOptional(text),
  /** The proxy by which alone this identity leaves, and for which `address` stands. */
  proxy: v.exactOptional(part.proxy),
  /** The preferred port to listen on; 0: any free one. Shared by the downloads of a process on one address. */
  port,
  /** Routers to ask for mappings on links of which the routing tables name none. */
  gateways: v.exactOptional(bindList),
  /** Raw info dictionary; undefined: fetch it from peers first (BEP 9), report it, download nothing. */
  rawInfo: v.exactOptional(part.rawInfo),
  /** What `rawInfo` says of it (BEP 27); undefined: read that. */
  private: v.exactOptional(flag),
  /** How its names are read; undefined: as without a torrent file. */
  naming: v.exactOptional(part.naming),
  /**
   * Roots of the trees over its pieces, where it is of version 2. Undefined in a torrent of version 2 alone: fetch them from peers
   * first (BEP 52), report them, download nothing.
   */
  pieceRoots: v.exactOptional(part.pieceRoots),
  trackers: part.trackers,
  /** URLs of servers that have the files (BEP 19). */
  webSeeds: v.exactOptional(part.urls),
  /** Where the .torrent file may be, for a magnet link. */
  torrentUrls: v.exactOptional(part.urls),
  /** Nodes of the DHT that the torrent names (BEP 5). */
  nodes: listOf(endpoint),
  location: part.location,
  selection: DOWNLOAD_OPTIONS.selection.schema,
  strategy: DOWNLOAD_OPTIONS.strategy.schema,
  tuning: checkedSame(swarmTuning),
  /** All of it is there, and lies under its final names: of a seed no more is told of its pieces. */
  whole: v.exactOptional(flag),
  /** `PieceShare` of every piece at the start; undefined while there is no `rawInfo`, and where it is `whole`. */
  shares: v.exactOptional(part.shares),
  /** For pieces that are `present`: the identity that fetched it; `UNKNOWN_OWNER`: nobody knows. */
  owners: v.exactOptional(bytePerPiece),
  /** Blocks of begun pieces that a clean stop kept: bit b of `blocks` (wire order) is block b. */
  begun: part.begunRecords,
  /** Priority of every piece, 0 unwanted to 7; undefined: all 4. */
  priorities: v.exactOptional(bytePerPiece),
  /** Time of day after which nothing may be written to the working folder, until a `lease` message extends it; undefined: no limit. */
  lease: v.exactOptional(span),
  /** Every wanted piece is there: seed as an ordinary client. */
  seed: flag,
  paused: flag,
  /** It is one of several machines that share out the pieces at a server: what its coordinator does not say is agreed on there. */
  together: v.exactOptional(part.together),
});
export type DownloadSetup = Frozen<v.InferOutput<typeof setup>>;

const about = /* @__NO_SIDE_EFFECTS__ */ <Type extends string>(type: Type) => v.object({ type: v.literal(type), key });
const aboutPieces = /* @__NO_SIDE_EFFECTS__ */ <Type extends string>(type: Type) =>
  v.object({ type: v.literal(type), key, pieces });

/** A sibling's piece is waited for: fetch these blocks of it for that sibling, or (`wanted` false) do not any more. Passed on to the other identity. */
const askSibling = v.object({
  type: v.literal('ask-sibling'),
  key,
  sibling: identity,
  piece: part.pieceIndex,
  blocks: part.blocks,
  wanted: flag,
});
/** A block that a sibling asked for, and which peer sent it; without `data` none of that piece can be had. Passed on to the other identity. */
const brought = v.object({
  type: v.literal('brought'),
  key,
  sibling: identity,
  piece: part.pieceIndex,
  block: part.block,
  data: v.exactOptional(part.blockData),
  sender: v.exactOptional(v.object({ host, name: text })),
});

/** Coordinator to identity. `key` names the download. */
export const toIdentity = variantBy('type', [
  /** First message. `cookie`: by it identities of one program know each other's announces in the local network (BEP 14). */
  v.object({ type: v.literal('start'), version: count, identity, limits: rateLimits, cookie: v.exactOptional(text) }),
  v.object({ type: v.literal('add'), setup }),
  /** These pieces are now in this state for you: after a `claim`, siblings' claims and releases, end-game grants, choices of files. */
  v.object({ type: v.literal('shares'), key, state: part.share, pieces }),
  /** Siblings verified and wrote these pieces; `owners` has the identity of each. */
  v.pipe(
    v.object({ type: v.literal('present'), key, pieces, owners: bytePerPiece }),
    v.check((m) => m.owners.length === m.pieces.length, 'owners and pieces differ in number'),
  ),
  /** Give back claimed pieces of which no block was requested, the last ones first, up to `most` (A17): answer with `release`. */
  v.object({ type: v.literal('give-back'), key, most: count }),
  /**
   * Fetch these before all else, as far as you may, in this order: somebody reads them. The whole list each time; `hurries`: somebody reads
   * at all; `helps`: a sibling will ask at once for blocks that come first.
   */
  v.object({ type: v.literal('urgent'), key, pieces, hurries: v.boolean(), helps: v.boolean() }),
  /** Siblings that fetch blocks of your pieces for you, as somebody waits for these: the whole list each time. `rate`: what one receives. */
  v.object({
    type: v.literal('helpers'),
    key,
    helping: listOf(v.object({ sibling: identity, piece: part.pieceIndex, rate: part.receives })),
  }),
  askSibling,
  brought,
  /** Pieces that turned out wrong on disk: fetch them again. */
  aboutPieces('lost'),
  /** How many peers of the siblings have each piece (A8). */
  v.object({ type: v.literal('swarm-availability'), key, counts: part.counts }),
  /** Peers dealt to this identity (A16): the whole list each time. Connections with other peers stay. */
  v.object({ type: v.literal('peers'), key, dial: listOf(part.foundPeer) }),
  /**
   * Close this many of the connections that you dialled, those that you need least: a sibling will dial these peers (A16). Without
   * `needed` only where all are seeds: for leechers it matters who was there first.
   */
  v.object({ type: v.literal('give-up-peers'), key, count, needed: flag }),
  /** Never connect to these (A14): the siblings' peer ids and where they listen. */
  v.object({ type: v.literal('siblings'), key, peerIds: part.peerIds, endpoints: listOf(endpoint) }),
  /** Siblings found peers of these hosts to lie: none of them is dialled or accepted any more. */
  v.object({ type: v.literal('ban'), key, hosts: listOf(host) }),
  /** The user wants these trackers from now on. */
  v.object({ type: v.literal('trackers'), key, trackers: part.trackers }),
  v.object({ type: v.literal('tune'), key, tuning: swarmTuning }),
  v.object({ type: v.literal('priorities'), key, priorities: bytePerPiece }),
  /** Limits of the whole process, over all downloads. */
  v.object({ type: v.literal('limits'), limits: rateLimits }),
  /** Nobody at these addresses is a peer of ours. */
  v.object({ type: v.literal('barred'), v4: part.ranges, v6: part.ranges }),
  /** Which of the machines that meet at a server end with the whole. */
  v.object({ type: v.literal('collect'), key, mode: DOWNLOAD_OPTIONS.collect.schema }),
  about('pause'),
  about('resume'),
  about('announce'),
  /** The share is done: announce `stopped`, close connections and files, forget the download; answer `left`. `begun` pieces are kept (clean stop). */
  about('leave'),
  /** Everything is there: announce `completed` if this client saw that happen and K=1, and stay as an ordinary seed. */
  about('seed'),
  /** Close every file of the download, stop writing and reading; answer `files-closed`. Reads wait for `moved`. */
  about('close-files'),
  v.object({ type: v.literal('moved'), key, location: part.location, naming: part.naming }),
  /** The time of day until which the working folder may be written to; undefined: no limit. */
  v.object({ type: v.literal('lease'), key, until: v.exactOptional(span) }),
  /** The working folder now belongs to another machine: drop what waits to be written. */
  about('lease-lost'),
  /** Report peers of this download in `status`, as a front end shows it; undefined: of none. */
  v.object({ type: v.literal('watch'), key: v.exactOptional(key) }),
  dhtToIdentity,
  v.object({ type: v.literal('ping'), n: count }),
  /** Leave every download, then answer `stopped` and end. */
  v.object({ type: v.literal('stop') }),
]);
export type ToIdentity = Frozen<v.InferOutput<typeof toIdentity>>;
/** Messages about one download. `watch` concerns the process. */
export type AboutOneDownload = Exclude<Extract<ToIdentity, { readonly key: unknown }>, { readonly type: 'watch' }>;
/** Those of them that make no sense without metadata. */
export type AboutPieces = Exclude<
  AboutOneDownload,
  {
    readonly type:
      | 'peers'
      | 'siblings'
      | 'ban'
      | 'trackers'
      | 'pause'
      | 'resume'
      | 'announce'
      | 'leave'
      | 'tune'
      | 'lease'
      | 'lease-lost'
      | 'collect';
  }
>;

/** Identity to coordinator. */
export const fromIdentity = variantBy('type', [
  v.object({ type: v.literal('ready'), version: count }),
  v.object({ type: v.literal('listening'), key, endpoint }),
  aboutPieces('claim'),
  aboutPieces('release'),
  askSibling,
  brought,
  /** Batched: at most ten messages a second. */
  v.object({
    type: v.literal('verified'),
    key,
    pieces: v.pipe(v.array(verifiedPiece), v.maxLength(MAX_PIECES)),
  }),
  /** These came from other machines that meet at the same server, and are written. */
  aboutPieces('collected'),
  machineNews,
  /** These pieces are on stable storage now. */
  aboutPieces('synced'),
  v.object({ type: v.literal('hash-failed'), key, piece: part.pieceIndex, from: listOf(text) }),
  /** Peers of this host lied, and are banned here; the coordinator tells the siblings. */
  v.object({ type: v.literal('banned'), key, host }),
  about('idle'),
  /** A source found these peers; the coordinator deals them. */
  v.object({ type: v.literal('peers-found'), key, source: part.peerSource, endpoints: listOf(part.namedPeer) }),
  /** A connection was made or is gone; `endpoint` is where the peer listens, as far as that is known. */
  v.object({
    type: v.literal('peer'),
    key,
    endpoint,
    peerId: part.peerId,
    source: part.peerSource,
    incoming: flag,
    connected: flag,
  }),
  v.object({ type: v.literal('availability'), key, counts: part.counts }),
  /**
   * `pieceRoots`: also of a torrent of version 2 alone; of a hybrid they may be missing. `named`: whom the torrent file names that it
   * came in, where it did.
   */
  v.object({
    type: v.literal('metadata'),
    key,
    rawInfo: part.rawInfo,
    pieceRoots: v.exactOptional(part.pieceRoots),
    named: v.exactOptional(v.object({ trackers: part.trackers, webSeeds: part.urls })),
  }),
  v.object({ type: v.literal('status'), swarms: listOf(swarmStatus), resting: v.exactOptional(listOf(restingStatus)) }),
  /** Something stops this identity in this download, such as a full disk or a missing file. It has paused itself. */
  v.object({ type: v.literal('failed'), key, code: part.errorCode, message: text }),
  /** What a tracker has to say to people, or why it does not answer. */
  v.object({ type: v.literal('tracker-warning'), key, message: text }),
  dhtFromIdentity,
  about('files-closed'),
  /** Sent every few seconds while leaving takes long, such as when a large part is brought into order. */
  about('leaving'),
  v.object({ type: v.literal('left'), key, begun: part.begunRecords }),
  v.object({ type: v.literal('pong'), n: count }),
  /** An unexpected fault in the process, which ends now, unless the system just cannot open any more files. */
  v.object({ type: v.literal('fault'), message: text }),
  v.object({ type: v.literal('stopped') }),
]);
export type FromIdentity = Frozen<v.InferOutput<typeof fromIdentity>>;

/** What an identity says about its downloads, and not about its process. */
export type AboutDownloads = Exclude<
  FromIdentity,
  DhtFromIdentity | { readonly type: 'ready' | 'pong' | 'fault' | 'stopped' }
>;
/** What it says to whoever has it at work on one of them. */
export type AboutDownload = Exclude<AboutDownloads, { readonly type: 'status' | 'tracker-warning' }>;

export type { ProxyChoice } from './message-parts.ts';
export type { DhtFromIdentity, DhtToIdentity, KeptNode } from './dht-messages.ts';
export { keptNode } from './dht-messages.ts';
export { MACHINE_PIECE, type MachineNews, type MachineStatus } from './machine-news.ts';
