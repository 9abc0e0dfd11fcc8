import { EnsembleError } from '../base/errors.ts';
import { type PieceIndex, piece as pieceIndex } from '../base/ids.ts';
import { type Disk, diskCode } from '../ports/disk.ts';
import { type FilePool, readExactly } from './file-pool.ts';
import { FolderGuard } from './folder-guard.ts';

/**
 * Blocks of pieces that are not complete: `begun-<i>/<piece>`, one sparse file a piece. They are kept apart from what is
 * verified in every layout: another identity may be verifying the same piece (end-game), and nothing unverified may
 * ever be written over bytes that count as present (architecture, invariants 2 and 4).
 */
export class BegunFiles {
  readonly #disk: Disk;
  readonly #files: FilePool;
  readonly #guard: FolderGuard;
  readonly #identity: number;

  constructor(disk: Disk, files: FilePool, workFolder: string, identity: number) {
    this.#disk = disk;
    this.#files = files;
    this.#guard = new FolderGuard(disk, workFolder);
    this.#identity = identity;
  }

  async write(piece: PieceIndex, begin: number, data: Uint8Array): Promise<void> {
    const path = await this.#path(piece, true);
    await this.#files.use(path, 'write', (file) => file.write(data, begin));
  }

  /** False where not all of it is there. */
  async read(piece: PieceIndex, begin: number, into: Uint8Array): Promise<boolean> {
    return readExactly(this.#files, await this.#path(piece, false), into, begin);
  }

  async sync(piece: PieceIndex): Promise<void> {
    await this.#files.use(await this.#path(piece, true), 'write', (file) => file.sync());
  }

  async remove(piece: PieceIndex): Promise<void> {
    const path = await this.#path(piece, false);
    await this.#files.close(path);
    await this.#disk.remove(path);
  }

  /** Takes over the blocks of a piece that this identity began or, before a restart, another one; false where there are none. */
  async adopt(piece: PieceIndex): Promise<boolean> {
    const own = await this.#path(piece, true);
    if ((await this.#disk.info(own))?.kind === 'file') return true;
    for (const folder of await this.#disk.list(this.#guard.root)) {
      if (!/^begun-\d{1,3}$/.test(folder)) continue;
      const path = await this.#guard.locate([folder, String(piece)], false);
      if (path === undefined || path === own || (await this.#disk.info(path))?.kind !== 'file') continue;
      try {
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
    const own = `begun-${this.#identity}`;
    // Looks whether it is a folder indeed.
    if ((await this.#guard.locate([own, ''], false)) === undefined) return;
    const folder = `${this.#guard.root}/${own}`;
    for (const name of await this.#disk.list(folder)) {
      if (/^\d+$/.test(name) && !kept.has(pieceIndex(Number(name)))) await this.#disk.remove(`${folder}/${name}`);
    }
    if (kept.size === 0 && (await this.#disk.removeDirectory(folder))) this.#guard.forget();
  }

  async close(): Promise<void> {
    this.#guard.forget();
    await this.#files.close(`${this.#guard.root}/`);
  }

  async #path(piece: PieceIndex, make: boolean): Promise<string> {
    const folder = `begun-${this.#identity}`;
    const path = await this.#guard.locate([folder, String(piece)], make);
    if (path === undefined && make) throw new EnsembleError('disk', `No folder "${folder}" in "${this.#guard.root}".`);
    return path ?? `${this.#guard.root}/${folder}/${piece}`;
  }
}
