import { MAX_FILES } from '../base/bounds.ts';
import type { EnsembleError } from '../base/errors.ts';
import { binaryText } from '../bencode/binary-text.ts';
import { Reader, Token, isText, skipValue } from '../bencode/reader.ts';
import { fieldError, isUtf8 } from './fields.ts';
import { fitPath, MAX_DEPTH } from './fit-path.ts';
import type { NameText } from './name-text.ts';
import { isPlain, safeComponent } from './safe-path.ts';
import { separate } from './separate-paths.ts';
import type { TorrentFile } from './torrent.ts';

/**
 * Reads the `files` of an info dictionary (BEP 3), straight from its raw bytes because there may be 100,000.
 * `raw` has passed the gate. Links (BEP 47, attr `l`) have no bytes and are left out: none is ever made.
 */
export function readFiles(raw: Uint8Array, name: TorrentName, text: NameText): TorrentFile[] {
  const list = new FileList(raw, name, text);
  return list.read();
}

/** The name of a torrent, made safe and as it stands there. */
export interface TorrentName {
  readonly safe: string;
  readonly own: string;
}

type MutableFile = TorrentFile & { own?: readonly string[] };

/** How names of padding files begin that BitComet made, which sets no attribute. */
const BITCOMET_PADDING = '_____padding_file_';

/** Where the components of a path lie: numbers in pairs, start and end. */
type Components = number[];
const MOST_NUMBERS = 2 * (MAX_DEPTH + 2);

/** A path made safe, and as it stands in the torrent where that is something else. */
interface Made {
  readonly path: string[];
  readonly own: readonly string[] | undefined;
}

/** Keeps the fields of the entry at hand in members, as a fresh object for each entry would be most of the cost. */
class FileList {
  readonly #reader: Reader;
  readonly #data: Uint8Array;
  readonly #name: TorrentName;
  readonly #names: NameText;
  /** The data as text, one character a byte: slicing it costs less than decoding each name. */
  readonly #text: string;
  #length = NaN;
  #attributes: string | undefined;
  readonly #path: Components = [];
  readonly #pathUtf8: Components = [];
  /** The entry before, as files of one folder follow each other: where its path lies, and what was made of it. */
  readonly #before: Components = [];
  #previous: Made = { path: [], own: undefined };

  constructor(raw: Uint8Array, name: TorrentName, names: NameText) {
    this.#reader = new Reader(raw, true);
    this.#data = raw;
    this.#name = name;
    this.#names = names;
    this.#text = binaryText(raw);
  }

  read(): TorrentFile[] {
    const reader = this.#reader;
    if (!reader.take(Token.list)) throw fieldError('files', undefined, 'a list');
    const out: MutableFile[] = [];
    /** Where stored files stand in `out`, and their paths. */
    const places: number[] = [];
    const stored: string[][] = [];
    let offset = 0;
    for (let i = 0; !reader.take(Token.end); i++) {
      if (i >= MAX_FILES) throw fieldError('files', 'longer', `at most ${MAX_FILES} files`);
      const components = this.#entry(i);
      if (this.#has('l')) continue;
      const length = this.#length;
      const padding = this.#has('p') || this.#isBitCometPadding(components);
      if (padding) {
        out.push({ path: [this.#name.safe, '.pad', String(length)], length, offset, padding });
      } else {
        const { path, own } = this.#make(components);
        out.push({ path, length, offset, padding, ...(own !== undefined && { own }) });
        places.push(out.length - 1);
        stored.push(path);
      }
      offset += length;
      if (!Number.isSafeInteger(offset)) throw fieldError('files', offset, 'less than 2^53 bytes in all');
    }
    for (const [i, name] of separate(stored)) {
      const file = out[places[i] ?? 0];
      if (file !== undefined) file.own ??= [...file.path.slice(0, -1), name];
    }
    return out;
  }

  /** Reads one dictionary of the list; returns where the components of its path lie. */
  #entry(index: number): Components {
    const reader = this.#reader;
    const data = this.#data;
    if (!reader.take(Token.dictionary)) throw fieldError(`files[${index}]`, undefined, 'a dictionary');
    this.#length = NaN;
    this.#attributes = undefined;
    this.#path.length = 0;
    this.#pathUtf8.length = 0;
    while (!reader.take(Token.end)) {
      reader.string();
      const { start, end } = reader;
      // Of a key that comes twice the first counts.
      if (isText(data, start, end, 'length') && Number.isNaN(this.#length) && reader.next === Token.integer) {
        this.#length = reader.integer();
      } else if (isText(data, start, end, 'path') && this.#path.length === 0) {
        if (!this.#components(this.#path)) this.#path.length = 0;
      } else if (isText(data, start, end, 'path.utf-8') && this.#pathUtf8.length === 0) {
        if (!this.#components(this.#pathUtf8)) this.#pathUtf8.length = 0;
      } else if (isText(data, start, end, 'attr') && this.#attributes === undefined && reader.nextIsString) {
        reader.string();
        this.#attributes = this.#text.slice(reader.start, reader.end);
      } else {
        skipValue(reader);
      }
    }
    if (this.#has('l')) return this.#path;
    const length = this.#length;
    if (!(length >= 0 && length <= Number.MAX_SAFE_INTEGER)) {
      throw this.#wrong(index, 'length', 'an integer of at least 0', Number.isNaN(length) ? undefined : length);
    }
    const components = this.#pathUtf8.length > 0 && this.#isUtf8(this.#pathUtf8) ? this.#pathUtf8 : this.#path;
    if (components.length === 0 && !this.#has('p')) throw this.#wrong(index, 'path', 'a list of at least one name');
    return components;
  }

  /** Reads a list of names; false where it is something else, which is passed over. */
  #components(into: Components): boolean {
    const reader = this.#reader;
    if (!reader.take(Token.list)) {
      skipValue(reader);
      return false;
    }
    let names = true;
    while (!reader.take(Token.end)) {
      if (reader.nextIsString) {
        reader.string();
        // Of a path that is too deep the last name counts (see `fitPath`); what it was is no path any more.
        if (into.length >= MOST_NUMBERS) into.splice(-4, 4, reader.start, reader.start, reader.start, reader.end);
        else into.push(reader.start, reader.end);
      } else {
        skipValue(reader);
        names = false;
      }
    }
    return names;
  }

  /** Whether the entry at hand has an attribute (BEP 47). */
  #has(attribute: string): boolean {
    return this.#attributes?.includes(attribute) === true;
  }

  #isBitCometPadding(components: Components): boolean {
    const start = components[components.length - 2] ?? 0;
    const end = components[components.length - 1] ?? 0;
    return end - start >= BITCOMET_PADDING.length && this.#text.startsWith(BITCOMET_PADDING, start);
  }

  #make(components: Components): Made {
    const path = [this.#name.safe];
    let own = this.#name.safe === this.#name.own ? undefined : [this.#name.own];
    const previous = this.#previous;
    for (let i = 0; i < components.length; i += 2) {
      const start = components[i] ?? 0;
      const end = components[i + 1] ?? 0;
      const level = path.length;
      const known = this.#isAsBefore(i, start, end);
      const text = known ? ((previous.own ?? previous.path)[level] ?? '') : this.#textOf(start, end);
      const safe = known ? (previous.path[level] ?? '') : isPlain(text) ? text : safeComponent(text);
      if (own !== undefined) own.push(text);
      else if (text !== safe) own = [...path, text];
      path.push(safe);
    }
    this.#previous = { path, own };
    this.#before.length = 0;
    for (let i = 0; i < components.length; i++) this.#before.push(components[i] ?? 0);
    const fitting = fitPath(path);
    if (fitting === path) return this.#previous;
    return { path: [...fitting], own: own ?? path };
  }

  /** Whether the same bytes stood in this place of the path before. */
  #isAsBefore(i: number, start: number, end: number): boolean {
    const before = this.#before;
    if (i >= before.length) return false;
    const from = before[i] ?? 0;
    if ((before[i + 1] ?? 0) - from !== end - start) return false;
    for (let k = 0; k < end - start; k++) if (this.#data[from + k] !== this.#data[start + k]) return false;
    return true;
  }

  #textOf(start: number, end: number): string {
    for (let i = start; i < end; i++) {
      if ((this.#data[i] ?? 0) >= 0x80) return this.#names.of(this.#data.subarray(start, end));
    }
    return this.#text.slice(start, end);
  }

  #isUtf8(components: Components): boolean {
    return isUtf8(this.#data.subarray(components[0], components[components.length - 1]));
  }

  #wrong(index: number, field: string, expected: string, value?: unknown): EnsembleError {
    return fieldError(`files[${index}].${field}`, value, expected);
  }
}
