import { expect, test } from 'vitest';
import type { SeedGoals } from '../../../core/base/choices.ts';
import { goalFormOf, goalsFormOf, goalsOf, ownGoal } from './goal-form.ts';

test.each<[Partial<SeedGoals>, string]>([
  [{}, 'usual 1, usual 24, usual 30'],
  [{ ratio: 1.5 }, 'own 1.5, usual 24, usual 30'],
  [{ ratio: 'none', time: 5_400_000, idle: 90_000 }, 'none 1, own 1.5, own 1.5'],
  [{ ratio: 0 }, 'own 0, usual 24, usual 30'],
])('%j is shown as %s, and means the same when it is stored', (goals, shown) => {
  const form = goalsFormOf(goals);
  expect(
    Object.values(form)
      .map(({ which, typed }) => `${which} ${typed}`)
      .join(', '),
  ).toBe(shown);
  expect(goalsOf(form)).toEqual(goals);
});

test('what is typed has to be a number from 0 on', () => {
  for (const typed of ['', ' ', '-1', 'x', '1e9']) expect(ownGoal('ratio', typed), typed).toBeUndefined();
  const form = goalsFormOf({ ratio: 1, time: 3_600_000 });
  expect(goalsOf({ ...form, time: { which: 'own', typed: '' } })).toBeUndefined();
  // What is not chosen may be wrong.
  expect(goalsOf({ ...form, time: { which: 'none', typed: '' } })).toEqual({ ratio: 1, time: 'none' });
  expect(goalFormOf('idle', 60_000)).toEqual({ which: 'own', typed: '1' });
});
