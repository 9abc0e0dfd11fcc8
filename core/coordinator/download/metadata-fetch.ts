import type { FoundPeer } from '../../base/peer-source.ts';
import type { ErrorCode } from '../../base/errors.ts';
import type { Endpoint } from '../../base/endpoint.ts';
import type { TorrentKey } from '../../base/ids.ts';
import type { DownloadOptions } from '../../engine/engine.ts';
import type { AboutDownload, DownloadSetup } from '../../identity/messages.ts';
import { infoOf, toldOf } from '../../metainfo/known-info.ts';
import type { NamedSources } from '../../metainfo/named-sources.ts';
import type { Hashes } from '../../metainfo/torrent-id.ts';
import type { Info } from '../../metainfo/torrent.ts';
import type { DownloadEnv } from '../download-env.ts';
import { firstAble, type Member } from '../run/member.ts';
import { PeerDealer } from '../peers/peer-dealer.ts';
import { basicSetup, locationOf } from '../run/run-plan.ts';
import { namedPeers, type Origin } from './source.ts';
import { Team, type TeamListener } from '../run/team.ts';
import { Tuning } from '../run/tuning.ts';
import type { ChosenFolder } from '../../store/layouts/layout.ts';

interface MetadataPlan {
  readonly key: TorrentKey;
  readonly hashes: Hashes;
  /** The info dictionary, where only piece layers are missing. */
  readonly bare: Info | undefined;
  readonly trackers: readonly (readonly string[])[];
  readonly torrentUrls: readonly string[];
  readonly nodes: readonly Endpoint[];
  readonly peers: readonly FoundPeer[];
  readonly options: DownloadOptions;
  readonly workFolder: string;
  readonly chosen: readonly ChosenFolder[] | undefined;
  readonly members: readonly Member[];
}

/** The metadata came. `named`: see the message. */
export type Done = (info: Info, named: NamedSources | undefined) => void;

/** Fetches the info dictionary of a magnet link, and piece layers: one identity at a time, before there is anything to plan (BEP 9, 52). */
export class MetadataFetch implements TeamListener {
  readonly team: Team;
  readonly dealer: PeerDealer;
  readonly tuning: Tuning;
  readonly #plan: MetadataPlan;
  readonly #done: Done;
  readonly #failed: (code: ErrorCode, message: string) => void;
  /** Who fetches, or waits for its link to do so. */
  #fetcher: Member | undefined;

  constructor(env: DownloadEnv, plan: MetadataPlan, done: Done, failed: (code: ErrorCode, message: string) => void) {
    const { clock, interfaces } = env.ports;
    this.#plan = plan;
    this.#done = done;
    this.#failed = failed;
    const { members } = plan;
    this.team = new Team(plan.key, members, env.pool, clock, this);
    this.tuning = new Tuning(env, plan, this.team);
    this.dealer = new PeerDealer({ key: plan.key, clock, interfaces, members }, this.team);
    this.dealer.found(plan.peers);
  }

  start(): void {
    this.rolesChanged();
  }

  /** Another fetches where the link of who does so may not be used for that any more, or one has come that may. */
  rolesChanged(): void {
    const before = this.#fetcher;
    const next = fetcherOf(this.#plan.members, before);
    if (next === before) return;
    this.#fetcher = next;
    if (before !== undefined) void this.team.leave(before);
    if (next !== undefined) this.team.join(next);
  }

  setup(member: Member): DownloadSetup {
    const { bare } = this.#plan;
    const setup = basicSetup({ ...this.#plan, count: 1 }, member, {
      location: locationOf(this.#plan, member.index, false),
      tuning: this.tuning.of(member),
    });
    return bare === undefined ? setup : { ...setup, ...toldOf(bare) };
  }

  joined(member: Member): void {
    this.dealer.forget(member.index);
  }

  async lost(_member: Member, gaveUp: boolean): Promise<void> {
    if (gaveUp) this.#failed('interrupted', 'The identity process died again and again and was given up: see the log.');
    return Promise.resolve();
  }

  left(): void {}

  message(member: Member, message: AboutDownload): void {
    switch (message.type) {
      case 'listening':
      case 'peers-found':
      case 'peer':
        this.dealer.heard(member, message);
        break;
      case 'metadata':
        this.#done(infoOf({ naming: this.#plan.bare?.naming ?? {}, ...message }, this.#plan.hashes), message.named);
        break;
      case 'failed':
        this.#failed(message.code, message.message);
        break;
      case 'leaving':
      case 'left':
      case 'files-closed':
        this.team.received(member, message);
        break;
      case 'claim':
      case 'release':
      case 'idle':
      case 'verified':
      case 'collected':
      case 'machines':
      case 'synced':
      case 'hash-failed':
      case 'banned':
      case 'availability':
      case 'ask-sibling':
      case 'brought':
        // Of pieces nothing is known before the metadata.
        break;
      default:
        message satisfies never;
    }
  }

  tick(): void {
    this.dealer.deal();
  }

  async end(): Promise<void> {
    await this.team.leaveAll();
    this.dealer.close();
  }
}

/** What fetching the metadata needs of a download. */
interface Fetching {
  readonly env: DownloadEnv;
  readonly key: TorrentKey;
  readonly torrent: { readonly origin: Origin; readonly bare: Info | undefined };
  readonly options: DownloadOptions;
  readonly folders: { readonly place: Pick<MetadataPlan, 'workFolder' | 'chosen'> };
  readonly members: readonly Member[];
  failed(code: ErrorCode, message: string): void;
}

/** Who fetches: the one that does so, or else the first, of those whose link may be used for that, and now if there is such; undefined: no link may. */
function fetcherOf(members: readonly Member[], before: Member | undefined): Member | undefined {
  const may = members.filter(({ fetches }) => fetches);
  return may.find((one) => one === before && one.link.wait === undefined) ?? firstAble(may);
}

/** Starts one of a download's identities for this. */
export function fetchMetadata(download: Fetching, done: Done): MetadataFetch {
  const { env, key, options, folders, members } = download;
  const { origin, bare } = download.torrent;
  const { id: hashes, trackers, torrentUrls = [], nodes } = origin;
  const peers = namedPeers(options, origin);
  const plan = { key, hashes, bare, trackers, torrentUrls, nodes, peers, options, ...folders.place, members };
  const fetching = new MetadataFetch(env, plan, done, (code, message) => download.failed(code, message));
  fetching.start();
  return fetching;
}
