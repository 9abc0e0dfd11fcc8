import type { PieceIndex } from '../../base/ids.ts';
import type { Disk, DiskFile } from '../../ports/disk.ts';
import { DirtyFiles } from '../dirty-files.ts';
import { type FilePool, readExactly } from '../file-pool.ts';
import type { Placement, PlacementInput } from './placement.ts';

/** `pieces/<index>`: one file for each piece. In a common directory making the file claims the piece (A7); this fills it. */
export class PiecesPlacement implements Placement {
  readonly #files: FilePool;
  readonly #root: string;
  readonly #dirty: DirtyFiles;

  constructor(disk: Disk, files: FilePool, input: PlacementInput) {
    this.#files = files;
    this.#root = input.location.workFolder;
    this.#dirty = new DirtyFiles(disk, files, this.#root);
  }

  async write(piece: PieceIndex, data: Uint8Array): Promise<void> {
    const path = this.#path(piece);
    await this.#files.use(path, 'write', (file) => file.write(data, 0));
    this.#dirty.mark(path);
  }

  async read(piece: PieceIndex, begin: number, into: Uint8Array): Promise<boolean> {
    return readExactly(this.#files, this.#path(piece), into, begin);
  }

  async whole<T>(piece: PieceIndex, task: (file: DiskFile, position: number) => Promise<T>): Promise<T | undefined> {
    return this.#files.use(this.#path(piece), 'read', (file) => task(file, 0));
  }

  confirm(piece: PieceIndex): Promise<void> {
    this.#dirty.mark(this.#path(piece));
    return Promise.resolve();
  }

  async sync(): Promise<void> {
    await this.#dirty.sync();
  }

  async finish(): Promise<void> {}

  async close(): Promise<void> {
    await this.#files.close(`${this.#root}/`);
  }

  #path(piece: PieceIndex): string {
    return `${this.#root}/pieces/${piece}`;
  }
}
