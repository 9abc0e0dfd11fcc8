import { assemble } from '../assembly/assemble.ts';
import { counted } from '../base/counted.ts';
import { EnsembleError } from '../base/errors.ts';
import { piecePriorities, wantedFiles } from '../coordinator/download/file-choice.ts';
import { folderBegun } from '../coordinator/folder/folder-claim.ts';
import { inspectTarget, targetBlocked, targetOccupied } from '../coordinator/folder/target.ts';
import { emptyWorkFolder } from '../coordinator/folder/work-folder.ts';
import type { DownloadOptions } from '../engine/engine.ts';
import type { DownloadSetup } from '../identity/messages.ts';
import { Geometry } from '../metainfo/geometry.ts';
import type { Info } from '../metainfo/torrent.ts';
import type { Disk } from '../ports/disk.ts';
import { confined } from '../store/confined.ts';
import { loadState } from '../store/records/state.ts';
import { recordLost } from '../store/records/journal.ts';
import { piece as pieceIndex } from '../base/ids.ts';
import type { LonePorts } from './setup.ts';

interface Finished {
  readonly info: Info;
  readonly setup: DownloadSetup;
  readonly options: DownloadOptions;
}

/** Rejects with EnsembleError('exists') where something lies where the files are to go, before anything is fetched. */
export async function expectRoom(disk: Disk, folder: string, info: Info, options: DownloadOptions): Promise<void> {
  if (await folderBegun(disk, folder, info.infoHash)) return;
  const { kind, blocked } = await inspectTarget(disk, info, options);
  if (blocked !== undefined) throw targetBlocked(info, blocked);
  if (kind !== 'none') throw targetOccupied(info, options);
}

/**
 * Gives the files of a machine that has all of them their names, and removes its working folder; undefined where it has not. Nobody
 * may have a file open. Rejects with EnsembleError: 'verification' where pieces turn out to be wrong, which are fetched again the next time.
 */
export async function finish(
  real: LonePorts,
  { info, setup, options }: Finished,
): Promise<readonly string[] | undefined> {
  const { location, count, identity } = setup;
  const { workFolder } = location;
  const { infoHash, pieceCount } = info;
  const disk = confined(real.disk, location);
  const { have, owners, unsynced } = await loadState(disk, { workFolder, infoHash, pieceCount, identity });
  const priorities = piecePriorities(info, new Geometry(info), options);
  for (let p = 0; p < pieceCount; p++) if (!have.has(p) && priorities?.[p] !== 0) return undefined;
  const doubtful = new Set<number>(unsynced);
  const trusted = Uint8Array.from({ length: pieceCount }, (_, p) => (have.has(p) && !doubtful.has(p) ? 1 : 0));
  const result = await assemble(
    { disk: real.disk, hasher: real.hasher },
    { info, location, count, owners, trusted, wantedFiles: wantedFiles(info, options.filePriorities), replace: false },
    () => {},
    new AbortController().signal,
  );
  if ('badPieces' in result) {
    await recordLost(disk, workFolder, infoHash, pieceCount, result.badPieces.map(pieceIndex));
    const text = `${counted(result.badPieces.length, 'piece')} turned out wrong on disk: the same command fetches them again.`;
    throw new EnsembleError('verification', text);
  }
  await emptyWorkFolder(disk, workFolder, infoHash, info);
  await disk.removeDirectory(workFolder).catch(() => false);
  return result.files;
}
