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
  /** With its names as they are now. */
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
  readonly torrent: { readonly origin: Pick<RunPlan, 'trackers'>; readonly info: Info | undefined };
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
  for (const member of download.members) member.beginWith(begun.get(member.index) ?? []);
  return new LivePlan(download, { webSeeds, peers, nodes, found }, info, ledger);
}

/** A plan that follows its download. A class, as each object literal with getters takes a kilobyte of its own. */
class LivePlan implements RunPlan {
  readonly key: TorrentKey;
  readonly webSeeds: readonly string[];
  readonly peers: readonly Endpoint[];
  readonly nodes: readonly Endpoint[];
  readonly found: readonly FoundPeer[];
  readonly ledger: PieceLedger;
  readonly workFolder: string;
  readonly chosen: readonly ChosenFolder[] | undefined;
  readonly members: readonly Member[];
  readonly #download: Planned;
  readonly #info: Info;

  constructor(
    download: Planned,
    { webSeeds, peers, nodes, found }: Required<Pick<RunPlan, 'webSeeds' | 'peers' | 'nodes' | 'found'>>,
    info: Info,
    ledger: PieceLedger,
  ) {
    const { workFolder, chosen } = download.folders.place;
    this.key = download.key;
    this.webSeeds = webSeeds;
    this.peers = peers;
    this.nodes = nodes;
    this.found = found;
    this.ledger = ledger;
    this.workFolder = workFolder;
    this.chosen = chosen;
    this.members = download.members;
    this.#download = download;
    this.#info = info;
  }

  get info(): Info {
    return this.#download.torrent.info ?? this.#info;
  }

  get trackers(): RunPlan['trackers'] {
    return this.#download.torrent.origin.trackers;
  }

  get options(): DownloadOptions {
    return this.#download.options;
  }

  lease(): Millis | undefined {
    return this.#download.copy.lease;
  }
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

/** A setup that is being made, each field by its name: what spreading puts together of so many V8 keeps as a dictionary. */
type Made = { -readonly [K in keyof DownloadSetup]: DownloadSetup[K] };

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
  { location, tuning }: Pick<DownloadSetup, 'location' | 'tuning'>,
): Made {
  const { key, hashes, count, trackers, webSeeds = [], torrentUrls = [], nodes, options } = plan;
  const made: Made = {
    key,
    hashes,
    identity: index,
    count,
    peerId,
    trackerKey,
    port: portOf(options, index),
    trackers,
    nodes,
    selection: options.selection,
    begun: [],
    seed: false,
    paused: false,
    location,
    tuning,
  };
  if (address !== undefined) made.address = address;
  if (proxy !== undefined) made.proxy = proxy;
  if (options.gateways.length > 0) made.gateways = options.gateways;
  if (webSeeds.length > 0) made.webSeeds = webSeeds;
  if (torrentUrls.length > 0) made.torrentUrls = torrentUrls;
  if (options.strategy !== undefined) made.strategy = options.strategy;
  return made;
}

/** A plan as it is now, which follows nothing any more. */
export function asOfNow(plan: RunPlan): RunPlan {
  const { key, info, trackers, webSeeds = [], peers, nodes, found, options } = plan;
  const { ledger, workFolder, chosen, members } = plan;
  const lease = (): Millis | undefined => plan.lease();
  return { key, info, trackers, webSeeds, peers, nodes, found, options, ledger, workFolder, chosen, members, lease };
}

function toldPlan({
  key,
  info,
  trackers,
  webSeeds = [],
  nodes,
  options,
  members,
}: RunPlan): Parameters<typeof basicSetup>[0] {
  return { key, hashes: info.id, count: members.length, trackers, webSeeds, nodes, options };
}

/** Whether all of it lies under its final names and is one identity's: nothing of it is shared out then. */
export function isWhole({ info, ledger, members }: RunPlan, assembled: boolean): boolean {
  return assembled && members.length === 1 && ledger.present.count === info.pieceCount;
}

/** The message that gives a download to an identity. */
export function identitySetup(
  plan: RunPlan,
  member: Member,
  now: Pick<DownloadSetup, 'paused' | 'location' | 'tuning'> & { readonly shares: Uint8Array | 'whole' },
): DownloadSetup {
  const { info, ledger, options } = plan;
  const { together, collect, collectRate: limit } = options;
  const lease = plan.lease();
  const { rawInfo, naming, pieceRoots } = toldOf(info);
  const made = basicSetup(toldPlan(plan), member, now);
  made.rawInfo = rawInfo;
  made.private = info.private;
  made.seed = member.seed;
  made.paused = now.paused;
  if (naming !== undefined) made.naming = naming;
  if (pieceRoots !== undefined) made.pieceRoots = pieceRoots;
  if (ledger.priorities !== undefined) made.priorities = ledger.priorities;
  if (lease !== undefined) made.lease = lease;
  if (now.shares === 'whole') made.whole = true;
  else {
    made.shares = now.shares;
    made.owners = ledger.owners;
    made.begun = member.begun.filter(({ piece }) => !ledger.present.has(piece));
  }
  // What is whole needs nobody, and who needs it asked while it was not.
  if (together !== undefined && !now.location.assembled) {
    made.together = { ...together, collect, limit, ...linkNamed(member.link) };
  }
  return made;
}

/** What other machines are told of it. */
const linkNamed = ({ name }: Member['link']): { readonly link?: string } => (name === undefined ? {} : { link: name });

/** Port of identity i: port + i, or 0 for any free one. */
function portOf(options: Pick<DownloadOptions, 'port'>, identity: IdentityIndex): number {
  return options.port === 0 || options.port + identity > 65535 ? 0 : options.port + identity;
}
