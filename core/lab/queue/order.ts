import type { PlanLine, RunLine, SessionLine } from '../results.ts';

/** Most runs of a plan that workers do. */
export const MOST_RUNS = 100_000;

/** What workers are to do: a plan, and which of its runs, by their places in `runsOf`. */
export interface Order {
  readonly plan: PlanLine;
  readonly left: readonly number[];
}

/** What a worker gives: what came of a run, and of what machine and programs. Its sessions are numbered by who collects. */
export interface Given {
  /** Of one worker all have the same. */
  readonly worker: string;
  readonly session: Omit<SessionLine, 'session'>;
  readonly run: Omit<RunLine, 'session'>;
}
