import { readU32 } from './bytes.ts';
import { isMapped, parseIp } from './ip.ts';

/** Words of 32 bits of an address of each family. */
const WORDS = { v4: 1, v6: 4 } as const;

/**
 * Ranges of addresses, packed: for each the first and the last address, both included, in words of 32 bits, the most significant first;
 * in order, without overlaps. 500,000 of IPv4 take 4 MB.
 */
export interface AddressRanges {
  readonly v4: Uint32Array;
  readonly v6: Uint32Array;
}

export const NO_RANGES: AddressRanges = { v4: new Uint32Array(0), v6: new Uint32Array(0) };

/** Whether an address, as text, lies in one of the ranges. An IPv4 address in IPv6 form counts as IPv4; a name lies in none. */
export function holdsAddress({ v4, v6 }: AddressRanges, host: string): boolean {
  if (v4.length === 0 && v6.length === 0) return false;
  const words = wordsOf(host);
  if (words === undefined) return false;
  return words.length === WORDS.v4 ? within(v4, words) : within(v6, words);
}

/** The words of an address; undefined where the text is none. */
export function wordsOf(host: string): readonly number[] | undefined {
  const ip = parseIp(host);
  if (ip === undefined) return undefined;
  const from = isMapped(ip) ? 12 : 0;
  return Array.from({ length: (ip.length - from) / 4 }, (_, i) => readU32(ip, from + 4 * i));
}

/** Below 0, 0 or above 0, as `a` is before, equal to or behind `b`. */
export function compareWords(a: ArrayLike<number>, b: ArrayLike<number>, at = 0, length = b.length): number {
  for (let i = 0; i < length; i++) {
    const difference = (a[at + i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function within(ranges: Uint32Array, words: readonly number[]): boolean {
  const size = words.length;
  let low = 0;
  let high = ranges.length / (2 * size);
  // Behind the last range that begins at or before the address.
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareWords(ranges, words, middle * 2 * size) <= 0) low = middle + 1;
    else high = middle;
  }
  return low > 0 && compareWords(ranges, words, (low - 1) * 2 * size + size) >= 0;
}

/** Collects ranges in any order, overlapping or not. */
export class RangeCollector {
  #v4 = new BigUint64Array(1024);
  #count = 0;
  readonly #v6: (readonly [first: bigint, last: bigint])[] = [];

  get count(): number {
    return this.#count + this.#v6.length;
  }

  /** `first` is not behind `last`, and both are of one family. */
  add(first: readonly number[], last: readonly number[]): void {
    if (first.length === WORDS.v6) {
      this.#v6.push([bigOf(first), bigOf(last)]);
      return;
    }
    if (this.#count === this.#v4.length) {
      const larger = new BigUint64Array(2 * this.#count);
      larger.set(this.#v4);
      this.#v4 = larger;
    }
    this.#v4[this.#count++] = bigOf([first[0] ?? 0, last[0] ?? 0]);
  }

  pack(): AddressRanges {
    const v4 = mergeShort(this.#v4.subarray(0, this.#count).sort());
    const v6 = merge(
      this.#v6.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)),
      WORDS.v6,
    );
    return { v4, v6 };
  }
}

const bigOf = (words: readonly number[]): bigint => words.reduce((sum, word) => (sum << 32n) | BigInt(word), 0n);

/** As `merge`, for a great many ranges of IPv4, each in one number: first and last. */
function mergeShort(sorted: BigUint64Array): Uint32Array {
  const pairs = new Uint32Array(sorted.buffer, sorted.byteOffset, 2 * sorted.length);
  const out = new Uint32Array(pairs.length);
  // Numbers lie as this machine has them: in most, the lower half is the first word.
  const [high, low] = new Uint32Array(BigUint64Array.of(1n).buffer)[0] === 1 ? [1, 0] : [0, 1];
  let end = 0;
  for (let i = 0; i < pairs.length; i += 2) {
    const first = pairs[i + high] ?? 0;
    const last = pairs[i + low] ?? 0;
    if (end === 0 || first > (out[end - 1] ?? 0) + 1) {
      out[end] = first;
      out[end + 1] = last;
      end += 2;
    } else if (last > (out[end - 1] ?? 0)) out[end - 1] = last;
  }
  return out.slice(0, end);
}

/** Joins ranges that overlap or touch. */
function merge(sorted: readonly (readonly [first: bigint, last: bigint])[], size: number): Uint32Array {
  const joined: [first: bigint, last: bigint][] = [];
  for (const [first, last] of sorted) {
    const before = joined.at(-1);
    if (before === undefined || first > before[1] + 1n) joined.push([first, last]);
    else if (last > before[1]) before[1] = last;
  }
  const out = new Uint32Array(joined.length * 2 * size);
  for (const [i, pair] of joined.entries()) {
    for (const [side, value] of pair.entries()) {
      for (let w = 0; w < size; w++) {
        out[(2 * i + side) * size + w] = Number((value >> BigInt(32 * (size - 1 - w))) & 0xffffffffn);
      }
    }
  }
  return out;
}
