import type { Child, ChildOptions } from './child.ts';

/** Where a program can be started: a network namespace. */
export interface Machine {
  /** Where what it keeps between runs may lie. */
  readonly folder: string;
  start(name: string, command: readonly string[], options: Omit<ChildOptions, 'cwd'>): Child;
}
