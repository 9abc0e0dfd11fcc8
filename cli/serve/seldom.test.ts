import { expect, test } from 'vitest';
import { VirtualClock } from '../../core/sim/clock.ts';
import { Seldom } from './seldom.ts';

test('ten sentences a minute, and how many were left out', async () => {
  const clock = new VirtualClock();
  const said: string[] = [];
  const seldom = new Seldom(clock, (text) => said.push(text));
  for (let n = 0; n < 1000; n++) seldom.say(`one ${n}`);
  expect(said).toHaveLength(10);
  await clock.advance(60_000);
  seldom.say('later');
  expect(said.slice(10)).toEqual([expect.stringContaining('990'), 'later']);
});
