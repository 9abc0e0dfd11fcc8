import { EnsembleError } from '../base/errors.ts';
import { binaryText } from './binary-text.ts';
import { Reader, Token, isText } from './reader.ts';

/** Bounds on bencoded data. */
export interface BencodeLimits {
  /** Depth of lists and dictionaries within each other; by default 32. */
  readonly maxDepth?: number;
  /** Size of the whole; by default 16 MiB. */
  readonly maxBytes?: number;
  /** Number of values and keys in all; by default 1,000,000. */
  readonly maxItems?: number;
  /**
   * Pass what harms nobody, as libtorrent does: keys that come twice, of which the first counts, and numbers as a lenient `Reader`
   * takes them. Otherwise keys may be out of order and nothing else.
   */
  readonly lenient?: boolean;
  /** Refuse keys that are out of order. What passes is not to be decoded into objects: `__proto__` is a key like others. */
  readonly ordered?: boolean;
}

/** Where the value of a key of the outermost dictionary lies. */
export interface KeySpan {
  readonly start: number;
  readonly end: number;
}

export interface GateResult {
  /** The byte after the value. */
  readonly end: number;
  /** Number of keys in all dictionaries. */
  readonly keyCount: number;
  readonly spans: ReadonlyMap<string, KeySpan>;
}

/** An open list or dictionary. There is one such object for each depth, used again and again. */
interface Level {
  dictionary: boolean;
  empty: boolean;
  previousStart: number;
  previousEnd: number;
  seen: Set<string> | undefined;
}

/**
 * Checks in one linear scan that `data` begins with one well-formed bencoded value within the limits, and finds the
 * `wanted` keys of its outermost dictionary. Nothing is copied. Throws EnsembleError('invalid-bencode').
 */
export function gate(data: Uint8Array, limits: BencodeLimits = {}, wanted: readonly string[] = []): GateResult {
  const maxBytes = limits.maxBytes ?? 16 * 1024 * 1024;
  if (data.length > maxBytes) {
    throw new EnsembleError(
      'invalid-bencode',
      `The bencoded data has ${data.length} bytes; at most ${maxBytes} may be.`,
    );
  }
  const result = scan(data, limits, wanted, false);
  if (result !== undefined) return result;
  if (limits.ordered === true) throw new EnsembleError('invalid-bencode', 'The bencoded data has keys out of order.');
  return scan(data, limits, wanted, true) as GateResult;
}

/** Without `remember` undefined where keys are out of order: keys that come twice are then found only by remembering every key. */
function scan(
  data: Uint8Array,
  limits: BencodeLimits,
  wanted: readonly string[],
  remember: boolean,
): GateResult | undefined {
  const { maxDepth = 32, maxItems = 1_000_000, lenient = false, ordered = false } = limits;
  const reader = new Reader(data, lenient);
  const spans = new Map<string, KeySpan>();
  const levels: Level[] = [];
  let depth = 0;
  let items = 0;
  let keyCount = 0;
  let wantedKey: string | undefined;
  let wantedStart = 0;

  do {
    const open = depth > 0 ? levels[depth - 1] : undefined;
    if (open !== undefined && reader.take(Token.end)) {
      depth--;
    } else {
      if (++items > maxItems) throw reader.error(`more than ${maxItems} values`);
      if (open?.dictionary === true) {
        const at = reader.position;
        if (!reader.nextIsString) throw reader.error('no string where a key should be');
        reader.string();
        keyCount++;
        if (!lenient && !checkKey(reader, open, at, remember, ordered)) return undefined;
        if (depth === 1 && wanted.length > 0) {
          wantedKey = findKey(data, reader.start, reader.end, wanted);
          wantedStart = reader.position;
        }
        if (reader.next === Token.end) throw reader.error('a key without its value', at);
      }
      const kind = reader.next;
      if (kind === Token.dictionary || kind === Token.list) {
        if (depth >= maxDepth) throw reader.error(`more than ${maxDepth} levels within each other`);
        reader.position++;
        const level = (levels[depth++] ??= newLevel());
        level.dictionary = kind === Token.dictionary;
        level.empty = true;
        level.seen = undefined;
        continue;
      }
      if (kind === Token.integer) reader.integer();
      else reader.string();
    }
    if (depth === 1 && wantedKey !== undefined) {
      if (!spans.has(wantedKey)) spans.set(wantedKey, { start: wantedStart, end: reader.position });
      wantedKey = undefined;
    }
  } while (depth > 0);
  return { end: reader.position, keyCount, spans };
}

function newLevel(): Level {
  return { dictionary: false, empty: true, previousStart: 0, previousEnd: 0, seen: undefined };
}

/** Refuses a key that comes twice, or, unless all are `ordered`, `__proto__`. False where it is out of order and `remember` is off. */
function checkKey(reader: Reader, level: Level, at: number, remember: boolean, ordered: boolean): boolean {
  const { data, start, end } = reader;
  if (!ordered && end - start === 9 && isText(data, start, end, '__proto__'))
    throw reader.error('the key "__proto__"', at);
  if (!level.empty) {
    const order = compareRanges(data, level.previousStart, level.previousEnd, start, end);
    if (order === 0) throw reader.error('a key that comes twice in its dictionary', at);
    if (order > 0 && !remember) return false;
  }
  if (remember) {
    level.seen ??= new Set();
    const key = binaryText(data.subarray(start, end));
    if (level.seen.has(key)) throw reader.error('a key that comes twice in its dictionary', at);
    level.seen.add(key);
  }
  level.empty = false;
  level.previousStart = start;
  level.previousEnd = end;
  return true;
}

function compareRanges(data: Uint8Array, aStart: number, aEnd: number, bStart: number, bEnd: number): number {
  const length = Math.min(aEnd - aStart, bEnd - bStart);
  for (let i = 0; i < length; i++) {
    const difference = (data[aStart + i] ?? 0) - (data[bStart + i] ?? 0);
    if (difference !== 0) return difference;
  }
  return aEnd - aStart - (bEnd - bStart);
}

function findKey(data: Uint8Array, start: number, end: number, wanted: readonly string[]): string | undefined {
  for (const key of wanted) if (isText(data, start, end, key)) return key;
  return undefined;
}
