import { expect, test } from 'vitest';
import { bytesPerSecond, millis } from '../../base/ids.ts';
import type { LocalTime } from '../../engine/alternative-limits.ts';
import { defaultSettings, type Settings } from '../../engine/settings.ts';
import type { RateLimits } from '../../engine/statuses.ts';
import { LimitSwitch } from './limit-switch.ts';

const rate = bytesPerSecond;

function build(changes: Partial<Settings> = {}) {
  const told: RateLimits[] = [];
  const world = { told, day: 1, minute: 0, settings: { ...defaultSettings('/x'), down: rate(1000), ...changes } };
  const limits = new LimitSwitch({
    engine: { setLimits: (limits: RateLimits) => void told.push(limits) } as never,
    settings: {
      get current() {
        return world.settings;
      },
      change: (change) => {
        world.settings = { ...world.settings, ...change };
        return Promise.resolve();
      },
    },
    clock: { wall: () => millis(0) } as never,
    localTime: (): LocalTime => ({ day: world.day, minute: world.minute }),
  });
  return { world, limits, told };
}

const slow = { alternativeDown: rate(10), alternativeUp: rate(5) };
const office = { on: true, days: [1], from: 480, to: 1080 };

test('the engine is told when other limits hold, and then alone', async () => {
  const { world, limits, told } = build(slow);
  limits.look();
  expect(told).toEqual([]);
  await limits.use(true);
  limits.look();
  expect([limits.alternative, told]).toEqual([true, [{ down: 10, up: 5 }]]);
  // While they hold, the usual ones may be changed, which changes nothing yet.
  world.settings = { ...world.settings, down: rate(2000) };
  limits.look();
  expect(told.length).toBe(1);
  world.settings = { ...world.settings, alternativeDown: rate(20) };
  limits.look();
  await limits.use(false);
  expect(told.slice(1)).toEqual([
    { down: 20, up: 5 },
    { down: 2000, up: 0 },
  ]);
});

test('what was chosen by hand is forgotten when the schedule says something else', async () => {
  const { world, limits, told } = build({ ...slow, schedule: office });
  await limits.use(true);
  world.minute = 480;
  limits.look();
  expect([limits.alternative, world.settings.byHand, told.length]).toEqual([true, null, 1]);
  await limits.use(false);
  world.minute = 600;
  limits.look();
  expect([limits.alternative, world.settings.byHand]).toEqual([false, { on: false, scheduled: true }]);
  world.minute = 1080;
  limits.look();
  expect([limits.alternative, world.settings.byHand, told.at(-1)]).toEqual([false, null, { down: 1000, up: 0 }]);
});

test('a choice by hand holds after a restart', () => {
  const { limits, told } = build({ ...slow, byHand: { on: true, scheduled: false } });
  limits.look();
  expect([limits.alternative, told]).toEqual([true, [{ down: 10, up: 5 }]]);
});
