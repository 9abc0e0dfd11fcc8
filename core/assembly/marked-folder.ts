import { sameBytes } from '../base/bytes.ts';
import type { InfoHash } from '../base/ids.ts';
import type { Info } from '../metainfo/torrent.ts';
import type { Disk } from '../ports/disk.ts';
import { removeFile } from '../store/own-files.ts';
import { encodeJson } from '../store/records/checked-json.ts';

const VERSION = 1;
const HALF = /^\.[0-9a-f]{16}\.tmp$/;
const MAX_BYTES = 4096;

/** A folder of ours beside a user's files, `.<first 8 of the info-hash>.<purpose>`: a file in it tells it from one of theirs with the same name. */
export class MarkedFolder {
  readonly folder: string;
  readonly #disk: Disk;
  readonly #marker: string;
  readonly #infoHash: InfoHash;

  /** `disk`: a disk that follows no link below `above`. */
  constructor(disk: Disk, above: string, purpose: string, { infoHash }: Pick<Info, 'infoHash'>) {
    this.#disk = disk;
    this.folder = `${above}/.${infoHash.slice(0, 8)}.${purpose}`;
    this.#marker = `${this.folder}/${purpose}.json`;
    this.#infoHash = infoHash;
  }

  get #mark(): Uint8Array {
    return encodeJson({ version: VERSION, infoHash: this.#infoHash });
  }

  /** Makes it, or keeps what we left in it; false: something of somebody else's is there. */
  async open(): Promise<boolean> {
    const names = await this.#disk.list(this.folder);
    const { length } = this.#marker;
    // A mark that was being written when the program was killed.
    const half = names.filter((name) => HALF.test(`${this.folder}/${name}`.slice(length)));
    if (names.length > half.length) return this.isOurs();
    await this.#disk.makeDirectory(this.folder);
    await this.#disk.replaceFile(this.#marker, this.#mark);
    return true;
  }

  /** Removes it with what `clear` removes, if nothing else is left in it; resolves to whether there was anything of ours. */
  async remove(clear: () => Promise<void>): Promise<boolean> {
    if ((await this.#disk.info(this.folder)) === undefined) return false;
    const ours = await this.isOurs();
    if (ours) {
      await clear();
      await removeFile(this.#disk, this.#marker);
    }
    // Without the mark it may have just been made, or emptied, when the program was killed.
    const isFolder = (await this.#disk.info(this.folder))?.kind === 'directory';
    return (isFolder && (await this.#disk.removeDirectory(this.folder))) || ours;
  }

  async isOurs(): Promise<boolean> {
    const found = await this.#disk.readFile(this.#marker, MAX_BYTES).catch(() => undefined);
    return found !== undefined && sameBytes(found, this.#mark);
  }
}
