import { defaultRangeExtractor, type Range } from '@tanstack/react-virtual';

/**
 * The rows that are drawn: those in sight, and the one where the keyboard stands, wherever it is (-1: nowhere). So it can have the focus before it
 * has been scrolled to, and scrolling does not take the focus away.
 */
export function rangeWith(at: number): (range: Range) => number[] {
  return (range) => {
    const inSight = defaultRangeExtractor(range);
    if (at < 0 || at >= range.count || inSight.includes(at)) return inSight;
    return [...inSight, at].sort((a, b) => a - b);
  };
}
