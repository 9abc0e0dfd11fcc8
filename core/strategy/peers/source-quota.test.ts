import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PEER_SOURCES, type PeerSourceKind } from '../../base/peer-source.ts';
import { inTurns, makeRoomFrom } from './source-quota.ts';

const counts = (of: Partial<Record<PeerSourceKind, number>>): Map<PeerSourceKind, number> =>
  new Map(Object.entries(of) as [PeerSourceKind, number][]);

describe('whose entries make room in a full table of peers', () => {
  test.each<[string, Partial<Record<PeerSourceKind, number>>, PeerSourceKind, PeerSourceKind[]]>([
    ['its own where nobody else is there', { tracker: 9 }, 'tracker', ['tracker']],
    ['its own where it has most', { tracker: 9, incoming: 2 }, 'tracker', ['tracker']],
    ['those of one that has more', { tracker: 9, incoming: 2 }, 'incoming', ['tracker', 'incoming']],
    ['of one that it has none of yet', { tracker: 9 }, 'user', ['tracker', 'user']],
    ['never those that were chosen', { user: 9, magnet: 9, tracker: 1 }, 'tracker', ['tracker']],
    ['as many are left alone', { tracker: 5, incoming: 5 }, 'incoming', ['incoming']],
  ])('%s', (_, of, newcomer, order) => expect(makeRoomFrom(counts(of), newcomer)).toEqual(order));

  test('whatever comes in whatever order, no stranger ends below an even share by what the others bring', () => {
    const strangers = PEER_SOURCES.filter((source) => source === 'tracker' || source === 'incoming');
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...strangers), { maxLength: 300 }),
        fc.integer({ min: 2, max: 40 }),
        (news, room) => {
          const table = new Map<PeerSourceKind, number>();
          const offered = new Map<PeerSourceKind, number>();
          for (const source of news) {
            offered.set(source, (offered.get(source) ?? 0) + 1);
            const total = [...table.values()].reduce((sum, n) => sum + n, 0);
            if (total >= room) {
              const victim = makeRoomFrom(table, source).find((one) => (table.get(one) ?? 0) > 0);
              if (victim === undefined) continue;
              table.set(victim, (table.get(victim) ?? 0) - 1);
            }
            table.set(source, (table.get(source) ?? 0) + 1);
          }
          for (const [source, n] of offered) {
            expect(table.get(source)).toBeGreaterThanOrEqual(Math.min(n, Math.floor(room / strangers.length)));
          }
        },
      ),
    );
  });
});

test('lists in turns: each in its order, none waits for all of another', () => {
  expect(inTurns([[1, 2, 3], [10], [], [20, 21]])).toEqual([1, 10, 20, 2, 21, 3]);
  expect([inTurns([]), inTurns([[1, 2]])]).toEqual([[], [1, 2]]);
});
