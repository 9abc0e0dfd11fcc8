import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bytes, type InfoHashV1, type Millis, millis, torrentKey } from '../../core/base/ids.ts';
import type { DownloadView } from '../../core/bridge/views.ts';
import { fakeOptions } from '../../core/engine/testing/moving-download.ts';
import { testDownload } from '../testing/download.ts';
import { labelCounts } from './labels.ts';
import { listed } from './list.ts';
import { Ranks } from './ranks.ts';
import { isFalling, isSortKey, sorted, type SortKey } from './sort.ts';

const one = (n: number, change: Partial<DownloadView>): DownloadView =>
  testDownload({
    key: torrentKey(`${n}`.repeat(40) as InfoHashV1),
    name: `${n}`,
    added: n as Millis,
    ...change,
  });
const fresh = { state: 'downloading', downloaded: bytes(0), bytesHave: 0 } as const;

test.each<[SortKey, readonly Partial<DownloadView>[], string]>([
  ['up', [{ up: 1 }, { up: 3 }, { up: 2 }], '2 3 1'],
  ['ratio', [{ uploaded: bytes(0) }, { uploaded: bytes(9e9) }, { ...fresh, uploaded: bytes(7) }], '2 1 3'],
  ['seeds', [{ seeds: 0 }, { seeds: 4 }, { seeds: 2 }], '2 3 1'],
  [
    'peers',
    [
      { peers: 9, seeds: 9 },
      { peers: 3, seeds: 0 },
    ],
    '2 1',
  ],
  ['state', [{ state: 'paused' }, { state: 'failed' }, { stall: { kind: 'no-peers' } }, {}], '2 3 4 1'],
  ['tracker', [{ trackerHosts: [] }, { trackerHosts: ['b.example'] }, { trackerHosts: ['a.example'] }], '3 2 1'],
  ['added', [2, 0, 1].map((place) => ({ place, added: millis(7) })), '2 3 1'],
  ['finished', [{ finished: null }, { finished: millis(5) }, { finished: millis(2) }], '3 2 1'],
  [
    'downLimit',
    [{}, { options: fakeOptions({ down: 5 as never }) }, { options: fakeOptions({ down: 2 as never }) }],
    '3 2 1',
  ],
])('by %s', (sort, changes, expected) => {
  const downloads = changes.map((change, i) => one(i + 1, change));
  const names = (reverse: boolean): string[] => sorted(downloads, sort, reverse, 'en').map(({ name }) => name);
  expect(names(false)).toEqual(expected.split(' '));
  expect(names(true)).toEqual(expected.split(' ').reverse());
});

test('a head tells which way figures go', () => {
  expect([isFalling('down', false), isFalling('down', true), isFalling('name', false)]).toEqual([true, false, false]);
  expect([isSortKey('upLimit'), isSortKey('toString'), isSortKey(undefined)]).toEqual([true, false, false]);
});

test('kept ranks are those of a fresh order, whichever names came before', () => {
  const compare = new Intl.Collator('en', { numeric: true, sensitivity: 'base' }).compare;
  const name = fc.constantFrom('a', 'A', 'b 2', 'b 10', 'é', 'e', 'f', '');
  fc.assert(
    fc.property(fc.array(fc.array(name)), (turns) => {
      const ranks = new Ranks('en');
      for (const names of turns) {
        const rank = ranks.of(names);
        for (const a of names)
          for (const b of names)
            expect(Math.sign((rank.get(a) ?? NaN) - (rank.get(b) ?? NaN))).toBe(Math.sign(compare(a, b)));
      }
    }),
  );
});

test('narrowed down to a tracker', () => {
  const downloads = [
    one(1, { trackerHosts: ['a.example', 'b.example'] }),
    one(2, { trackerHosts: [] }),
    one(3, { trackerHosts: ['b.example'] }),
  ];
  const names = (tracker: string | undefined): string =>
    listed(downloads, { filter: 'all', labels: { tracker }, search: '', sort: 'added', reverse: false })
      .map(({ name }) => name)
      .join(' ');
  expect([undefined, 'b.example', '', 'c.example'].map(names)).toEqual(['1 2 3', '1 3', '2', '']);
  expect(labelCounts(downloads, 'tracker')).toEqual([
    ['', 1],
    ['a.example', 1],
    ['b.example', 2],
  ]);
});
