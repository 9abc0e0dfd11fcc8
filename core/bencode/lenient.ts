import { EnsembleError } from '../base/errors.ts';
import type { BencodeValue } from './bencode.ts';
import type { BencodeLimits } from './gate.ts';
import { gate } from './gate.ts';
import { decodeLoosely } from './loose.ts';
import { Token } from './reader.ts';

/** Most values within one field that are decoded: more would cost memory for nothing. */
const MAX_VALUES = 100_000;

/**
 * The fields of a dictionary that strangers wrote and other clients read, such as a torrent file: read as libtorrent does. Bytes
 * behind its end are passed over, keys may be out of order, of a key that comes twice the first counts, and numbers may have leading
 * zeros. The bounds are those of the strict gate.
 */
export class LenientFields {
  readonly #raw = new Map<string, Uint8Array>();
  readonly #limits: BencodeLimits;

  /** Finds the `wanted` fields; nothing is copied. Throws EnsembleError('invalid-bencode') where `data` begins with no dictionary. */
  constructor(data: Uint8Array, wanted: readonly string[], limits: BencodeLimits) {
    this.#limits = limits;
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

  /** The value of a field; undefined where it is missing. One with more than 100,000 values in it counts as an empty list. */
  value(key: string): BencodeValue | undefined {
    const raw = this.#raw.get(key);
    if (raw === undefined) return undefined;
    try {
      return decodeLoosely(raw, { ...this.#limits, maxItems: MAX_VALUES });
    } catch {
      // All else the gate has passed.
      return [];
    }
  }
}
