import { Reader, Token, isText, skipValue } from '../bencode/reader.ts';
import { isUtf8 } from './fields.ts';
import type { Info } from './torrent.ts';

/** A name as it stands in the torrent, in whatever encoding. */
export type RawName = Uint8Array;

/**
 * The path of each file by the bytes that stand in the torrent, its name first: what servers have the files under (BEP 19), as
 * `TorrentFile.path` may be another. Undefined for padding, and where a file's entry cannot be told.
 */
export function rawPaths(info: Pick<Info, 'raw' | 'files'>): readonly (readonly RawName[] | undefined)[] {
  const { name, entries, tree } = new RawInfo(info.raw).read();
  if (entries === undefined && tree !== undefined) return treePaths(name, tree);
  if (entries === undefined) return info.files.map(() => [name]);
  // Links are not among the files.
  const files = entries.length === info.files.length ? entries : entries.filter(({ link }) => !link);
  return info.files.map(({ length, padding }, i) => {
    const entry = files[i];
    return padding || entry === undefined || entry.length !== length ? undefined : [name, ...entry.path];
  });
}

/** Of version 2 alone, or of a hybrid of one file: that file is in no folder. */
function treePaths(name: RawName, tree: readonly Entry[]): readonly (readonly RawName[])[] {
  const [only] = tree;
  if (tree.length === 1 && only?.path.length === 1) return [only.path];
  return tree.filter(({ link }) => !link).map(({ path }) => [name, ...path]);
}

interface Entry {
  readonly path: readonly RawName[];
  readonly length: number;
  readonly link: boolean;
}

/** Reads names alone, from an info dictionary that was checked as a whole. */
class RawInfo {
  readonly #reader: Reader;

  constructor(raw: Uint8Array) {
    this.#reader = new Reader(raw, true);
  }

  read(): {
    readonly name: RawName;
    readonly entries: readonly Entry[] | undefined;
    readonly tree: Entry[] | undefined;
  } {
    let name: RawName | undefined;
    let utf8: RawName | undefined;
    let entries: Entry[] | undefined;
    let tree: Entry[] | undefined;
    const reader = this.#reader;
    this.#fields((is) => {
      if (is('name') && name === undefined && reader.nextIsString) name = this.#string();
      else if (is('name.utf-8') && utf8 === undefined && reader.nextIsString) utf8 = this.#string();
      else if (is('files') && entries === undefined && reader.next === Token.list)
        entries = this.#list(() => this.#entry());
      else if (is('file tree') && tree === undefined && reader.next === Token.dictionary) this.#tree([], (tree = []));
      else return false;
      return true;
    });
    return { name: utf8 !== undefined && isUtf8(utf8) ? utf8 : (name ?? new Uint8Array()), entries, tree };
  }

  /** The files below a folder of a file tree (BEP 52). A file is what an empty name describes. */
  #tree(folder: readonly RawName[], into: Entry[]): void {
    const reader = this.#reader;
    reader.take(Token.dictionary);
    while (!reader.take(Token.end)) {
      const name = this.#string();
      if (name.length === 0) into.push({ ...this.#entry(), path: folder });
      else this.#tree([...folder, name], into);
    }
  }

  #entry(): Entry {
    let length: number | undefined;
    let attributes: RawName | undefined;
    let path: readonly RawName[] = [];
    let utf8: readonly RawName[] = [];
    const reader = this.#reader;
    // Of a key that comes twice the first counts.
    this.#fields((is) => {
      if (is('length') && length === undefined && reader.next === Token.integer) length = reader.integer();
      else if (is('path') && path.length === 0 && reader.next === Token.list) path = this.#names();
      else if (is('path.utf-8') && utf8.length === 0 && reader.next === Token.list) utf8 = this.#names();
      else if (is('attr') && attributes === undefined && reader.nextIsString) attributes = this.#string();
      else return false;
      return true;
    });
    return {
      path: utf8.length > 0 && utf8.every(isUtf8) ? utf8 : path,
      length: length ?? Number.NaN,
      link: attributes?.includes(LINK) === true,
    };
  }

  /** Empty where not all of the list are names. */
  #names(): readonly RawName[] {
    let names = true;
    const list = this.#list(() => {
      if (this.#reader.nextIsString) return this.#string();
      skipValue(this.#reader);
      names = false;
      return NOTHING;
    });
    return names ? list : [];
  }

  /** Each field of a dictionary; `take` reads its value, or leaves it unread and returns false. */
  #fields(take: (is: (key: string) => boolean) => boolean): void {
    const reader = this.#reader;
    if (!reader.take(Token.dictionary)) throw reader.error('no dictionary');
    while (!reader.take(Token.end)) {
      reader.string();
      const { start, end } = reader;
      if (!take((key) => isText(reader.data, start, end, key))) skipValue(reader);
    }
  }

  #list<T>(item: () => T): T[] {
    const reader = this.#reader;
    reader.take(Token.list);
    const out: T[] = [];
    while (!reader.take(Token.end)) out.push(item());
    return out;
  }

  #string(): RawName {
    const reader = this.#reader;
    reader.string();
    return reader.data.subarray(reader.start, reader.end);
  }
}

const LINK = 'l'.charCodeAt(0);
const NOTHING: RawName = new Uint8Array();
