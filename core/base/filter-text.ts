import { type AddressRanges, compareWords, RangeCollector, wordsOf } from './address-ranges.ts';
import { EnsembleError } from './errors.ts';

/** Most ranges of a list; those in use have some 500,000. */
const MAX_RANGES = 2_000_000;
/** Longer lines are bad ones. */
const MAX_LINE = 4096;
/** How many bad lines are named, and how much of each is shown. */
const MAX_NAMED = 5;
const MAX_SHOWN = 80;
/** From this level on the address lists of eMule let an address pass. */
const FREE_LEVEL = 128;

/** What was read of a list of addresses. */
export interface FilterReport {
  /** Ranges, before those that overlap were joined. */
  readonly ranges: number;
  /** Lines that mean nothing; `first`: some of them. */
  readonly bad: number;
  readonly first: readonly { readonly line: number; readonly text: string }[];
}

type Words = readonly number[];
type Range = readonly [first: Words, last: Words];

/** Reads a list of addresses in parts, each line by itself: PeerGuardian's text (P2P), eMule's DAT, CIDR, single addresses. */
export class FilterText {
  readonly #ranges = new RangeCollector();
  readonly #first: { readonly line: number; readonly text: string }[] = [];
  #rest = '';
  #line = 0;
  #bad = 0;

  /** Throws EnsembleError('usage') for more ranges than there may be. */
  push(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = (lines.pop() ?? '').slice(0, MAX_LINE + 1);
    for (const line of lines) this.#read(line);
  }

  end(): { readonly ranges: AddressRanges; readonly report: FilterReport } {
    this.#read(this.#rest);
    const report = { ranges: this.#ranges.count, bad: this.#bad, first: this.#first };
    return { ranges: this.#ranges.pack(), report };
  }

  #read(raw: string): void {
    this.#line++;
    const line = raw.trim();
    if (line === '' || /^(?:#|;|\/\/)/.test(line)) return;
    const range = line.length > MAX_LINE ? undefined : rangeOf(line);
    if (range === 'free') return;
    if (range === undefined) {
      this.#bad++;
      // oxlint-disable-next-line no-control-regex -- they are what must go
      const text = line.slice(0, MAX_SHOWN).replace(/[\x00-\x1f\x7f-\x9f]/g, '?');
      if (this.#first.length < MAX_NAMED) this.#first.push({ line: this.#line, text });
      return;
    }
    this.#ranges.add(...range);
    if (this.#ranges.count > MAX_RANGES) {
      throw new EnsembleError('usage', `The list has more than ${MAX_RANGES} ranges of addresses: take a smaller one.`);
    }
  }
}

/** `free`: the line lets addresses pass. Undefined: it means nothing. */
function rangeOf(line: string): Range | 'free' | undefined {
  // eMule: "001.009.096.105 - 001.009.096.105 , 000 , a name".
  const dat = /^([^,]*),\s*(\d{1,5})\s*(?:,|$)/.exec(line);
  if (dat !== null) {
    const range = pair(dat[1] ?? '');
    return range !== undefined && Number(dat[2]) >= FREE_LEVEL ? 'free' : range;
  }
  const plain = pair(line) ?? block(line) ?? pairOf(line, line);
  if (plain !== undefined) return plain;
  // PeerGuardian: "a name: even with colons:1.2.3.4-1.2.3.5".
  for (let at = line.indexOf(':'); at >= 0; at = line.indexOf(':', at + 1)) {
    const range = pair(line.slice(at + 1));
    if (range !== undefined) return range;
  }
  return undefined;
}

/** "first - last". */
function pair(text: string): Range | undefined {
  const dash = text.lastIndexOf('-');
  return dash < 0 ? undefined : pairOf(text.slice(0, dash), text.slice(dash + 1));
}

function pairOf(from: string, to: string): Range | undefined {
  const [first, last] = [wordsOf(from.trim()), wordsOf(to.trim())];
  if (first === undefined || last === undefined || first.length !== last.length) return undefined;
  return compareWords(first, last) > 0 ? undefined : [first, last];
}

/** "address/bits" (CIDR). */
function block(line: string): Range | undefined {
  const [, address = '', digits = ''] = /^([0-9a-fA-F.:]+)\/(\d{1,3})$/.exec(line) ?? [];
  const words = wordsOf(address);
  if (words === undefined || Number(digits) > 32 * words.length) return undefined;
  const masks = words.map((_, i) => maskOf(Number(digits) - 32 * i));
  return [
    words.map((word, i) => (word & (masks[i] ?? 0)) >>> 0),
    words.map((word, i) => (word | ~(masks[i] ?? 0)) >>> 0),
  ];
}

/** A word whose first `bits` bits are set. */
function maskOf(bits: number): number {
  if (bits <= 0) return 0;
  return bits >= 32 ? 0xffffffff : (0xffffffff << (32 - bits)) >>> 0;
}
