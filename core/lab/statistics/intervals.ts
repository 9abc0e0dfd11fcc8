import { SeededRandom } from '../../sim/random.ts';

/** A figure with the range in which, with 95% confidence, the true one lies. */
export interface Interval {
  readonly low: number;
  readonly middle: number;
  readonly high: number;
}

/** Below this many pairs chance alone may have them all on one side more often than once in twenty. */
export const LEAST = 6;

const DRAWS = 2000;
const OUTSIDE = 0.025;

/** The value below which this share lies, between neighbours by their distance (type 7). NaN where there is none. */
export function quantile(values: readonly number[], share: number): number {
  const inOrder = values.toSorted((a, b) => a - b);
  const place = (inOrder.length - 1) * share;
  const low = inOrder[Math.floor(place)] ?? Number.NaN;
  const high = inOrder[Math.ceil(place)] ?? Number.NaN;
  // Not by their difference, as both may be infinite.
  return low === high ? low : low + (high - low) * (place - Math.floor(place));
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);

/**
 * The median, and its 95% interval by bootstrap (percentiles of the medians of 2,000 samples drawn with replacement). Seeded: the same values,
 * in any order, give the same interval.
 */
export function medianInterval(values: readonly number[]): Interval {
  const { uniform } = new SeededRandom(values.length);
  // Runs that are made at the same time are done in any order.
  const sorted = values.toSorted((a, b) => a - b);
  const drawn = Array.from({ length: values.length > 1 ? DRAWS : 1 }, () =>
    median(sorted.map(() => sorted[Math.floor(uniform() * sorted.length)] ?? Number.NaN)),
  );
  return { low: quantile(drawn, OUTSIDE), middle: median(values), high: quantile(drawn, 1 - OUTSIDE) };
}

/** How evenly something is spread (Jain's index): 1 where all have the same, 1/n where one has it all. NaN of nobody. */
export function fairness(values: readonly number[]): number {
  const sum = values.reduce((all, one) => all + one, 0);
  const squares = values.reduce((all, one) => all + one * one, 0);
  return squares === 0 ? (values.length === 0 ? Number.NaN : 1) : (sum * sum) / (values.length * squares);
}
