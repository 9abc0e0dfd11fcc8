import type { Disk } from '../../ports/disk.ts';
import { foldersOf } from '../../store/confined.ts';
import type { DownloadEnv } from '../download-env.ts';
import { type OutputFolders, rootOf } from './roots.ts';

/** The folders that a download may not leave: the root that it lies below, or else those that its user named. */
export function chosenFor({ roots }: DownloadEnv, { output, common = output }: OutputFolders): readonly string[] {
  const inside = rootOf(roots, { output, common });
  if (inside !== undefined) return [inside];
  // A download outside of the roots must not reach anything, even if somebody forgets to check first.
  return roots.strict ? roots.folders : foldersOf({ workFolder: common, output });
}

/** The same environment with another disk, which may change. */
export function withDisk(env: DownloadEnv, disk: () => Disk): DownloadEnv {
  const ports = {
    ...env.ports,
    get disk(): Disk {
      return disk();
    },
  };
  return { ...env, ports };
}
