import { EnsembleError } from '../base/errors.ts';
import type { Info } from '../metainfo/torrent.ts';
import type { Disk, FileInfo } from '../ports/disk.ts';
import { diskCode } from '../ports/disk.ts';
import { inLanes } from '../base/lanes.ts';
import { removeTorrentFiles } from '../store/own-files.ts';

/** Errors by which file systems without hard links say so. */
export const NO_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EINVAL', 'EISDIR']);

/** How many names are looked at at a time. */
const WIDTH = 8;

/** The final names of a torrent's files: the only place that gives them (invariants 4 and 6). */
export class Targets {
  readonly #disk: Disk;
  readonly #output: string;
  readonly #files: Info['files'];
  readonly #replace: boolean;
  /** Files that got their names here, each with the other name that it has; undefined: an empty one that was made. */
  readonly #given = new Map<number, string | undefined>();
  /** Files that were renamed here, where the file system has no second names, each with the name that it had. */
  readonly #renamed = new Map<number, string>();

  /** `disk`: a disk that follows no link below `output`. */
  constructor(disk: Disk, output: string, info: Pick<Info, 'files'>, replace: boolean) {
    this.#disk = disk;
    this.#output = output;
    this.#files = info.files;
    this.#replace = replace;
  }

  /** Whether files have names that were given here. */
  get gave(): boolean {
    return this.#given.size > 0;
  }

  path(file: number): string {
    return `${this.#output}/${this.#components(file).join('/')}`;
  }

  /**
   * What has a file's final name now. Rejects with `exists` where that can neither be the file nor be replaced: always for a folder
   * and the like; for a link or a file of another size, unless other files are to be replaced.
   */
  async look(file: number): Promise<FileInfo | undefined> {
    const info = await this.#disk.info(this.path(file));
    if (info === undefined || (info.kind === 'file' && info.size === this.#files[file]?.length)) return info;
    if (!this.#replace || info.kind === 'directory' || info.kind === 'other') throw this.taken(file);
    return info;
  }

  /** Gives the finished and synced file `from` its final name, too. Never replaces another file unless told to. */
  async give(from: string, file: number): Promise<void> {
    const to = this.path(file);
    if (this.#replace) return inFolder(this.#disk, to, () => this.#disk.rename(from, to));
    try {
      await inFolder(this.#disk, to, () => this.#disk.link(from, to));
      this.#given.set(file, from);
    } catch (error) {
      const code = diskCode(error);
      if (code === 'EEXIST') throw this.taken(file);
      if (code === undefined || !NO_LINKS.has(code)) throw error;
      if ((await this.#disk.info(to)) !== undefined) throw this.taken(file);
      await inFolder(this.#disk, to, () => this.#disk.rename(from, to));
      this.#renamed.set(file, from);
    }
  }

  /** Makes an empty file under its final name. */
  async makeEmpty(file: number): Promise<void> {
    const found = await this.look(file);
    if (found?.kind === 'file' && found.size === 0) return;
    const path = this.path(file);
    if (found !== undefined) await this.#disk.remove(path);
    const made = await inFolder(this.#disk, path, () => this.#disk.open(path, 'create'));
    if (found === undefined) this.#given.set(file, undefined);
    await made.close();
  }

  /** Takes back the names that were given here, as another file of the torrent cannot have its own: all get theirs, or none does. */
  async withdraw(): Promise<void> {
    const back: (readonly string[])[] = [];
    await inLanes(this.#given, WIDTH, async ([file, from]) => {
      const now = await this.#disk.info(this.path(file));
      const isOurs = from === undefined ? now?.size === 0 : now?.id === (await this.#disk.info(from))?.id;
      if (now?.kind === 'file' && isOurs) back.push(this.#components(file));
    });
    this.#given.clear();
    await inLanes(this.#renamed, WIDTH, ([file, from]) => this.#disk.rename(this.path(file), from));
    this.#renamed.clear();
    await removeTorrentFiles(this.#disk, this.#output, back);
  }

  /** The names of these files, and of the folders that they are in, are on stable storage when it resolves. */
  async sync(files: readonly number[]): Promise<void> {
    const folders = new Set<string>();
    for (const file of files) {
      let path = this.#output;
      for (const component of this.#components(file)) {
        folders.add(path);
        path = `${path}/${component}`;
      }
    }
    await inLanes([...folders].reverse(), 4, (path) => this.#disk.syncDirectory(path));
  }

  /** The error for a final name that is taken by something else. */
  taken(file: number): EnsembleError {
    return new EnsembleError(
      'exists',
      `"${this.path(file)}" is there already and is not the torrent's file. Move it away, or choose another folder.`,
    );
  }

  #components(file: number): readonly string[] {
    return this.#files[file]?.path ?? [];
  }
}

/** Makes the folders above a path if they are missing. */
export async function inFolder<T>(disk: Disk, path: string, task: () => Promise<T>): Promise<T> {
  try {
    return await task();
  } catch (error) {
    if (diskCode(error) !== 'ENOENT') throw error;
    await disk.makeDirectory(path.slice(0, path.lastIndexOf('/')));
    return task();
  }
}
