import { fieldError } from './fields.ts';
import { MAX_COMPONENT_BYTES, foldPath, shorten } from './safe-path.ts';

const MAX_PATH_BYTES = 2048;
const MAX_DEPTH = 100;
const MAX_FOLDERS = 250_000;

const encoder = new TextEncoder();

/** All folders whose paths fold to the same. A tree of these is cheaper than sets of whole paths. Members are made when needed. */
interface Folder {
  /** By what their names fold to. */
  folders?: Map<string, Folder>;
  files?: Map<string, number>;
  /** Which number comes next for files whose names fold to the same. */
  numbers?: Map<string, number>;
}

/**
 * Gives each file a path of its own. Those that differ from an earlier one by case or Unicode form alone, or only became
 * the same by being made safe, get ` (2)`, ` (3)`, ... before their extension: the same on every machine. Throws where a
 * torrent has a path twice (`isSame`: before it was made safe), or a file in the place of a folder, and where a path is too long.
 */
export function separate(paths: readonly string[][], isSame: (a: number, b: number) => boolean): void {
  // All folders first, as a file gives way also to a folder that comes later.
  const places = placesOf(paths, foldPath);
  let exact: Folder[] | undefined;
  for (let i = 0; i < paths.length; i++) {
    const path = paths[i] ?? [];
    const folder = places[i] ?? {};
    refuseLong(path);
    const name = path[path.length - 1] ?? '';
    const first = foldPath(name);
    if (folder.folders?.has(first) === true && (exact ??= placesOf(paths, asItIs))[i]?.folders?.has(name) === true) {
      throw fieldError('path', path.join('/'), 'no folder that other files are in');
    }
    const files = (folder.files ??= new Map<string, number>());
    const holder = files.get(first);
    if (holder !== undefined && isSame(holder, i)) {
      throw fieldError('path', path.join('/'), 'the path of one file alone');
    }
    let key = first;
    if (holder !== undefined || folder.folders?.has(first) === true) {
      const numbers = (folder.numbers ??= new Map<string, number>());
      let n = numbers.get(first) ?? 2;
      for (; files.has(key) || folder.folders?.has(key) === true; n++) {
        const numbered = shorten(name, MAX_COMPONENT_BYTES, ` (${n})`);
        path[path.length - 1] = numbered;
        key = foldPath(numbered);
      }
      numbers.set(first, n);
    }
    files.set(key, i);
  }
}

const asItIs = (name: string): string => name;

/** The folder of each path; names with the same key are one. */
function placesOf(paths: readonly string[][], keyOf: (name: string) => string): Folder[] {
  let count = 0;
  let before: readonly string[] = [];
  // The folders that led to the path before, as the next one is often in the same.
  const trail: Folder[] = [{}];
  return paths.map((path) => {
    const depth = path.length - 1;
    let same = 0;
    while (same < depth && same + 1 < before.length && path[same] === before[same]) same++;
    for (let level = same; level < depth; level++) {
      const folders = ((trail[level] ??= {}).folders ??= new Map<string, Folder>());
      const key = keyOf(path[level] ?? '');
      let folder = folders.get(key);
      if (folder === undefined) {
        folder = {};
        folders.set(key, folder);
        if (++count > MAX_FOLDERS) throw fieldError('files', 'longer', `files in at most ${MAX_FOLDERS} folders`);
      }
      trail[level + 1] = folder;
    }
    before = path;
    return trail[depth] ?? {};
  });
}

function refuseLong(path: readonly string[]): void {
  if (path.length > MAX_DEPTH) throw fieldError('path', path.join('/'), `at most ${MAX_DEPTH} folders deep`);
  let length = path.length - 1;
  for (let i = 0; i < path.length; i++) length += path[i]?.length ?? 0;
  if (length * 3 > MAX_PATH_BYTES && encoder.encode(path.join('/')).length > MAX_PATH_BYTES) {
    throw fieldError('path', path.join('/'), `at most ${MAX_PATH_BYTES} bytes long`);
  }
}
