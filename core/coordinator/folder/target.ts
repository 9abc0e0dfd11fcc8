import { EnsembleError } from '../../base/errors.ts';
import { inLanes } from '../../base/lanes.ts';
import type { DownloadOptions } from '../../engine/engine.ts';
import type { Info } from '../../metainfo/torrent.ts';
import type { Disk } from '../../ports/disk.ts';
import { type FileTimes, later } from '../../store/records/foreign-changes.ts';
import { wantedFiles } from '../download/file-choice.ts';

/** How many files are looked up at the same time: a torrent may have 100,000. */
const AT_ONCE = 32;

type Choice = Pick<DownloadOptions, 'output' | 'filePriorities'>;

/** What lies where the wanted files are to go. */
export interface Target {
  /**
   * `none`: nothing is there; `whole`: each file is, with its size; `partly`: some are, with their sizes, and nothing else;
   * `other`: anything else.
   */
  readonly kind: 'none' | 'whole' | 'partly' | 'other';
  /** For each file 1 where it is wanted and there with its size. */
  readonly arrived: Uint8Array;
  /** For each file 1 where it is wanted and anything has its name. */
  readonly taken: Uint8Array;
  /** The newest times of the files that have arrived and are not empty. */
  readonly newest: FileTimes;
  /** Path of something that is in the way and never replaced: a folder with a file's name, or something else where a folder belongs. */
  readonly blocked: string | undefined;
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

/** Whether any file is wanted. */
export function wantsAnyFile(info: Info, { filePriorities }: Choice): boolean {
  return wantedFiles(info, filePriorities).includes(1);
}

/** Looks at the output folder without reading content. */
export async function inspectTarget(disk: Disk, info: Info, options: Choice): Promise<Target> {
  const wanted = wantedFiles(info, options.filePriorities);
  const files = [...wanted.keys()].filter((file) => wanted[file] === 1);
  const arrived = new Uint8Array(info.files.length);
  const taken = new Uint8Array(info.files.length);
  let newest: FileTimes = { modified: 0, changed: 0 };
  const folders = new TargetFolders(disk, options.output);
  let blocked: string | undefined;
  const top = onlyFolder(info);
  // Nothing is there of most that begin: then none of 100,000 files is looked for.
  if (top !== undefined && !(await folders.holds([top]))) {
    return { kind: 'none', arrived, taken, newest, blocked: folders.blocked };
  }
  await inLanes(files, AT_ONCE, async (file) => {
    const { path = [], length } = info.files[file] ?? {};
    if (!(await folders.holds(path.slice(0, -1)))) return;
    const full = targetPath(info, options.output, file);
    const found = await disk.info(full);
    if (found === undefined) return;
    taken[file] = 1;
    if (found.kind === 'directory' || found.kind === 'other') blocked = full;
    if (found.kind !== 'file' || found.size !== length) return;
    arrived[file] = 1;
    if (length > 0) newest = later(newest, found);
  });
  blocked = folders.blocked ?? blocked;
  const there = files.filter((file) => taken[file] === 1).length;
  const right = files.filter((file) => arrived[file] === 1).length;
  const kind = there === 0 ? 'none' : right < there ? 'other' : right === files.length ? 'whole' : 'partly';
  return { kind, arrived, taken, newest, blocked };
}

/** The folder that all files of a torrent lie in; undefined: there is none such. */
function onlyFolder({ files }: Info): string | undefined {
  const top = files[0]?.path[0];
  return files.every(({ path }) => path.length > 1 && path[0] === top) ? top : undefined;
}

/** The folders of a torrent below the output. Each is looked at once. */
class TargetFolders {
  /** Path of something that is no folder where one belongs. */
  blocked: string | undefined;
  readonly #disk: Disk;
  readonly #output: string;
  readonly #known = new Map<string, Promise<boolean>>();

  constructor(disk: Disk, output: string) {
    this.#disk = disk;
    this.#output = output;
  }

  /** Whether something may lie in a folder; the output itself is not looked at. */
  holds(components: readonly string[]): Promise<boolean> {
    if (components.length === 0) return Promise.resolve(true);
    const path = `${this.#output}/${components.join('/')}`;
    let known = this.#known.get(path);
    if (known === undefined) this.#known.set(path, (known = this.#look(path, components)));
    return known;
  }

  async #look(path: string, components: readonly string[]): Promise<boolean> {
    if (!(await this.holds(components.slice(0, -1)))) return false;
    const found = await this.#disk.info(path);
    if (found === undefined || found.kind === 'directory') return found !== undefined;
    this.blocked = path;
    return false;
  }
}

/** The error for something at the target that is never replaced. */
export function targetBlocked(info: Info, path: string): EnsembleError {
  return new EnsembleError(
    'exists',
    `"${path}" is in the way of ${info.name} and is not replaced: move it away, or choose another folder.`,
  );
}

/** The error for something of the user's at the target. */
export function targetOccupied(info: Info, options: Choice): EnsembleError {
  return new EnsembleError(
    'exists',
    `Something else is where ${info.name} should go in ${options.output}: move it away, choose another folder, ` +
      `or use what is right in it and replace the rest.`,
  );
}
