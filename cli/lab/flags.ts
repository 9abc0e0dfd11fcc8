import type { WorldName } from '../../core/lab/world.ts';

/** What the laboratory can be told to do. */
export const LAB_ACTIONS = ['list', 'show', 'check', 'run', 'report', 'compare', 'work'] as const;
export type LabAction = (typeof LAB_ACTIONS)[number];

export interface LabFlags {
  readonly json?: boolean;
  readonly world: WorldName;
  readonly repeats?: number;
  readonly seed?: number;
  readonly sweep: readonly string[];
  readonly strategy?: string;
  readonly jobs: number;
  readonly output?: string;
  /** A server where workers do the runs. */
  readonly workers?: string;
}
