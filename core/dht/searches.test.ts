import { expect, test } from 'vitest';
import { millis } from '../base/ids.ts';
import type { Search } from './search.ts';
import { Searches } from './searches.ts';

class FakeSearch {
  over = false;
  begun = false;
  begin = (): void => void (this.begun = true);
  cancel = (): void => void (this.over = true);
  pump = (): void => {};
}

function many(count: number) {
  const searches = new Searches();
  const all = Array.from({ length: count }, () => new FakeSearch());
  for (const [i, one] of all.entries()) searches.add(one as unknown as Search, millis(i));
  return { searches, all, begun: () => all.flatMap((one, i) => (one.begun ? [i] : [])) };
}

test('eight run at a time, in the order in which they came; one that was called off takes no place', () => {
  const { searches, all, begun } = many(11);
  all[1]?.cancel();
  searches.pump(50, false, millis(100));
  expect(begun()).toEqual([0, 2, 3, 4, 5, 6, 7, 8]);
  all[4]?.cancel();
  searches.pump(50, false, millis(200));
  expect(begun()).toEqual([0, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect([searches.any, searches.running, searches.count]).toEqual([true, true, 9]);
  for (const one of all) one.cancel();
  expect([searches.any, searches.count]).toEqual([false, 0]);
});

test('where no node is known each waits for a minute', () => {
  const { searches, all, begun } = many(3);
  searches.pump(0, false, millis(60_000));
  expect(all.map(({ over }) => over)).toEqual([true, false, false]);
  searches.pump(2, true, millis(60_001));
  expect(all.map(({ over }) => over)).toEqual([true, true, false]);
  searches.pump(2, false, millis(60_002));
  expect(begun()).toEqual([2]);
});
