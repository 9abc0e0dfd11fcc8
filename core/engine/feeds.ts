import * as v from 'valibot';
import type { Millis } from '../base/ids.ts';
import type { Scope } from '../base/ip-scope.ts';
import { count, flag, type Frozen, label, path, torrentKey, whole } from './values.ts';

const MAX_FEEDS = 100;
const MAX_RULES = 200;
const MAX_URL = 4096;
/** Most characters of what a title has to contain. */
const MAX_WORDS = 500;

/** Minutes between two looks at a feed. */
export const FEWEST_MINUTES = 5;
export const MOST_MINUTES = 7 * 24 * 60;

/** Whether a feed can be at this address. */
export function isFeedUrl(url: string): boolean {
  return url.length <= MAX_URL && /^https?:\/\//i.test(url) && URL.canParse(url);
}

const feedUrl = v.pipe(v.string(), v.check(isFeedUrl, 'not an http or https address'));
const feed = v.object({
  url: feedUrl,
  /** Empty: what it calls itself. */
  name: label,
});
/** A list of torrents on a web server, in RSS or Atom. */
export type Feed = Frozen<v.InferOutput<typeof feed>>;

const words = v.pipe(v.string(), v.maxLength(MAX_WORDS));
export const feedRule = v.object({
  name: v.pipe(label, v.minLength(1)),
  on: flag,
  /** URLs of the feeds that it is for; empty: all. */
  feeds: v.pipe(v.array(feedUrl), v.maxLength(MAX_FEEDS)),
  /** What titles have to contain, and what they may not: see `wordsMatch` in `core/feeds`. */
  must: words,
  mustNot: words,
  /** Bytes; missing: any. An item that does not tell its size is not taken where one of them is given. */
  least: v.exactOptional(count),
  most: v.exactOptional(count),
  /** Each episode is taken once, but for a repaired one. */
  episodes: flag,
  /** Empty: none. */
  category: label,
  /** Where its downloads go; missing: where the category or the settings say. */
  output: v.exactOptional(path),
  paused: flag,
});
/** Which items of feeds are downloaded by themselves, and how. */
export type FeedRule = Frozen<v.InferOutput<typeof feedRule>>;

/** The rules, each for the feeds that it was for: one that stands in the place of another in the list is that at a new address. */
export function rulesAtNewAddresses(
  rules: readonly FeedRule[],
  before: readonly Feed[],
  after: readonly Feed[],
): readonly FeedRule[] {
  if (before.length !== after.length) return rules;
  const old = new Set(before.map(({ url }) => url));
  const now = new Set(after.map(({ url }) => url));
  const moved = new Map<string, string>();
  before.forEach(({ url }, at) => {
    const to = after[at]?.url;
    if (to !== undefined && !now.has(url) && !old.has(to)) moved.set(url, to);
  });
  if (moved.size === 0) return rules;
  return rules.map((rule) => ({ ...rule, feeds: rule.feeds.map((url) => moved.get(url) ?? url) }));
}

export const FEED_SETTINGS = {
  feeds: v.pipe(
    v.array(feed),
    v.maxLength(MAX_FEEDS),
    v.check((all) => new Set(all.map(({ url }) => url)).size === all.length, 'one of them twice'),
  ),
  feedRules: v.pipe(
    v.array(feedRule),
    v.maxLength(MAX_RULES),
    v.check((all) => new Set(all.map(({ name }) => name)).size === all.length, 'two of the same name'),
  ),
  feedMinutes: whole(FEWEST_MINUTES, MOST_MINUTES),
};

export const FEEDS_VERSION = 1;
/** Most items of a feed that are remembered, and most torrents that came from any. */
export const MAX_TAKEN = 5000;
export const MAX_ADDED = 20_000;
/** Most episodes of a rule that are remembered. */
export const MAX_EPISODES = 5000;
const marks = v.pipe(v.array(v.pipe(v.string(), v.maxLength(1000))), v.maxLength(MAX_TAKEN));

/** `feeds.json` in the state folder: what was dealt with, so that nothing is added twice. The newest stand last. */
export const feedsFile = v.object({
  version: v.literal(FEEDS_VERSION),
  /** By the URL of a feed: its items, as `FeedItem.id`. */
  taken: v.record(v.pipe(v.string(), v.maxLength(MAX_URL)), marks),
  /** By the name of a rule: episodes, as `episodeOf` names them. */
  episodes: v.record(v.pipe(v.string(), v.maxLength(100)), marks),
  added: v.pipe(v.array(torrentKey), v.maxLength(MAX_ADDED)),
});
export type KeptFeeds = Omit<Frozen<v.InferOutput<typeof feedsFile>>, 'version'>;

/** What tells a server which state of a feed is known. */
export interface Validators {
  readonly etag?: string;
  readonly lastModified?: string;
}

/** What came of a look at a feed. */
export type FeedAnswer =
  | {
      /** Undefined: nothing has changed. */
      readonly body: Uint8Array | undefined;
      readonly validators: Validators;
      /** How far in its server lies, where that is known. */
      readonly scope: Scope | undefined;
    }
  /** A sentence, and how long the server asks to wait. */
  | { readonly refused: string; readonly retryAfter: Millis | undefined };
