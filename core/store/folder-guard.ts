import { EnsembleError } from '../base/errors.ts';
import type { Disk } from '../ports/disk.ts';

/**
 * Paths below one folder that never lead out of it through a link (architecture, invariant 6): every folder between
 * is looked at once before the first use. The folder itself may be what the user likes; a file's own link is refused
 * by `Disk.open`. Components come from `Info.files`, which are safe names already.
 */
export class FolderGuard {
  readonly root: string;
  readonly #disk: Disk;
  /** Folders that are there and real. */
  readonly #checked = new Set<string>();

  constructor(disk: Disk, root: string) {
    this.#disk = disk;
    this.root = root;
  }

  /**
   * The path of a file below the root. With `make` the folders are made on demand; without, undefined where one is
   * missing. EnsembleError('disk') where something else than a folder is in the way.
   */
  async locate(components: readonly string[], make: boolean): Promise<string | undefined> {
    let path = this.root;
    for (let i = 0; i < components.length; i++) {
      if (!this.#checked.has(path) && !(await this.#enter(path, make, i > 0))) return undefined;
      path = `${path}/${components[i]}`;
    }
    return path;
  }

  /** Looks again at everything at its next use. */
  forget(): void {
    this.#checked.clear();
  }

  async #enter(path: string, make: boolean, mustBeReal: boolean): Promise<boolean> {
    let info = await this.#disk.info(path);
    if (info === undefined) {
      if (!make) return false;
      await this.#disk.makeDirectory(path);
      info = await this.#disk.info(path);
    }
    if (mustBeReal && info?.kind !== 'directory') {
      const found = info === undefined ? 'nothing' : info.kind === 'link' ? 'a link' : 'no folder';
      throw new EnsembleError(
        'disk',
        `"${path}" should be a folder, but ${found} is there. Nothing is read or written through it: move it away.`,
      );
    }
    this.#checked.add(path);
    return true;
  }
}
