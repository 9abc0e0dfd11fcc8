import { EnsembleError } from '../base/errors.ts';
import { readTiers } from '../base/tracker-tiers.ts';
import type { Links } from '../engine/engine.ts';
import type { Args } from './args.ts';

type Tiers = Links['trackers'];

/**
 * Trackers after what a request says of them: `trackerList` names all, a line each, with an empty line between tiers; else some are
 * removed, replaced and added, in this order. They are named by their places before. Undefined: it says nothing. Throws EnsembleError('usage')
 * for a place where there is none. Whether a URL is a tracker's is the engine's to say.
 */
export function editedTrackers(args: Args, before: Tiers): Tiers | undefined {
  const all = args.text('trackerList');
  if (all !== undefined) return readTiers(all);
  const removed = args.wholes('trackerRemove');
  const replaced = args.list('trackerReplace');
  const added = args.texts('trackerAdd');
  if (removed === undefined && replaced === undefined && added === undefined) return undefined;
  const count = before.flat().length;
  const needed = (id: number): number => {
    if (id >= 0 && id < count) return id;
    throw new EnsembleError('usage', `There is no tracker ${id}: the torrent has ${count}.`);
  };
  const gone = new Set(removed?.map(needed));
  const urls = replacements(replaced ?? [], needed);
  let id = 0;
  const kept = before.map((tier) =>
    tier.flatMap((url) => {
      const place = id++;
      return gone.has(place) ? [] : [urls.get(place) ?? url];
    }),
  );
  return [...kept, ...(added ?? []).map((url) => [url])].filter((tier) => tier.length > 0);
}

/** `[place, URL, place, URL, ...]`. */
function replacements(pairs: readonly unknown[], needed: (id: number) => number): ReadonlyMap<number, string> {
  const out = new Map<number, string>();
  for (let at = 0; at < pairs.length; at += 2) {
    const [id, url] = [pairs[at], pairs[at + 1]];
    if (typeof id !== 'number' || typeof url !== 'string') {
      throw new EnsembleError('usage', 'trackerReplace: give numbers of trackers, each with a URL after it.');
    }
    out.set(needed(id), url);
  }
  return out;
}
