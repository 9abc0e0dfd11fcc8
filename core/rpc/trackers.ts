import type { Links, TrackerSnapshot } from '../engine/engine.ts';
import { type Json, seconds } from './json.ts';

/** One tracker, whatever several identities know of it. */
export interface Tracker extends Omit<TrackerSnapshot, 'identity'> {
  /** By this clients name it: its place among the torrent's trackers. */
  readonly id: number;
}

/** How good the news of a state is: of several identities' the best is shown. */
const RANK = { working: 3, announcing: 2, failed: 1, idle: 0 } as const;

/** Each of its trackers once, in the order of tiers, also of one that does not run, whose identities know of none. */
export function trackersOf(tiers: Links['trackers'], known: readonly TrackerSnapshot[]): readonly Tracker[] {
  const best = new Map<string, TrackerSnapshot>();
  for (const one of known) {
    const before = best.get(one.url);
    if (before === undefined || RANK[one.state] > RANK[before.state]) best.set(one.url, one);
  }
  return tiers
    .flatMap((urls, tier) => urls.map((url) => ({ ...(best.get(url) ?? { url, state: 'idle' as const }), tier })))
    .map((one, id) => ({ ...one, id }));
}

/** `trackers`: what does not change. */
export function trackerEntry({ id, url, tier }: Tracker): Json {
  return { id, announce: url, scrape: scrapeUrl(url), sitename: siteName(url), tier };
}

/** Transmission's states of an announce: nothing to do, due later, waiting for its turn, under way. */
const ANNOUNCE_STATE = { idle: 0, working: 1, failed: 1, announcing: 3 } as const;

/** `trackerStats`. `now`: Unix milliseconds. Scrapes come with the announces here. */
export function trackerStats(tracker: Tracker, now: number): Json {
  const { id, url, tier, state, message = '', seeds, leechers, next } = tracker;
  const answered = state === 'working';
  const heard = answered || state === 'failed';
  const scraped = seeds !== undefined;
  // When the last one was is not kept: the last look at it.
  const at = heard ? seconds(now) : 0;
  return {
    id,
    announce: url,
    announceState: ANNOUNCE_STATE[state],
    downloadCount: -1,
    hasAnnounced: heard,
    hasScraped: scraped,
    host: hostOf(url),
    sitename: siteName(url),
    isBackup: false,
    lastAnnouncePeerCount: 0,
    lastAnnounceResult: answered ? 'Success' : message,
    lastAnnounceStartTime: at,
    lastAnnounceSucceeded: answered,
    lastAnnounceTime: at,
    lastAnnounceTimedOut: false,
    lastScrapeResult: '',
    lastScrapeStartTime: scraped ? at : 0,
    lastScrapeSucceeded: scraped,
    lastScrapeTime: scraped ? at : 0,
    lastScrapeTimedOut: false,
    leecherCount: leechers ?? -1,
    nextAnnounceTime: next === undefined ? 0 : seconds(now + next),
    nextScrapeTime: 0,
    scrape: scrapeUrl(url),
    scrapeState: 0,
    seederCount: seeds ?? -1,
    tier,
  };
}

/** `trackerList`: one a line, an empty line between tiers. */
export function trackerList(trackers: readonly Tracker[]): string {
  return trackers
    .map(({ url, tier }, i) => (i > 0 && trackers[i - 1]?.tier !== tier ? `\n${url}\n` : `${url}\n`))
    .join('');
}

/** The address for scrapes (BEP 48); empty where there is none. */
function scrapeUrl(url: string): string {
  if (url.startsWith('udp:')) return url;
  const at = url.lastIndexOf('/') + 1;
  return url.startsWith('announce', at) ? `${url.slice(0, at)}scrape${url.slice(at + 'announce'.length)}` : '';
}

function hostOf(url: string): string {
  return URL.canParse(url)
    ? `${new URL(url).hostname}:${new URL(url).port || (url.startsWith('https') ? 443 : 80)}`
    : url;
}

/** The part of a host's name by which people know it: `example` of `tracker.example.org`. */
function siteName(url: string): string {
  const host = URL.canParse(url) ? new URL(url).hostname : '';
  if (/^[\d.]+$|^\[/.test(host)) return host;
  return host.split('.').at(-2) ?? host;
}
