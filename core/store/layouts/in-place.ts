import { EnsembleError } from '../../base/errors.ts';
import type { PieceIndex } from '../../base/ids.ts';
import { workPath } from '../../metainfo/chosen-names.ts';
import type { Geometry } from '../../metainfo/geometry.ts';
import type { Info } from '../../metainfo/torrent.ts';
import type { Disk, DiskFile } from '../../ports/disk.ts';
import { DirtyFiles } from '../dirty-files.ts';
import { type FilePool, readExactly } from '../file-pool.ts';
import type { Placement, PlacementInput } from './placement.ts';

/**
 * Every piece lies at its final offset in the torrent's files: in sparse files below `<workFolder>/files` until assembly, below the
 * output afterwards. Empty files and padding files are not touched; padding reads as zeros (BEP 47).
 */
export class InPlacePlacement implements Placement {
  readonly #files: FilePool;
  readonly #geometry: Geometry;
  readonly #torrentFiles: Info['files'];
  /** The folder whose files are closed and synced. */
  readonly #root: string;
  readonly #below: string;
  readonly #final: boolean;
  readonly #dirty: DirtyFiles;
  /** Paths of files that were asked for. */
  readonly #paths: (string | undefined)[] = [];

  constructor(disk: Disk, files: FilePool, input: PlacementInput) {
    this.#files = files;
    this.#geometry = input.geometry;
    this.#torrentFiles = input.info.files;
    this.#final = input.location.assembled;
    this.#root = this.#final ? input.location.output : input.location.workFolder;
    this.#below = this.#final ? this.#root : `${this.#root}/files`;
    this.#dirty = new DirtyFiles(disk, files, this.#root);
  }

  async write(piece: PieceIndex, data: Uint8Array): Promise<void> {
    if (this.#final) {
      throw new EnsembleError(
        'usage',
        `Piece ${piece} cannot be written: the files below "${this.#root}" are finished.`,
      );
    }
    for (const span of this.#geometry.spans(piece)) {
      if (this.#torrentFiles[span.file]?.padding !== false) continue;
      const path = this.#path(span.file);
      await this.#files.use(path, 'write', (file) =>
        file.write(data.subarray(span.at, span.at + span.length), span.offset),
      );
      this.#dirty.mark(path);
    }
  }

  async read(piece: PieceIndex, begin: number, into: Uint8Array): Promise<boolean> {
    for (const span of this.#geometry.spans(piece, begin, into.length)) {
      const target = into.subarray(span.at, span.at + span.length);
      if (this.#torrentFiles[span.file]?.padding !== false) {
        target.fill(0);
        continue;
      }
      const path = this.#path(span.file);
      if (!(await readExactly(this.#files, path, target, span.offset))) return false;
    }
    return true;
  }

  async whole<T>(piece: PieceIndex, task: (file: DiskFile, position: number) => Promise<T>): Promise<T | undefined> {
    const [span, ...others] = this.#geometry.spans(piece);
    if (span === undefined || others.length > 0 || this.#torrentFiles[span.file]?.padding !== false) return undefined;
    return this.#files.use(this.#path(span.file), 'read', (file) => task(file, span.offset));
  }

  confirm(piece: PieceIndex): Promise<void> {
    for (const span of this.#geometry.spans(piece)) {
      if (this.#torrentFiles[span.file]?.padding === false) this.#dirty.mark(this.#path(span.file));
    }
    return Promise.resolve();
  }

  async sync(): Promise<void> {
    await this.#dirty.sync();
  }

  async finish(): Promise<void> {}

  async close(): Promise<void> {
    this.#paths.length = 0;
    await this.#files.close(`${this.#root}/`);
  }

  #path(index: number): string {
    return (this.#paths[index] ??= `${this.#below}/${this.#name(index)}`);
  }

  #name(index: number): string {
    const file = this.#torrentFiles[index];
    if (file === undefined) return '';
    return (this.#final ? file.path : workPath(file)).join('/');
  }
}
