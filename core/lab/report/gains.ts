import type { Compared } from './comparisons.ts';
import { speedUp } from './comparisons.ts';
import { commonOf, nameOf } from './arms.ts';
import type { Figure } from '../figures/draw.ts';
import { gainFigure, type Gains } from '../figures/gain.ts';

/** Most lines of one figure that can be told apart. */
export const MOST_LINES = 8;

/** Gain over K, a line for each of the other values; none where K is not swept or the lines are too many. */
export function gainFigures(gains: readonly Compared[]): Figure[] {
  const lines = new Map<string, { base: number; points: Gains['points'][number][] }>();
  for (const { pairing, ratio } of gains) {
    const gain = speedUp(ratio);
    const { arm, base } = pairing;
    if (gain === undefined || arm.k === base.k) continue;
    const name = nameOf(commonOf(arm, base));
    const line = lines.get(name) ?? { base: base.k, points: [] };
    line.points.push({ ...gain, k: arm.k });
    lines.set(name, line);
  }
  if (lines.size === 0 || lines.size > MOST_LINES) return [];
  const all = [...lines].map(([name, { base, points }]): Gains => ({
    name,
    points: [{ k: base, middle: 1, low: 1, high: 1 }, ...points].toSorted((a, b) => a.k - b.k),
  }));
  return [gainFigure('gain', 'Gain over the number of identities', all)];
}
