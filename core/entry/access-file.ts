import { readVersioned, writeVersioned } from '../coordinator/catalog/versioned-file.ts';
import { ACCESS_VERSION, accessFile, type KeptAccessFile } from '../engine/access.ts';
import { NodeDisk } from '../node/disk.ts';

/** Who may use the served UI, as `access.json` of the state folder has it. */
export interface AccessFile {
  readonly kept: KeptAccessFile;
  /** Writes follow each other; nothing is written where the folder is not held any more. */
  write(changes: Partial<KeptAccessFile>): Promise<void>;
}

/** Rejects for a file that is newer or damaged. */
export async function openAccessFile(stateFolder: string, held: () => Promise<boolean>): Promise<AccessFile> {
  const disk = new NodeDisk();
  const path = `${stateFolder}/access.json`;
  let kept: KeptAccessFile = (await readVersioned(disk, path, ACCESS_VERSION, accessFile)) ?? { sessions: [] };
  let writing: Promise<void> = Promise.resolve();
  return {
    get kept() {
      return kept;
    },
    write: (changes) => {
      kept = { ...kept, ...changes };
      const content = kept;
      const next = writing
        .catch(() => undefined)
        .then(async () => {
          if (await held()) await writeVersioned(disk, path, ACCESS_VERSION, content);
        });
      writing = next;
      return next;
    },
  };
}
