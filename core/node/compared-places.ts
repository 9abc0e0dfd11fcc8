import { lstat, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { systemError } from '../ports/system-error.ts';
import { folderMoved, linkInTheWay } from '../ports/within.ts';
import { ConfinedPlaces, idOf, isLink, type RootPlace } from './confined-places.ts';
import type { Places } from './places.ts';

/**
 * Where folders cannot be held, names are checked right before they are used, and what was opened is compared right after. Whoever
 * replaces a folder in between can still make a rename or a removal go elsewhere.
 */
export class ComparedPlaces extends ConfinedPlaces<string> {
  readonly proves = (path: string, descriptor: number): Promise<void> =>
    this.entry(path, async (actual) => {
      const { dev, ino } = await lstat(actual, { bigint: true });
      if (`${dev}:${ino}` !== idOf(descriptor)) throw systemError('ELOOP');
    });

  straight(): undefined {
    return undefined;
  }

  within(folder: string, real?: string): Places {
    return new ComparedPlaces(new Map([...this.roots, [folder, real]]));
  }

  protected async inFolder<T>(
    root: string,
    names: readonly string[],
    task: (folder: string) => Promise<T>,
  ): Promise<T> {
    const { real, id } = await this.rootPlace(root);
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

  protected async look(root: string): Promise<RootPlace<string>> {
    const before = this.roots.get(root);
    const real = await realpath(before ?? root);
    if (before !== undefined && before !== real) throw folderMoved(root);
    const { dev, ino } = await lstat(real, { bigint: true });
    return { real, id: `${dev}:${ino}` };
  }
}
