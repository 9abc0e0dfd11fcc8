import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RunLine } from '../results.ts';
import { parseSweep } from '../scenario/arms.ts';
import { seconds } from '../seconds.ts';
import { planLine, runLine } from '../testing/lines.ts';
import { armPairs, compareArms } from './compare.ts';
import { MEASURES } from './measures.ts';

const K1 = { label: 'user.K=1', values: { 'user.K': 1 } };
const K4 = { label: 'user.K=4', values: { 'user.K': 4 } };

/** Runs of K=1 and K=4, from the user's time in each. */
const runs = (pairs: readonly (readonly [number | null, number | null])[]): RunLine[] =>
  pairs.flatMap(([one, four], i) => [runLine(K1.values, i, one), runLine(K4.values, i, four)]);

const compared = (all: readonly RunLine[], measure = MEASURES.user as (typeof MEASURES)[keyof typeof MEASURES]) =>
  compareArms(all, { base: K1, other: K4, measure, world: 'sim' });

const many = <T>(count: number, of: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => of(i));

/** Of a sentence the three figures of its interval. */
const figuresOf = (sentence: string): number[] =>
  [...(/: (\S+) times as much, with 95% confidence (\S+) to (\S+) times/.exec(sentence) ?? [])].slice(1).map(Number);

describe('what is concluded', () => {
  test('follows from the figures that are shown', () => {
    const near = fc.oneof(fc.double({ min: 0.9, max: 1.1, noNaN: true }), fc.constantFrom(1, 0.95, 1.0004, 0.9996));
    fc.assert(
      fc.property(fc.array(near, { minLength: 6, maxLength: 8 }), (ratios) => {
        const sentence = compared(runs(ratios.map((ratio) => [1000, 1000 * ratio])))?.conclusion ?? '';
        const [middle = 0, low = 0, high = 0] = figuresOf(sentence);
        expect(low <= middle && middle <= high).toBe(true);
        if (sentence.includes('do not tell')) expect(low <= 1 && high >= 1).toBe(true);
        else if (sentence.includes('the same')) expect(low > 0.95 && high < 1.05).toBe(true);
        else if (sentence.includes('is larger')) expect(low).toBeGreaterThan(1);
        else expect(high).toBeLessThan(1);
      }),
    );
  });

  test.each<[string, (readonly [number | null, number | null])[], RegExp]>([
    ['five pairs, however clear', many(5, () => [100, 50]), /too few/],
    ['twice as fast', many(8, (i) => [100 + i, 50 + i / 2]), /smaller, which is better: 0\.5 times/],
    ['slower', many(8, (i) => [50 + i, 60 + 2 * i]), /larger, which is worse/],
    ['a hundred times as slow', many(8, () => [1, 100]), /worse: 100 times as much/],
    ['the same', many(8, (i) => [100, 99 + (i % 3)]), /the same to within 5%/],
    ['now this, now that', many(8, (i) => (i % 2 === 0 ? [100, 60] : [60, 100])), /do not tell/],
    ['not done', many(8, (i) => [i < 2 ? null : 90, 45]), /smaller, .* In 2 of 8 pairs time ran out/],
    ['done by neither', many(8, () => [null, null]), /do not tell .* In 8 of 8 pairs time ran out/],
  ])('%s', (_, pairs, conclusion) => {
    expect(compared(runs(pairs))?.conclusion).toMatch(conclusion);
  });

  test('pairs are of the same seed; runs without a partner count for nothing', () => {
    const found = compared([...runs([[10, 5]]), runLine(K1.values, 7, 1000)]);
    expect(found).toMatchObject({ pairs: 1, ratio: { middle: 0.5 }, ofBase: { middle: 10 } });
    expect(compared([runLine(K1.values, 0, 1), runLine(K4.values, 1, 1)])).toBeUndefined();
  });

  test('of the others those are compared whom both runs waited for', () => {
    // With K=4 the user is done after 20 s, before the second leecher comes.
    const all = [runLine(K1.values, 0, 60, [40, 80], [0, 30]), runLine(K4.values, 0, 20, [44, 8], [0, 30])];
    expect(compared(all, MEASURES.others)).toMatchObject({ ofBase: { middle: 40 }, ofOther: { middle: 44 } });
  });

  test('those that were cut off are not taken to be faster', () => {
    // Of two leechers one comes at the end: what is seen of it is short.
    const cut = (k: typeof K1, i: number, late: number | null): RunLine =>
      runLine(k.values, i, null, [60, late], [0, 70]);
    const all = many(8, (i) => [cut(K1, i, 29), cut(K4, i, null)]).flat();
    expect(
      compared(
        all.map((run) => ({ ...run, outcome: { ...run.outcome, lasted: seconds(90) } })),
        MEASURES.others,
      ),
    ).toMatchObject({
      ratio: { high: expect.closeTo(80 / 89) as number },
      conclusion: expect.stringMatching(/do not tell/) as string,
    });
  });

  test('a share of nothing is told as a difference', () => {
    const found = compared(many(6, (i) => runs([[1, 1]]).map((run) => ({ ...run, seed: i }))).flat(), MEASURES.twice);
    expect(found).toMatchObject({
      ratio: undefined,
      difference: { low: 0, middle: 0, high: 0 },
      conclusion: expect.stringMatching(/number of pieces fetched twice is the same/) as string,
    });
  });
});

test('arms are compared with the first K, all else being the same', () => {
  const plan = planLine([parseSweep('seeds.up=4,8'), parseSweep('user.K=1,4')]);
  const pairs = armPairs({ plan, sessions: [], runs: [] });
  expect(pairs.map(({ base, other }) => [base.label, other.label])).toEqual([
    ['seeds.up=4 user.K=1', 'seeds.up=4 user.K=4'],
    ['seeds.up=8 user.K=1', 'seeds.up=8 user.K=4'],
  ]);
  expect(armPairs({ plan, sessions: [], runs: [] }, 'seeds.up')[0]?.base.label).toBe('seeds.up=4 user.K=1');
  const set = planLine([parseSweep('user.strategy=rarest,random'), parseSweep('user.K=4')]);
  expect(armPairs({ plan: set, sessions: [], runs: [] }).map(({ base, other }) => [base.label, other.label])).toEqual([
    ['user.strategy=rarest user.K=4', 'user.strategy=random user.K=4'],
  ]);
  expect(armPairs({ plan: planLine(), sessions: [], runs: [] })).toEqual([]);
});
