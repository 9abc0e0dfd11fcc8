import { parseHTML } from 'linkedom';
import { describe, expect, test } from 'vitest';
import type { Results } from '../results.ts';
import { runArmsOf, pairingsOf } from './arms.ts';
import { gainsOf, harmsOf } from './comparisons.ts';
import { heatFigures } from './heats.ts';
import { madeResults } from './testing/results.ts';

function map(results: Results, name: string): string {
  const pairings = pairingsOf(results, runArmsOf(results));
  const figures = heatFigures(results.plan.sweeps, gainsOf(pairings, 'sim'), harmsOf(pairings, 'sim'));
  return figures.find((figure) => figure.name === name)?.svg ?? '';
}

describe('a map', () => {
  const texts = (svg: string): string[] =>
    [...parseHTML(svg).document.querySelectorAll('text')].map(({ textContent }) => textContent ?? '');
  // Twice as fast with many slots, and now this, now that with few.
  const swept = (sweeps: readonly string[], repeats: number): Results =>
    madeResults(sweeps, repeats, ({ 'user.K': k, 'seeds.slots': slots }, repeat) => {
      const with4 = slots === 8 ? 50 + repeat : repeat % 2 === 0 ? 90 : 120;
      return { user: k === 1 ? 100 + repeat : with4, others: [k === 1 ? 100 : 100.2 + repeat / 100] };
    });
  const hatched = (svg: string): number => svg.match(/fill="url\(#unsure\)"/)?.length ?? 0;

  test('tells each cell and its interval as figures, and hatches those that do not tell', () => {
    const results = swept(['user.K=1,4', 'seeds.up=1,2', 'seeds.slots=2,8'], 12);
    const gains = map(results, 'gain-map-K4');
    expect(texts(gains).filter((text) => /^\d\.\d+\u2013\d\.\d+$/.test(text))).toHaveLength(4);
    expect(
      parseHTML(gains).document.querySelectorAll('g[fill="url(#unsure)"] rect, rect[fill="url(#unsure)"]'),
    ).toHaveLength(2);
    // All take a little longer, by so little that two digits would not show it.
    const harms = map(results, 'slow-down-map-K4');
    expect(hatched(harms)).toBe(0);
    expect(texts(harms)).not.toContain('1.00');
  });

  test('of few pairs tells nothing for sure', () => {
    expect(hatched(map(swept(['user.K=1,4', 'seeds.up=1,2', 'seeds.slots=8,9'], 5), 'gain-map-K4'))).toBeGreaterThan(0);
  });

  test('tells the share of capacity in seeds where an axis changes it', () => {
    const shared = texts(
      map(swept(['user.K=1,4', 'seeds.up/user.up=1/1,3/1', 'seeds.slots=2,8'], 6), 'gain-map-K4'),
    ).join(' ');
    expect(shared).toContain('share of capacity in seeds (seeds.up / up)');
    expect(shared).toMatch(/50%.*75%/);
    // Here both axes do, so that a value of one has no share of its own.
    const both = texts(map(swept(['user.K=1,4', 'seeds.up=1,3', 'user.up=1,2'], 6), 'gain-map-K4')).join(' ');
    expect(both).not.toContain('%');
  });
});
