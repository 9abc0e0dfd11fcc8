import { Reader, Token, isText, skipValue } from '../bencode/reader.ts';
import { fieldError, isUtf8, textOf } from './fields.ts';
import type { Placed } from './safe-path.ts';
import { safeComponent, separate } from './safe-path.ts';
import type { TorrentFile } from './torrent.ts';

const MAX_FILES = 250_000;

/**
 * Reads the `files` of an info dictionary (BEP 3), straight from its raw bytes because there may be 100,000.
 * `raw` has passed the gate. Links (BEP 47, attr `l`) are left out: none is ever made.
 */
export function readFiles(raw: Uint8Array, name: string): TorrentFile[] {
  const list = new FileList(raw, name);
  return list.read();
}

/** Where the components of an entry lie: numbers in pairs, start and end. */
type Components = number[];

class FileList {
  readonly #reader: Reader;
  readonly #data: Uint8Array;
  readonly #name: string;
  /** One character a byte: a slice of it costs less than decoding each name. */
  readonly #text: string;

  constructor(raw: Uint8Array, name: string) {
    this.#reader = new Reader(raw);
    this.#data = raw;
    this.#name = name;
    this.#text = new TextDecoder('latin1').decode(raw);
  }

  read(): TorrentFile[] {
    const reader = this.#reader;
    if (!reader.take(Token.list)) throw fieldError('files', undefined, 'a list');
    const out: (TorrentFile & { path: string[] })[] = [];
    const stored: Placed[] = [];
    let offset = 0;
    for (let i = 0; !reader.take(Token.end); i++) {
      if (i >= MAX_FILES) throw fieldError('files', 'longer', `at most ${MAX_FILES} files`);
      const entry = this.#entry(i);
      if (entry.link && entry.length === 0) continue;
      const path = entry.padding ? [this.#name, '.pad', String(entry.length)] : this.#path(entry.components, i);
      const { length, padding } = entry;
      out.push({ path, length, offset, padding });
      offset += length;
      if (!Number.isSafeInteger(offset)) throw fieldError('files', offset, 'less than 2^53 bytes in all');
      if (!padding) stored.push({ raw: this.#rawPath(entry.components), path });
    }
    separate(stored);
    return out;
  }

  /** One dictionary of the list. */
  #entry(index: number): { length: number; components: Components; padding: boolean; link: boolean } {
    const reader = this.#reader;
    if (!reader.take(Token.dictionary)) throw fieldError(`files[${index}]`, undefined, 'a dictionary');
    let length = -1;
    let path: Components | undefined;
    let pathUtf8: Components | undefined;
    let padding = false;
    let link = false;
    while (!reader.take(Token.end)) {
      reader.string();
      const { start, end } = reader;
      if (isText(this.#data, start, end, 'length')) {
        if (reader.next === Token.integer) length = reader.integer();
        if (length < 0) throw fieldError(`files[${index}].length`, length, 'an integer of at least 0');
      } else if (isText(this.#data, start, end, 'path')) {
        path = this.#components(`files[${index}].path`);
      } else if (isText(this.#data, start, end, 'path.utf-8')) {
        pathUtf8 = this.#components(`files[${index}].path.utf-8`);
      } else if (isText(this.#data, start, end, 'attr') && reader.nextIsString) {
        reader.string();
        const attributes = this.#text.slice(reader.start, reader.end);
        padding = attributes.includes('p');
        link = attributes.includes('l');
      } else {
        skipValue(reader);
      }
    }
    if (length < 0) throw fieldError(`files[${index}].length`, undefined, 'an integer of at least 0');
    const components = pathUtf8 !== undefined && this.#allUtf8(pathUtf8) ? pathUtf8 : path;
    if (components === undefined) throw fieldError(`files[${index}].path`, undefined, 'a list of names');
    return { length, components, padding, link };
  }

  #components(field: string): Components {
    const reader = this.#reader;
    if (!reader.take(Token.list)) throw fieldError(field, undefined, 'a list of names');
    const out: Components = [];
    while (!reader.take(Token.end)) {
      if (!reader.nextIsString) throw fieldError(field, undefined, 'a list of names');
      reader.string();
      out.push(reader.start, reader.end);
    }
    if (out.length === 0) throw fieldError(field, [], 'a list of at least one name');
    return out;
  }

  #path(components: Components, index: number): string[] {
    const out = [this.#name];
    for (let i = 0; i < components.length; i += 2) {
      out.push(safeComponent(`files[${index}].path`, this.#textOf(components[i] ?? 0, components[i + 1] ?? 0)));
    }
    return out;
  }

  #textOf(start: number, end: number): string {
    for (let i = start; i < end; i++) if ((this.#data[i] ?? 0) >= 0x80) return textOf(this.#data.subarray(start, end));
    return this.#text.slice(start, end);
  }

  #rawPath(components: Components): string {
    return this.#text.slice(components[0], components[components.length - 1]);
  }

  #allUtf8(components: Components): boolean {
    return isUtf8(this.#data.subarray(components[0], components[components.length - 1]));
  }
}
