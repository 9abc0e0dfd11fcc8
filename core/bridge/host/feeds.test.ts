import { afterEach, beforeEach, expect, test } from 'vitest';
import { millis } from '../../base/ids.ts';
import type { FeedAnswer, KeptFeeds, Validators } from '../../engine/feeds.ts';
import { SHOWS } from '../../engine/testing/feed-rule.ts';
import type { Settings } from '../../engine/settings.ts';
import type { Notice } from '../contract.ts';
import { BridgeBench, LINES } from '../testing/bench.ts';
import type { RpcClient } from '../window/client.ts';
import type { FeedService, HostServices } from './services.ts';

const A = 'https://a.example/rss';
const B = 'http://b.example/rss';
const MINUTE = 60_000;
const RULE = { ...SHOWS, paused: true };
const hash = (n: number): string => String(n + 50).repeat(20);
const item = (n: number, title = `Show.S01E0${n}`, link = `magnet:?xt=urn:btih:${hash(n)}&amp;dn=${title}`): string =>
  `<item><guid>${title}-${n}</guid><title>${title}</title><link>${link}</link></item>`;

/** Web servers with feeds, and a disk. */
class Web implements FeedService {
  readonly bodies = new Map<string, string | FeedAnswer | Error>();
  readonly asked: { readonly url: string; readonly known: Validators }[] = [];
  kept: KeptFeeds = { taken: {}, episodes: {}, added: [] };
  damaged = false;
  /** Of .torrent files: the address, and how far in it may be. */
  readonly fetched: (readonly [string, unknown])[] = [];
  chance = 0.5;

  uniform(): number {
    return this.chance;
  }

  fetch(url: string, known: Validators): Promise<FeedAnswer> {
    this.asked.push({ url, known });
    const body = this.bodies.get(url);
    if (body === undefined || body instanceof Error) return Promise.reject(body ?? new Error('nobody'));
    if (typeof body !== 'string') return Promise.resolve(body);
    const etag = `"${body.length}"`;
    if (known.etag === etag) return Promise.resolve({ body: undefined, validators: known, scope: 'global' });
    const data = new TextEncoder().encode(`<rss><channel><title>F</title>${body}</channel></rss>`);
    return Promise.resolve({ body: data, validators: { etag }, scope: url === A ? 'private' : 'global' });
  }

  remembered(): Promise<KeptFeeds> {
    return this.damaged ? Promise.reject(new Error('feeds.json is damaged')) : Promise.resolve(this.kept);
  }

  remember(now: KeptFeeds): Promise<void> {
    this.kept = structuredClone(now);
    return Promise.resolve();
  }
}

let web: Web;
let bench: BridgeBench;
let client: RpcClient;
let notices: Notice[];

async function begin(change: Partial<HostServices> = {}): Promise<void> {
  bench = new BridgeBench(LINES['in memory']!(), { feeds: web, ...change }, []);
  notices = [];
  bench.host.onNotice((notice) => void (notice.kind === 'error' && notices.push(notice)));
  ({ client } = await bench.window());
}
beforeEach(async () => {
  web = new Web();
  await begin();
});
afterEach(() => bench.close());

const services = (): FeedService => ({
  uniform: () => web.uniform(),
  fetch: (url, known) => web.fetch(url, known),
  remembered: () => web.remembered(),
  remember: (now) => web.remember(now),
});
const set = (changes: Partial<Settings>): Promise<null> => client.call('changeSettings', { changes });
const feeds = (...urls: string[]): Partial<Settings> => ({ feeds: urls.map((url) => ({ url, name: '' })) });
const names = (): string[] =>
  bench.host.state.downloads.map(({ name }) => name).filter((name) => /^Show|^Other/.test(name));
const looks = (url: string): number => web.asked.filter((one) => one.url === url).length;

test('what a rule takes is added as it says, the oldest first, and once', async () => {
  web.bodies.set(A, item(2) + item(1) + item(3, 'Other.S01E01'));
  await set({ ...feeds(A), feedMinutes: 5, feedRules: [{ ...RULE, output: '/home/user/shows', category: 'tv' }] });
  await bench.pass(10_000);
  expect(names()).toEqual(['Show.S01E01', 'Show.S01E02']);
  expect(bench.host.state.downloads.find(({ name }) => name === 'Show.S01E01')?.options).toMatchObject({
    output: '/home/user/shows',
    category: 'tv',
    paused: true,
  });
  await bench.pass(12 * MINUTE);
  expect(names()).toHaveLength(2);
  expect(notices).toEqual([]);
});

test('nothing is added twice, though it was removed, the program started again, or the feed has another address', async () => {
  web.bodies.set(A, item(1));
  await set({ ...feeds(A), feedRules: [RULE] });
  await bench.pass(10_000);
  await bench.close();
  await begin();
  web.bodies.set(B, item(1).replace('<guid>Show', '<guid>Another'));
  await set({ ...feeds(A, B), feedRules: [{ ...RULE, episodes: false }] });
  await bench.pass(10_000);
  expect(names()).toEqual([]);
  expect(web.kept.taken[B]).toHaveLength(1);
});

test('an episode is taken once, from whichever feed, and once more where it was repaired', async () => {
  web.bodies.set(A, item(1, 'Show.S01E01.1080p') + item(2, 'Show.S01E01.720p'));
  web.bodies.set(B, item(3, 'Show.1x01') + item(4, 'Show.S01E01.PROPER'));
  await set({ ...feeds(A, B), feedRules: [RULE] });
  await bench.pass(10_000);
  expect(names()).toHaveLength(2);
  expect(names()).toContain('Show.S01E01.PROPER');
});

test('a look every so many minutes, at other seconds, and only for what is new', async () => {
  web.bodies.set(A, item(1));
  web.chance = 1;
  await set({ ...feeds(A), feedMinutes: 10 });
  await bench.pass(6000);
  expect(web.asked).toEqual([{ url: A, known: {} }]);
  await bench.pass(10 * MINUTE);
  expect(looks(A)).toBe(1);
  await bench.pass(1.1 * MINUTE);
  expect(web.asked[1]).toEqual({ url: A, known: { etag: `"${item(1).length}"` } });
  expect(bench.host.state.feeds).toMatchObject([{ url: A, title: 'F', items: 1, error: null }]);
  await set(feeds());
  await bench.pass(100 * MINUTE);
  expect(looks(A)).toBe(2);
  expect(bench.host.state.feeds).toEqual([]);
});

test('a bad feed says what is wrong, is asked again, waits as long as it is asked to, and stops no other', async () => {
  web.bodies.set(A, '<broken');
  web.bodies.set(B, item(1));
  await set({ ...feeds(A, B), feedRules: [RULE], feedMinutes: 10 });
  web.bodies.set(A, { body: new TextEncoder().encode('<html>'), validators: { etag: 'x' }, scope: 'global' });
  await bench.pass(10_000);
  expect(bench.host.state.feeds[0]).toMatchObject({ error: expect.stringContaining('no feed') as string, read: null });
  expect(names()).toHaveLength(1);
  web.bodies.set(A, { refused: 'The server answers 429.', retryAfter: millis(60 * MINUTE) });
  await bench.pass(11 * MINUTE);
  expect(web.asked.filter(({ url }) => url === A).at(-1)?.known).not.toEqual({ etag: 'x' });
  expect(bench.host.state.feeds[0]?.error).toContain('429');
  const before = looks(A);
  await bench.pass(40 * MINUTE);
  expect(looks(A)).toBe(before);
  web.bodies.set(A, item(2));
  await bench.pass(30 * MINUTE);
  expect(bench.host.state.feeds[0]).toMatchObject({ error: null, items: 1 });
  expect(names()).toHaveLength(2);
});

test('a feed that hangs stops no other', async () => {
  const fetch = (url: string, known: Validators, _: unknown, signal: AbortSignal): Promise<FeedAnswer> =>
    url === B
      ? web.fetch(url, known)
      : new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('stopped'))));
  await bench.close();
  web.bodies.set(B, item(1));
  await begin({ feeds: { ...services(), fetch } });
  await set({ ...feeds(B, A), feedRules: [RULE] });
  await bench.pass(10_000);
  expect(names()).toHaveLength(1);
});

test('an item that cannot be had is told once, tried again, and hinders none', async () => {
  const bad = (url: string): Promise<never> => {
    web.fetched.push([url, '']);
    return Promise.reject(new Error('404'));
  };
  await bench.close();
  await begin({ fetchTorrent: bad });
  web.bodies.set(A, item(1, 'Show.S01E01', 'https://a.example/1.torrent') + item(2));
  await set({ ...feeds(A), feedRules: [RULE], feedMinutes: 5 });
  await bench.pass(10_000);
  expect(names()).toEqual(['Show.S01E02']);
  expect(notices).toHaveLength(1);
  await bench.pass(40 * MINUTE);
  expect(web.fetched).toHaveLength(5);
  expect(notices).toHaveLength(1);
});

test('a feed leads to its own server, however far in that lies, and else outwards alone', async () => {
  await bench.close();
  await begin({
    fetchTorrent: (url, _, innermost) => {
      web.fetched.push([url, innermost]);
      return Promise.reject(new Error('no'));
    },
  });
  web.bodies.set(A, item(1, 'Show.S01E01', '/1.torrent') + item(2, 'Show.S01E02', 'http://192.168.0.1/reboot'));
  await set({ ...feeds(A), feedRules: [RULE] });
  await bench.pass(10_000);
  expect(new Map(web.fetched)).toEqual(
    new Map([
      ['https://a.example/1.torrent', 'private'],
      ['http://192.168.0.1/reboot', 'global'],
    ]),
  );
});

test('an address of an item may lead to a magnet link', async () => {
  await bench.close();
  await begin({
    fetchTorrent: () => Promise.resolve({ kind: 'magnet', link: `magnet:?xt=urn:btih:${hash(1)}&dn=Show` }),
  });
  web.bodies.set(A, item(1, 'Show.S01E01', 'https://a.example/1'));
  await set({ ...feeds(A), feedRules: [RULE] });
  await bench.pass(10_000);
  expect(names()).toEqual(['Show']);
});

test('a rule is for the same feed when that has a new address, and for no other', async () => {
  const rule = { ...RULE, feeds: [A] };
  await set({ ...feeds(A, B), feedRules: [rule] });
  await set(feeds('https://a.example/new', B));
  const of = (): readonly string[] | undefined => bench.host.state.settings.feedRules[0]?.feeds;
  expect(of()).toEqual(['https://a.example/new']);
  // Another order, one that is gone, and one that comes are no new addresses.
  await set(feeds(B, 'https://a.example/new'));
  await set(feeds(B));
  await set(feeds(B, 'https://c.example/rss'));
  expect(of()).toEqual(['https://a.example/new']);
});

test('where what was added before cannot be read, nothing is added, and that is told', async () => {
  web.damaged = true;
  web.bodies.set(A, item(1));
  await set({ ...feeds(A), feedRules: [RULE] });
  await bench.pass(MINUTE);
  expect(names()).toEqual([]);
  expect(bench.host.state.feeds[0]?.error).toContain('damaged');
  web.damaged = false;
  await client.call('readFeed', { url: A });
  await bench.pass(2000);
  expect(names()).toHaveLength(1);
});

test('a rule that is new takes what is there already; what it would take is told before', async () => {
  web.bodies.set(A, item(2) + item(1) + item(3, 'Show.S01E01.720p') + item(4, 'Other'));
  await set(feeds(A));
  await bench.pass(10_000);
  const preview = await client.call('feedItems', { feed: null, rule: RULE });
  expect(new Map(preview.map(({ title, verdict }) => [title, verdict]))).toEqual(
    new Map([
      ['Show.S01E02', 'takes'],
      ['Show.S01E01', 'episode'],
      ['Show.S01E01.720p', 'takes'],
      ['Other', 'words'],
    ]),
  );
  expect(names()).toEqual([]);
  await set({ feedRules: [RULE] });
  await bench.pass(3000);
  expect(names().sort()).toEqual(['Show.S01E01.720p', 'Show.S01E02']);
  const after = await client.call('feedItems', { feed: A, rule: null });
  expect(after.filter(({ verdict }) => verdict === 'taken')).toHaveLength(2);
});

test('a rule that is off takes nothing, and of several the first takes it', async () => {
  web.bodies.set(A, item(1));
  const rules = [
    { ...RULE, name: 'off', on: false, category: 'off' },
    { ...RULE, name: 'first', category: 'first' },
    { ...RULE, name: 'second', category: 'second' },
  ];
  await set({ ...feeds(A), feedRules: rules });
  await bench.pass(10_000);
  const [one] = bench.host.state.downloads.filter(({ name }) => name.startsWith('Show'));
  expect(one?.options.category).toBe('first');
});

test('an item is added by hand, and once more by hand alone', async () => {
  web.bodies.set(A, item(1));
  await set(feeds(A));
  await bench.pass(10_000);
  const [one] = await client.call('feedItems', { feed: A, rule: null });
  expect(one?.verdict).toBe('no-rule');
  expect(await client.call('takeItem', { feed: A, id: one!.id })).toBe('added');
  expect(await client.call('takeItem', { feed: A, id: one!.id })).toBe('present');
  await bench.engine.remove(bench.host.state.downloads.find(({ name }) => name.startsWith('Show'))!.key, {
    data: false,
  });
  await set({ feedRules: [RULE] });
  await bench.pass(10_000);
  expect(names()).toEqual([]);
  expect(await client.call('takeItem', { feed: A, id: one!.id })).toBe('added');
  await expect(client.call('takeItem', { feed: A, id: 'no' })).rejects.toThrow(/no more/);
});

test('hundreds at once come in turn', async () => {
  const many = Array.from({ length: 50 }, (_, i) =>
    item(i, `Show.S02E${i + 10}`, `magnet:?xt=urn:btih:${i + 20}${'e'.repeat(38)}&amp;dn=Show${i}`),
  );
  web.bodies.set(A, many.join(''));
  await set({ ...feeds(A), feedRules: [RULE] });
  await bench.pass(20_000);
  expect(names()).toHaveLength(50);
});
