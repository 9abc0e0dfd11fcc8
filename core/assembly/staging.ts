import { sameBytes } from '../base/bytes.ts';
import { EnsembleError } from '../base/errors.ts';
import type { Info } from '../metainfo/torrent.ts';
import type { Disk } from '../ports/disk.ts';
import { encodeJson } from '../store/records/checked-json.ts';
import { removeFile, removeNumbered } from '../store/own-files.ts';

/** A file that distinguishes our folder from one of the user's with the same name. */
const MARKER = 'assembling.json';
const VERSION = 1;
const MAX_BYTES = 4096;
const COPY = /^(0|[1-9]\d{0,5})$/;

/** The folder beside the targets in which copies grow, each named by the number of its file in the torrent. */
export class Staging {
  readonly folder: string;
  readonly #disk: Disk;
  readonly #info: Pick<Info, 'infoHash' | 'files'>;

  /** `disk`: a disk that follows no link below `output`. */
  constructor(disk: Disk, output: string, info: Pick<Info, 'infoHash' | 'files'>) {
    this.#disk = disk;
    this.#info = info;
    this.folder = `${output}/.${info.infoHash.slice(0, 8)}.assembling`;
  }

  path(file: number): string {
    return `${this.folder}/${file}`;
  }

  /** Makes the folder anew, without what an assembly that was cut short left. Rejects with `exists` where it is not ours. */
  async open(): Promise<void> {
    const names = await this.#disk.list(this.folder);
    if (names.length > 0 && !(await this.#isOurs())) {
      throw new EnsembleError(
        'exists',
        `"${this.folder}" is needed to put the files together, but something of somebody else's is in it: move it away.`,
      );
    }
    await this.#disk.makeDirectory(this.folder);
    if (names.length > 0) await this.#clear();
    else await this.#disk.replaceFile(`${this.folder}/${MARKER}`, this.#mark);
  }

  /** Removes our files in it, and the folder itself if nothing else is left; resolves to whether there was anything. */
  async remove(): Promise<boolean> {
    if ((await this.#disk.info(this.folder)) === undefined) return false;
    const ours = await this.#isOurs();
    if (ours) {
      await this.#clear();
      await removeFile(this.#disk, `${this.folder}/${MARKER}`);
    }
    // Without the mark it may have just been made, or emptied, when the program was killed.
    const isFolder = (await this.#disk.info(this.folder))?.kind === 'directory';
    return (isFolder && (await this.#disk.removeDirectory(this.folder))) || ours;
  }

  get #mark(): Uint8Array {
    return encodeJson({ version: VERSION, infoHash: this.#info.infoHash });
  }

  async #isOurs(): Promise<boolean> {
    const found = await this.#disk.readFile(`${this.folder}/${MARKER}`, MAX_BYTES).catch(() => undefined);
    return found !== undefined && sameBytes(found, this.#mark);
  }

  #clear(): Promise<void> {
    return removeNumbered(this.#disk, this.folder, COPY, this.#info.files.length);
  }
}
