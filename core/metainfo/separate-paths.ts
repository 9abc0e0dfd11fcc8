import { fieldError } from './fields.ts';
import { MAX_COMPONENT_BYTES, foldPath, shorten } from './safe-path.ts';

const MAX_FOLDERS = 250_000;
/** Bytes for the longest mark, ` (250000)`: what is cut off a long name must not depend on its number. */
const MARK_BYTES = 9;

/** All folders whose paths fold to the same. A tree of these is cheaper than sets of whole paths. Members are made when needed. */
interface Folder {
  /** By what their names fold to. */
  folders?: Map<string, Folder>;
  files?: Set<string>;
  /** Which number comes next, by what the names without their numbers fold to. */
  numbers?: Map<string, number>;
}

/**
 * Gives each file a path of its own. One that is the same as an earlier one, or differs from it by case or Unicode form alone, or
 * is that of a folder, gets ` (2)`, ` (3)`, ... before its extension: the same on every machine. Returns the names that these files
 * had. Throws where there are too many folders.
 */
export function separate(paths: readonly string[][]): Map<number, string> {
  const before = new Map<number, string>();
  // All folders first, as a file gives way also to a folder that comes later.
  const places = placesOf(paths);
  for (let i = 0; i < paths.length; i++) {
    const path = paths[i] ?? [];
    const folder = (places[i] ??= {});
    const { folders } = folder;
    const name = path[path.length - 1] ?? '';
    const files = (folder.files ??= new Set<string>());
    let key = foldPath(name);
    if (files.has(key) || folders?.has(key) === true) {
      before.set(i, name);
      const numbers = (folder.numbers ??= new Map<string, number>());
      const stem = foldPath(withMark(name, ''));
      let n = numbers.get(stem) ?? 2;
      for (; files.has(key) || folders?.has(key) === true; n++) {
        const own = withMark(name, ` (${n})`);
        path[path.length - 1] = own;
        key = foldPath(own);
      }
      numbers.set(stem, n);
    }
    files.add(key);
  }
  return before;
}

/** A name with a mark before its extension, such as ` (2)`. */
export function withMark(name: string, mark: string): string {
  return shorten(name, MAX_COMPONENT_BYTES - MARK_BYTES + mark.length, mark);
}

/** The folder of each path; names that fold to the same are one. */
function placesOf(paths: readonly string[][]): Folder[] {
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
      const key = foldPath(path[level] ?? '');
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
