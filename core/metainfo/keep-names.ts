import { MAX_COMPONENT_BYTES } from './safe-path.ts';
import type { Info, TorrentFile } from './torrent.ts';

const encoder = new TextEncoder();

/** Whether a path as it stands in a torrent can be one at all: every part is a name, and none leads elsewhere. */
export function canKeep(own: readonly string[]): boolean {
  return own.every(
    (name) =>
      // The last is what bytes become that are no text.
      !/^\.{0,2}$|[/\0\ufffd]/.test(name) && encoder.encode(name).length <= MAX_COMPONENT_BYTES,
  );
}

/** The torrent with these of its files under the torrent's own names. Whether they lie there is for the caller to know. */
export function keepNames(info: Info, keep: readonly number[]): Info {
  if (keep.length === 0) return info;
  return { ...info, files: withOwnNames(info.files, keep), naming: { ...info.naming, keep } };
}

/** See `keepNames`. Files that have no other name, or one that cannot be or that another file has, stay as they are. */
function withOwnNames(files: readonly TorrentFile[], keep: readonly number[]): TorrentFile[] {
  const taken = new Set(files.map(({ path }) => path.join('/')));
  const out = [...files];
  for (const i of keep) {
    const { own, ...file } = files[i] ?? {};
    if (own === undefined || !canKeep(own) || taken.has(own.join('/'))) continue;
    taken.add(own.join('/'));
    out[i] = { ...(file as TorrentFile), path: own };
  }
  return out;
}
