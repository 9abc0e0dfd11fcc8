import { closeSync, constants, openSync, readlinkSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { folderMoved, linkInTheWay } from '../ports/within.ts';
import { ConfinedPlaces, idOf, isLink, type RootPlace } from './confined-places.ts';
import { codeOf } from './error-code.ts';
import type { FileCalls } from './file-calls.ts';
import { type HeldFolders, whereabouts } from './held-folders.ts';
import { PLACE_ONLY } from './look-worker.ts';
import type { LookPlace } from './looks.ts';
import type { Places } from './places.ts';
import { isExhausted, spare } from './spare-descriptors.ts';

const FOLDER = PLACE_ONLY | constants.O_DIRECTORY;
/** Errors of opening a folder without following links where something else is there. */
const NO_FOLDER: readonly string[] = ['ENOTDIR', 'ELOOP'];
/** The folder has to be looked for name by name. */
const BENT = new Error('not where its name says');

/** Whether this system lets a folder be named by a descriptor, as Linux does in /proc. */
export function canPin(): boolean {
  if (process.platform !== 'linux') return false;
  try {
    readlinkSync('/proc/self/fd/0');
    return true;
  } catch (error) {
    // Standard input may be closed; /proc is there all the same.
    return existsProc(error);
  }
}

function existsProc(error: unknown): boolean {
  if (codeOf(error) !== 'ENOENT') return false;
  try {
    readlinkSync('/proc/self');
    return true;
  } catch {
    return false;
  }
}

/**
 * Folders are held by descriptors (Linux). The folder of an entry is opened by its name, and the system says where it really lies:
 * if that differs from its name, as behind a link, it is opened name by name from the root.
 */
export class PinnedPlaces extends ConfinedPlaces<Buffer> {
  readonly proves = undefined;
  readonly #held: HeldFolders;
  readonly #calls: FileCalls;
  /** Stands before the names of folders that these places alone have found. */
  readonly #own: string;

  constructor(roots: ReadonlyMap<string, string | undefined>, held: HeldFolders, calls: FileCalls) {
    super(roots);
    this.#calls = calls;
    this.#held = held;
    this.#own = held.prefix();
  }

  straight(path: string): LookPlace | undefined {
    const { root, names } = this.beneath(path);
    const real = this.roots.get(root);
    const name = names.at(-1);
    // The user named the root itself, which may be a link.
    if (name === undefined) return { name: path };
    if (real === undefined) return undefined;
    if (names.length === 1) return { folder: real, name };
    return { folder: `${real === '/' ? '' : real}/${names.slice(0, -1).join('/')}`, name };
  }

  within(folder: string, real?: string): Places {
    return new PinnedPlaces(new Map([...this.roots, [folder, real]]), this.#held, this.#calls);
  }

  protected async inFolder<T>(
    root: string,
    names: readonly string[],
    task: (folder: string) => Promise<T>,
  ): Promise<T> {
    const place = await this.rootPlace(root);
    const path = below(place.real, names);
    const entered = (descriptor: number): Promise<T> => task(`/proc/self/fd/${descriptor}`);
    try {
      return await this.#held.use(keyOf(path), () => this.#openStraight(path), entered);
    } catch (error) {
      if (error !== BENT) throw error;
    }
    return this.#held.use(`${this.#own}${keyOf(path)}`, () => this.#walk(root, place, names), entered);
  }

  protected async look(root: string): Promise<RootPlace<Buffer>> {
    const before = this.roots.get(root);
    if (before !== undefined) {
      const real = Buffer.from(before);
      try {
        // Where it lies as it is called there is no link in its name.
        return await this.#held.use(
          keyOf(real),
          () => this.#openStraight(real),
          (at) => ({ real, id: idOf(at) }),
        );
      } catch (error) {
        if (error !== BENT) throw error;
      }
    }
    const follow = before === undefined ? 0 : constants.O_NOFOLLOW;
    const descriptor = await this.#openFolder(before ?? root, FOLDER | follow).catch((error: unknown) => {
      throw follow !== 0 && NO_FOLDER.includes(codeOf(error)) ? folderMoved(root) : error;
    });
    try {
      if (before !== undefined && (await realpath(before)) !== before) throw folderMoved(root);
      return { real: whereabouts(descriptor), id: idOf(descriptor) };
    } finally {
      closeSync(descriptor);
    }
  }

  /** Rejects with `BENT` unless the folder lies as it is called, so that nothing in its name is a link. */
  async #openStraight(path: Buffer): Promise<number> {
    let descriptor: number;
    try {
      descriptor = await this.#openFolder(path, FOLDER | constants.O_NOFOLLOW);
    } catch (error) {
      throw codeOf(error) === 'ENOENT' ? error : BENT;
    }
    if (whereabouts(descriptor).equals(path)) return descriptor;
    closeSync(descriptor);
    throw BENT;
  }

  /** Opens name by name, each in the one before. Paths on file systems that ignore letter case come here, too. */
  async #walk(root: string, { real, id }: RootPlace<Buffer>, names: readonly string[]): Promise<number> {
    let descriptor = await this.#openFolder(real, FOLDER | constants.O_NOFOLLOW).catch((error: unknown) => {
      throw NO_FOLDER.includes(codeOf(error)) ? folderMoved(root) : error;
    });
    try {
      if (!whereabouts(descriptor).equals(real) && idOf(descriptor) !== id) throw folderMoved(root);
      let shown = root;
      for (const name of names) {
        shown = `${shown}/${name}`;
        const next = await this.#enter(`/proc/self/fd/${descriptor}/${name}`, shown);
        closeSync(descriptor);
        descriptor = next;
      }
      return descriptor;
    } catch (error) {
      closeSync(descriptor);
      throw error;
    }
  }

  #openFolder(path: string | Buffer, flags: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#calls.open(path, flags, 0o666, (error, descriptor) => {
        if (!error) return resolve(descriptor);
        if (!isExhausted(error)) return reject(error);
        this.#held.closeUnused();
        // It is closed again as soon as the entry has been dealt with.
        new Promise<number>((lent) => lent(spare.lend(() => openSync(path, flags)))).then(resolve, reject);
      });
    });
  }

  async #enter(actual: string, shown: string): Promise<number> {
    try {
      return await this.#openFolder(actual, FOLDER | constants.O_NOFOLLOW);
    } catch (error) {
      if (NO_FOLDER.includes(codeOf(error)) && (await isLink(actual))) throw linkInTheWay(shown);
      throw error;
    }
  }
}

function keyOf(path: Buffer): string {
  return path.toString('latin1');
}

function below(real: Buffer, names: readonly string[]): Buffer {
  if (names.length === 0) return real;
  const top = real.length === 1 ? '' : '/';
  return Buffer.concat([real, Buffer.from(`${top}${names.join('/')}`)]);
}
