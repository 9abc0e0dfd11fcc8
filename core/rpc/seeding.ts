import type { SeedGoal, SeedGoals, SeedRule } from '../base/choices.ts';

/** Which limit holds: that of all torrents, the torrent's own, none (`tr_ratiolimit`, `tr_idlelimit`). */
export const LIMIT_MODE = { global: 0, own: 1, none: 2 } as const;
/** What Transmission begins with where none was ever set: a ratio, minutes. */
export const FIRST_RATIO = 2;
export const FIRST_IDLE = 30;
const MINUTE = 60_000;

type Measure = 'ratio' | 'idle';

/** `seedRatioMode` and `seedRatioLimit`, or `seedIdleMode` and `seedIdleLimit`, of a torrent's rule. `usual`: the number where none of its own holds. */
export function limitOf(rule: SeedRule, of: Measure, usual: number): { readonly mode: number; readonly limit: number } {
  const goal = asGoals(rule)[of];
  if (goal === undefined) return { mode: LIMIT_MODE.global, limit: usual };
  return goal === 'none' ? { mode: LIMIT_MODE.none, limit: usual } : { mode: LIMIT_MODE.own, limit: shown(of, goal) };
}

/** A rule with another limit by one measure; what it says by others stays. */
export function withLimit(rule: SeedRule, of: Measure, mode: number, limit: number): SeedRule {
  const { [of]: _, ...others } = asGoals(rule);
  if (mode === LIMIT_MODE.global) return { kind: 'goals', ...others };
  return { kind: 'goals', ...others, [of]: mode === LIMIT_MODE.none ? 'none' : kept(of, limit) };
}

/** A number of ours as clients see it, and theirs as it is kept. */
export const shown = (of: Measure, goal: number): number => (of === 'ratio' ? goal : Math.round(goal / MINUTE));
export const kept = (of: Measure, limit: number): SeedGoal =>
  of === 'ratio' ? Math.min(1e6, Math.max(0, limit)) : Math.max(0, Math.round(limit)) * MINUTE;

/** Any rule as goals: who never seeds is done at a ratio of 0. */
function asGoals(rule: SeedRule): Partial<SeedGoals> {
  switch (rule.kind) {
    case 'never':
      return { ratio: 0, time: 'none', idle: 'none' };
    case 'forever':
      return { ratio: 'none', time: 'none', idle: 'none' };
    case 'ratio':
      return { ratio: rule.ratio, time: 'none', idle: 'none' };
    case 'goals': {
      const { kind: _, ...goals } = rule;
      return goals;
    }
  }
}
