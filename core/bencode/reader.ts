import { EnsembleError } from '../base/errors.ts';

const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
const MINUS = 0x2d;

/** First bytes of the four kinds (BEP 3, "bencoding"); a string begins with a digit. */
export const Token = { integer: 0x69, list: 0x6c, dictionary: 0x64, end: 0x65 } as const;

/** Digits of an integer and of a length: strictly as many as can be right; leniently as many as libtorrent takes. */
const DIGITS = { integer: 16, length: 10, lenient: 20 } as const;

/**
 * Reads bencoded tokens one by one, strictly: only canonical integers and lengths, nothing beyond the end. `lenient`: numbers may
 * have leading zeros, and integers beyond 2^53 - 1 come as the nearest number that there is.
 * Throws EnsembleError('invalid-bencode') that names the byte.
 */
export class Reader {
  readonly data: Uint8Array;
  readonly #lenient: boolean;
  /** The byte that is read next. */
  position = 0;
  /** Where the string that `string` read lies. */
  start = 0;
  end = 0;

  constructor(data: Uint8Array, lenient = false) {
    this.data = data;
    this.#lenient = lenient;
  }

  /** The byte that is read next; -1 at the end. */
  get next(): number {
    return this.position < this.data.length ? (this.data[this.position] ?? -1) : -1;
  }

  get nextIsString(): boolean {
    const byte = this.next;
    return byte >= ZERO && byte <= NINE;
  }

  /** Takes `token` where it is next. */
  take(token: number): boolean {
    if (this.next !== token) return false;
    this.position++;
    return true;
  }

  /** A whole number, strictly within +-(2^53 - 1), its `i` and `e` included. */
  integer(): number {
    const at = this.position++;
    const negative = this.take(MINUS);
    const first = this.position;
    let value = 0;
    for (let byte = this.next; byte >= ZERO && byte <= NINE; byte = this.next) {
      value = value * 10 + (byte - ZERO);
      if (++this.position - first > (this.#lenient ? DIGITS.lenient : DIGITS.integer)) break;
    }
    const digits = this.position - first;
    if (digits === 0) throw this.error('an integer without digits', at);
    if (this.#lenient) {
      if (digits > DIGITS.lenient) throw this.error('an integer with too many digits', at);
    } else {
      if (value > Number.MAX_SAFE_INTEGER) throw this.error('an integer beyond 2^53 - 1', at);
      if (this.data[first] === ZERO && (digits > 1 || negative)) throw this.error('an integer with a leading zero', at);
    }
    if (!this.take(Token.end)) throw this.error('an integer without its end', at);
    return negative ? 0 - value : value;
  }

  /** Skips a string and sets `start` and `end` to where its bytes lie. */
  string(): void {
    const at = this.position;
    let length = 0;
    for (let byte = this.next; byte >= ZERO && byte <= NINE; byte = this.next) {
      length = length * 10 + (byte - ZERO);
      if (++this.position - at > (this.#lenient ? DIGITS.lenient : DIGITS.length)) {
        throw this.error('a string with an impossible length', at);
      }
    }
    const digits = this.position - at;
    if (digits === 0) throw this.error(`${describe(this.next)} where a value should begin`, at);
    if (digits > 1 && this.data[at] === ZERO && !this.#lenient)
      throw this.error('a string length with a leading zero', at);
    if (!this.take(COLON)) throw this.error('a string length without its colon', at);
    const left = this.data.length - this.position;
    if (length > left) throw this.error(`a string of ${length} bytes, of which ${left} are there`, at);
    this.start = this.position;
    this.position += length;
    this.end = this.position;
  }

  /** The error for something wrong at a byte. */
  error(what: string, at = this.position): EnsembleError {
    return new EnsembleError('invalid-bencode', `The bencoded data has ${what}, at byte ${at}.`);
  }
}

function describe(byte: number): string {
  if (byte < 0) return 'its end';
  return byte > 0x20 && byte < 0x7f ? `"${String.fromCharCode(byte)}"` : `byte 0x${byte.toString(16).padStart(2, '0')}`;
}

/** Skips one value of data that the gate has checked. */
export function skipValue(reader: Reader): void {
  let depth = 0;
  do {
    const kind = reader.next;
    if (kind === Token.list || kind === Token.dictionary) {
      reader.position++;
      depth++;
    } else if (kind === Token.end && depth > 0) {
      reader.position++;
      depth--;
    } else if (kind === Token.integer) {
      reader.integer();
    } else {
      reader.string();
    }
  } while (depth > 0);
}

/** Whether the bytes from `start` to `end` are this ASCII text. */
export function isText(data: Uint8Array, start: number, end: number, text: string): boolean {
  if (end - start !== text.length) return false;
  for (let i = 0; i < text.length; i++) if (data[start + i] !== text.charCodeAt(i)) return false;
  return true;
}
