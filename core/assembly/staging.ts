import { EnsembleError } from '../base/errors.ts';
import type { Info } from '../metainfo/torrent.ts';
import type { Disk } from '../ports/disk.ts';
import { removeNumbered } from '../store/own-files.ts';
import { MarkedFolder } from './marked-folder.ts';

const COPY = /^(0|[1-9]\d{0,5})$/;

/** The folder beside the targets in which copies grow, each named by the number of its file in the torrent. */
export class Staging {
  readonly folder: string;
  readonly #marked: MarkedFolder;
  readonly #disk: Disk;
  readonly #info: Pick<Info, 'infoHash' | 'files'>;

  /** `disk`: a disk that follows no link below `output`. */
  constructor(disk: Disk, output: string, info: Pick<Info, 'infoHash' | 'files'>) {
    this.#disk = disk;
    this.#info = info;
    this.#marked = new MarkedFolder(disk, output, 'assembling', info);
    this.folder = this.#marked.folder;
  }

  path(file: number): string {
    return `${this.folder}/${file}`;
  }

  /** Makes the folder anew, without what an assembly that was cut short left. Rejects with `exists` where it is not ours. */
  async open(): Promise<void> {
    if (!(await this.#marked.open())) {
      throw new EnsembleError(
        'exists',
        `"${this.folder}" is needed to put the files together, but something of somebody else's is in it: move it away.`,
      );
    }
    await this.#clear();
  }

  /** Removes our files in it, and the folder itself if nothing else is left; resolves to whether there was anything. */
  remove(): Promise<boolean> {
    return this.#marked.remove(() => this.#clear());
  }

  #clear(): Promise<void> {
    return removeNumbered(this.#disk, this.folder, COPY, this.#info.files.length);
  }
}
