import type { DownloadOptions } from '../engine/engine.ts';
import type { Info } from '../metainfo/torrent.ts';
import type { Disk } from '../ports/disk.ts';
import { wantedFiles } from './file-choice.ts';

/** Lookups at the same time: a torrent may have 100,000 files. */
const AT_ONCE = 32;

type Choice = Pick<DownloadOptions, 'output' | 'filePriorities'>;

/** What lies where the wanted files are to go. */
export interface Target {
  /** `none` of them; `whole`: each with its size; `partly`: some with their sizes, and nothing else; `other`: anything else. */
  readonly kind: 'none' | 'whole' | 'partly' | 'other';
  /** By file: 1 where a wanted one is there with its size. */
  readonly arrived: Uint8Array;
}

/** Absolute path of a file of the torrent in the output folder. */
export function targetPath(info: Info, output: string, file: number): string {
  return `${output}/${(info.files[file]?.path ?? []).join('/')}`;
}

/** Absolute paths of the wanted files in the output folder. */
export function wantedPaths(info: Info, { output, filePriorities }: Choice): string[] {
  const wanted = wantedFiles(info, filePriorities);
  return info.files.flatMap((_, file) => (wanted[file] === 1 ? [targetPath(info, output, file)] : []));
}

/** Looks at the output folder without reading content. */
export async function inspectTarget(disk: Disk, info: Info, options: Choice): Promise<Target> {
  const wanted = wantedFiles(info, options.filePriorities);
  const files = [...wanted.keys()].filter((file) => wanted[file] === 1);
  const arrived = new Uint8Array(info.files.length);
  let there = 0;
  let right = 0;
  const look = async (file: number): Promise<void> => {
    const found = await disk.info(targetPath(info, options.output, file));
    if (found === undefined) return;
    there++;
    if (found.kind !== 'file' || found.size !== info.files[file]?.length) return;
    right++;
    arrived[file] = 1;
  };
  for (let at = 0; at < files.length; at += AT_ONCE) {
    await Promise.all(files.slice(at, at + AT_ONCE).map(look));
  }
  if (there === 0) return { kind: 'none', arrived };
  if (right < there) return { kind: 'other', arrived };
  return { kind: right === files.length ? 'whole' : 'partly', arrived };
}
