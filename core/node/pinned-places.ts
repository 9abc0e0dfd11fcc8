import { closeSync, constants, open as openFd, openSync, readlinkSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { folderMoved, linkInTheWay } from '../ports/within.ts';
import { ConfinedPlaces, idOf, isLink, type RootPlace } from './confined-places.ts';
import { codeOf } from './error-code.ts';
import type { Places } from './places.ts';
import { isExhausted, spare } from './spare-descriptors.ts';

/** Node does not name it: the descriptor only stands for the place, which needs no permission to read. */
const O_PATH = 0o10000000;
const FOLDER = O_PATH | constants.O_DIRECTORY;
/** Errors of opening a folder without following links where something else is there. */
const NO_FOLDER: readonly string[] = ['ENOTDIR', 'ELOOP'];

/**
 * At most this many calls that overlap, or follow each other at once, share one descriptor: in a torrent of 100,000 files those of
 * one folder mostly come together.
 */
const SHARED = 32;

interface Held {
  readonly descriptor: Promise<number>;
  users: number;
  uses: number;
  closed: boolean;
}

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
  /** Folders that are in use at the moment. */
  readonly #held = new Map<string, Held>();

  within(folder: string, real?: string): Places {
    return new PinnedPlaces(new Map([...this.roots, [folder, real]]));
  }

  protected async inFolder<T>(
    root: string,
    names: readonly string[],
    task: (folder: string) => Promise<T>,
  ): Promise<T> {
    const key = `${root}\0${names.join('/')}`;
    const held = await this.#hold(key, root, names);
    try {
      return await task(`/proc/self/fd/${await held.descriptor}`);
    } finally {
      // The next call often follows at once, such as for the next file of a piece.
      if (--held.users === 0) setImmediate(() => this.#release(key, held));
    }
  }

  async #hold(key: string, root: string, names: readonly string[]): Promise<Held> {
    const known = this.#held.get(key);
    if (known !== undefined && known.uses < SHARED) {
      known.users++;
      known.uses++;
      if (await succeeds(known.descriptor)) return known;
      // It was begun before this call: a folder that it did not find may exist by now.
    }
    const held = { descriptor: this.#open(root, names), users: 1, uses: 1, closed: false };
    this.#held.set(key, held);
    try {
      await held.descriptor;
      return held;
    } catch (error) {
      if (this.#held.get(key) === held) this.#held.delete(key);
      throw error;
    }
  }

  #release(key: string, held: Held): void {
    if (held.users > 0 || held.closed) return;
    held.closed = true;
    if (this.#held.get(key) === held) this.#held.delete(key);
    // It was only used as a name: closing it writes nothing and waits for nothing.
    held.descriptor.then(closeSync, () => undefined);
  }

  protected async look(root: string): Promise<RootPlace<Buffer>> {
    const before = this.roots.get(root);
    const follow = before === undefined ? 0 : constants.O_NOFOLLOW;
    const descriptor = await open(before ?? root, FOLDER | follow).catch((error: unknown) => {
      throw follow !== 0 && NO_FOLDER.includes(codeOf(error)) ? folderMoved(root) : error;
    });
    try {
      if (before !== undefined && (await realpath(before)) !== before) throw folderMoved(root);
      return { real: whereabouts(descriptor), id: idOf(descriptor) };
    } finally {
      closeSync(descriptor);
    }
  }

  async #open(root: string, names: readonly string[]): Promise<number> {
    const place = await this.rootPlace(root);
    const path = below(place.real, names);
    let descriptor: number;
    try {
      descriptor = await open(path, FOLDER | constants.O_NOFOLLOW);
    } catch (error) {
      if (codeOf(error) === 'ENOENT') throw error;
      return this.#walk(root, place, names);
    }
    if (whereabouts(descriptor).equals(path)) return descriptor;
    closeSync(descriptor);
    return this.#walk(root, place, names);
  }

  /** Opens name by name, each in the one before. Paths on file systems that ignore letter case come here, too. */
  async #walk(root: string, { real, id }: RootPlace<Buffer>, names: readonly string[]): Promise<number> {
    let descriptor = await open(real, FOLDER | constants.O_NOFOLLOW).catch((error: unknown) => {
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

  async #enter(actual: string, shown: string): Promise<number> {
    try {
      return await open(actual, FOLDER | constants.O_NOFOLLOW);
    } catch (error) {
      if (NO_FOLDER.includes(codeOf(error)) && (await isLink(actual))) throw linkInTheWay(shown);
      throw error;
    }
  }
}

function open(path: string | Buffer, flags: number): Promise<number> {
  return new Promise((resolve, reject) => {
    openFd(path, flags, (error, descriptor) => {
      if (!error) return resolve(descriptor);
      if (!isExhausted(error)) return reject(error);
      // It is closed again as soon as the entry has been dealt with.
      new Promise<number>((lent) => lent(spare.lend(() => openSync(path, flags)))).then(resolve, reject);
    });
  });
}

/** The real path of a descriptor, which the system has in memory. */
function whereabouts(descriptor: number): Buffer {
  return readlinkSync(`/proc/self/fd/${descriptor}`, { encoding: 'buffer' });
}

function below(real: Buffer, names: readonly string[]): Buffer {
  if (names.length === 0) return real;
  const top = real.length === 1 ? '' : '/';
  return Buffer.concat([real, Buffer.from(`${top}${names.join('/')}`)]);
}

function succeeds(work: Promise<unknown>): Promise<boolean> {
  return work.then(
    () => true,
    () => false,
  );
}
