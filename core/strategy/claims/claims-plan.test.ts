import { describe, expect, test } from 'vitest';
import { identityIndex, piece } from '../../base/ids.ts';
import { planIdle, type IdleInput, type IdlePlan, type Workload } from './claims-plan.ts';

const PIECE = 1000;

/** Identity, rate, unbegun pieces, then `piece:fill` of those begun. */
function work(index: number, rate: number, unbegun: number, begun = ''): Workload {
  const list = begun === '' ? [] : begun.split(' ').map((text) => text.split(':').map(Number));
  return {
    identity: identityIndex(index),
    rate,
    unbegun,
    begun: list.map(([p = 0, fill = 0]) => ({ piece: piece(p), fill })),
  };
}

function plan(idle: Workload, others: Workload[], more: Partial<IdleInput> = {}): IdlePlan | undefined {
  return planIdle({ idle, others, pieceLength: PIECE, holders: () => 1, ...more });
}

describe('planIdle', () => {
  test.each([
    { name: 'equal rates: half', idle: 1000, others: [work(1, 1000, 10)], from: 1, most: 5 },
    { name: 'three times as fast: three quarters', idle: 3000, others: [work(1, 1000, 8)], from: 1, most: 6 },
    { name: 'from who stands still: all', idle: 1000, others: [work(1, 0, 8)], from: 1, most: 8 },
    { name: 'nothing known: half', idle: 0, others: [work(1, 0, 8)], from: 1, most: 4 },
    { name: 'at least one', idle: 1, others: [work(1, 1000, 8)], from: 1, most: 1 },
    {
      name: 'from who needs longest, not who has most',
      idle: 1000,
      others: [work(1, 10_000, 20), work(2, 100, 4)],
      from: 2,
      most: 4,
    },
    {
      name: 'a slower one without unbegun pieces is passed over',
      idle: 1000,
      others: [work(1, 10, 0, '1:0'), work(2, 1000, 2)],
      from: 2,
      most: 1,
    },
  ])('$name', ({ idle, others, from, most }) => {
    expect(plan(work(0, idle, 0), others)).toEqual({ giveBack: { from, most } });
  });

  test.each([
    {
      name: 'the emptiest of the slowest first, as many as it can fetch soon',
      idle: 10_000,
      others: [work(1, 10, 0, '1:200 2:0 3:100')],
      pieces: [2, 3],
    },
    {
      name: 'of several the slowest first',
      idle: 10_000,
      others: [work(1, 1000, 0, '1:0 2:0 3:0'), work(2, 100, 0, '7:0')],
      pieces: [7, 1],
    },
    { name: 'at least one', idle: 0, others: [work(1, 10, 0, '1:0 2:0')], pieces: [1] },
    {
      name: 'at most sixteen',
      idle: 1e6,
      others: [work(1, 10, 0, Array.from({ length: 40 }, (_, i) => `${i}:0`).join(' '))],
      pieces: Array.from({ length: 16 }, (_, i) => i),
    },
  ])('end-game: $name', ({ idle, others, pieces }) => {
    expect(plan(work(0, idle, 0), others)).toEqual({ grantEndGame: { to: 0, pieces } });
  });

  test('no third holder, nothing that it cannot get', () => {
    const others = [work(1, 10, 0, '1:0 2:0 3:0')];
    const holders = (index: number): number => (index === 1 ? 2 : 1);
    expect(plan(work(0, 1000, 0), others, { holders, able: (index) => index !== 2 })).toEqual({
      grantEndGame: { to: 0, pieces: [3] },
    });
    expect(plan(work(0, 1000, 0), others, { holders: () => 2 })).toBeUndefined();
  });

  test('no copy of what its holder will have sooner, and nothing where nothing is left', () => {
    expect(plan(work(0, 100, 0), [work(1, 1000, 0, '1:128')])).toBeUndefined();
    expect(plan(work(0, 100, 0), [work(1, 1000, 0)])).toBeUndefined();
    expect(plan(work(0, 100, 0), [])).toBeUndefined();
  });
});
