import { EnsembleError, type Failure, failureOf, messageOf } from '../../base/errors.ts';
import type { Catalog, CatalogEntry } from './catalog.ts';
import { hashesOf, torrentId } from '../../metainfo/torrent-id.ts';
import { type Origin, readOrigin } from '../download/source.ts';

/** What a stored download comes from. `problem`: why that cannot be read any more; the origin is then little more than a name. */
export interface KeptOrigin {
  readonly origin: Origin;
  readonly problem?: Failure;
  /** Who fetched which piece, where it was assembled. */
  readonly owners?: Uint8Array;
}

/** Reads the torrent file or the magnet link of a catalog entry. Never rejects: one bad entry must not stop the others. */
export async function keptOrigin(entry: CatalogEntry, catalog: Catalog): Promise<KeptOrigin> {
  const { infoHash, magnet, trackers } = entry;
  try {
    const origin = await read(entry, catalog);
    return { origin: trackers === undefined ? origin : { ...origin, trackers, edited: true } };
  } catch (error) {
    const what = magnet === undefined ? `The torrent file ${catalog.torrents.path(infoHash)}` : `The link ${magnet}`;
    const help = magnet === undefined ? 'Put the right one there and resume, or r' : 'R';
    const message = `${what} cannot be used: ${messageOf(error)} ${help}emove this download, keep its files, and add it again.`;
    const link = magnet === undefined ? {} : { link: magnet };
    const origin = { id: torrentId(hashesOf(infoHash)), infoHash, trackers: [], peers: [], nodes: [], ...link };
    return { origin, problem: { code: failureOf(error).code, message } };
  }
}

async function read({ infoHash, magnet }: CatalogEntry, catalog: Catalog): Promise<Origin> {
  const data = magnet === undefined ? await catalog.torrents.read(infoHash) : undefined;
  if (magnet === undefined && data === undefined) throw new EnsembleError('disk', 'It is missing.');
  if (data !== undefined) return readOrigin({ kind: 'torrent', data }, infoHash);
  const origin = readOrigin({ kind: 'magnet', link: magnet ?? '' });
  if (origin.infoHash === infoHash) return origin;
  throw new EnsembleError('invalid-torrent', `It is of another download, ${origin.infoHash}.`);
}
