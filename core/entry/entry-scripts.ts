import { setFlagsFromString } from 'node:v8';
import { lateOptimisation } from './v8-flags.ts';

const LATE_OPTIMISATION = lateOptimisation(process.versions.v8);

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
 * Bounds what V8 keeps for young objects, to three times this in MiB: at full speed it lets them grow to 32 MiB, hardly any of which
 * survive, and a collection costs by what does.
 */
const YOUNG_OBJECTS = '--max-semi-space-size=4';

/**
 * Of glibc, which by itself gives each thread a heap of its own: those of an identity's threads would keep 1 to 2 MiB that they hardly
 * use, and it takes no more CPU without. What the user has set holds.
 */
const HEAPS: NodeJS.ProcessEnv = { MALLOC_ARENA_MAX: '2' };

/** For this process, to be called before anything else runs: those that it starts are told in their arguments. */
export function optimiseLate(): void {
  for (const flag of LATE_OPTIMISATION) setFlagsFromString(flag);
}

/** How Node runs in the processes that this one starts. */
export function childOptions(): { readonly execArgv: readonly string[]; readonly env: NodeJS.ProcessEnv } {
  const more = (process.env[CHILD_ARGUMENTS] ?? '').split(' ').filter((argument) => argument !== '');
  return { execArgv: [...LATE_OPTIMISATION, YOUNG_OBJECTS, ...more], env: { ...HEAPS, ...process.env } };
}
