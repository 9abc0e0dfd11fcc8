import { EnsembleError } from '../base/errors.ts';
import { binaryText } from './binary-text.ts';
import type { BencodeDict, BencodeValue } from './bencode.ts';
import type { BencodeLimits } from './gate.ts';
import { gate } from './gate.ts';
import { Reader, Token, skipValue } from './reader.ts';

/** Most values that are kept of one field: more would cost memory for nothing. */
const MAX_VALUES = 100_000;

/**
 * The fields of a dictionary that strangers wrote and other clients read, such as a torrent file: read as libtorrent does. Bytes
 * behind its end are passed over, keys may be out of order, of a key that comes twice the first counts, and numbers may have leading
 * zeros. The bounds are those of the strict gate.
 */
export class LenientFields {
  readonly #raw = new Map<string, Uint8Array>();

  /** Finds the `wanted` fields; nothing is copied. Throws EnsembleError('invalid-bencode') where `data` begins with no dictionary. */
  constructor(data: Uint8Array, wanted: readonly string[], limits: BencodeLimits) {
    if (data[0] !== Token.dictionary) {
      // What is no bencoding at all is told in the gate's words.
      gate(data, { ...limits, lenient: true });
      throw new EnsembleError('invalid-bencode', 'The bencoded data is no dictionary.');
    }
    const { spans } = gate(data, { ...limits, lenient: true }, wanted);
    for (const [key, { start, end }] of spans) this.#raw.set(key, data.subarray(start, end));
  }

  /** The bytes of a field as they came, a view; undefined where it is missing. */
  raw(key: string): Uint8Array | undefined {
    return this.#raw.get(key);
  }

  /** The value of a field; undefined where it is missing. Of one with more than 100,000 values in it the others are passed over. */
  value(key: string): BencodeValue | undefined {
    const raw = this.#raw.get(key);
    return raw && readValue(new Reader(raw, true), { left: MAX_VALUES });
  }
}

/** Recursion is safe: the gate has bounded the depth. */
function readValue(reader: Reader, values: { left: number }): BencodeValue {
  if (reader.next === Token.integer) return reader.integer();
  if (reader.take(Token.list)) {
    const list: BencodeValue[] = [];
    while (!reader.take(Token.end)) {
      if (--values.left < 0) skipValue(reader);
      else list.push(readValue(reader, values));
    }
    return list;
  }
  if (reader.take(Token.dictionary)) {
    const dict = Object.create(null) as BencodeDict;
    while (!reader.take(Token.end)) {
      reader.string();
      const key = binaryText(reader.data.subarray(reader.start, reader.end));
      if (--values.left < 0 || key in dict) skipValue(reader);
      else dict[key] = readValue(reader, values);
    }
    return dict;
  }
  reader.string();
  return reader.data.subarray(reader.start, reader.end);
}
