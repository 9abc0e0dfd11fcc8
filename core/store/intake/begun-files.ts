import { type PieceIndex, piece as pieceIndex } from '../../base/ids.ts';
import { type Disk, diskCode } from '../../ports/disk.ts';
import { type FilePool, readExactly } from '../file-pool.ts';

/**
 * Blocks of pieces that are not complete: `begun-<i>/<piece>`, one sparse file a piece. They are kept apart from what is
 * verified in every layout: another identity may be verifying the same piece (end-game), and nothing unverified may
 * ever be written over bytes that count as present (architecture, invariants 2 and 4).
 */
export class BegunFiles {
  readonly #disk: Disk;
  readonly #files: FilePool;
  readonly #root: string;
  readonly #own: string;

  /** `disk`: one that goes through no link below the working folder. */
  constructor(disk: Disk, files: FilePool, workFolder: string, identity: number) {
    this.#disk = disk;
    this.#files = files;
    this.#root = workFolder;
    this.#own = `${workFolder}/begun-${identity}`;
  }

  async write(piece: PieceIndex, begin: number, data: Uint8Array): Promise<void> {
    await this.#files.use(this.#path(piece), 'write', (file) => file.write(data, begin));
  }

  /** False where not all of it is there. */
  async read(piece: PieceIndex, begin: number, into: Uint8Array): Promise<boolean> {
    return readExactly(this.#files, this.#path(piece), into, begin);
  }

  async sync(piece: PieceIndex): Promise<void> {
    await this.#files.use(this.#path(piece), 'write', (file) => file.sync());
  }

  async remove(piece: PieceIndex): Promise<void> {
    const path = this.#path(piece);
    await this.#files.close(path);
    await this.#disk.remove(path);
  }

  /** Takes over the blocks of a piece that this identity began or, before a restart, another one; false where there are none. */
  async adopt(piece: PieceIndex): Promise<boolean> {
    const own = this.#path(piece);
    if ((await this.#disk.info(own))?.kind === 'file') return true;
    for (const folder of await this.#disk.list(this.#root)) {
      if (!/^begun-\d{1,3}$/.test(folder)) continue;
      const path = `${this.#root}/${folder}/${piece}`;
      if (path === own || (await this.#disk.info(path))?.kind !== 'file') continue;
      try {
        await this.#disk.makeDirectory(this.#own);
        await this.#disk.rename(path, own);
        return true;
      } catch (error) {
        if (diskCode(error) !== 'ENOENT') throw error;
      }
    }
    return false;
  }

  /** Removes this identity's blocks of pieces that are not in `kept`. */
  async clean(kept: ReadonlySet<PieceIndex>): Promise<void> {
    for (const name of await this.#disk.list(this.#own)) {
      if (/^(0|[1-9]\d*)$/.test(name) && !kept.has(pieceIndex(Number(name)))) {
        await this.#disk.remove(`${this.#own}/${name}`);
      }
    }
    if (kept.size === 0) await this.#disk.removeDirectory(this.#own);
  }

  async close(): Promise<void> {
    await this.#files.close(`${this.#root}/`);
  }

  #path(piece: PieceIndex): string {
    return `${this.#own}/${piece}`;
  }
}
