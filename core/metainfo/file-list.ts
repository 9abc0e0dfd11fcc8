import { MAX_FILES } from '../base/bounds.ts';
import type { EnsembleError } from '../base/errors.ts';
import { binaryText } from '../bencode/binary-text.ts';
import { Reader, Token, isText, skipValue } from '../bencode/reader.ts';
import { fieldError, isUtf8, textOf } from './fields.ts';
import { isPlain, safeComponent } from './safe-path.ts';
import { separate } from './separate-paths.ts';
import type { TorrentFile } from './torrent.ts';

/**
 * Reads the `files` of an info dictionary (BEP 3), straight from its raw bytes because there may be 100,000.
 * `raw` has passed the gate. Links (BEP 47, attr `l`) are left out: none is ever made.
 */
export function readFiles(raw: Uint8Array, name: string): TorrentFile[] {
  const list = new FileList(raw, name);
  return list.read();
}

/** Where the components of a path lie: numbers in pairs, start and end. */
type Components = number[];

/** Keeps the fields of the entry at hand in members, as a fresh object for each entry would be most of the cost. */
class FileList {
  readonly #reader: Reader;
  readonly #data: Uint8Array;
  readonly #name: string;
  /** The data as text, one character a byte: slicing it costs less than decoding each name. */
  readonly #text: string;
  #length = NaN;
  #padding = false;
  #link = false;
  readonly #path: Components = [];
  readonly #pathUtf8: Components = [];
  /** Path of the entry before, as files of one folder follow each other. */
  #previous: readonly string[] = [];

  constructor(raw: Uint8Array, name: string) {
    this.#reader = new Reader(raw);
    this.#data = raw;
    this.#name = name;
    this.#text = binaryText(raw);
  }

  read(): TorrentFile[] {
    const reader = this.#reader;
    if (!reader.take(Token.list)) throw fieldError('files', undefined, 'a list');
    const out: TorrentFile[] = [];
    const stored: string[][] = [];
    const raw: number[] = [];
    let offset = 0;
    for (let i = 0; !reader.take(Token.end); i++) {
      if (i >= MAX_FILES) throw fieldError('files', 'longer', `at most ${MAX_FILES} files`);
      const components = this.#entry(i);
      const length = this.#length;
      const padding = this.#padding;
      if (this.#link && length === 0) continue;
      const path = padding ? [this.#name, '.pad', String(length)] : this.#safePath(components, i);
      out.push({ path, length, offset, padding });
      offset += length;
      if (!Number.isSafeInteger(offset)) throw fieldError('files', offset, 'less than 2^53 bytes in all');
      if (padding) continue;
      stored.push(path);
      raw.push(components[0] ?? 0, components[components.length - 1] ?? 0);
    }
    const rawPath = (i: number): string => this.#text.slice(raw[2 * i], raw[2 * i + 1]);
    separate(stored, (a, b) => rawPath(a) === rawPath(b));
    return out;
  }

  /** Reads one dictionary of the list; returns where the components of its path lie. */
  #entry(index: number): Components {
    const reader = this.#reader;
    const data = this.#data;
    if (!reader.take(Token.dictionary)) throw fieldError(`files[${index}]`, undefined, 'a dictionary');
    this.#length = NaN;
    this.#padding = false;
    this.#link = false;
    this.#path.length = 0;
    this.#pathUtf8.length = 0;
    while (!reader.take(Token.end)) {
      reader.string();
      const { start, end } = reader;
      if (isText(data, start, end, 'length')) {
        if (reader.next !== Token.integer) throw this.#wrong(index, 'length', 'an integer of at least 0');
        this.#length = reader.integer();
      } else if (isText(data, start, end, 'path')) {
        this.#components(index, 'path', this.#path);
      } else if (isText(data, start, end, 'path.utf-8')) {
        this.#components(index, 'path.utf-8', this.#pathUtf8);
      } else if (isText(data, start, end, 'attr') && reader.nextIsString) {
        reader.string();
        const attributes = this.#text.slice(reader.start, reader.end);
        this.#padding = attributes.includes('p');
        this.#link = attributes.includes('l');
      } else {
        skipValue(reader);
      }
    }
    if (!(this.#length >= 0)) {
      throw this.#wrong(
        index,
        'length',
        'an integer of at least 0',
        Number.isNaN(this.#length) ? undefined : this.#length,
      );
    }
    const components = this.#pathUtf8.length > 0 && this.#isUtf8(this.#pathUtf8) ? this.#pathUtf8 : this.#path;
    if (components.length === 0) throw this.#wrong(index, 'path', 'a list of names');
    return components;
  }

  #components(index: number, field: string, into: Components): void {
    const reader = this.#reader;
    if (!reader.take(Token.list)) throw this.#wrong(index, field, 'a list of names');
    while (!reader.take(Token.end)) {
      if (!reader.nextIsString) throw this.#wrong(index, field, 'a list of names');
      reader.string();
      into.push(reader.start, reader.end);
    }
    if (into.length === 0) throw this.#wrong(index, field, 'a list of at least one name', []);
  }

  #safePath(components: Components, index: number): string[] {
    const out = [this.#name];
    for (let i = 0; i < components.length; i += 2) {
      const start = components[i] ?? 0;
      const end = components[i + 1] ?? 0;
      const before = this.#previous[out.length];
      if (before !== undefined && before.length === end - start && isText(this.#data, start, end, before)) {
        // These bytes spell a name that is known to be safe.
        out.push(before);
        continue;
      }
      const name = this.#textOf(start, end);
      out.push(isPlain(name) ? name : safeComponent(`files[${index}].path`, name));
    }
    this.#previous = out;
    return out;
  }

  #textOf(start: number, end: number): string {
    for (let i = start; i < end; i++) if ((this.#data[i] ?? 0) >= 0x80) return textOf(this.#data.subarray(start, end));
    return this.#text.slice(start, end);
  }

  #isUtf8(components: Components): boolean {
    return isUtf8(this.#data.subarray(components[0], components[components.length - 1]));
  }

  #wrong(index: number, field: string, expected: string, value?: unknown): EnsembleError {
    return fieldError(`files[${index}].${field}`, value, expected);
  }
}
