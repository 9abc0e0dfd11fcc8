import { ComparedPlaces } from './compared-places.ts';
import type { FileCalls } from './file-calls.ts';
import { HeldFolders } from './held-folders.ts';
import type { LookPlace } from './looks.ts';
import { PinnedPlaces } from './pinned-places.ts';
import type { Places } from './places.ts';

/** Paths as they are given. */
export class NamedPlaces implements Places {
  readonly proves = undefined;
  readonly confined = false;
  readonly #pinning: boolean;
  readonly #held = new HeldFolders();
  readonly #calls: FileCalls;

  /** `pinning`: folders can be held by descriptors. */
  constructor(pinning: boolean, calls: FileCalls) {
    this.#calls = calls;
    this.#pinning = pinning;
  }

  entry<T>(path: string, task: (actual: string) => Promise<T>): Promise<T> {
    return task(path);
  }

  folder<T>(path: string, task: (actual: string) => Promise<T>): Promise<T> {
    return task(path);
  }

  straight(path: string): LookPlace {
    return { name: path };
  }

  holds(): boolean {
    return true;
  }

  siteOf(root: string): Promise<string> {
    return Promise.resolve(root);
  }

  within(folder: string, real?: string): Places {
    const roots = new Map([[folder, real]]);
    return this.#pinning ? new PinnedPlaces(roots, this.#held, this.#calls) : new ComparedPlaces(roots);
  }
}
