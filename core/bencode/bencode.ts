import bencode from 'bencode';
import { concatBytes } from '../base/bytes.ts';
import { EnsembleError } from '../base/errors.ts';
import { binaryText } from './binary-text.ts';
import type { BencodeLimits } from './gate.ts';
import { gate } from './gate.ts';
import { Token } from './reader.ts';

/** A decoded value (BEP 3, "bencoding"). Strings are bytes. */
export type BencodeValue = number | Uint8Array | BencodeValue[] | BencodeDict;

/** Has no prototype: every name in it came from the data. A key that is not UTF-8 appears as its hex digits. */
export interface BencodeDict {
  [key: string]: BencodeValue;
}

/** What `encode` takes: also text, and undefined for a key that is to be left out. */
export type BencodeInput =
  number | string | Uint8Array | readonly BencodeInput[] | { readonly [key: string]: BencodeInput | undefined };

/** Decodes `data`, which must be exactly one value. Throws EnsembleError('invalid-bencode'). */
export function decode(data: Uint8Array, limits?: BencodeLimits): BencodeValue {
  const { end, keyCount } = gate(data, limits);
  refuseRest(data, end);
  return unwrap(data, keyCount);
}

/** Decodes the value that `data` begins with, and gives its length (BEP 9: a dictionary, then payload). */
export function decodePrefix(data: Uint8Array, limits?: BencodeLimits): { value: BencodeValue; length: number } {
  const { end, keyCount } = gate(data, limits);
  return { value: unwrap(data.subarray(0, end), keyCount), length: end };
}

/**
 * Encodes canonically: keys in order, keys with undefined left out. Throws EnsembleError('usage') for a number that is not a safe
 * integer.
 */
export function encode(value: BencodeInput): Uint8Array {
  checkNumbers(value);
  return bencode.encode(value);
}

/**
 * A dictionary of values that are encoded already, in the order of its keys' bytes, as the package sorts keys as text. Those that are
 * undefined are left out.
 */
export function encodeDictionary(
  entries: Iterable<readonly [key: string | Uint8Array, value: Uint8Array | undefined]>,
): Uint8Array {
  const pairs: (readonly [string, Uint8Array, Uint8Array])[] = [];
  for (const [key, value] of entries) {
    const bytes = typeof key === 'string' ? encoder.encode(key) : key;
    if (value !== undefined) pairs.push([binaryText(bytes), bytes, value]);
  }
  pairs.sort(([a], [b]) => (a < b ? -1 : 1));
  return concatBytes(
    Uint8Array.of(Token.dictionary),
    ...pairs.flatMap(([, key, value]) => [encode(key), value]),
    Uint8Array.of(Token.end),
  );
}
const encoder = new TextEncoder();

/** Whether a value is a dictionary. */
export function isDict(value: BencodeValue | undefined): value is BencodeDict {
  return typeof value === 'object' && !Array.isArray(value) && !(value instanceof Uint8Array);
}

function refuseRest(data: Uint8Array, end: number): void {
  if (end < data.length) {
    throw new EnsembleError('invalid-bencode', `The bencoded data has ${data.length - end} bytes behind its end.`);
  }
}

/** Decodes what the gate has checked, by the package, and removes the prototypes of its dictionaries. */
function unwrap(data: Uint8Array, keyCount: number): BencodeValue {
  const value = bencode.decode(data) as BencodeValue;
  // The package reads keys as text: two of them may have become the same one.
  if (cutPrototypes(value) !== keyCount) {
    throw new EnsembleError('invalid-bencode', 'The bencoded data has two keys that read the same in one dictionary.');
  }
  return value;
}

/** Returns how many keys there are in all. Recursion is safe: the gate has bounded the depth. */
function cutPrototypes(value: BencodeValue): number {
  if (typeof value !== 'object' || value instanceof Uint8Array) return 0;
  let keys = 0;
  if (Array.isArray(value)) {
    for (const item of value) keys += cutPrototypes(item);
    return keys;
  }
  Object.setPrototypeOf(value, null);
  for (const key in value) keys += 1 + cutPrototypes(value[key] as BencodeValue);
  return keys;
}

function checkNumbers(value: BencodeInput | undefined): void {
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value)) {
      throw new EnsembleError('usage', `${value} cannot be bencoded: only integers within +-(2^53 - 1) can.`);
    }
  } else if (typeof value === 'object' && !(value instanceof Uint8Array)) {
    for (const item of Object.values(value)) checkNumbers(item);
  }
}
