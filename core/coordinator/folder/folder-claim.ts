import type { InfoHash } from '../../base/ids.ts';
import type { DownloadOptions } from '../../engine/engine.ts';
import type { Disk } from '../../ports/disk.ts';
import { type Lock, type LockListener, type LockPorts, takeLock } from '../../store/records/lock.ts';
import {
  agreeOnManifest,
  makeOwnFolder,
  type Manifest,
  readManifest,
  replaceManifest,
} from '../../store/records/manifest.ts';

/** Whether a download of this torrent was begun in the folder before. */
export async function folderBegun(disk: Disk, workFolder: string, infoHash: InfoHash): Promise<boolean> {
  // To look at many names that are not there costs less than to open as many folders.
  if ((await disk.info(workFolder)) === undefined) return false;
  return (await readManifest(disk, workFolder))?.infoHash === infoHash;
}

/** Takes the lock of a working folder, which is made where it is missing. Rejects with EnsembleError('in-use'), or 'exists' where it is not ours. */
export async function lockFolder(ports: LockPorts, workFolder: string, listener: LockListener): Promise<Lock> {
  await makeOwnFolder(ports.disk, workFolder);
  return takeLock(ports, `${workFolder}/lock`, listener);
}

/**
 * Records in a locked working folder what is downloaded there, with a copy of the torrent. In a folder that the user named
 * everything has to agree with the record, since identities without a coordinator may work there too.
 */
export async function claimFolder(
  disk: Disk,
  workFolder: string,
  infoHash: InfoHash,
  options: DownloadOptions,
  torrentFile: Uint8Array,
): Promise<void> {
  const { identities: count, layout, selection } = options;
  const own: Manifest = { infoHash, count, layout, selection };
  const there = await readManifest(disk, workFolder);
  const differs = there !== undefined && (there.count !== count || there.selection !== selection);
  if (differs && options.common === undefined && there.infoHash === infoHash && there.layout === layout) {
    await replaceManifest(disk, workFolder, own);
  }
  await agreeOnManifest(disk, workFolder, own, 'coordinator');
  await disk.replaceFile(`${workFolder}/torrent`, torrentFile);
}
