import { access, constants, readdir } from 'node:fs/promises';
import path from 'node:path';
import { EnsembleError, messageOf } from '../base/errors.ts';
import type { FolderInfo, FolderList } from '../bridge/contract.ts';
import type { FolderService } from '../bridge/host/services.ts';
import { MAX_COMPONENT_BYTES, safeComponent, shorten } from '../metainfo/safe-path.ts';
import { type Disk, diskCode } from '../ports/disk.ts';
import { homeFolder } from './system-folders.ts';

/** Most files of one name. */
const MAX_SAME = 100;
/** Most folders of a folder that are listed. */
const MAX_LISTED = 2000;

export interface VisibleFolders extends FolderService {
  /** Absolute, links resolved. */
  readonly roots: readonly string[];
}

/** The folders that windows may see: those below the roots and never through a link; without roots all that the user may see. */
export async function openFolders(disk: Disk, roots: readonly string[]): Promise<VisibleFolders> {
  const real: string[] = [];
  for (const root of roots) {
    const resolved = await disk.realPath(root);
    if (resolved === undefined || (await disk.info(resolved))?.kind !== 'directory') {
      throw new EnsembleError('usage', `${root} is no folder: make it first, or name another with --root.`);
    }
    if (!real.includes(resolved)) real.push(resolved);
  }
  return new RootedFolders(disk, real);
}

class RootedFolders implements VisibleFolders {
  readonly roots: readonly string[];
  readonly #disk: Disk;

  constructor(disk: Disk, roots: readonly string[]) {
    this.#disk = disk;
    this.roots = roots;
  }

  async permit(folder: string): Promise<string> {
    await this.#existing(folder);
    return path.resolve(folder);
  }

  async keep(folder: string, name: string, data: Uint8Array): Promise<string> {
    const place = await this.permit(folder);
    const safe = safeComponent(name);
    for (let n = 1; n <= MAX_SAME; n++) {
      const file = path.join(place, n === 1 ? safe : shorten(safe, MAX_COMPONENT_BYTES, ` (${n})`));
      try {
        const open = await this.#disk.within(place).open(file, 'create');
        try {
          await open.write(data, 0);
        } finally {
          await open.close();
        }
        return file;
      } catch (error) {
        if (diskCode(error) !== 'EEXIST') throw error;
      }
    }
    throw new EnsembleError('exists', `There are too many files called ${safe} in ${place}: choose another folder.`);
  }

  async info(folder: string): Promise<FolderInfo> {
    try {
      const existing = await this.#existing(folder);
      const kind = (await this.#disk.info(existing))?.kind;
      if (kind !== 'directory') throw new EnsembleError('exists', `${existing} is no folder.`);
      const free = await this.#disk.freeSpace(existing).catch(() => null);
      const usable = await access(existing, constants.W_OK | constants.X_OK).then(
        () => true,
        () => false,
      );
      return { folder, free, usable, problem: usable ? null : `Nothing may be written to ${existing}.` };
    } catch (error) {
      return { folder, free: null, usable: false, problem: messageOf(error) };
    }
  }

  async browse(asked: string | null): Promise<FolderList> {
    const [only] = this.roots;
    if (asked === null && this.roots.length > 1) {
      const folders = this.roots.map((root) => ({ name: root, path: root }));
      return { folder: null, parent: null, folders, free: null };
    }
    const folder = path.resolve(asked ?? only ?? homeFolder());
    const existing = await this.#existing(folder);
    if (existing !== folder) throw new EnsembleError('disk', `${folder} does not exist.`);
    const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
      throw new EnsembleError('disk', `${folder} cannot be listed: ${messageOf(error)}`);
    });
    const folders = entries
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
      .map(({ name }) => ({ name, path: path.join(folder, name) }))
      .sort((a, b) => a.name.localeCompare(b.name))
      .slice(0, MAX_LISTED);
    const top = this.roots.includes(folder) || path.dirname(folder) === folder;
    return {
      folder,
      parent: top ? null : path.dirname(folder),
      folders,
      free: await this.#disk.freeSpace(folder).catch(() => null),
    };
  }

  /** The folder itself or, where it does not exist yet, the nearest existing one above it. Rejects outside of the roots. */
  async #existing(asked: string): Promise<string> {
    const folder = path.resolve(asked);
    let existing = folder;
    let real = await this.#disk.realPath(existing);
    while (real === undefined && path.dirname(existing) !== existing) {
      // A link whose target is missing: a folder made there would lie elsewhere.
      if ((await this.#disk.info(existing)) !== undefined) throw outside(asked);
      existing = path.dirname(existing);
      real = await this.#disk.realPath(existing);
    }
    if (real === undefined) throw new EnsembleError('disk', `${asked} does not exist.`);
    if (this.roots.length === 0) return existing;
    // Below a root no link may be followed: with one on the way, the real path is another.
    if (real !== existing || !this.roots.some((root) => isBelow(root, folder))) throw outside(asked);
    return existing;
  }
}

function isBelow(root: string, folder: string): boolean {
  const relative = path.relative(root, folder);
  return relative === '' || (relative !== '..' && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative));
}

function outside(folder: string): EnsembleError {
  return new EnsembleError('usage', `${folder} is not below a folder in which downloads may lie here: choose another.`);
}
