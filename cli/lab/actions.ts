import type { LabAction, LabFlags } from './flags.ts';
import type { Context } from '../context.ts';
import { doRuns } from './run-pool.ts';
import { runScenario } from './run.ts';
import { checkScenarios, listScenarios, showScenarios } from './scenarios.ts';

type Act = (context: Context, names: readonly string[], flags: LabFlags) => Promise<void>;

/** What `ensemble lab` can do. All that it needs besides is loaded with this file. */
export const actions: Readonly<Record<LabAction, Act>> = {
  list: listScenarios,
  show: showScenarios,
  check: checkScenarios,
  // What draws is loaded where something is drawn.
  report: async (...asked) => (await import('./report.ts')).writeReport(...asked),
  compare: async (...asked) => (await import('./report.ts')).writeComparison(...asked),
  run: runScenario,
  /** With a server: for who ordered runs there. Without: what `run --jobs` starts. */
  work: async (context, names, flags) =>
    names.length === 0 ? doRuns(context.signal) : (await import('./queue.ts')).workForOthers(context, names, flags),
};
