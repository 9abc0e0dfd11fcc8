import { expect, test } from 'vitest';
import {
  type FirstStep,
  firstStep,
  type StartFacts,
  type UseOfTarget,
  useOfTarget,
  type Verdict,
} from './starting-point.ts';

const TARGETS = ['none', 'whole', 'partly', 'other'] as const;
const BOTH = [false, true];

/** Some facts; those that a row leaves out may be anything. */
type Facts = Partial<StartFacts>;

/** All combinations of facts, also such as hardly ever meet. */
const ALL: readonly StartFacts[] = TARGETS.flatMap((target) =>
  BOTH.flatMap((blocked) =>
    BOTH.flatMap((begun) =>
      BOTH.flatMap((placed) =>
        BOTH.flatMap((reuse) =>
          BOTH.map((nothingWanted): StartFacts => ({ target, blocked, begun, placed, reuse, nothingWanted })),
        ),
      ),
    ),
  ),
);

const agrees = (found: StartFacts, facts: Facts): boolean =>
  Object.entries(facts).every(([name, value]) => found[name as keyof StartFacts] === value);

const nothing: Facts = { nothingWanted: true, placed: true, begun: false };
const free: Facts = { blocked: false };

const STEPS: readonly (readonly [Facts, FirstStep])[] = [
  [nothing, 'finished'],
  [{ target: 'whole' }, 'read-target'],
  [{ blocked: true }, 'blocked'],
  [{ ...free, target: 'none' }, 'go-on'],
  // What the user asked to be used is read; with a working folder, its pieces were copied there before.
  [{ ...free, target: 'partly', reuse: true, begun: false }, 'read-target'],
  [{ ...free, target: 'other', reuse: true, begun: false }, 'read-target'],
  [{ ...free, target: 'partly', reuse: true, begun: true }, 'go-on'],
  [{ ...free, target: 'other', reuse: true, begun: true }, 'go-on'],
  // Without that, only what we have put there is used.
  [{ ...free, target: 'partly', reuse: false, begun: false, placed: false }, 'occupied'],
  [{ ...free, target: 'partly', reuse: false, begun: false, placed: true }, 'read-arrived'],
  [{ ...free, target: 'partly', reuse: false, begun: true }, 'go-on-then-read-arrived'],
  [{ ...free, target: 'other', reuse: false, begun: false }, 'occupied'],
  [{ ...free, target: 'other', reuse: false, begun: true, placed: true }, 'occupied'],
  [{ ...free, target: 'other', reuse: false, begun: true, placed: false }, 'go-on'],
];

test('the first step, for every combination of facts: the first row that agrees counts', () => {
  const reached = new Set<unknown>();
  for (const found of ALL) {
    const row = STEPS.find(([facts]) => agrees(found, facts));
    reached.add(row);
    expect([found, firstStep(found)]).toEqual([found, row?.[1]]);
  }
  expect([...reached]).toHaveLength(STEPS.length);
});

const USES: readonly (readonly [Facts, Verdict, UseOfTarget])[] = [
  [{ target: 'whole' }, 'right', 'finished'],
  [{ target: 'whole', reuse: false }, 'unclear', 'leave-there'],
  [{ target: 'whole', reuse: true }, 'unclear', 'import'],
  [{ target: 'whole', reuse: false, begun: false }, 'wrong', 'occupied'],
  [{ target: 'whole', reuse: false, begun: true }, 'wrong', 'leave-there'],
  [{ target: 'whole', reuse: true }, 'wrong', 'import'],
  [{ target: 'partly', reuse: false }, 'right', 'leave-there'],
  [{ target: 'partly', reuse: false }, 'unclear', 'leave-there'],
  [{ target: 'partly', reuse: false, begun: false }, 'wrong', 'occupied'],
  [{ target: 'partly', reuse: true }, 'right', 'resize'],
  [{ target: 'partly', reuse: true }, 'unclear', 'import'],
  [{ target: 'partly', reuse: true }, 'wrong', 'import'],
  [{ target: 'other', reuse: true }, 'right', 'resize'],
  [{ target: 'other', reuse: true }, 'unclear', 'import'],
  [{ target: 'other', reuse: true }, 'wrong', 'import'],
];

test.each(USES)('what was read at the target: %o, %s: %s', (facts, verdict, use) => {
  for (const found of ALL) if (agrees(found, facts)) expect(useOfTarget(found, verdict)).toBe(use);
});

test('whatever is read at the target has a row', () => {
  for (const found of ALL) {
    if (!firstStep(found).startsWith('read-')) continue;
    for (const verdict of ['right', 'unclear', 'wrong'] as const) {
      expect(USES.filter(([facts, of]) => of === verdict && agrees(found, facts))).toHaveLength(1);
    }
  }
});
