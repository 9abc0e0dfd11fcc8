import { closeSync, constants, fstatSync, open as openFd, openSync, readlinkSync } from 'node:fs';
import { lstat, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { systemError } from '../ports/system-error.ts';
import { beneath, folderMoved, isBelow, linkInTheWay } from '../ports/within.ts';
import { isExhausted, spare } from './spare-descriptors.ts';

/**
 * Turns a path into one for system calls. `task` gets a name that leads to the entry, or to the folder itself, for as long as it
 * runs.
 */
export interface Places {
  entry<T>(path: string, task: (actual: string) => Promise<T>): Promise<T>;
  folder<T>(path: string, task: (actual: string) => Promise<T>): Promise<T>;
  /** Rejects unless a descriptor that was opened at `path` belongs to the entry there; undefined: that needs no proof. */
  readonly proves: ((path: string, descriptor: number) => Promise<void>) | undefined;
  /** Whether links on the way are refused. */
  readonly confined: boolean;
  /** `real`: where the folder really lay when that was found out earlier. */
  within(folder: string, real?: string): Places;
  /** Whether a path may be used at all. */
  holds(path: string): boolean;
  /** Where a folder that may not be left is to be made. Rejects where something above it leads elsewhere by now. */
  siteOf(root: string): Promise<string>;
}

/** Paths as they are given. */
export class NamedPlaces implements Places {
  readonly proves = undefined;
  readonly confined = false;
  readonly #pinning: boolean;

  /** `pinning`: folders can be held by descriptors. */
  constructor(pinning: boolean) {
    this.#pinning = pinning;
  }

  entry<T>(path: string, task: (actual: string) => Promise<T>): Promise<T> {
    return task(path);
  }

  folder<T>(path: string, task: (actual: string) => Promise<T>): Promise<T> {
    return task(path);
  }

  holds(): boolean {
    return true;
  }

  siteOf(root: string): Promise<string> {
    return Promise.resolve(root);
  }

  within(folder: string, real?: string): Places {
    const roots = new Map([[folder, real]]);
    return this.#pinning ? new PinnedPlaces(roots) : new ComparedPlaces(roots);
  }
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

const SEPARATORS = process.platform === 'win32' ? '/\\' : '/';
/** Node does not name it: the descriptor only stands for the place, which needs no permission to read. */
const O_PATH = 0o10000000;
const FOLDER = O_PATH | constants.O_DIRECTORY;
/** Errors of opening a folder without following links where something else is there. */
const NO_FOLDER: readonly string[] = ['ENOTDIR', 'ELOOP'];

/** Where a root led when it was first used. */
interface Kept<Name> {
  readonly real: Name;
  readonly id: string;
}

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

/** What both kinds of confined places have in common: finding the root below which a path lies. */
abstract class ConfinedPlaces<Name> implements Places {
  readonly confined = true;
  abstract readonly proves: Places['proves'];
  /** Each root with where it was found to lie earlier. */
  protected readonly roots: ReadonlyMap<string, string | undefined>;
  readonly #names: readonly string[];
  readonly #kept = new Map<string, Promise<Kept<Name>>>();

  constructor(roots: ReadonlyMap<string, string | undefined>) {
    this.roots = roots;
    this.#names = [...roots.keys()];
  }

  entry<T>(path: string, task: (actual: string) => Promise<T>): Promise<T> {
    const { root, names } = this.#beneath(path);
    const last = names.at(-1);
    // The user named the root itself, which may be a link.
    if (last === undefined) return task(path);
    return this.inFolder(root, names.slice(0, -1), (folder) => task(`${folder}/${last}`));
  }

  folder<T>(path: string, task: (actual: string) => Promise<T>): Promise<T> {
    const { root, names } = this.#beneath(path);
    return this.inFolder(root, names, (folder) => task(`${folder}/.`));
  }

  holds(path: string): boolean {
    return this.#names.some((root) => isBelow(root, path, SEPARATORS));
  }

  async siteOf(path: string): Promise<string> {
    const { root } = this.#beneath(path);
    const before = this.roots.get(root);
    if (before === undefined) return path;
    // What is there of the way is to be no link: it was none when the folder was chosen.
    for (let at = before; ; at = dirname(at)) {
      const now = await realpath(at).catch(() => undefined);
      if (now === at) return before;
      if (now !== undefined || dirname(at) === at) throw folderMoved(root);
    }
  }

  abstract within(folder: string, real?: string): Places;
  protected abstract inFolder<T>(
    root: string,
    names: readonly string[],
    task: (folder: string) => Promise<T>,
  ): Promise<T>;
  protected abstract look(root: string): Promise<Kept<Name>>;

  protected kept(root: string): Promise<Kept<Name>> {
    let kept = this.#kept.get(root);
    if (kept === undefined) {
      kept = this.look(root);
      this.#kept.set(root, kept);
      // Missing as yet: it may be made.
      kept.catch(() => this.#kept.delete(root));
    }
    return kept;
  }

  #beneath(path: string): ReturnType<typeof beneath> {
    return beneath(this.#names, path, SEPARATORS);
  }
}

/**
 * Folders are held by descriptors (Linux). The folder of an entry is opened by its name, and the system says where it really lies:
 * if that differs from its name, as behind a link, it is opened name by name from the root.
 */
class PinnedPlaces extends ConfinedPlaces<Buffer> {
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

  protected async look(root: string): Promise<Kept<Buffer>> {
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
    const kept = await this.kept(root);
    const path = below(kept.real, names);
    let descriptor: number;
    try {
      descriptor = await open(path, FOLDER | constants.O_NOFOLLOW);
    } catch (error) {
      if (codeOf(error) === 'ENOENT') throw error;
      return this.#walk(root, kept, names);
    }
    if (whereabouts(descriptor).equals(path)) return descriptor;
    closeSync(descriptor);
    return this.#walk(root, kept, names);
  }

  /** Opens name by name, each in the one before. Paths on file systems that ignore letter case come here, too. */
  async #walk(root: string, { real, id }: Kept<Buffer>, names: readonly string[]): Promise<number> {
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

/**
 * Where folders cannot be held, names are checked right before they are used, and what was opened is compared right after. Whoever
 * replaces a folder in between can still make a rename or a removal go elsewhere.
 */
class ComparedPlaces extends ConfinedPlaces<string> {
  readonly proves = (path: string, descriptor: number): Promise<void> =>
    this.entry(path, async (actual) => {
      const { dev, ino } = await lstat(actual, { bigint: true });
      if (`${dev}:${ino}` !== idOf(descriptor)) throw systemError('ELOOP');
    });

  within(folder: string, real?: string): Places {
    return new ComparedPlaces(new Map([...this.roots, [folder, real]]));
  }

  protected async inFolder<T>(
    root: string,
    names: readonly string[],
    task: (folder: string) => Promise<T>,
  ): Promise<T> {
    const { real, id } = await this.kept(root);
    const path = join(real, ...names);
    const found = await realpath(path);
    if (found !== path) {
      const now = await lstat(real, { bigint: true });
      if (!now.isDirectory() || ((await realpath(real)) !== real && `${now.dev}:${now.ino}` !== id)) {
        throw folderMoved(root);
      }
      let at = real;
      let shown = root;
      for (const name of names) {
        at = join(at, name);
        shown = `${shown}/${name}`;
        if (await isLink(at)) throw linkInTheWay(shown);
      }
    }
    if (!(await lstat(path)).isDirectory()) throw systemError('ENOTDIR');
    return task(path);
  }

  protected async look(root: string): Promise<Kept<string>> {
    const before = this.roots.get(root);
    const real = await realpath(before ?? root);
    if (before !== undefined && before !== real) throw folderMoved(root);
    const { dev, ino } = await lstat(real, { bigint: true });
    return { real, id: `${dev}:${ino}` };
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

function idOf(descriptor: number): string {
  const { dev, ino } = fstatSync(descriptor, { bigint: true });
  return `${dev}:${ino}`;
}

async function isLink(path: string): Promise<boolean> {
  const found = await lstat(path).catch(() => undefined);
  return found?.isSymbolicLink() === true;
}

function succeeds(work: Promise<unknown>): Promise<boolean> {
  return work.then(
    () => true,
    () => false,
  );
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}
