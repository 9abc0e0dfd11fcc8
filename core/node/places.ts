import type { LookPlace } from './looks.ts';

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
  /** Where a look at an entry may begin, if its folder lies as it is called; undefined: only `entry` leads there. */
  straight(path: string): LookPlace | undefined;
  /** Where a folder that may not be left is to be made. Rejects where something above it leads elsewhere by now. */
  siteOf(root: string): Promise<string>;
}
