import { type BytesPerSecond, bytesPerSecond, type Millis, millis } from '../base/ids.ts';
import { type BencodeDict, type BencodeValue, isDict } from '../bencode/bencode.ts';
import { decodeLoosely } from '../bencode/loose.ts';
import { EnsembleError } from '../base/errors.ts';
import { MAX_TORRENT_BYTES } from '../base/bounds.ts';
import { isWholePath } from '../base/whole-path.ts';

/** Longest text that is taken: a path. */
const MAX_TEXT = 4096;
/** A torrent of 250,000 files has some numbers for each. */
const LIMITS = { maxBytes: MAX_TORRENT_BYTES, maxItems: 2_000_000 };
/** Unix seconds that can be shown as a date. */
const MAX_DATE = 8.64e12;
/** A hundred years: more than any client has seeded. */
const MAX_SECONDS = 3.2e9;
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** One dictionary of another client's record: what is missing or of another kind reads as nothing. */
export class Record {
  readonly #dict: BencodeDict;

  constructor(dict: BencodeDict) {
    this.#dict = dict;
  }

  /** Throws EnsembleError('invalid-bencode') for what is no bencoded dictionary. */
  static read(data: Uint8Array): Record {
    const value = decodeLoosely(data, LIMITS);
    if (isDict(value)) return new Record(value);
    throw new EnsembleError('invalid-bencode', 'The record is no dictionary.');
  }

  has(name: string): boolean {
    return this.#dict[name] !== undefined;
  }

  bytes(name: string): Uint8Array | undefined {
    const value = this.#dict[name];
    return value instanceof Uint8Array ? value : undefined;
  }

  /** '' where there is none. */
  text(name: string): string {
    return textOf(this.#dict[name]);
  }

  texts(name: string): string[] {
    return this.list(name).map(textOf);
  }

  list(name: string): readonly BencodeValue[] {
    const value = this.#dict[name];
    return Array.isArray(value) ? value : [];
  }

  /** Whole numbers, each 0 where it is something else. */
  numbers(name: string): number[] {
    return this.list(name).map((value) => (typeof value === 'number' && Number.isSafeInteger(value) ? value : 0));
  }

  number(name: string): number | undefined {
    const value = this.#dict[name];
    return typeof value === 'number' && Number.isSafeInteger(value) ? value : undefined;
  }

  flag(name: string): boolean {
    return (this.number(name) ?? 0) !== 0;
  }

  /** A count of bytes. */
  count(name: string): number {
    return Math.max(0, this.number(name) ?? 0);
  }

  /** A time in seconds, as milliseconds. */
  span(name: string): Millis {
    return millis(Math.min(this.count(name), MAX_SECONDS) * 1000);
  }

  /** A date in Unix seconds, as milliseconds; undefined: never. */
  date(name: string): Millis | undefined {
    const seconds = this.count(name);
    return seconds > 0 && seconds < MAX_DATE ? millis(seconds * 1000) : undefined;
  }

  within(name: string): Record {
    const value = this.#dict[name];
    return new Record(isDict(value) ? value : {});
  }
}

export function textOf(value: BencodeValue | undefined): string {
  if (!(value instanceof Uint8Array) || value.length > MAX_TEXT) return '';
  const text = decoder.decode(value);
  return text.includes('\0') ? '' : text;
}

/** A limit in bytes per second; undefined: none. */
export function limitOf(value: number | undefined): BytesPerSecond | undefined {
  return value !== undefined && value > 0 ? bytesPerSecond(value) : undefined;
}

const MAX_TAGS = 100;

/** Labels as tags of ours: each once, on one line, without commas. */
export function tagsOf(labels: readonly string[]): string[] {
  const tags = labels.map((label) => nameOf(label).replaceAll(',', ' ').trim()).filter((tag) => tag !== '');
  return [...new Set(tags)].slice(0, MAX_TAGS);
}

/** A name on one line, of at most 100 characters. */
export function nameOf(label: string): string {
  return label
    .replaceAll(/\p{Cc}+/gu, ' ')
    .slice(0, 100)
    .trim();
}

/** An absolute path with "/" between its names, without an end; undefined: it is none. */
export function folderOf(path: string): string | undefined {
  if (!isWholePath(path)) return undefined;
  const plain = /^[A-Za-z]:|^\\\\/.test(path) ? path.replaceAll('\\', '/') : path;
  return plain.length > 1 ? plain.replace(/\/+$/, '') || '/' : plain;
}

/** Whether a path below a folder stays there. */
export function isBelow(path: string): boolean {
  return path.split('/').every((name) => name !== '' && name !== '.' && name !== '..');
}
