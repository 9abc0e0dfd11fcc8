import { packFiles } from '../base/packed-files.ts';
import { parseTorrent } from './parse-torrent.ts';
import { payloadLength } from './payload-length.ts';
import { renamedFiles } from './renamed.ts';
import { versionOf } from './torrent-id.ts';

/** More than anybody reads. */
const MOST_RENAMED = 100;

/** What is shown of a torrent file before it is added: `TorrentDescription` of the engine. Throws EnsembleError('invalid-torrent'). */
export function describeTorrent(data: Uint8Array) {
  const { info, trackers, comment, notes } = parseTorrent(data);
  const files = info.files.flatMap(({ padding, path, length }, index) => (padding ? [] : [{ index, path, length }]));
  return {
    key: info.id.key,
    infoHash: info.infoHash,
    version: versionOf(info.id),
    name: info.name,
    length: payloadLength(info),
    pieceLength: info.pieceLength,
    pieceCount: info.pieceCount,
    files: packFiles(files),
    fileCount: files.length,
    fileSlots: info.files.length,
    private: info.private,
    trackers: trackers.flat().length,
    comment: comment ?? null,
    notes,
    renamed: renamedFiles(info, MOST_RENAMED),
  };
}
