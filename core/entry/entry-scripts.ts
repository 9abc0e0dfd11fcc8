/** Absolute paths of the scripts that identity and worker processes run. */
export interface EntryScripts {
  readonly identity: string;
  readonly worker: string;
}

/**
 * Environment variable with arguments for Node in identity and worker processes, separated by spaces: for profiles
 * (docs/performance.md).
 */
const CHILD_ARGUMENTS = 'ENSEMBLE_CHILD_NODE_ARGS';

/**
 * Makes V8 optimise code six times as late as it would by itself: earlier optimisation costs each process a third of a second of
 * compiling, and saves less than that within a GiB.
 */
const LATE_OPTIMISATION = '--interrupt-budget=400000';

/** Node's own arguments for the processes that this one starts. */
export function childArguments(): string[] {
  const more = (process.env[CHILD_ARGUMENTS] ?? '').split(' ').filter((argument) => argument !== '');
  return [LATE_OPTIMISATION, ...more];
}
