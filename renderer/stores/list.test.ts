import { expect, test } from 'vitest';
import { type InfoHashV1, type InfoHashV2, type Millis, type TorrentKey, torrentKey } from '../../core/base/ids.ts';
import type { DownloadView } from '../../core/bridge/views.ts';
import { testDownload } from '../testing/download.ts';
import { rowAfter } from '../views/list/selection.ts';
import { between, filterCounts, listed, type ListOrder } from './list.ts';

const hash = (n: number): TorrentKey => torrentKey(`${n}`.repeat(40) as InfoHashV1);
const one = (n: number, change: Partial<DownloadView>): DownloadView =>
  testDownload({ key: hash(n), infoHash: `${n}`.repeat(40) as InfoHashV1, added: n as Millis, ...change });

const downloads = [
  one(1, { name: 'Film 10', bytesHave: 500, bytesWanted: 1000, down: 5, timeLeft: null, bytesTotal: 1000 }),
  one(2, {
    name: 'film 9',
    state: 'paused',
    bytesHave: 100,
    bytesWanted: 1000,
    down: 0,
    timeLeft: null,
    bytesTotal: 3000,
  }),
  one(3, { name: 'Ärchiv', state: 'seeding', bytesHave: 9, bytesWanted: 9, down: 0, timeLeft: null, bytesTotal: 9 }),
  one(4, {
    name: 'Debian',
    infoHashV2: 'f'.repeat(64) as InfoHashV2,
    bytesHave: 900,
    bytesWanted: 1000,
    down: 9,
    timeLeft: 5 as Millis,
    bytesTotal: 2000,
  }),
];
const missing = one(5, { name: 'Gone', state: 'missing-files' });
const order: ListOrder = { filter: 'all', labels: {}, search: '', sort: 'added', reverse: false };
const names = (change: Partial<ListOrder>): string[] =>
  listed(downloads, { ...order, ...change }, 'en').map((download) => download.name);

test.each<[Partial<ListOrder>, string[]]>([
  [{}, ['Film 10', 'film 9', 'Ärchiv', 'Debian']],
  [{ reverse: true }, ['Debian', 'Ärchiv', 'film 9', 'Film 10']],
  [{ sort: 'name' }, ['Ärchiv', 'Debian', 'film 9', 'Film 10']],
  [{ sort: 'progress' }, ['film 9', 'Film 10', 'Debian', 'Ärchiv']],
  [{ sort: 'down' }, ['Debian', 'Film 10', 'film 9', 'Ärchiv']],
  [{ sort: 'timeLeft' }, ['Debian', 'Film 10', 'film 9', 'Ärchiv']],
  [{ sort: 'size' }, ['Film 10', 'film 9', 'Debian', 'Ärchiv']],
  [{ search: 'FILM' }, ['Film 10', 'film 9']],
  [{ search: '10 film' }, ['Film 10']],
  [{ search: 'nothing' }, []],
  [{ search: '3'.repeat(40) }, ['Ärchiv']],
  [{ search: 'f'.repeat(64) }, ['Debian']],
  [{ filter: 'active' }, ['Film 10', 'Ärchiv', 'Debian']],
  [{ filter: 'done' }, ['Ärchiv']],
  [{ filter: 'paused', search: 'film' }, ['film 9']],
])('%j', (change, expected) => {
  expect(names(change)).toEqual(expected);
});

test('what lacks its files counts as failed, and what gets nothing as stalled', () => {
  const stalled = one(6, { stall: { kind: 'no-peers' } });
  const counts = { all: 6, active: 4, done: 1, paused: 1, queued: 0, stalled: 1, failed: 1 };
  expect(filterCounts([...downloads, missing, stalled])).toEqual(counts);
});

test('what waits for its turn is listed by itself, in the order of the queue', () => {
  const waiting = [2, 0, 1].map((place) =>
    testDownload({ key: `${place}` as never, state: 'queued', place, queued: place + 1 }),
  );
  const order = { filter: 'queued', labels: {}, search: '', sort: 'place', reverse: false } as const;
  expect(listed([...downloads, ...waiting], order).map(({ place }) => place)).toEqual([0, 1, 2]);
});

test('filters say how many they let through', () => {
  expect(filterCounts(downloads)).toEqual({ all: 4, active: 3, done: 1, paused: 1, queued: 0, stalled: 0, failed: 0 });
});

test('a range of rows goes both ways', () => {
  const hashes = [1, 2, 3, 4].map(hash);
  expect(between(hashes, hash(2), hash(4))).toEqual([hash(2), hash(3), hash(4)]);
  expect(between(hashes, hash(3), hash(1))).toEqual([hash(1), hash(2), hash(3)]);
  expect(between(hashes, hash(9), hash(1))).toEqual([hash(1)]);
});

test.each([
  ['ArrowDown', 2, 3],
  ['ArrowDown', 4, 4],
  ['ArrowUp', 1, 1],
  ['ArrowUp', undefined, 4],
  ['ArrowDown', undefined, 1],
  ['Home', 3, 1],
  ['End', 1, 4],
  ['PageDown', 1, 4],
])('%s from row %s', (key, from, to) => {
  const hashes = [1, 2, 3, 4].map(hash);
  expect(rowAfter(hashes, from === undefined ? undefined : hash(from), key)).toBe(hash(to));
});

test('other keys lead nowhere, and so does an empty list', () => {
  expect(rowAfter([hash(1)], hash(1), 'x')).toBeUndefined();
  expect(rowAfter([], undefined, 'ArrowDown')).toBeUndefined();
});
