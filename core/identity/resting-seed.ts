import type { PeerSource, SourceNeeds } from '../discovery/peer-source.ts';
import { PeerSources } from '../discovery/peer-sources.ts';
import { PieceShare } from '../strategy/pieces/share-map.ts';
import type { Totals } from '../swarm/state.ts';
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

/** What the sources of a download at rest are told: nothing is left to fetch, and nobody is connected. */
export function needsAtRest({ totals: { uploaded, downloaded } }: Rested, found: SourceNeeds['found']): SourceNeeds {
  const totals = { uploaded, downloaded, left: 0 };
  return { complete: () => true, peerCount: () => 0, totals: () => totals, found };
}

/**
 * A seed without a peer. Of thousands of torrents few have one at a time, so that all but the sources of peers, which announce it, is
 * made when one comes: memory for its pieces, its peers, its files.
 */
export class RestingSeed {
  readonly rested: Rested;
  readonly sources: PeerSources;
  /** The torrent is private (BEP 27). */
  readonly isPrivate: boolean;

  constructor(sources: readonly PeerSource[], isPrivate: boolean, rested: Rested) {
    this.rested = rested;
    this.sources = new PeerSources(sources, isPrivate);
    this.isPrivate = isPrivate;
  }

  start(): Promise<void> {
    this.sources.start();
    return Promise.resolve();
  }

  stop(): Promise<void> {
    return this.sources.stop();
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
