import { describe, expect, test } from 'vitest';
import { identityIndex, piece, type PieceIndex } from '../../base/ids.ts';
import { planUrgent, type UrgentPlan } from './urgent-plan.ts';

interface Scene {
  /** Rate of each identity. */
  readonly rates: readonly number[];
  readonly pieces: readonly number[];
  /** Who may fetch a piece already. */
  readonly held?: Readonly<Record<number, readonly number[]>>;
  /** Pieces that an identity's peers lack. */
  readonly lacks?: Readonly<Record<number, readonly number[]>>;
  readonly mayDeal?: boolean;
  /** Pieces that their claimant may give away. */
  readonly mayMove?: readonly number[];
}

function plan({ rates, pieces, held = {}, lacks = {}, mayDeal = true, mayMove = [] }: Scene): UrgentPlan {
  return planUrgent({
    pieces: pieces.map(piece),
    workers: rates.map((rate, i) => ({
      identity: identityIndex(i),
      rate,
      able: (p: PieceIndex) => lacks[i]?.includes(p) !== true,
    })),
    pieceLength: 1000,
    holders: (p) => (held[p] ?? []).map(identityIndex),
    mayDeal,
    mayMove: (p) => mayMove.includes(p),
  });
}

const shown = (lists: ReadonlyMap<number, readonly number[]>): string =>
  [...lists]
    .filter(([, list]) => list.length > 0)
    .map(([identity, list]) => `${identity}: ${list.join(' ')}`)
    .sort()
    .join(', ');

describe('free pieces', () => {
  test.each<Scene & { name: string; claims: string }>([
    { name: 'equal identities take turns', rates: [10, 10], pieces: [5, 6, 7, 8], claims: '0: 5 7, 1: 6 8' },
    {
      name: 'the fastest has the first, and as many as it is faster',
      rates: [10, 30],
      pieces: [1, 2, 3, 4],
      claims: '0: 3, 1: 1 2 4',
    },
    { name: 'one that is unknown may be fast', rates: [0, 9], pieces: [1, 2, 3, 4], claims: '0: 3, 1: 1 2 4' },
    { name: 'nobody is known', rates: [0, 0], pieces: [1, 2], claims: '0: 1, 1: 2' },
    {
      name: 'one whose peers lack it does not get it',
      rates: [10, 1],
      pieces: [1, 2],
      lacks: { 0: [1] },
      claims: '0: 2, 1: 1',
    },
    { name: 'nobody can', rates: [10, 10], pieces: [1], lacks: { 0: [1], 1: [1] }, claims: '' },
    { name: 'each keeps to its own', rates: [10, 10], pieces: [1, 2], held: { 2: [1] }, mayDeal: false, claims: '' },
  ])('$name', ({ claims, ...scene }) => {
    expect(shown(plan(scene).claims)).toBe(claims);
  });
});

describe('pieces that somebody has claimed', () => {
  test.each<Scene & { name: string; first: string; copies: string }>([
    {
      name: 'it fetches them first',
      rates: [10, 10],
      pieces: [4, 2],
      held: { 4: [1], 2: [1] },
      first: '1: 4 2',
      copies: '',
    },
    {
      name: 'a slow one gets help',
      rates: [1, 100],
      pieces: [4],
      held: { 4: [0] },
      first: '0: 4, 1: 4',
      copies: '1: 4',
    },
    {
      name: 'but not from one that is hardly faster',
      rates: [50, 100],
      pieces: [4],
      held: { 4: [0] },
      first: '0: 4',
      copies: '',
    },
    {
      name: 'nor from a third one',
      rates: [1, 1, 100],
      pieces: [4],
      held: { 4: [0, 1] },
      first: '0: 4, 1: 4',
      copies: '',
    },
    {
      name: 'nor for what nobody waits for yet',
      rates: [1, 100],
      pieces: [7, 8, 4],
      held: { 7: [1], 8: [1], 4: [0] },
      first: '0: 4, 1: 7 8',
      copies: '',
    },
    {
      name: 'nor with ranges of their own',
      rates: [1, 100],
      pieces: [4],
      held: { 4: [0] },
      mayDeal: false,
      first: '0: 4',
      copies: '',
    },
  ])('$name', ({ first, copies, ...scene }) => {
    const planned = plan(scene);
    expect([shown(planned.first), shown(planned.copies), shown(planned.claims)]).toEqual([first, copies, '']);
  });

  test.each<Scene & { name: string; first: string; moves: string }>([
    {
      name: 'all do what comes next, and the claimant has the first of it',
      rates: [10, 10, 10],
      pieces: [1, 2, 3, 4, 5],
      held: { 1: [0], 2: [0], 3: [0], 4: [0], 5: [0] },
      mayMove: [1, 2, 3, 4, 5],
      first: '0: 1 2 5, 1: 3, 2: 4',
      moves: '1: 3, 2: 4',
    },
    {
      name: 'a slow claimant has none of it',
      rates: [1, 100],
      pieces: [4, 5],
      held: { 4: [0], 5: [0] },
      mayMove: [4, 5],
      first: '1: 4 5',
      moves: '1: 4 5',
    },
    {
      name: 'what was given away before stays where it is',
      rates: [100, 1],
      pieces: [4],
      held: { 4: [1] },
      first: '1: 4',
      moves: '',
    },
    {
      name: 'whose peers lack it gets none',
      rates: [1, 100],
      pieces: [4],
      held: { 4: [0] },
      lacks: { 1: [4] },
      mayMove: [4],
      first: '0: 4',
      moves: '',
    },
  ])('of a range are given away: $name', ({ first, moves, ...scene }) => {
    const planned = plan({ ...scene, mayDeal: false });
    expect([shown(planned.first), shown(planned.moves), shown(planned.copies)]).toEqual([first, moves, '']);
  });

  test('who has nothing of it is told so', () => {
    expect([...plan({ rates: [1, 2], pieces: [] }).first.keys()]).toEqual([0, 1]);
  });
});
