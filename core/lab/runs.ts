import type { PlanLine, RunLine } from './results.ts';
import { runKey } from './results.ts';
import { type Arm, armsOf } from './scenario/arms.ts';

/** A run that is to be. */
export interface PlannedRun {
  readonly arm: Arm;
  readonly repeat: number;
  readonly seed: number;
}

/**
 * All runs of a plan, repeat by repeat, so that whatever is there when somebody stops it can be compared. Those of one repeat have the same
 * seed in each arm: whom they meet, and when, is the same.
 */
export function runsOf({ sweeps, repeats, seed }: PlanLine): readonly PlannedRun[] {
  const arms = armsOf(sweeps);
  return Array.from({ length: repeats }, (_, repeat) =>
    arms.map((arm) => ({ arm, repeat, seed: seed + repeat })),
  ).flat();
}

/** Those that are not among the results. */
export function runsLeft(plan: PlanLine, there: readonly RunLine[]): readonly PlannedRun[] {
  const known = new Set(there.map(runKey));
  return runsOf(plan).filter((run) => !known.has(runKey(run)));
}

/** Seconds until all is done, where in `passed` seconds so many were and so many are left; undefined: nobody can tell. */
export const timeLeft = (passed: number, done: number, left: number): number | undefined =>
  done === 0 ? undefined : (passed / done) * left;

/** Seconds until all is done, from what the runs of this session took each, their number at a time, and how many there are still. */
export function secondsLeft(took: readonly number[], jobs: number, left: number): number | undefined {
  if (took.length === 0) return undefined;
  const mean = took.reduce((sum, one) => sum + one, 0) / took.length;
  return (mean * left) / Math.max(1, Math.min(jobs, left));
}
