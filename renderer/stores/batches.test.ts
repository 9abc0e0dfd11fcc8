import { describe, expect, test } from 'vitest';
import { type Batch, joined, type Offered, separated, withoutBatch } from './batches.ts';

const offered = (name: string): Offered => ({ fileName: name, read: () => Promise.reject(new Error(name)) });
const names = (batches: readonly Batch[]): (string | null)[][] =>
  batches.map(({ offers }) => offers.map(({ fileName }) => fileName));

type Arrivals = readonly (readonly [names: string, outside: boolean, at: number])[];

/** Offers arrivals one after the other: names, from outside or not, and when. */
function arrived(...arrivals: Arrivals): readonly Batch[] {
  let id = 1;
  return arrivals.reduce<readonly Batch[]>(
    (batches, [list, outside, now]) =>
      joined(batches, list.split(' ').map(offered), { outside, now, nextId: () => id++ }),
    [],
  );
}

describe('what gets one dialog', () => {
  test.each<[string, Arrivals, string[][]]>([
    ['a drop of several', [['a b c', false, 0]], [['a', 'b', 'c']]],
    [
      'two drops of one: the first dialog may be filled in already',
      [
        ['a', false, 0],
        ['b', false, 1],
      ],
      [['a'], ['b']],
    ],
    [
      'what is dropped on a list',
      [
        ['a b', false, 0],
        ['c', false, 9e9],
      ],
      [['a', 'b', 'c']],
    ],
    [
      'files that are opened together',
      [
        ['a', true, 0],
        ['b', true, 900],
        ['c', true, 1800],
      ],
      [['a', 'b', 'c']],
    ],
    [
      'a file that is opened later',
      [
        ['a', true, 0],
        ['b', true, 1000],
      ],
      [['a'], ['b']],
    ],
    [
      'a file that is opened while one was dropped',
      [
        ['a', false, 0],
        ['b', true, 1],
      ],
      [['a'], ['b']],
    ],
    [
      'one that waits behind a list',
      [
        ['a b', false, 0],
        ['c', true, 1],
      ],
      [['a', 'b', 'c']],
    ],
  ])('%s', (_, arrivals, expected) => {
    expect(names(arrived(...arrivals))).toEqual(expected);
  });

  test('a list that is being added takes no more', () => {
    const [list] = arrived(['a b', false, 0]);
    expect(
      names(joined([{ ...list!, open: false }], [offered('c')], { outside: true, now: 0, nextId: () => 9 })),
    ).toEqual([['a', 'b'], ['c']]);
  });

  test('one by one: each of the chosen in the place of the list, and nothing joins them', () => {
    const before = [...arrived(['a b c', true, 0]), { id: 50, offers: [], open: true, outside: false, at: 0 }];
    const [a, , c] = before[0]!.offers;
    let id = 100;
    const after = separated(before, before[0]!.id, new Set([a!.id, c!.id]), () => id++);
    expect(names(after)).toEqual([['a'], ['c'], []]);
    expect(new Set(after.map((one) => one.id)).size).toBe(3);
    const next = joined(after.slice(0, 2), [offered('d')], { outside: true, now: 1, nextId: () => id++ });
    expect(names(next)).toEqual([['a'], ['c'], ['d']]);
    expect(names(withoutBatch(after, after[0]!.id))).toEqual([['c'], []]);
  });
});
