import { expect, test } from 'vitest';
import { millis, type TorrentKey } from '../../../core/base/ids.ts';
import { type ImportCandidate, NOTHING_KNOWN } from '../../../core/bridge/import-candidate.ts';
import { factsOf, fateOf } from './candidate-text.ts';
import { candidatesOf, chosenOf, isOpen, isToBeLooked, withChosen } from './candidates.ts';

const torrent = (key: string | null, said: Partial<ImportCandidate> = {}): ImportCandidate => ({
  ...NOTHING_KNOWN,
  client: 'aria2',
  record: 'x',
  name: `torrent ${key}`,
  key: key as TorrentKey | null,
  length: 1000,
  how: 'in-place',
  output: '/there',
  from: '/there',
  have: 1,
  notes: [],
  ...said,
});

test('what can be taken is chosen, and counts as long as it is', () => {
  const all = candidatesOf([
    torrent('a'),
    torrent('b', { how: 'copy' }),
    torrent('c', { how: 'download', length: null }),
    torrent('d', { present: true }),
    torrent('a', { how: null }),
    torrent(null, { how: null }),
  ]);
  expect(all.map(isOpen)).toEqual([true, true, true, false, false, false]);
  const facts = { open: 3, present: 1, refused: 2, elsewhere: true };
  expect(chosenOf(all)).toEqual({ ...facts, wanted: ['a', 'b', 'c'], need: 1000 });
  expect(chosenOf(withChosen(all, 1, false))).toEqual({ ...facts, wanted: ['a', 'c'], need: 0 });
  expect(chosenOf(withChosen(all, undefined, false)).wanted).toEqual([]);
  // What has not changed is the same object: its row is not drawn again.
  expect(withChosen(all, 1, false)[0]).toBe(all[0]);
  expect(chosenOf(all.slice(0, 1))).toMatchObject({ elsewhere: false, need: 0 });
});

test('what is kept of each is told, and what becomes of it', () => {
  expect(factsOf(torrent('a', { have: 0.5, paused: true, tags: ['one', 'two'] }))).toBe(
    'aria2 · 1.0 kB · 50% there · paused · tags one, two',
  );
  const seed = { kind: 'goals', ratio: 'none', idle: millis(1_800_000) } as const;
  expect(factsOf(torrent('a', { length: null, seed }))).toBe('aria2 · a magnet link · seeds until idle for 30 min');
  expect(factsOf(torrent('a', { have: 0, seed: { kind: 'goals', ratio: 'none' } }))).toContain('without an end');
  expect(factsOf(torrent(null))).toBe('aria2');
  expect(fateOf(torrent('a'))).toContain('/there');
  expect(fateOf(torrent('a', { present: true }))).toContain('already');
  expect(fateOf(torrent('a', { how: null }))).toBeUndefined();
});

test.each([
  ['/there', { place: '/there', found: candidatesOf([torrent('a')]) }, false],
  ['/other', { place: '/there', found: candidatesOf([torrent('a')]) }, true],
  // What was missing may be there by now.
  ['', { place: '', found: [] }, true],
  ['/there', { place: '/there', found: undefined }, true],
])('%j after %j is looked at: %s', (place, looked, then) => {
  expect(isToBeLooked(place, looked)).toBe(then);
});
