import { toldBeside } from '../statistics/beside.ts';
import type { Interval } from '../statistics/intervals.ts';

const fixed = (value: number, digits: number): string => value.toFixed(digits);

/** `1.20 (0.97 to 1.44)`. */
export function intervalText(interval: Interval, digits = 2): string {
  return written(interval, (one) => fixed(one, digits));
}

/** The same of a ratio: what is not 1 is not told as 1. */
export const ratioText = (interval: Interval): string => written(interval, oneRatioText);

export const oneRatioText = (ratio: number): string => toldBeside(ratio, [1], 2, fixed);

function written({ middle, low, high }: Interval, told: (one: number) => string): string {
  return low === high ? told(middle) : `${told(middle)} (${told(low)} to ${told(high)})`;
}
