import { keptBytes } from '../base/kept-bytes.ts';
import type { NamedPeer, PeerSourceKind } from '../base/peer-source.ts';
import type { SourceNeeds } from '../discovery/peer-source.ts';
import { PeerSources } from '../discovery/peer-sources.ts';
import { sharedTiers } from '../metainfo/shared-tiers.ts';
import { fewOfAMachine, MAX_PER_MACHINE } from '../strategy/peers/few-of-a-machine.ts';
import { PieceShare } from '../strategy/pieces/share-map.ts';
import type { Totals } from '../swarm/state.ts';
import type { HostNeeds } from './host-needs.ts';
import type { LastingSources } from './lasting-sources.ts';
import type { DownloadSetup } from './messages.ts';

/** What a download was like when its last client ended. */
export interface Rested {
  /** Payload bytes of this process. */
  readonly totals: Readonly<Totals>;
  /** Peers that were named by peers. */
  readonly exchanged: number;
  /** Whether anybody ever came in. */
  readonly reached: boolean;
}

export const NEVER_AWAKE: Rested = {
  totals: { downloaded: 0, uploaded: 0, wasted: 0 },
  exchanged: 0,
  reached: false,
};

/** The download whose client rests. */
interface Resting {
  readonly setup: Pick<DownloadSetup, 'key'>;
  readonly host: Pick<HostNeeds, 'post'>;
  readonly sources: LastingSources;
}

/**
 * A seed without a peer. Of thousands of torrents few have one at a time, so that all but the sources of peers, which announce it, is
 * made when one comes: memory for its pieces, its peers, its files. To its sources it says that nothing is left to fetch, and nobody
 * is connected.
 */
export class RestingSeed implements SourceNeeds {
  readonly rested: Rested;
  readonly sources: PeerSources;
  /** The torrent is private (BEP 27). */
  readonly isPrivate: boolean;
  readonly #download: Resting;

  constructor(download: Resting, isPrivate: boolean, rested: Rested) {
    this.#download = download;
    this.rested = rested;
    this.isPrivate = isPrivate;
    this.sources = new PeerSources(download.sources.serve(this), isPrivate);
  }

  start(): Promise<void> {
    this.sources.start();
    return Promise.resolve();
  }

  stop(): Promise<void> {
    return this.sources.stop();
  }

  complete(): boolean {
    return true;
  }

  peerCount(): number {
    return 0;
  }

  totals(): ReturnType<SourceNeeds['totals']> {
    const { uploaded, downloaded } = this.rested.totals;
    return { uploaded, downloaded, left: 0 };
  }

  found(source: PeerSourceKind, peers: readonly NamedPeer[]): void {
    const { host, setup } = this.#download;
    host.post({ type: 'peers-found', key: setup.key, source, endpoints: fewOfAMachine(peers, MAX_PER_MACHINE) });
  }
}

type Beginning = Pick<
  DownloadSetup,
  'seed' | 'rawInfo' | 'location' | 'count' | 'begun' | 'shares' | 'whole' | 'priorities' | 'webSeeds' | 'tuning'
>;

/** Whether a download that begins like this can rest until a peer comes: all of it is there, under its final names. */
export function beginsAtRest(setup: Beginning): boolean {
  const { seed, begun, shares, priorities, tuning } = setup;
  const whole = setup.whole === true || shares?.every((share) => share === PieceShare.present) === true;
  return seed && whole && begun.length === 0 && priorities === undefined && !tuning.superSeeding && canRest(setup);
}

/** Whether it ever can: nobody but this identity has to do with it, and it lies where it stays. */
export function canRest({
  rawInfo,
  location,
  count,
  webSeeds,
}: Pick<Beginning, 'rawInfo' | 'location' | 'count' | 'webSeeds'>): boolean {
  return rawInfo !== undefined && location.assembled && count === 1 && webSeeds === undefined;
}

const NOTHING = new Uint8Array(0);

/**
 * What is kept of a setup at rest: a copy, as what a check has made V8 keeps as a dictionary, which takes five times as much, and with
 * what thousands have in common in memory once.
 */
export function setupAtRest(setup: DownloadSetup): DownloadSetup {
  const { rawInfo = NOTHING, trackers, location } = setup;
  const { output } = location;
  const own = (path: string): string => (path === output ? output : path);
  const chosen = location.chosen?.map(({ folder, real }) => ({ folder: own(folder), real: own(real) }));
  return {
    ...(setup.whole === true ? setup : withoutPieces(setup)),
    rawInfo: keptBytes(rawInfo),
    trackers: sharedTiers(trackers),
    location: { ...location, ...(chosen !== undefined && { chosen }) },
    seed: true,
  };
}

/** All is there, whoever fetched it. */
function withoutPieces({ shares: _shares, owners: _owners, ...kept }: DownloadSetup): DownloadSetup {
  return { ...kept, begun: [], whole: true };
}
