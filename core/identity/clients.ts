import { TRANSPORTS, type TransportName } from '../base/choices.ts';
import type { TokenBucket } from '../base/token-bucket.ts';
import { GrantedClaimer } from '../claims/granted-claimer.ts';
import { WholeClaimer } from '../claims/whole-claimer.ts';
import { LinkedTorrents, type LinkedTorrentsOptions } from '../discovery/linked-torrents.ts';
import { Geometry } from '../metainfo/geometry.ts';
import { sourcesNamedIn } from '../metainfo/named-sources.ts';
import type { Info } from '../metainfo/torrent.ts';
import type { Transport } from '../peer/connector.ts';
import type { PieceStore } from '../store/piece-store.ts';
import { pieceStore } from '../store/piece-store.ts';
import type { WriteLease } from '../store/records/write-lease.ts';
import type { Claimer } from '../strategy/claims/claimer.ts';
import { strategyNamed } from '../strategy/orders/strategies.ts';
import { PieceShare, ShareMap } from '../strategy/pieces/share-map.ts';
import type { CoreOptions } from '../swarm/core.ts';
import { MetadataSwarm } from '../swarm/metadata-swarm.ts';
import type { Totals } from '../swarm/state.ts';
import { Swarm } from '../swarm/swarm.ts';
import { WebSeeds } from '../webseed/web-seeds.ts';
import type { LastingSources } from './lasting-sources.ts';
import type { Outbox } from './outbox.ts';
import { failedMessage } from './reports.ts';
import { shareMap } from './setup-shares.ts';
import { type SourceParts, tellNamesElsewhere, warn } from './torrent-sources.ts';

/** The fetching of a download's metadata. */
export interface MetadataClient {
  readonly kind: 'metadata';
  readonly swarm: MetadataSwarm;
}

/** The client of a download whose metadata is known. */
export interface PieceClient {
  readonly kind: 'pieces';
  readonly swarm: Swarm;
  readonly store: PieceStore;
  readonly share: ShareMap;
}

/** What a client is built from. */
export interface ClientParts extends SourceParts {
  readonly outbox: Outbox;
  /** Token buckets of this download alone. */
  readonly buckets: { readonly down: TokenBucket; readonly up: TokenBucket };
  /** Says until when the working folder may be written to. */
  readonly lease: WriteLease;
  readonly sources: LastingSources;
  /** It rested until now: what it had moved before. */
  readonly rested?: Readonly<Totals>;
  /** The client cannot go on, and has stopped itself. */
  failed(error: unknown): void;
}

/** For a magnet link of which only the info-hash is known, or for a torrent of version 2 without its piece layers: `known`. */
export function metadataClient(parts: ClientParts, known?: Info): MetadataClient {
  const { setup, host } = parts;
  const { key } = setup;
  const swarm = new MetadataSwarm({
    ...coreOptions(parts),
    ...(known !== undefined && { known }),
    found: ({ raw, pieceRoots }, file) =>
      host.post({
        type: 'metadata',
        key,
        rawInfo: raw,
        ...(pieceRoots !== undefined && { pieceRoots }),
        ...(file !== undefined && { named: sourcesNamedIn(file) }),
      }),
    elsewhere: (take) => linkedTorrents(parts, take),
    failed: (error) => host.post(failedMessage(key, error)),
  });
  return { kind: 'metadata', swarm };
}

/** `own`: the share map and the claims of an identity that has no coordinator. Rejects with EnsembleError. */
export function downloadClient(
  parts: ClientParts,
  info: Info,
  own: { readonly share: ShareMap; readonly claimer: Claimer } | undefined,
): PieceClient {
  const { setup, host, outbox, buckets, lease, rested } = parts;
  const { key } = setup;
  const whole = rested && new ShareMap(info.pieceCount, PieceShare.present);
  const share = own?.share ?? whole ?? shareMap(info.pieceCount, setup);
  const { location, count, owners } = setup;
  const store = pieceStore(host.ports, {
    info,
    geometry: new Geometry(info),
    location,
    count,
    owners,
    lease,
  });
  const core = coreOptions(parts);
  const swarm = new Swarm({
    ...core,
    info,
    share,
    claimer: own?.claimer ?? claimer(parts),
    store,
    begun: rested === undefined ? setup.begun : undefined,
    ...(rested !== undefined && { totals: rested }),
    ...(setup.priorities === undefined ? {} : { priorities: setup.priorities }),
    selection: setup.selection,
    strategy: strategyNamed(setup.strategy),
    tuning: parts.tuning(),
    seeding: setup.seed,
    buckets: { down: [host.buckets.down, buckets.down], up: [host.buckets.up, buckets.up] },
    line: host.line,
    others: (intake) =>
      new WebSeeds(intake, {
        ports: host.ports,
        info,
        geometry: new Geometry(info),
        urls: setup.webSeeds ?? [],
        address: setup.address,
        client: host.client,
        barred: (address) => host.barred(address),
        warn: (text) => warn(parts, text),
      }),
    events: {
      ...core.events,
      verified: (piece) => outbox.verified(piece),
      hashFailed: (piece, from) => host.post({ type: 'hash-failed', key, piece, from }),
      ask: (sibling, piece, blocks, wanted) => host.post({ type: 'ask-sibling', key, sibling, piece, blocks, wanted }),
      brought: ({ data, ...block }) =>
        host.post({ type: 'brought', key, ...block, ...(data !== undefined && { data }) }),
      banned: (banned) => host.post({ type: 'banned', key, host: banned }),
      failed: (error) => parts.failed(error),
    },
  });
  return { kind: 'pieces', swarm, store, share };
}

/** The options that both kinds of swarm need. */
function coreOptions(parts: ClientParts): CoreOptions {
  const { ports, client, post } = parts.host;
  const { key, hashes, identity, peerId, address, proxy, count, selection } = parts.setup;
  // To a proxy's peers we are at the address of the link, wherever the connection with the proxy comes from.
  const seenAt = (local: string): string => (proxy === undefined ? local : (address ?? local));
  return {
    ports,
    self: {
      key,
      hashes,
      identity,
      peerId,
      count,
      claims: count > 1 && selection !== 'fixed',
      ...(address === undefined ? {} : { address }),
      external: parts.socket.external,
      endpoint: () => parts.socket.local,
      announced: () => parts.socket.announced,
      mapping: () => parts.socket.mapping,
    },
    client,
    encryption: () => parts.tuning().encryption,
    transports: () => transportsOf(parts),
    pex: () => parts.tuning().pex,
    barred: (host) => parts.host.barred(host),
    // From which port a proxy sends our datagrams is not known.
    punches: () => parts.tuning().utp && proxy === undefined,
    isOutside: (remote) => parts.socket.utp.isOutside(remote, address),
    sources: (needs) => parts.sources.serve(needs),
    events: {
      peer: (change) => post({ type: 'peer', key, ...change }),
      peersFound: (source, endpoints) => post({ type: 'peers-found', key, source, endpoints }),
    },
    dht: {
      on: () => parts.tuning().dht,
      // At which port a proxy sends our datagrams is not known.
      portAt: (local) => (proxy === undefined ? parts.host.dht.portAt(local) : undefined),
      heardOf: (local, node) => parts.host.dht.heardOf(seenAt(local), [node]),
      reachedAt: (local) => parts.host.dht.reachedAt(seenAt(local)),
    },
  };
}

/** TCP has a head start, as it costs both sides less; uTP reaches those that nothing else does. */
function transportsOf({ host, socket, tuning }: ClientParts): ReadonlyMap<TransportName, Transport> {
  const { tcp, utp } = tuning();
  const methods: Record<TransportName, Transport> = { tcp: host.ports.net, utp: socket.utp };
  const on: Record<TransportName, boolean> = { tcp, utp };
  return new Map(TRANSPORTS.filter((name) => on[name]).map((name) => [name, methods[name]]));
}

function linkedTorrents(parts: ClientParts, take: LinkedTorrentsOptions['take']): LinkedTorrents {
  const { host, setup } = parts;
  const { address, torrentUrls: urls = [] } = setup;
  tellNamesElsewhere(parts, urls);
  return new LinkedTorrents({ ports: host.ports, urls, address, take, warn: (text) => warn(parts, text) });
}

function claimer({ setup, outbox }: ClientParts): Claimer {
  if (setup.count === 1) return new WholeClaimer();
  return new GrantedClaimer({
    claim: (pieces) => outbox.claim(pieces),
    release: (pieces) => outbox.released(pieces),
    idle: () => outbox.idle(),
  });
}
