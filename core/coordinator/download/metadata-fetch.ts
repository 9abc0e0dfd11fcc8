import { type FoundPeer, foundBy } from '../../base/peer-source.ts';
import type { ErrorCode } from '../../base/errors.ts';
import { formatEndpoint } from '../../base/endpoint.ts';
import type { InfoHash, TorrentKey } from '../../base/ids.ts';
import type { DownloadOptions } from '../../engine/engine.ts';
import type { DownloadSetup, FromIdentity } from '../../identity/messages.ts';
import type { SwarmStatus, SwarmTuning } from '../../engine/statuses.ts';
import type { DownloadEnv } from '../download-env.ts';
import type { Member } from '../run/member.ts';
import { PeerDealer } from '../peers/peer-dealer.ts';
import { tuningOf } from '../../engine/tuning.ts';
import { basicSetup, locationOf } from '../run/run-plan.ts';
import { namedPeers, type Origin } from './source.ts';
import { Team, type TeamListener } from '../run/team.ts';
import type { ChosenFolder } from '../../store/layouts/layout.ts';

interface MetadataPlan {
  readonly key: TorrentKey;
  readonly infoHash: InfoHash;
  readonly trackers: readonly (readonly string[])[];
  readonly peers: readonly FoundPeer[];
  readonly options: DownloadOptions;
  readonly workFolder: string;
  readonly chosen: readonly ChosenFolder[] | undefined;
  readonly member: Member;
}

/** Fetches the info dictionary of a magnet link: one identity alone, before there is anything to plan (BEP 9). */
export class MetadataFetch implements TeamListener {
  readonly team: Team;
  readonly dealer: PeerDealer;
  readonly #env: DownloadEnv;
  readonly #plan: MetadataPlan;
  readonly #done: (rawInfo: Uint8Array) => void;
  readonly #failed: (code: ErrorCode, message: string) => void;

  constructor(
    env: DownloadEnv,
    plan: MetadataPlan,
    done: (rawInfo: Uint8Array) => void,
    failed: (code: ErrorCode, message: string) => void,
  ) {
    const { clock, interfaces } = env.ports;
    this.#env = env;
    this.#plan = plan;
    this.#done = done;
    this.#failed = failed;
    const members = [plan.member];
    this.team = new Team(plan.key, members, env.pool, clock, this);
    this.dealer = new PeerDealer({ key: plan.key, clock, interfaces, members }, this.team);
    this.dealer.found(plan.peers);
  }

  start(): void {
    this.team.join(this.#plan.member);
  }

  setup(member: Member): DownloadSetup {
    return basicSetup({ ...this.#plan, count: 1 }, member, {
      location: locationOf(this.#plan, member.index, false),
      tuning: this.#tuning(member),
    });
  }

  retune(member: Member): void {
    this.team.post(member, { type: 'tune', key: this.#plan.key, tuning: this.#tuning(member) });
  }

  #tuning(member: Member): SwarmTuning {
    const { key, options } = this.#plan;
    return tuningOf(options, this.#env.limitsOf(key, member.index), this.#env.ways());
  }

  joined(member: Member): void {
    this.dealer.forget(member.index);
  }

  async lost(_member: Member, gaveUp: boolean): Promise<void> {
    if (gaveUp) this.#failed('interrupted', 'The identity process died again and again and was given up: see the log.');
    return Promise.resolve();
  }

  left(): void {}

  message(member: Member, message: FromIdentity): void {
    switch (message.type) {
      case 'listening':
        member.endpoint = message.endpoint;
        break;
      case 'peers-found':
        this.dealer.found(foundBy(message.source, message.endpoints));
        break;
      case 'peer':
        if (message.connected) member.connected.set(formatEndpoint(message.endpoint), message.endpoint);
        else member.connected.delete(formatEndpoint(message.endpoint));
        break;
      case 'metadata':
        this.#done(message.rawInfo);
        break;
      case 'failed':
        this.#failed(message.code, message.message);
        break;
      case 'left':
      case 'files-closed':
        this.team.received(member, message);
        break;
      default:
        break;
    }
  }

  status(member: Member, status: SwarmStatus): void {
    if (member.phase === 'active') member.status = status;
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
  readonly torrent: { readonly origin: Origin };
  readonly options: DownloadOptions;
  readonly copy: { readonly place: Pick<MetadataPlan, 'workFolder' | 'chosen'> };
  readonly members: readonly Member[];
  failed(code: ErrorCode, message: string): void;
}

/** Starts a download's first identity for this; `done` gets the raw info dictionary. */
export function fetchMetadata(download: Fetching, done: (rawInfo: Uint8Array) => void): MetadataFetch | undefined {
  const { env, key, options, copy } = download;
  const { origin } = download.torrent;
  const [member] = download.members;
  if (member === undefined) return undefined;
  const { infoHash, trackers } = origin;
  const peers = namedPeers(options, origin);
  const plan = { key, infoHash, trackers, peers, options, ...copy.place, member };
  const fetching = new MetadataFetch(env, plan, done, (code, message) => download.failed(code, message));
  fetching.start();
  return fetching;
}
