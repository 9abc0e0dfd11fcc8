import { expect, test } from 'vitest';
import { millis } from '../../base/ids.ts';
import { NO_RULES } from '../../engine/list-rules.ts';
import { awaitsStall } from './entrant.ts';

test.each([
  ['places are limited, and it is not quiet for long', { activeSeeds: 3, stalledAfter: 5 }, 299_999, true],
  ['it is quiet for that long already', { activeSeeds: 3, stalledAfter: 5 }, 300_000, false],
  ['there is a place for each', { stalledAfter: 5 }, 0, false],
  ['nobody counts as stalled', { activeSeeds: 3 }, 0, false],
])('where %s', (_, rules, quiet, waits) => {
  const stats = { idle: millis(0), seeding: { quiet: () => millis(quiet) } };
  expect(awaitsStall({ state: 'seeding', stats }, { ...NO_RULES, ...rules })).toBe(waits);
});
