import { describe, expect, it, test } from 'vitest';
import type { SeedGoals, SeedRule } from '../../base/choices.ts';
import { goalsWithin, type SeedFacts, seedVerdict } from './seed-rule.ts';

const HOUR = 3_600_000;
const none: SeedGoals = { ratio: 'none', time: 'none', idle: 'none' };
const facts: SeedFacts = { downloaded: 100, uploaded: 0, seeded: 0, untaken: 0, forced: false };

describe('a download of its own rule', () => {
  test.each<[SeedRule, Partial<SeedFacts>, string]>([
    [{ kind: 'never' }, {}, 'never'],
    [{ kind: 'never' }, { forced: true }, 'never'],
    [{ kind: 'forever' }, { uploaded: 1e9, seeded: 1e12, untaken: 1e12 }, 'on'],
    [{ kind: 'ratio', ratio: 1.5 }, { uploaded: 149 }, 'on'],
    [{ kind: 'ratio', ratio: 1.5 }, { uploaded: 150 }, 'enough'],
    [{ kind: 'ratio', ratio: 1.5 }, { uploaded: 150, forced: true }, 'on'],
    [{ kind: 'ratio', ratio: 0 }, {}, 'enough'],
    [{ kind: 'goals', time: HOUR }, { seeded: HOUR - 1 }, 'on'],
    [{ kind: 'goals', time: HOUR }, { seeded: HOUR }, 'enough'],
    [{ kind: 'goals', idle: HOUR }, { seeded: 9 * HOUR, untaken: HOUR - 1 }, 'on'],
    [{ kind: 'goals', idle: HOUR }, { untaken: HOUR }, 'enough'],
    // Whichever comes first.
    [{ kind: 'goals', ratio: 2, time: HOUR }, { uploaded: 200 }, 'enough'],
    [{ kind: 'goals', ratio: 2, time: HOUR }, { seeded: HOUR }, 'enough'],
    [{ kind: 'goals', ratio: 2, time: HOUR }, { uploaded: 199, seeded: HOUR - 1, untaken: HOUR }, 'on'],
  ])('%j, %j: %s', (rule, change, verdict) => {
    expect(seedVerdict(rule, { ofCategory: undefined, usual: none }, { ...facts, ...change })).toBe(verdict);
  });
});

describe('goals that a rule leaves open', () => {
  const usual: SeedGoals = { ratio: 1, time: 2 * HOUR, idle: 'none' };
  it.each<[own: SeedRule, ofCategory: SeedRule | undefined, SeedGoals | 'never']>([
    [{ kind: 'goals' }, undefined, usual],
    [{ kind: 'goals', ratio: 3 }, undefined, { ...usual, ratio: 3 }],
    [{ kind: 'goals', ratio: 'none' }, undefined, { ...usual, ratio: 'none' }],
    [{ kind: 'goals' }, { kind: 'goals', idle: HOUR }, { ...usual, idle: HOUR }],
    [{ kind: 'goals', idle: 'none' }, { kind: 'goals', idle: HOUR }, usual],
    [{ kind: 'goals' }, { kind: 'forever' }, none],
    [{ kind: 'goals' }, { kind: 'ratio', ratio: 2 }, { ...none, ratio: 2 }],
    [{ kind: 'goals' }, { kind: 'never' }, 'never'],
    [{ kind: 'goals', ratio: 1 }, { kind: 'never' }, { ...none, ratio: 1 }],
    [{ kind: 'never' }, { kind: 'forever' }, 'never'],
    [{ kind: 'forever' }, { kind: 'never' }, none],
    [
      { kind: 'ratio', ratio: 4 },
      { kind: 'goals', time: HOUR },
      { ...none, ratio: 4 },
    ],
  ])('%j in a category with %j: %j', (own, ofCategory, goals) => {
    expect(goalsWithin(own, { ofCategory, usual })).toEqual(goals);
  });
});
