import { EnsembleError } from '../core/base/errors.ts';
import { isMagnetLink } from '../core/base/magnet-link.ts';
import type { Source } from '../core/engine/engine.ts';
import type { Torrent } from '../core/metainfo/torrent.ts';
import { MAX_TORRENT_BYTES } from '../core/base/bounds.ts';
import { parseTorrent } from '../core/metainfo/parse-torrent.ts';
import type { Context } from './context.ts';
import { resolvePath } from './context.ts';

/** Reads a torrent file's bytes. EnsembleError('invalid-torrent') where there is no such file. */
async function readTorrentFile(context: Context, name: string): Promise<Uint8Array> {
  const full = resolvePath(context, name);
  const info = await context.backend.disk.info(full);
  if (info === undefined) {
    throw new EnsembleError('invalid-torrent', `There is no file ${full}. Give a .torrent file or a magnet link.`);
  }
  if (info.kind === 'directory')
    throw new EnsembleError('invalid-torrent', `${full} is a folder, not a .torrent file.`);
  if (info.size > MAX_TORRENT_BYTES) {
    throw new EnsembleError('invalid-torrent', `${full} has ${info.size} bytes: more than a .torrent file may have.`);
  }
  const target = info.kind === 'link' ? await context.backend.disk.realPath(full) : full;
  const data = target === undefined ? undefined : await context.backend.disk.readFile(target, MAX_TORRENT_BYTES);
  if (data === undefined) throw new EnsembleError('invalid-torrent', `${full} cannot be read.`);
  return data;
}

/** What SOURCE names: a magnet link, or else a torrent file. The engine validates it. */
export async function loadSource(context: Context, text: string): Promise<Source> {
  if (isMagnetLink(text)) return { kind: 'magnet', link: text };
  return { kind: 'torrent', data: await readTorrentFile(context, text) };
}

/** The torrent of a file, for commands that need its content at once. */
export async function readTorrent(context: Context, text: string): Promise<{ torrent: Torrent; data: Uint8Array }> {
  if (isMagnetLink(text)) {
    throw new EnsembleError('usage', 'A magnet link holds no list of pieces: give the .torrent file.');
  }
  const data = await readTorrentFile(context, text);
  return { torrent: parseTorrent(data), data };
}
