import type { Disk, FileInfo } from '../core/ports/disk.ts';
import type { Backend } from './backend.ts';

/** What a path leads to. */
interface Named {
  /** Where that really lies, behind a link; undefined: a pipe, also the one behind /dev/stdin, has no place on the disk. */
  readonly place?: string | undefined;
  readonly info?: FileInfo | undefined;
}

/** What the user named by this path (absolute); undefined: nothing is there. */
export async function leadsTo(disk: Disk, full: string): Promise<Named | undefined> {
  const info = await disk.info(full);
  if (info?.kind !== 'link') return info && { place: full, info };
  const place = await disk.realPath(full).catch(() => undefined);
  return { place, info: place === undefined ? undefined : await disk.info(place) };
}

/** The bytes of a file or a pipe, at most so many. */
export function readNamed(
  { disk, readPipe }: Pick<Backend, 'disk' | 'readPipe'>,
  full: string,
  { place, info }: Named = {},
  maxBytes: number,
): Promise<Uint8Array | undefined> {
  const isFile = info?.kind === 'file' && place !== undefined;
  return isFile ? disk.readFile(place, maxBytes) : readPipe(full, maxBytes);
}
