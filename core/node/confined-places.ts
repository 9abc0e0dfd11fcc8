import { fstatSync } from 'node:fs';
import { lstat, realpath } from 'node:fs/promises';
import { dirname } from 'node:path';
import { LateMap } from '../base/late-map.ts';
import { beneath, folderMoved, isBelow } from '../ports/within.ts';
import type { LookPlace } from './looks.ts';
import type { Places } from './places.ts';

const SEPARATORS = process.platform === 'win32' ? '/\\' : '/';

/** Where a root led when it was first used. */
export interface RootPlace<Name> {
  readonly real: Name;
  readonly id: string;
}

/** What both kinds of confined places have in common: finding the root below which a path lies. */
export abstract class ConfinedPlaces<Name> implements Places {
  readonly confined = true;
  abstract readonly proves: Places['proves'];
  /** Each root with where it was found to lie earlier. */
  protected readonly roots: ReadonlyMap<string, string | undefined>;
  readonly #names: readonly string[];
  readonly #rootPlaces = new LateMap<string, Promise<RootPlace<Name>>>();

  constructor(roots: ReadonlyMap<string, string | undefined>) {
    this.roots = roots;
    this.#names = [...roots.keys()];
  }

  entry<T>(path: string, task: (actual: string) => Promise<T>): Promise<T> {
    const { root, names } = this.beneath(path);
    const last = names.at(-1);
    // The user named the root itself, which may be a link.
    if (last === undefined) return task(path);
    return this.inFolder(root, names.slice(0, -1), (folder) => task(`${folder}/${last}`));
  }

  folder<T>(path: string, task: (actual: string) => Promise<T>): Promise<T> {
    const { root, names } = this.beneath(path);
    return this.inFolder(root, names, (folder) => task(`${folder}/.`));
  }

  holds(path: string): boolean {
    return this.#names.some((root) => isBelow(root, path, SEPARATORS));
  }

  async siteOf(path: string): Promise<string> {
    const { root } = this.beneath(path);
    const before = this.roots.get(root);
    if (before === undefined) return path;
    // What is there of the way is to be no link: it was none when the folder was chosen.
    for (let at = before; ; at = dirname(at)) {
      const now = await realpath(at).catch(() => undefined);
      if (now === at) return before;
      if (now !== undefined || dirname(at) === at) throw folderMoved(root);
    }
  }

  abstract straight(path: string): LookPlace | undefined;
  abstract within(folder: string, real?: string): Places;
  protected abstract inFolder<T>(
    root: string,
    names: readonly string[],
    task: (folder: string) => Promise<T>,
  ): Promise<T>;
  protected abstract look(root: string): Promise<RootPlace<Name>>;

  protected rootPlace(root: string): Promise<RootPlace<Name>> {
    let place = this.#rootPlaces.get(root);
    if (place === undefined) {
      place = this.look(root);
      this.#rootPlaces.set(root, place);
      // Missing as yet: it may be made.
      place.catch(() => this.#rootPlaces.delete(root));
    }
    return place;
  }

  protected beneath(path: string): ReturnType<typeof beneath> {
    return beneath(this.#names, path, SEPARATORS);
  }
}

/** What tells a file or folder from all others, whatever its name. */
export function idOf(descriptor: number): string {
  const { dev, ino } = fstatSync(descriptor, { bigint: true });
  return `${dev}:${ino}`;
}

export async function isLink(path: string): Promise<boolean> {
  const found = await lstat(path).catch(() => undefined);
  return found?.isSymbolicLink() === true;
}
