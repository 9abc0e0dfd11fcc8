import { toHex } from '../base/bytes.ts';
import { EnsembleError } from '../base/errors.ts';
import { type BencodeInput, encode, encodeDictionary } from '../bencode/bencode.ts';
import { fileRootOf, HASH_LENGTH } from '../merkle/tree.ts';

/** One file of a torrent that is made. */
export interface MadeFile {
  /** Components below the torrent's folder. */
  readonly path: readonly string[];
  readonly length: number;
  /** BEP 47, attr `x`. */
  readonly executable?: boolean;
  /** A link to this path below the torrent's folder (BEP 47, attr `l`): it has no bytes, and downloads of ours leave it out. */
  readonly link?: readonly string[];
}

type Fields = Record<string, BencodeInput | undefined>;

const encoder = new TextEncoder();

/**
 * Files in the order that version 2 has them in: as dictionaries sort, folder by folder. A hybrid has it in both halves, and pieces
 * are hashed in it.
 */
export function inTreeOrder<T extends { readonly path: readonly string[] }>(files: readonly T[]): T[] {
  const keyed = files.map((file) => ({ file, keys: file.path.map((name) => toHex(encoder.encode(name))) }));
  keyed.sort((a, b) => compare(a.keys, b.keys));
  return keyed.map(({ file }) => file);
}

function compare(a: readonly string[], b: readonly string[]): number {
  for (let i = 0; i < a.length && i < b.length; i++) {
    const one = a[i] ?? '';
    const other = b[i] ?? '';
    if (one !== other) return one < other ? -1 : 1;
  }
  return a.length - b.length;
}

/** Fields of version 1 for a list of files; a hybrid's with padding after each file that does not end with a piece, as libtorrent makes it. */
export function filesOfV1(files: readonly MadeFile[], padTo = 0): Fields {
  const list: Fields[] = [];
  const taken = new Set(files.map(({ path }) => path.join('/')));
  // Where there is only one file, its length tells where it ends.
  const pads = padTo > 0 && files.length > 1;
  for (const file of files) {
    list.push({ path: file.path, ...fileFields(file) });
    const rest = pads ? file.length % padTo : 0;
    if (rest > 0) list.push(padding(padTo - rest, taken));
  }
  return { files: list };
}

/** Clients that know no padding write it as a file: each has a name of its own, as some refuse two of one name. */
function padding(length: number, taken: Set<string>): Fields {
  let name = String(length);
  for (let n = 2; taken.has(`.pad/${name}`); n++) name = `${length}-${n}`;
  taken.add(`.pad/${name}`);
  return { path: ['.pad', name], length, attr: 'p' };
}

export function fileFields({ length, executable, link }: Partial<MadeFile> = {}): Fields {
  return { length, ...attributes(executable, link) };
}

function attributes(executable: boolean | undefined, link: readonly string[] | undefined): Fields {
  const attr = `${executable === true ? 'x' : ''}${link === undefined ? '' : 'l'}`;
  return { attr: attr === '' ? undefined : attr, 'symlink path': link };
}

/** A folder of the tree by names, or a file. */
interface Folder {
  readonly entries: Map<string, Folder>;
  file?: Fields;
}

/**
 * The bencoded `file tree` of files in tree order. `pieceRoots`: of all pieces. Throws EnsembleError('usage') where something is a file
 * and a folder.
 */
export function encodeFileTree(files: readonly MadeFile[], pieceLength: number, pieceRoots: Uint8Array): Uint8Array {
  const root: Folder = { entries: new Map() };
  let first = 0;
  for (const { path, length, executable, link } of files) {
    const count = Math.ceil(length / pieceLength);
    const layer = pieceRoots.subarray(first * HASH_LENGTH, (first + count) * HASH_LENGTH);
    first += count;
    let place = root;
    for (const name of path) {
      if (place.file !== undefined) throw conflict(path);
      let below = place.entries.get(name);
      if (below === undefined) place.entries.set(name, (below = { entries: new Map() }));
      place = below;
    }
    if (place.file !== undefined || place.entries.size > 0) throw conflict(path);
    place.file = {
      length: link === undefined ? length : undefined,
      'pieces root': length > 0 ? fileRootOf(layer, pieceLength) : undefined,
      ...attributes(executable, link),
    };
  }
  return encodeFolder(root);
}

function encodeFolder({ entries, file }: Folder): Uint8Array {
  if (file !== undefined) return encodeDictionary([['', encode(file)]]);
  return encodeDictionary([...entries].map(([name, below]) => [name, encodeFolder(below)] as const));
}

function conflict(path: readonly string[]): EnsembleError {
  return new EnsembleError(
    'usage',
    `"${path.join('/')}" cannot be in a torrent with another file of the same path or above it.`,
  );
}
