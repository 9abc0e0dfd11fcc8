import { expect, test } from 'vitest';
import { exponentOf, plotOf } from './growth.ts';

const curve = (cost: (size: number) => number) => ({
  name: 'things',
  points: [1, 100, 1000, 10_000].map((size) => ({ size, cost: cost(size) })),
});

test.each([
  ['as the size', (n: number) => 3 + 0.01 * (n - 1), 1],
  ['with its square', (n: number) => 3 + 0.01 * (n - 1) ** 2, 2],
  ['with its root', (n: number) => 3 + 0.01 * Math.sqrt(n - 1), 0.5],
])('the exponent leaves out what it costs anyway: grows %s', (_, cost, exponent) => {
  expect(exponentOf(curve(cost))).toBeCloseTo(exponent, 6);
});

test('there is no exponent where nothing grows', () => {
  expect(exponentOf(curve(() => 3))).toBeUndefined();
  expect(exponentOf({ name: 'things', points: [] })).toBeUndefined();
});

test('a plot names each curve with its exponent', () => {
  const svg = plotOf([curve((n) => n), { ...curve((n) => n * n), name: 'others' }, { name: 'none', points: [] }], 's');
  expect(svg).toContain('things: exponent 1.00');
  expect(svg).toContain('others: exponent 2.00');
  expect(svg).not.toMatch(/NaN|Infinity/);
});
