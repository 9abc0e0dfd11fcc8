/** Bytes of a file, `end` not included. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * What a Range header asks for (RFC 9110, 14.2). `whole`: it is absent, cannot be read, or asks for so much that the whole file is the
 * shorter answer, so that it is ignored; `none`: for nothing that the file has. `openEnded`: one range without an end.
 */
export type AskedRanges =
  | { readonly kind: 'whole' }
  | { readonly kind: 'none' }
  | { readonly kind: 'some'; readonly ranges: readonly ByteRange[]; readonly openEnded: boolean };

/** Most ranges of one request. */
const MAX_RANGES = 64;
const WHOLE = { kind: 'whole' } as const;

/** Reads a Range header for a file of `length` bytes. */
export function readRanges(header: string | undefined, length: number): AskedRanges {
  const list = /^bytes=(.*)$/is.exec(header?.trim() ?? '')?.[1];
  if (list === undefined) return WHOLE;
  const specs = list.split(',', MAX_RANGES + 1).map((spec) => spec.trim());
  if (specs.length > MAX_RANGES) return WHOLE;
  const ranges: ByteRange[] = [];
  let sum = 0;
  for (const spec of specs) {
    if (spec === '') continue;
    const range = readRange(spec, length);
    if (range === undefined) return WHOLE;
    if (range.start >= range.end) continue;
    ranges.push(range);
    sum += range.end - range.start;
  }
  if (specs.every((spec) => spec === '')) return WHOLE;
  if (ranges.length === 0) return { kind: 'none' };
  // Ranges that overlap would make an answer of any length out of a short request.
  if (ranges.length > 1 && sum > length) return WHOLE;
  return { kind: 'some', ranges, openEnded: specs.length === 1 && /^\d+-$/.test(specs[0] ?? '') };
}

/** One range, empty where the file has nothing of it; undefined where it cannot be read. */
function readRange(spec: string, length: number): ByteRange | undefined {
  const match = /^(\d{0,16})-(\d{0,16})$/.exec(spec);
  if (match === null) return undefined;
  const [, first = '', last = ''] = match;
  if (first === '') {
    if (last === '') return undefined;
    return { start: Math.max(0, length - Number(last)), end: length };
  }
  const start = Number(first);
  if (last === '') return { start: Math.min(start, length), end: length };
  if (Number(last) < start) return undefined;
  return { start: Math.min(start, length), end: Math.min(Number(last) + 1, length) };
}
