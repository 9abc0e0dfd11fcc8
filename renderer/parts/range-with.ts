import { defaultRangeExtractor, type Range } from '@tanstack/react-virtual';

/**
 * The rows that are drawn: those in sight, and the one where the keyboard stands, wherever it is (-1: nowhere). So it can have the focus before it
 * has been scrolled to, and scrolling does not take the focus away. `comes`: it is about to be scrolled to, and the rows that will be in sight then
 * are drawn at once, not those that the same frame takes away again.
 */
export function rangeWith(at: number, comes = false): (range: Range) => number[] {
  return (range) => {
    if (at < 0 || at >= range.count) return defaultRangeExtractor(range);
    const inSight = defaultRangeExtractor(comes ? scrolledTo(at, range) : range);
    return inSight.includes(at) ? inSight : [...inSight, at].sort((a, b) => a - b);
  };
}

/** What is in sight after the least scrolling that brings a row there. */
function scrolledTo(at: number, range: Range): Range {
  const { startIndex, endIndex, count } = range;
  const span = endIndex - startIndex;
  if (at < startIndex) return { ...range, startIndex: at, endIndex: Math.min(count - 1, at + span) };
  if (at > endIndex) return { ...range, startIndex: Math.max(0, at - span), endIndex: at };
  return range;
}
