/** Absolute paths of the scripts that identity and worker processes run. */
export interface EntryScripts {
  readonly identity: string;
  readonly worker: string;
}

/** Arguments for Node in identity and worker processes, by spaces: for profiles (docs/performance.md). */
const CHILD_ARGUMENTS = 'ENSEMBLE_CHILD_NODE_ARGS';

/**
 * V8 optimises what has run six times as often as it would by itself: what it does sooner costs each process a third of a second in
 * compiling, and saves less within a GiB.
 */
const LATE_OPTIMISATION = '--interrupt-budget=400000';

/** Node's own arguments for the processes that this one starts. */
export function childArguments(): string[] {
  const more = (process.env[CHILD_ARGUMENTS] ?? '').split(' ').filter((argument) => argument !== '');
  return [LATE_OPTIMISATION, ...more];
}
