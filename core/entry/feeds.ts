import type { FeedService } from '../bridge/host/services.ts';
import { readVersioned, writeVersioned } from '../coordinator/catalog/versioned-file.ts';
import { fetchFeed } from '../discovery/fetch-feed.ts';
import { FEEDS_VERSION, feedsFile } from '../engine/feeds.ts';
import { MAX_FEED_BYTES } from '../feeds/read-feed.ts';
import { NodeClock } from '../node/clock.ts';
import { NodeDisk } from '../node/disk.ts';
import { NodeRandom } from '../node/random.ts';
import { chosenWay } from './chosen-way.ts';

/** Feeds on web servers; what came from them is kept in `feeds.json` of the state folder. */
export function openFeeds(stateFolder: string, held: () => Promise<boolean>): FeedService {
  const disk = new NodeDisk();
  const kept = `${stateFolder}/feeds.json`;
  const random = new NodeRandom();
  return {
    uniform: () => random.uniform(),
    fetch: async (url, known, way, signal) => {
      const { http, address } = chosenWay(way);
      const request = { url, known, maxBytes: MAX_FEED_BYTES, ...(address !== undefined && { address }) };
      return fetchFeed({ http, clock: new NodeClock() }, request, signal);
    },
    remembered: async () => {
      const found = await readVersioned(disk, kept, FEEDS_VERSION, feedsFile);
      return found ?? { taken: {}, episodes: {}, added: [] };
    },
    remember: async ({ taken, episodes, added }) => {
      if (await held()) await writeVersioned(disk, kept, FEEDS_VERSION, { taken, episodes, added });
    },
  };
}
