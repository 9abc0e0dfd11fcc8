import { EnsembleError } from '../base/errors.ts';
import { fitPath } from './fit-path.ts';
import { foldPath, safeComponent } from './safe-path.ts';
import { separate, withMark } from './separate-paths.ts';
import type { ChosenNames, Info, TorrentFile } from './torrent.ts';

/** The path of a file below `files` of a working folder. */
export function workPath({ path, inWork = path }: Pick<TorrentFile, 'path' | 'inWork'>): readonly string[] {
  return inWork;
}

/**
 * A torrent that bears its own names with those that the user chose for some of its files and folders. Whatever was chosen is made safe,
 * and no two files share a path, by the same rules as of names in torrents.
 */
export function withChosenNames(info: Info, names: ChosenNames): Info {
  if (names.length === 0) return info;
  const chosen = new Map(names.map(({ path, name }) => [path, safeComponent(name)]));
  const paths = info.files.map((file) => (file.padding ? [...file.path] : [...fitPath(renamed(file.path, chosen))]));
  separate(paths.filter((_, i) => info.files[i]?.padding === false));
  const files = info.files.map((file, i) => {
    const path = paths[i] ?? file.path;
    return file.padding || samePath(path, file.path) ? file : { ...file, path, inWork: file.path };
  });
  const name = chosen.get(info.files[0]?.path[0] ?? '') ?? info.name;
  return { ...info, files, name, nameBefore: info.name, naming: { ...info.naming, chosen: names } };
}

/**
 * All chosen names once a file or folder has another one, which is made safe, and unlike those beside it by a number. `path`: where it
 * is now, with slashes; '': the torrent, by its folder or its only file. Its result is where it is then. Throws EnsembleError('usage').
 */
export function chooseName(
  info: Info,
  path: string,
  name: string,
): { readonly names: ChosenNames; readonly path: string } {
  const parts = path === '' ? [info.files.find((file) => !file.padding)?.path[0] ?? ''] : path.split('/');
  const { length: depth } = parts;
  const above = info.files.filter((file) => !file.padding && startsWith(file.path, parts.slice(0, -1)));
  const renames = new Set(above.filter((file) => startsWith(file.path, parts)));
  const [first] = renames;
  if (first === undefined) throw new EnsembleError('usage', `"${path}" is no file and no folder of ${info.name}.`);
  const wished = checkedName(name);
  const others = new Set(
    above.filter((file) => !renames.has(file)).map((file) => foldPath(file.path[depth - 1] ?? '')),
  );
  let free = wished;
  for (let n = 2; others.has(foldPath(free)); n++) free = withMark(wished, ` (${n})`);
  const now = [...parts.slice(0, -1), free];
  for (const file of renames) {
    const long = [...now, ...file.path.slice(depth)];
    if (fitPath(long) === long) continue;
    throw new EnsembleError('usage', `"${long.join('/')}" is too long for a path: choose a shorter name.`);
  }
  const before = workPath(first).slice(0, depth);
  const key = before.join('/');
  const rest = (info.naming.chosen ?? []).filter((one) => one.path !== key);
  return { names: before.at(-1) === free ? rest : [...rest, { path: key, name: free }], path: now.join('/') };
}

/** A name that somebody typed, made safe. Throws EnsembleError('usage') where it cannot be one. */
function checkedName(name: string): string {
  const typed = name.trim();
  if (typed === '' || typed === '.' || typed === '..') {
    throw new EnsembleError('usage', `"${name}" cannot be the name of a file or folder: type another one.`);
  }
  if (typed.includes('/')) {
    throw new EnsembleError('usage', `"${typed}" leads to another folder: type a name without "/".`);
  }
  return safeComponent(typed);
}

function renamed(path: readonly string[], chosen: ReadonlyMap<string, string>): readonly string[] {
  let before = '';
  return path.map((name, level) => {
    before = level === 0 ? name : `${before}/${name}`;
    return chosen.get(before) ?? name;
  });
}

function startsWith(path: readonly string[], start: readonly string[]): boolean {
  return path.length >= start.length && start.every((name, level) => name === path[level]);
}

function samePath(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && startsWith(a, b);
}
