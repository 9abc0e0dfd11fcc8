import type { SeedRule } from '../../../core/base/choices.ts';
import { type GoalsForm, goalsFormOf, goalsOf } from './goal-form.ts';

/** As for all others, never, without an end, or until goals of its own are reached. */
export const SEED_KINDS = ['usual', 'own', 'forever', 'never'] as const;
export type SeedKind = (typeof SEED_KINDS)[number];

/** When to seed, as it is chosen. */
export interface SeedForm {
  readonly kind: SeedKind;
  /** For `own`. */
  readonly goals: GoalsForm;
}

export function seedFormOf(rule: SeedRule): SeedForm {
  switch (rule.kind) {
    case 'never':
    case 'forever':
      return { kind: rule.kind, goals: goalsFormOf({}) };
    case 'ratio':
      return { kind: 'own', goals: goalsFormOf({ ratio: rule.ratio, time: 'none', idle: 'none' }) };
    case 'goals': {
      const { kind: _kind, ...goals } = rule;
      return { kind: Object.keys(goals).length === 0 ? 'usual' : 'own', goals: goalsFormOf(goals) };
    }
  }
}

/** Undefined where a number is none. */
export function seedRuleOf({ kind, goals }: SeedForm): SeedRule | undefined {
  if (kind === 'never' || kind === 'forever') return { kind };
  if (kind === 'usual') return { kind: 'goals' };
  const own = goalsOf(goals);
  return own && { kind: 'goals', ...own };
}
