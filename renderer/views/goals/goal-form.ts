import type { SeedGoal, SeedGoals } from '../../../core/base/choices.ts';

/** Of which the first that is reached counts, in the order in which they are shown. */
export const GOALS = ['ratio', 'time', 'idle'] as const satisfies readonly (keyof SeedGoals)[];
export type Goal = (typeof GOALS)[number];

/** What a goal is counted in where people see it: hours for the time, minutes for the idle time. */
const UNITS: Readonly<Record<Goal, number>> = { ratio: 1, time: 3_600_000, idle: 60_000 };
const FIRST: Readonly<Record<Goal, number>> = { ratio: 1, time: 24, idle: 30 };
const MOST = 1e6;

/** A goal as it is chosen; `usual`: as for all, or for the category. The number is text, as it is typed. */
export interface GoalForm {
  readonly which: 'usual' | 'none' | 'own';
  readonly typed: string;
}
export type GoalsForm = Readonly<Record<Goal, GoalForm>>;

/** Undefined: as for all. */
export function goalFormOf(name: Goal, goal: SeedGoal | undefined): GoalForm {
  const which = goal === undefined ? 'usual' : goal === 'none' ? 'none' : 'own';
  return { which, typed: String(typeof goal === 'number' ? goal / UNITS[name] : FIRST[name]) };
}

export function goalsFormOf(goals: Partial<SeedGoals>): GoalsForm {
  return {
    ratio: goalFormOf('ratio', goals.ratio),
    time: goalFormOf('time', goals.time),
    idle: goalFormOf('idle', goals.idle),
  };
}

/** The number that was typed, in units of the program; undefined where it is none. */
export function ownGoal(name: Goal, typed: string): number | undefined {
  const number = typed.trim() === '' ? Number.NaN : Number(typed);
  if (!(number >= 0 && number <= MOST)) return undefined;
  return name === 'ratio' ? number : Math.round(number * UNITS[name]);
}

/** Undefined where a number is none. Goals that are as for all are left out. */
export function goalsOf(form: GoalsForm): Partial<SeedGoals> | undefined {
  const goals: { -readonly [K in Goal]?: SeedGoal } = {};
  for (const name of GOALS) {
    const { which, typed } = form[name];
    if (which === 'usual') continue;
    const own = which === 'none' ? 'none' : ownGoal(name, typed);
    if (own === undefined) return undefined;
    goals[name] = own;
  }
  return goals;
}
