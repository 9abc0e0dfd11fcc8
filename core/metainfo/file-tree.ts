import { MAX_FILES } from '../base/bounds.ts';
import { toHex } from '../base/bytes.ts';
import type { EnsembleError } from '../base/errors.ts';
import { Reader, Token, isText, skipValue } from '../bencode/reader.ts';
import { HASH_LENGTH } from '../merkle/tree.ts';
import { fieldError } from './fields.ts';
import type { TorrentName } from './file-list.ts';
import { fitPath } from './fit-path.ts';
import type { NameText } from './name-text.ts';
import { safeComponent } from './safe-path.ts';
import { separate } from './separate-paths.ts';
import type { TorrentFile } from './torrent.ts';

/** Longest file: the tree over it would have more leaves than can be counted elsewhere (libtorrent takes no longer one either). */
const MAX_LENGTH = 2 ** 44;
/** Most links that are passed over. */
const MAX_ENTRIES = 2 * MAX_FILES;

interface TreeOptions {
  readonly name: TorrentName;
  readonly text: NameText;
  readonly pieceLength: number;
  /** Whether the one file of a tree is in a folder with the torrent's name: a hybrid whose other half has a list of files. */
  readonly folder: boolean;
}

type TreeFile = TorrentFile & { own?: readonly string[] };

/**
 * Reads the `file tree` of an info dictionary (BEP 52), from raw bytes that have passed the gate, which bounds its depth. Each file
 * starts at a piece of its own. Links (BEP 47, attr `l`) are left out, as they are in version 1.
 */
export function readFileTree(raw: Uint8Array, options: TreeOptions): TorrentFile[] {
  return new FileTree(raw, options).read();
}

/**
 * Where an entry is, by the names in the torrent, its own name first. As text only when it is shown: that of a folder with a long name
 * would be copied for each file in it.
 */
type Place = readonly string[];

/** An entry that describes a file. */
interface Leaf {
  readonly length: number;
  readonly attributes: string;
  readonly root: Uint8Array | undefined;
}

class FileTree {
  readonly #reader: Reader;
  readonly #o: TreeOptions;
  readonly #files: TreeFile[] = [];
  readonly #stored: string[][] = [];
  /** The length of the files under each root. */
  readonly #lengths = new Map<string, number>();
  #entries = 0;
  #offset = 0;

  constructor(raw: Uint8Array, options: TreeOptions) {
    this.#reader = new Reader(raw, true);
    this.#o = options;
  }

  read(): TorrentFile[] {
    if (!this.#reader.take(Token.dictionary)) throw fieldError('file tree', undefined, 'a dictionary');
    this.#folder([this.#o.name.safe], [this.#o.name.own]);
    this.#unfold();
    for (const [i, name] of separate(this.#stored)) {
      const file = this.#files[i];
      if (file !== undefined) file.own ??= [...file.path.slice(0, -1), name];
    }
    return this.#files;
  }

  /** Reads what follows the beginning of a folder, up to its end. */
  #folder(path: readonly string[], own: Place): void {
    const reader = this.#reader;
    while (!reader.take(Token.end)) {
      if (++this.#entries > MAX_ENTRIES) throw fieldError('file tree', 'larger', `of at most ${MAX_FILES} files`);
      reader.string();
      const bytes = reader.data.subarray(reader.start, reader.end);
      const name = this.#o.text.of(bytes);
      const below = [...path, safeComponent(name)];
      const ownBelow = [...own, name];
      if (bytes.length === 0) throw wrong(ownBelow, 'a file beside others', 'alone in its dictionary');
      if (!reader.take(Token.dictionary)) throw wrong(ownBelow, undefined, 'a dictionary');
      const leaf = this.#leaf(ownBelow);
      if (leaf === undefined) this.#folder(below, ownBelow);
      else this.#add(leaf, below, ownBelow);
    }
  }

  /** The file that a dictionary describes whose beginning was read; undefined: it is a folder, nothing of which was read. */
  #leaf(place: Place): Leaf | undefined {
    const reader = this.#reader;
    const { position } = reader;
    if (reader.nextIsString) {
      reader.string();
      if (reader.start === reader.end) {
        const leaf = this.#properties(place);
        if (!reader.take(Token.end)) throw wrong(place, 'a file and a folder', 'one of both');
        return leaf;
      }
    }
    reader.position = position;
    return undefined;
  }

  #properties(place: Place): Leaf {
    const reader = this.#reader;
    const { data } = reader;
    if (!reader.take(Token.dictionary)) throw wrong(place, undefined, 'a dictionary with a length');
    let length: number | undefined;
    let attributes = '';
    let root: Uint8Array | undefined;
    while (!reader.take(Token.end)) {
      reader.string();
      const { start, end } = reader;
      if (isText(data, start, end, 'length') && reader.next === Token.integer) length = reader.integer();
      else if (isText(data, start, end, 'attr') && reader.nextIsString)
        attributes = String.fromCharCode(...this.#string().subarray(0, 100));
      else if (isText(data, start, end, 'pieces root') && reader.nextIsString) root = this.#string();
      else skipValue(reader);
    }
    if (attributes.includes('l')) return { length: 0, attributes, root };
    if (length === undefined || length < 0 || length > MAX_LENGTH) {
      throw wrong([...place, 'length'], length, `an integer from 0 to ${MAX_LENGTH}`);
    }
    return { length, attributes, root };
  }

  #string(): Uint8Array {
    const reader = this.#reader;
    reader.string();
    return reader.data.subarray(reader.start, reader.end);
  }

  #add({ length, attributes, root }: Leaf, path: readonly string[], own: Place): void {
    if (attributes.includes('p')) throw wrong([...own, 'attr'], attributes, 'without "p": version 2 has no padding');
    if (attributes.includes('l')) return;
    if (this.#files.length >= MAX_FILES) throw fieldError('file tree', 'larger', `of at most ${MAX_FILES} files`);
    if (length > 0 && (root?.length !== HASH_LENGTH || root.every((byte) => byte === 0))) {
      throw wrong(
        [...own, 'pieces root'],
        root === undefined ? undefined : 'no hash',
        `a hash of ${HASH_LENGTH} bytes`,
      );
    }
    if (length > 0 && root !== undefined) {
      const key = toHex(root);
      const other = this.#lengths.get(key) ?? length;
      // A short file can be made whose bytes are the hashes below another one's root.
      if (other !== length) throw wrong([...own, 'pieces root'], `that of a file of ${other} bytes`, 'its own');
      this.#lengths.set(key, length);
    }
    const fitting = [...fitPath(path)];
    const differs = own.some((name, i) => name !== path[i]) || fitting.length !== path.length;
    this.#files.push({
      path: fitting,
      length,
      offset: this.#offset,
      padding: false,
      ...(differs && { own }),
      ...(length > 0 && root !== undefined && { root }),
    });
    this.#stored.push(fitting);
    this.#offset += Math.ceil(length / this.#o.pieceLength) * this.#o.pieceLength;
    if (!Number.isSafeInteger(this.#offset))
      throw fieldError('file tree', this.#offset, 'of less than 2^53 bytes in all');
  }

  /** The only file of a torrent is in no folder. */
  #unfold(): void {
    const [file] = this.#files;
    if (this.#o.folder || this.#entries !== 1 || file?.path.length !== 2) return;
    const { own, ...others } = file;
    const path = file.path.slice(1);
    this.#files[0] = { ...others, path, ...(own !== undefined && own[1] !== path[0] && { own: own.slice(1) }) };
    this.#stored[0] = path;
  }
}

function wrong([, ...below]: Place, value: unknown, expected: string): EnsembleError {
  return fieldError(`file tree: ${below.join('/')}`, value, expected);
}
