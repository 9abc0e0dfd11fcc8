import { EnsembleError } from '../base/errors.ts';
import type { PieceIndex } from '../base/ids.ts';
import type { Disk, DiskFile } from '../ports/disk.ts';
import { DirtyFiles } from './dirty-files.ts';
import { type FilePool, readExactly } from './file-pool.ts';
import { FolderGuard } from './folder-guard.ts';
import type { Placement, PlacementInput } from './placement.ts';

/** `pieces/<index>`: one file for each piece. In a common directory making the file claims the piece (A7); this fills it. */
export class PiecesPlacement implements Placement {
  readonly #files: FilePool;
  readonly #guard: FolderGuard;
  readonly #dirty: DirtyFiles;

  constructor(disk: Disk, files: FilePool, input: PlacementInput) {
    this.#files = files;
    this.#guard = new FolderGuard(disk, input.location.workFolder);
    this.#dirty = new DirtyFiles(disk, files, this.#guard.root);
  }

  async write(piece: PieceIndex, data: Uint8Array): Promise<void> {
    const path = await this.#guard.locate(['pieces', String(piece)], true);
    if (path === undefined)
      throw new EnsembleError('disk', `No folder for piece ${piece} below "${this.#guard.root}".`);
    await this.#files.use(path, 'write', (file) => file.write(data, 0));
    this.#dirty.mark(path);
  }

  async read(piece: PieceIndex, begin: number, into: Uint8Array): Promise<boolean> {
    const path = await this.#guard.locate(['pieces', String(piece)], false);
    return path !== undefined && (await readExactly(this.#files, path, into, begin));
  }

  async whole<T>(piece: PieceIndex, task: (file: DiskFile, position: number) => Promise<T>): Promise<T | undefined> {
    const path = await this.#guard.locate(['pieces', String(piece)], false);
    return path === undefined ? undefined : this.#files.use(path, 'read', (file) => task(file, 0));
  }

  async confirm(piece: PieceIndex): Promise<void> {
    const path = await this.#guard.locate(['pieces', String(piece)], false);
    if (path !== undefined) this.#dirty.mark(path);
  }

  async sync(): Promise<void> {
    await this.#dirty.sync();
  }

  async finish(): Promise<void> {}

  async close(): Promise<void> {
    this.#guard.forget();
    await this.#files.close(`${this.#guard.root}/`);
  }
}
