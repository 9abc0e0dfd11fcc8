/** Absolute paths of the scripts that identity and worker processes run. */
export interface EntryScripts {
  readonly identity: string;
  readonly worker: string;
}

/** Arguments for Node in identity and worker processes, by spaces: for profiles (docs/performance.md). */
const CHILD_ARGUMENTS = 'ENSEMBLE_CHILD_NODE_ARGS';

/** Node's own arguments for the processes that this one starts. */
export function childArguments(): string[] {
  return (process.env[CHILD_ARGUMENTS] ?? '').split(' ').filter((argument) => argument !== '');
}
