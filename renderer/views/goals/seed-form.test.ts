import { expect, test } from 'vitest';
import type { SeedRule } from '../../../core/base/choices.ts';
import { goalFormOf } from './goal-form.ts';
import { seedFormOf, type SeedKind, seedRuleOf } from './seed-form.ts';

test.each<[SeedRule, SeedKind, SeedRule]>([
  [{ kind: 'never' }, 'never', { kind: 'never' }],
  [{ kind: 'forever' }, 'forever', { kind: 'forever' }],
  [{ kind: 'goals' }, 'usual', { kind: 'goals' }],
  [{ kind: 'goals', time: 3_600_000 }, 'own', { kind: 'goals', time: 3_600_000 }],
  // A rule of the command line, or of an older program.
  [{ kind: 'ratio', ratio: 2 }, 'own', { kind: 'goals', ratio: 2, time: 'none', idle: 'none' }],
])('%j is shown as "%s", and means the same', (rule, kind, again) => {
  const form = seedFormOf(rule);
  expect([form.kind, seedRuleOf(form)]).toEqual([kind, again]);
});

test('numbers that are wrong matter where they are chosen', () => {
  const form = seedFormOf({ kind: 'goals', ratio: 1 });
  const wrong = { ...form, goals: { ...form.goals, ratio: { ...goalFormOf('ratio', 1), typed: '' } } };
  expect(seedRuleOf(wrong)).toBeUndefined();
  expect(seedRuleOf({ ...wrong, kind: 'never' })).toEqual({ kind: 'never' });
});
