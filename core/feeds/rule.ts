import type { FeedRule } from '../engine/feeds.ts';
import { episodeOf } from './episode.ts';
import type { FeedItem } from './read-feed.ts';
import { readWords, type Words, wordsMatch } from './words.ts';

/** Why a rule passes an item over: another feed, its words, its size or that it tells none, an episode that was there, nothing to download. */
export type PassedOver = 'feed' | 'words' | 'not' | 'size' | 'no-size' | 'episode' | 'no-link';

/** Whether a rule takes an item of the feed at `url`. `had`: episodes that it has taken. */
export function ruleTakes(
  rule: FeedRule,
  { url, item, had }: { readonly url: string; readonly item: FeedItem; readonly had: ReadonlySet<string> },
): 'takes' | PassedOver {
  if (rule.feeds.length > 0 && !rule.feeds.includes(url)) return 'feed';
  const { must, mustNot } = wordsOf(rule);
  if (!wordsMatch(must, item.title)) return 'words';
  if (mustNot.length > 0 && wordsMatch(mustNot, item.title)) return 'not';
  if (item.link === null) return 'no-link';
  const { least, most } = rule;
  if (least !== undefined || most !== undefined) {
    if (item.length === null) return 'no-size';
    if (item.length < (least ?? 0) || item.length > (most ?? Number.POSITIVE_INFINITY)) return 'size';
  }
  const episode = rule.episodes ? episodeOf(item.title) : undefined;
  return episode !== undefined && had.has(episode) ? 'episode' : 'takes';
}

interface RuleWords {
  readonly must: Words;
  readonly mustNot: Words;
}

/** What rules ask for, read once: each is held against thousands of titles. */
const read = new WeakMap<FeedRule, RuleWords>();

function wordsOf(rule: FeedRule): RuleWords {
  let words = read.get(rule);
  if (words === undefined) read.set(rule, (words = { must: readWords(rule.must), mustNot: readWords(rule.mustNot) }));
  return words;
}
