import { type BytesPerSecond, bytesPerSecond } from './ids.ts';

/** The lower of two limits, where 0 is none. */
export function lowerLimit(a: number, b: number): BytesPerSecond {
  return bytesPerSecond(a === 0 || b === 0 ? Math.max(a, b) : Math.min(a, b));
}
