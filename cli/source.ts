import { EnsembleError } from '../core/base/errors.ts';
import { isMagnetLink } from '../core/base/magnet-link.ts';
import { readPasted } from '../core/base/pasted.ts';
import type { DownloadOptions, Source } from '../core/engine/engine.ts';
import type { Torrent } from '../core/metainfo/torrent.ts';
import { MAX_TORRENT_BYTES } from '../core/base/bounds.ts';
import { firstWay } from '../core/engine/link-way.ts';
import { parseTorrent } from '../core/metainfo/parse-torrent.ts';
import type { Context } from './context.ts';
import { resolvePath } from './context.ts';
import { linksNamed } from './links.ts';
import { leadsTo, readNamed } from './named-file.ts';

/** By which way an address is fetched: see `fetchTorrentFile`. */
export type WayOut = Pick<DownloadOptions, 'bind' | 'proxies'> & Partial<Pick<DownloadOptions, 'links'>>;

/** Reads a torrent file's bytes. EnsembleError('invalid-torrent') where there is no such file. */
async function readTorrentFile(context: Context, name: string): Promise<Uint8Array> {
  const full = resolvePath(context, name);
  const named = await leadsTo(context.backend.disk, full);
  if (named === undefined) {
    const take = 'a .torrent file, its address on a web server, or a magnet link';
    throw new EnsembleError('invalid-torrent', `There is no file ${full}. Give ${take}.`);
  }
  const { info } = named;
  if (info?.kind === 'directory')
    throw new EnsembleError('invalid-torrent', `${full} is a folder, not a .torrent file.`);
  if (info?.kind === 'file' && info.size > MAX_TORRENT_BYTES) {
    throw new EnsembleError('invalid-torrent', `${full} has ${info.size} bytes: more than a .torrent file may have.`);
  }
  const data = await readNamed(context.backend, full, named, MAX_TORRENT_BYTES);
  if (data === undefined) throw new EnsembleError('invalid-torrent', `${full} cannot be read.`);
  return data;
}

/**
 * What SOURCE names: a magnet link or info-hash, the address of a .torrent file, which is fetched by the way of the first identity,
 * or else a torrent file. The engine validates it.
 */
export function loadSource(context: Context, text: string, { links = [], bind, proxies }: WayOut): Promise<Source> {
  return readSource(context, text, async (url) => {
    const way = firstWay({ links, bind, proxies }, await linksNamed(context, links));
    return context.backend.fetchTorrent(url, way, context.signal);
  });
}

/** The same, where `fetch` gets the file at an address. */
export async function readSource(
  context: Context,
  text: string,
  fetch: (url: string) => Promise<Source>,
): Promise<Source> {
  if (isMagnetLink(text)) return { kind: 'magnet', link: text };
  const [pasted, ...others] = (await isFile(context, text)) ? [] : readPasted(text).found;
  if (pasted === undefined || others.length > 0) return { kind: 'torrent', data: await readTorrentFile(context, text) };
  if (pasted.kind === 'magnet') return pasted;
  return fetch(pasted.url);
}

async function isFile(context: Context, text: string): Promise<boolean> {
  if (text.includes('://')) return false;
  return (await context.backend.disk.info(resolvePath(context, text)).catch(() => undefined)) !== undefined;
}

/** The torrent of a file, for commands that need its content at once. */
export async function readTorrent(
  context: Context,
  text: string,
  way: WayOut,
): Promise<{ torrent: Torrent; data: Uint8Array }> {
  const source = await loadSource(context, text, way);
  if (source.kind === 'magnet') {
    throw new EnsembleError('usage', 'A magnet link holds no list of pieces: give the .torrent file.');
  }
  return { torrent: parseTorrent(source.data), data: source.data };
}
