import type { Bitfield } from '../base/bitfield.ts';
import { parseMagnet } from '../metainfo/magnet.ts';
import type { TorrentId } from '../metainfo/torrent-id.ts';
import type { Info } from '../metainfo/torrent.ts';
import type { Found, FoundSource } from './found.ts';

// What is the same whichever client's record it is.

export const MINUTE = 60_000;

/** What a torrent file says. */
export function ofTorrent(data: Uint8Array, info: Info): Pick<Found, 'key' | 'infoHash' | 'name' | 'source'> {
  return { key: info.id.key, infoHash: info.infoHash, name: info.name, source: { kind: 'torrent', data, info } };
}

/** A magnet link whose metadata is still to come, so that nothing is there. Throws EnsembleError('invalid-torrent'). */
export function ofMagnet(
  link: string,
): Pick<Found, 'key' | 'infoHash' | 'name' | 'source' | 'have' | 'complete' | 'renamed'> {
  const { id, infoHash, name = infoHash } = parseMagnet(link);
  const nothing = { have: 0, complete: false, renamed: new Map<number, string>() };
  return { key: id.key, infoHash, name, source: { kind: 'magnet', link }, ...nothing };
}

/** What it is called, as far as its source tells. */
export function idOf(source: FoundSource): TorrentId {
  return source.kind === 'torrent' ? source.info.id : parseMagnet(source.link).id;
}

/** Whether every piece of a wanted file is there. */
export function allWanted(
  pieces: Bitfield,
  { files, pieceLength }: Pick<Info, 'files' | 'pieceLength'>,
  priorities: readonly number[] | undefined,
): boolean {
  return files.every(({ offset, length, padding }, i) => {
    if (padding || length === 0 || priorities?.[i] === 0) return true;
    const last = Math.floor((offset + length - 1) / pieceLength);
    for (let p = Math.floor(offset / pieceLength); p <= last; p++) if (!pieces.has(p)) return false;
    return true;
  });
}
