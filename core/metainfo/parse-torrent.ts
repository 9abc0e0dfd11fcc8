import { decodeAround, isDict } from '../bencode/bencode.ts';
import { readTrackers, readWebSeeds } from './announce-urls.ts';
import { fieldError, shownText } from './fields.ts';
import { TORRENT_LIMITS, asTorrentError, parseInfo } from './parse-info.ts';
import type { Torrent } from './torrent.ts';

/** Reads a torrent file (BEP 3, 12, 19, 27, 47). Throws EnsembleError('invalid-torrent') that names the field. */
export function parseTorrent(data: Uint8Array): Torrent {
  const { value, spans } = asTorrentError('torrent file', () =>
    decodeAround(data, ['info', 'piece layers'], TORRENT_LIMITS),
  );
  if (!isDict(value)) throw fieldError('torrent file', value, 'a dictionary');
  const raw = spans['info'];
  if (raw === undefined) throw fieldError('info', undefined, 'a dictionary');
  const info = parseInfo(raw);
  const trackers = readTrackers(value['announce'], value['announce-list']);
  const webSeeds = readWebSeeds(value['url-list']);
  const comment = text(value['comment.utf-8']) ?? text(value['comment']);
  const createdBy = text(value['created by']);
  const date = value['creation date'];
  return {
    info,
    trackers,
    webSeeds,
    ...(comment !== undefined && { comment }),
    ...(createdBy !== undefined && { createdBy }),
    ...(typeof date === 'number' && date > 0 && { creationDate: date }),
  };
}

/** Fields that only inform people are left out where they are malformed. */
function text(value: unknown): string | undefined {
  return value instanceof Uint8Array ? shownText(value) : undefined;
}
