import path from 'node:path';
import { EnsembleError } from '../core/base/errors.ts';
import type { Disk } from '../core/ports/disk.ts';

/** A file that a torrent is made of. */
export interface PayloadFile {
  /** Components below the torrent's folder. */
  readonly path: readonly string[];
  /** Absolute. */
  readonly source: string;
  readonly length: number;
}

/** What lies at `source`: one file, or all files below a folder in the order of their paths. Links are refused by name. */
export async function listPayload(
  disk: Disk,
  source: string,
): Promise<{ readonly single: boolean; readonly files: readonly PayloadFile[] }> {
  const info = await disk.info(source);
  if (info === undefined) throw new EnsembleError('usage', `There is nothing at ${source}.`);
  if (info.kind === 'file') {
    return { single: true, files: [{ path: [path.basename(source)], source, length: info.size }] };
  }
  if (info.kind !== 'directory') throw notAFile(source);
  const files: PayloadFile[] = [];
  const visit = async (folder: string, components: readonly string[]): Promise<void> => {
    for (const name of [...(await disk.list(folder))].sort()) {
      const full = path.join(folder, name);
      const entry = await disk.info(full);
      if (entry === undefined) continue;
      if (entry.kind === 'directory') await visit(full, [...components, name]);
      else if (entry.kind === 'file') files.push({ path: [...components, name], source: full, length: entry.size });
      else throw notAFile(full);
    }
  };
  await visit(source, []);
  return { single: false, files };
}

function notAFile(full: string): EnsembleError {
  return new EnsembleError('usage', `${full} is a link or a device: a torrent holds files and folders alone.`);
}
