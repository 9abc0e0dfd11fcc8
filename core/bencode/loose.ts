import type { BencodeDict, BencodeValue } from './bencode.ts';
import { binaryText } from './binary-text.ts';
import type { BencodeLimits } from './gate.ts';
import { Reader, Token } from './reader.ts';

const ZERO = 0x30;
const NINE = 0x39;
const MINUS = 0x2d;
const COLON = 0x3a;
const POINT = 0x2e;

/**
 * Decodes the first value in `data` as most clients read a tracker's answer: blanks before it and bytes behind it are passed over,
 * numbers may have leading zeros or a fraction (which is cut off), keys may stand in any order, and of a key that comes twice the
 * first counts. A number may be beyond 2^53. Strings are views of `data`; keys are one character a byte. Only for what is checked
 * field by field and never encoded again. Throws EnsembleError('invalid-bencode').
 */
export function decodeLoosely(data: Uint8Array, limits: BencodeLimits = {}): BencodeValue {
  return new LooseDecoder(data, limits).first();
}

class LooseDecoder {
  readonly #reader: Reader;
  readonly #maxDepth: number;
  #itemsLeft: number;

  constructor(data: Uint8Array, { maxDepth = 32, maxBytes = 16 * 1024 * 1024, maxItems = 1_000_000 }: BencodeLimits) {
    this.#reader = new Reader(data);
    this.#maxDepth = maxDepth;
    this.#itemsLeft = maxItems;
    if (data.length > maxBytes) throw this.#reader.error(`more than ${maxBytes} bytes`, 0);
  }

  first(): BencodeValue {
    const reader = this.#reader;
    const [a, b, c] = reader.data;
    // A byte order mark of UTF-8: the page that answers was saved with it.
    if (a === 0xef && b === 0xbb && c === 0xbf) reader.position = 3;
    while (reader.next === 0x20 || (reader.next >= 0x09 && reader.next <= 0x0d)) reader.position++;
    return this.#value(0);
  }

  #value(depth: number): BencodeValue {
    const reader = this.#reader;
    if (this.#itemsLeft-- <= 0) throw reader.error('too many values');
    if (reader.next === Token.integer) return this.#integer();
    if (reader.nextIsString) return this.#string();
    if (depth >= this.#maxDepth) throw reader.error(`more than ${this.#maxDepth} levels within each other`);
    if (reader.take(Token.list)) {
      const list: BencodeValue[] = [];
      while (!reader.take(Token.end)) list.push(this.#value(depth + 1));
      return list;
    }
    if (!reader.take(Token.dictionary)) throw reader.error('no value where one should begin');
    const dict: BencodeDict = Object.create(null);
    while (!reader.take(Token.end)) {
      if (!reader.nextIsString) throw reader.error('no string where a key should be');
      const key = binaryText(this.#string());
      const value = this.#value(depth + 1);
      if (!(key in dict)) dict[key] = value;
    }
    return dict;
  }

  #integer(): number {
    const reader = this.#reader;
    const at = reader.position++;
    const negative = reader.take(MINUS);
    const first = reader.position;
    const value = this.#digits();
    if (reader.position === first) throw reader.error('an integer without digits', at);
    if (reader.take(POINT)) this.#digits();
    if (!reader.take(Token.end)) throw reader.error('an integer without its end', at);
    return negative && value !== 0 ? -value : value;
  }

  #string(): Uint8Array {
    const reader = this.#reader;
    const at = reader.position;
    const length = this.#digits();
    if (!reader.take(COLON)) throw reader.error('a string length without its colon', at);
    const start = reader.position;
    if (length > reader.data.length - start) throw reader.error('a string that is not all there', at);
    reader.position += length;
    return reader.data.subarray(start, reader.position);
  }

  #digits(): number {
    const reader = this.#reader;
    let value = 0;
    for (let byte = reader.next; byte >= ZERO && byte <= NINE; byte = reader.next) {
      value = value * 10 + (byte - ZERO);
      reader.position++;
    }
    return value;
  }
}
