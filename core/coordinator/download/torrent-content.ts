import type { TorrentKey } from '../../base/ids.ts';
import type { Content, ContentFile, FileReader, Reads } from '../../engine/content.ts';
import { rawPaths } from '../../metainfo/raw-paths.ts';
import type { Info } from '../../metainfo/torrent.ts';

/** How a file is read, by its number in the torrent. */
export interface Opener {
  has(file: number, offset: number, length: number): boolean;
  open(file: number, reads: Reads): FileReader;
}

/** The files of a torrent by their numbers and their names. */
export function torrentContent(key: TorrentKey, info: Info, opener: Opener): Content {
  /** Made when somebody asks: most downloads serve nothing. */
  let names: ReturnType<typeof rawPaths> | undefined;
  let byName: ReadonlyMap<string, number> | undefined;
  let byLikeness: ReadonlyMap<string, number> | undefined;
  const utf8 = new TextEncoder();
  const file = (index: number): ContentFile | undefined => {
    const { path, length, padding = true } = info.files[index] ?? {};
    if (path === undefined || length === undefined || padding) return undefined;
    names ??= rawPaths(info);
    return {
      index,
      path,
      length,
      names: names[index] ?? path.map((name) => utf8.encode(name)),
      has: (offset, count) => opener.has(index, offset, count),
      open: (reads) => opener.open(index, reads),
    };
  };
  const all = (keyOf: (path: readonly Uint8Array[]) => string): Map<string, number> => {
    const found = new Map<string, number>();
    for (let i = info.files.length - 1; i >= 0; i--) {
      const its = file(i)?.names;
      if (its !== undefined) found.set(keyOf(its), i);
    }
    return found;
  };
  return {
    key,
    infoHash: info.infoHash,
    file,
    find: (path) => {
      byName ??= all(nameKey);
      const index = byName.get(nameKey(path)) ?? (byLikeness ??= all(likeness)).get(likeness(path));
      return index === undefined ? undefined : file(index);
    },
  };
}

/** Names as one text, byte by byte; no name that anybody asks for has a zero in it. */
function nameKey(path: readonly Uint8Array[]): string {
  return path.map((name) => Array.from(name, (byte) => String.fromCharCode(byte)).join('')).join('\0');
}

/** The same with what Windows has in no name as `_`: Transmission asks servers for such names (3.00, on all systems). */
function likeness(path: readonly Uint8Array[]): string {
  return nameKey(path).replaceAll(/[<>:"/\\|?*]/g, '_');
}
