import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { identityIndex } from '../../base/ids.ts';
import { handOvers, leastMissed, type PeerHolding } from './peer-handover.ts';

/** Identities by group, connected, dealt. */
function holdings(...rows: (readonly [string, number, number])[]): PeerHolding[] {
  return rows.map(([group, connected, dealt], i) => ({ index: identityIndex(i), group, connected, dealt }));
}

describe('peers that change hands', () => {
  test.each<[string, PeerHolding[], [number, number][]]>([
    ['none where everyone has some', holdings(['a', 4, 0], ['a', 2, 0]), []],
    ['two for each that has none', holdings(['a', 16, 0], ['a', 0, 0], ['a', 0, 0], ['a', 1, 0]), [[0, 5]]],
    ['what was dealt is as good', holdings(['a', 16, 0], ['a', 0, 2]), []],
    ['one each where there are few', holdings(['a', 4, 0], ['a', 0, 0], ['a', 0, 0], ['a', 0, 0]), [[0, 3]]],
    ['none where there are fewer than identities', holdings(['a', 3, 0], ['a', 0, 0], ['a', 0, 0], ['a', 0, 0]), []],
    ['none between addresses', holdings(['a', 16, 0], ['b', 0, 0]), []],
    ['from those with most first', holdings(['a', 3, 0], ['a', 9, 0], ['a', 0, 0]), [[1, 2]]],
    ['from two where one has not enough', holdings(['a', 3, 0], ['a', 3, 0], ['a', 0, 0]), [[0, 1], [1, 1]]], // prettier-ignore
    ['of nobody', [], []],
  ])('%s', (_, given, expected) => {
    expect([...handOvers(given)]).toEqual(expected);
  });

  test('those that are still to come are reckoned with, and get none yet', () => {
    const few = holdings(['a', 6, 0], ['a', 0, 0], ['a', 0, 0], ['a', 0, 0]);
    const starting = few.map((holding, i) => ({ ...holding, starting: i > 1 }));
    expect([...handOvers(few)]).toEqual([[0, 3]]);
    expect([...handOvers(starting)]).toEqual([[0, 1]]);
  });

  test('nobody gives what it has to keep, and nobody is asked twice', () => {
    const row = fc.tuple(fc.constantFrom('a', 'b'), fc.nat(20), fc.nat(5));
    fc.assert(
      fc.property(fc.array(row, { maxLength: 16 }), (rows) => {
        const given = holdings(...rows);
        for (const [index, count] of handOvers(given)) {
          const hand = given[index]!;
          expect(count).toBeLessThanOrEqual(hand.connected);
          const mates = given.filter(({ group }) => group === hand.group);
          const floor = Math.min(2, Math.floor(mates.reduce((n, m) => n + m.connected + m.dealt, 0) / mates.length));
          expect(hand.connected + hand.dealt - count).toBeGreaterThanOrEqual(floor);
        }
      }),
    );
  });

  test('are those that bring least', () => {
    const peer = (name: string, isSeed: boolean, peerChoking: boolean, amChoking: boolean, rate: number) => ({ name, isSeed, peerChoking, amChoking, rate }); // prettier-ignore
    const peers = [
      peer('seed that serves us', true, false, true, 900),
      peer('seed that we wait for', true, true, true, 0),
      peer('leecher that we trade with', false, false, false, 100),
      peer('leecher that we serve', false, true, false, 0),
      peer('stranger', false, true, true, 0),
      peer('leecher that serves us', false, false, true, 10),
    ];
    expect(leastMissed(peers, 5).map(({ name }) => name)).toEqual([
      'stranger',
      'leecher that we serve',
      'leecher that serves us',
      'leecher that we trade with',
      'seed that we wait for',
    ]);
  });
});
