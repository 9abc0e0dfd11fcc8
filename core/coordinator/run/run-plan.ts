import { toldOf } from '../../metainfo/known-info.ts';
import type { DownloadOptions } from '../../engine/engine.ts';
import type { Endpoint } from '../../base/endpoint.ts';
import type { FoundPeer } from '../../base/peer-source.ts';
import type { IdentityIndex, Millis, TorrentKey } from '../../base/ids.ts';
import type { DownloadSetup } from '../../identity/messages.ts';
import type { Info } from '../../metainfo/torrent.ts';
import type { BegunRecord } from '../../store/records/begun-record.ts';
import type { ChosenFolder, StoreLocation } from '../../store/layouts/layout.ts';
import type { Member } from './member.ts';
import type { PieceLedger } from '../download/piece-ledger.ts';

/** Everything that the identities of a download work from. */
export interface RunPlan {
  readonly key: TorrentKey;
  readonly info: Info;
  readonly trackers: readonly (readonly string[])[];
  /** Servers that have the files (BEP 19). */
  readonly webSeeds?: readonly string[];
  /** Peers that the source names. */
  readonly peers: readonly Endpoint[];
  /** Nodes of the DHT that it names. */
  readonly nodes: readonly Endpoint[];
  /** Peers that were found while the metadata was fetched. */
  readonly found: readonly FoundPeer[];
  /** As they are now: they change with `Engine.change`. */
  readonly options: DownloadOptions;
  readonly ledger: PieceLedger;
  /** Absolute. */
  readonly workFolder: string;
  /** See `StoreLocation`. */
  readonly chosen: readonly ChosenFolder[] | undefined;
  /** All K, by index. */
  readonly members: readonly Member[];
  /** Time of day until which the working folder may be written to; undefined: for ever, as nobody takes it from us. */
  readonly lease: () => Millis | undefined;
}

/** What a plan needs of a download. */
interface Planned {
  readonly key: TorrentKey;
  readonly options: DownloadOptions;
  readonly torrent: { readonly origin: Pick<RunPlan, 'trackers'> };
  readonly members: readonly Member[];
  readonly folders: { readonly place: Pick<RunPlan, 'workFolder' | 'chosen'> };
  readonly copy: { readonly lease: Millis | undefined };
}

interface Found {
  readonly ledger: PieceLedger;
  readonly begun: ReadonlyMap<IdentityIndex, readonly BegunRecord[]>;
}

/** The plan for what was found; every identity begins with what it left there. */
export function planFor(
  download: Planned,
  { webSeeds = [], peers, nodes, found }: Pick<RunPlan, 'webSeeds' | 'peers' | 'nodes' | 'found'>,
  info: Info,
  { ledger, begun }: Found,
): RunPlan {
  const { key, members, folders, copy } = download;
  for (const member of members) member.beginWith(begun.get(member.index) ?? []);
  return {
    key,
    info,
    get trackers() {
      return download.torrent.origin.trackers;
    },
    webSeeds,
    peers,
    nodes,
    found,
    get options() {
      return download.options;
    },
    ledger,
    ...folders.place,
    members,
    lease: () => copy.lease,
  };
}

/** Where the download lies, for one identity. */
export function locationOf(
  plan: Pick<RunPlan, 'options' | 'workFolder' | 'chosen'>,
  identity: IdentityIndex,
  assembled: boolean,
): StoreLocation {
  const { layout, output } = plan.options;
  const chosen = plan.chosen === undefined ? {} : { chosen: plan.chosen };
  return { layout, workFolder: plan.workFolder, output, ...chosen, assembled, identity };
}

/** An identity, by what the world knows of it. */
type Known = Pick<Member, 'index' | 'peerId' | 'trackerKey' | 'address' | 'proxy'>;

/**
 * What every setup of an identity says, whoever starts it: a run, the fetching of the metadata, or itself without a coordinator.
 * It begins with nothing.
 */
export function basicSetup(
  plan: Pick<RunPlan, 'key' | 'trackers' | 'webSeeds' | 'nodes' | 'options'> &
    Pick<DownloadSetup, 'hashes' | 'count' | 'torrentUrls'>,
  { index, peerId, trackerKey, address, proxy }: Known,
  rest: Pick<DownloadSetup, 'location' | 'tuning'>,
): DownloadSetup {
  const { key, hashes, count, trackers, webSeeds = [], torrentUrls = [], nodes, options } = plan;
  return {
    key,
    hashes,
    identity: index,
    count,
    peerId,
    trackerKey,
    ...(address === undefined ? {} : { address }),
    ...(proxy === undefined ? {} : { proxy }),
    port: portOf(options, index),
    ...(options.gateways.length === 0 ? {} : { gateways: options.gateways }),
    trackers,
    ...(webSeeds.length > 0 && { webSeeds }),
    ...(torrentUrls.length > 0 && { torrentUrls }),
    nodes,
    selection: options.selection,
    begun: [],
    seed: false,
    paused: false,
    ...rest,
  };
}

/** The message that gives a download to an identity. */
export function identitySetup(
  plan: RunPlan,
  member: Member,
  now: Required<Pick<DownloadSetup, 'shares' | 'paused' | 'location' | 'tuning'>>,
): DownloadSetup {
  const { info, ledger } = plan;
  const lease = plan.lease();
  return {
    ...basicSetup({ ...plan, hashes: info.id, count: plan.members.length }, member, now),
    ...toldOf(info),
    shares: now.shares,
    owners: ledger.owners,
    begun: member.begun.filter(({ piece }) => !ledger.present.has(piece)),
    ...(ledger.priorities === undefined ? {} : { priorities: ledger.priorities }),
    ...(lease === undefined ? {} : { lease }),
    seed: member.seed,
    paused: now.paused,
  };
}

/** Port of identity i: port + i, or 0 for any free one. */
function portOf(options: Pick<DownloadOptions, 'port'>, identity: IdentityIndex): number {
  return options.port === 0 || options.port + identity > 65535 ? 0 : options.port + identity;
}
