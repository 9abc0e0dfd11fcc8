import { inLanes } from '../base/lanes.ts';
import type { Info } from '../metainfo/torrent.ts';
import type { Disk } from '../ports/disk.ts';
import { FolderGuard } from '../store/folder-guard.ts';

const WIDTH = 8;
const COPY = /^(0|[1-9]\d{0,5})$/;

/** The folder beside the targets in which copies grow, each named by the number of its file in the torrent. */
export class Staging {
  readonly folder: string;
  readonly #disk: Disk;
  readonly #output: string;
  readonly #name: string;
  readonly #info: Pick<Info, 'infoHash' | 'files'>;

  constructor(disk: Disk, output: string, info: Pick<Info, 'infoHash' | 'files'>) {
    this.#disk = disk;
    this.#info = info;
    this.#output = output;
    this.#name = `.${info.infoHash.slice(0, 8)}.assembling`;
    this.folder = `${output}/${this.#name}`;
  }

  path(file: number): string {
    return `${this.folder}/${file}`;
  }

  /** Makes it, without what an assembly that was cut short left. Rejects with EnsembleError('disk') for a link in its place. */
  async open(): Promise<void> {
    await this.remove();
    // Looks at it: nothing is written through a link.
    await new FolderGuard(this.#disk, this.#output).locate([this.#name, '0'], true);
  }

  /** Removes our files in it, and the folder itself if nothing else is left; resolves to whether there was anything. */
  async remove(): Promise<boolean> {
    if ((await this.#disk.info(this.folder))?.kind !== 'directory') return false;
    const all = await this.#disk.list(this.folder);
    const names = all.filter((name) => COPY.test(name) && Number(name) < this.#info.files.length);
    await inLanes(names, WIDTH, async (name) => {
      const path = `${this.folder}/${name}`;
      if ((await this.#disk.info(path))?.kind === 'file') await this.#disk.remove(path);
    });
    return (await this.#disk.removeDirectory(this.folder)) || names.length > 0;
  }
}
