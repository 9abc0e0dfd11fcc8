import type { FeedRule } from '../../engine/feeds.ts';
import { episodeOf } from '../../feeds/episode.ts';
import type { FeedItem } from '../../feeds/read-feed.ts';
import { type PassedOver, ruleTakes } from '../../feeds/rule.ts';
import type { FeedItemView } from '../views.ts';
import type { FeedMemory } from './feed-memory.ts';

/** Why an item is passed over by several rules: what the one that comes nearest to taking it says. */
const NEARNESS: readonly PassedOver[] = ['feed', 'words', 'not', 'no-link', 'no-size', 'size', 'episode'];

/** What these rules would do with the items of feeds, as they would be taken: the oldest first. The newest stand first in the answer. */
export function verdicts(
  feeds: readonly { readonly url: string; readonly items: readonly FeedItem[] }[],
  rules: readonly FeedRule[],
  memory: FeedMemory,
): readonly FeedItemView[] {
  const had = new Map(rules.map(({ name }) => [name, new Set(memory.episodes(name))]));
  const views = feeds.flatMap(({ url, items }) =>
    items.toReversed().map((item): FeedItemView => {
      const { id, title, length, published } = item;
      const about = { feed: url, id, title, length, published, hasLink: item.link !== null };
      if (memory.taken(url).has(id)) return { ...about, verdict: 'taken', rule: null };
      let nearest: PassedOver | null = null;
      for (const rule of rules) {
        const episodes = had.get(rule.name) ?? new Set();
        const verdict = ruleTakes(rule, { url, item, had: episodes });
        if (verdict === 'takes') {
          const episode = episodeOf(title);
          if (episode !== undefined) episodes.add(episode);
          return { ...about, verdict, rule: rule.name };
        }
        if (nearest === null || NEARNESS.indexOf(verdict) > NEARNESS.indexOf(nearest)) nearest = verdict;
      }
      return { ...about, verdict: nearest ?? 'no-rule', rule: null };
    }),
  );
  // What tells no time stays where its feed has it.
  return views.toReversed().sort((a, b) => (b.published ?? 0) - (a.published ?? 0));
}
