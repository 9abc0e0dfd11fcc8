import { fieldError } from './fields.ts';

/** Bytes of UTF-8 that a name may have on the common file systems. */
const MAX_COMPONENT_BYTES = 255;
const MAX_PATH_BYTES = 2048;
const MAX_DEPTH = 100;
const MAX_FOLDERS = 250_000;

/** Nothing in such a name needs a closer look (but a device's name, see `DEVICE`). */
const PLAIN = /^[\w(['+&,@-][\w ()[\]'+&,@.-]{0,126}[\w)\]'+&,@-]$|^\w$/;
/** Names that Windows gives to devices, whatever extension follows. */
const DEVICE = /^(con|prn|aux|nul|com[0-9\u00b9\u00b2\u00b3]|lpt[0-9\u00b9\u00b2\u00b3]|conin\$|conout\$) *(\.|:|$)/i;
/** Control characters, and those that make text read backwards. */
// oxlint-disable-next-line no-control-regex -- they are what must go
const UNPRINTABLE = /[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufffd\ud800-\udfff]/gu;
const encoder = new TextEncoder();

/**
 * One component of a path from a torrent, made fit for every common file system. Throws for what only a malicious or
 * broken torrent has: empty, `.`, `..`, separators, absolute, a drive, NUL, a device (docs/decisions/0003).
 */
export function safeComponent(field: string, name: string): string {
  if (isPlain(name)) return name;
  if (name === '' || name === '.' || name === '..')
    throw fieldError(field, name, 'a file name, not empty, "." or ".."');
  if (name.includes('/') || name.startsWith('\\') || name.split('\\').includes('..') || /^[a-z]:(\\|$)/i.test(name)) {
    throw fieldError(field, name, 'a name without separators or drive: it would lead out of the chosen folder');
  }
  if (name.includes('\0')) throw fieldError(field, name, 'a name without NUL bytes');
  let safe = name.replace(UNPRINTABLE, '_').replaceAll('\\', '_');
  safe = safe.replace(/[. ]+$/, (end) => '_'.repeat(end.length));
  if (DEVICE.test(safe)) {
    const dot = safe.search(/[.:]/);
    if (dot < 0) throw fieldError(field, name, 'a file name: Windows has a device of this name');
    safe = `${safe.slice(0, dot).trimEnd()}_${safe.slice(dot)}`;
  }
  return shorten(safe, MAX_COMPONENT_BYTES);
}

/** Whether a name is safe at first sight, as most are. */
export function isPlain(name: string): boolean {
  return PLAIN.test(name) && !DEVICE.test(name);
}

/** At most `max` bytes of UTF-8 with `mark` before the extension: cut between characters. */
function shorten(name: string, max: number, mark = ''): string {
  if (mark === '' && (name.length * 3 <= max || encoder.encode(name).length <= max)) return name;
  const dot = name.lastIndexOf('.');
  const extension = dot > 0 && name.length - dot <= 16 ? name.slice(dot) : '';
  let room = max - encoder.encode(mark + extension).length;
  let stem = '';
  for (const character of name.slice(0, name.length - extension.length)) {
    room -= encoder.encode(character).length;
    if (room < 0) break;
    stem += character;
  }
  return stem.replace(/[. ]+$/, '_') + mark + extension;
}

/** What file systems that ignore case or Unicode form, or have `_` for what Windows takes in no name, take for the same. */
export function foldPath(path: string): string {
  // oxlint-disable-next-line no-control-regex -- ASCII
  if (/^[\x00-\x7f]*$/.test(path)) return path.toLowerCase().replace(/[<>:"|?*]/g, '_');
  return path
    .normalize('NFC')
    .toUpperCase()
    .toLowerCase()
    .normalize('NFC')
    .replace(/[<>:"|?*]/g, '_');
}

/**
 * Gives each file a path of its own. Those that differ from an earlier one by case or Unicode form alone, or only became
 * the same by being made safe, get ` (2)`, ` (3)`, ... before their extension: the same on every machine. Throws where a
 * torrent has a path twice (`isSame`: before it was made safe), or a file in the place of a folder, and where a path is too long.
 */
export function separate(paths: readonly string[][], isSame: (a: number, b: number) => boolean): void {
  const joinedPaths = paths.map((path) => path.join('/'));
  const { folders, folded } = foldersOf(joinedPaths);
  const taken = new Map<string, number>();
  const numbers = new Map<string, number>();
  for (const [i, path] of paths.entries()) {
    let joined = joinedPaths[i] ?? '';
    if (path.length > MAX_DEPTH) throw fieldError('path', joined, `at most ${MAX_DEPTH} folders deep`);
    if (joined.length * 3 > MAX_PATH_BYTES && encoder.encode(joined).length > MAX_PATH_BYTES) {
      throw fieldError('path', joined, `at most ${MAX_PATH_BYTES} bytes long`);
    }
    if (folders.has(joined)) throw fieldError('path', joined, 'no folder that other files are in');
    const first = foldPath(joined);
    const holder = taken.get(first);
    if (holder !== undefined && isSame(holder, i)) throw fieldError('path', joined, 'the path of one file alone');
    const name = path[path.length - 1] ?? '';
    let key = first;
    let n = numbers.get(first) ?? 2;
    for (; taken.has(key) || folded.has(key); n++) {
      path[path.length - 1] = shorten(name, MAX_COMPONENT_BYTES, ` (${n})`);
      joined = path.join('/');
      key = foldPath(joined);
    }
    if (key !== first) numbers.set(first, n);
    taken.set(key, i);
  }
}

/** All folders above these paths, as they are and folded. */
function foldersOf(paths: readonly string[]): { folders: Set<string>; folded: Set<string> } {
  const folders = new Set<string>();
  const folded = new Set<string>();
  let last = '';
  for (const path of paths) {
    const end = path.lastIndexOf('/');
    if (end < 0 || (end === last.length && path.startsWith(last))) continue;
    last = path.slice(0, end);
    for (let folder = last; folder !== '' && !folders.has(folder);) {
      folders.add(folder);
      folded.add(foldPath(folder));
      if (folders.size > MAX_FOLDERS) throw fieldError('files', 'longer', `files in at most ${MAX_FOLDERS} folders`);
      folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/')));
    }
  }
  return { folders, folded };
}
