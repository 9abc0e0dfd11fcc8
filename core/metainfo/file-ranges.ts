import { MAX_FILES } from '../base/bounds.ts';

/** Files of a torrent by their places in its list, padding included, from `first` to `last`. */
export interface FileRange {
  readonly first: number;
  readonly last: number;
}

/** Most ranges that are taken from one link. */
const MAX_RANGES = 10_000;

/** Reads ranges such as `0,2,4-6` (BEP 53). What is no range, or lies beyond what a torrent may have, is left out. */
export function readFileRanges(text: string): FileRange[] {
  const out: FileRange[] = [];
  for (const part of text.split(',')) {
    const [, from, to] = /^\s*(\d{1,9})(?:-(\d{1,9}))?\s*$/.exec(part) ?? [];
    if (from === undefined || out.length >= MAX_RANGES) continue;
    const first = Number(from);
    const last = Math.min(Number(to ?? from), MAX_FILES - 1);
    if (first <= last) out.push({ first, last });
  }
  return out;
}

/** One byte for each of `count` files: 1 where a range holds it. The ranges may overlap. */
export function filesIn(ranges: readonly FileRange[], count: number): Uint8Array {
  const out = new Uint8Array(count);
  for (const { first, last } of ranges) out.fill(1, first, Math.min(last + 1, count));
  return out;
}

/** Whether ranges hold a file that these do not. */
export function holdMore(ranges: readonly FileRange[], than: readonly FileRange[]): boolean {
  const count = Math.max(0, ...ranges.map(({ last }) => last + 1));
  const before = filesIn(than, count);
  return filesIn(ranges, count).some((held, file) => held > (before[file] ?? 0));
}
