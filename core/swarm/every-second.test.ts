import { expect, test } from 'vitest';
import { VirtualClock } from '../sim/clock.ts';
import { everySecond } from './every-second.ts';

test('tasks of one process share a timer, which ends with the last of them and begins anew', async () => {
  const clock = new VirtualClock();
  const ports = { clock };
  const ran: string[] = [];
  const a = everySecond(ports, () => ran.push(`a ${clock.now()}`));
  await clock.advance(400);
  const b = everySecond(ports, () => {
    ran.push(`b ${clock.now()}`);
    a.cancel();
  });
  expect(clock.pending).toBe(1);
  await clock.advance(2_000);
  expect(ran).toEqual(['a 1000', 'b 1000', 'b 2000']);
  a.cancel();
  expect(clock.pending).toBe(1);
  b.cancel();
  b.cancel();
  expect(clock.pending).toBe(0);
  everySecond(ports, () => ran.push(`c ${clock.now()}`));
  await clock.advance(1_000);
  expect(ran.at(-1)).toBe('c 3400');
});

test('a task that is added within a beat begins with the next one; one that is cancelled within it is over', async () => {
  const clock = new VirtualClock();
  const ports = { clock };
  const ran: string[] = [];
  let begun = false;
  everySecond(ports, () => {
    ran.push(`a ${clock.now()}`);
    b.cancel();
    if (!begun) everySecond(ports, () => ran.push(`c ${clock.now()}`));
    begun = true;
  });
  const b = everySecond(ports, () => ran.push(`b ${clock.now()}`));
  await clock.advance(2_000);
  expect(ran).toEqual(['a 1000', 'a 2000', 'c 2000']);
});

test('processes have a timer each', async () => {
  const clock = new VirtualClock();
  everySecond({ clock }, () => {});
  everySecond({ clock }, () => {});
  expect(clock.pending).toBe(2);
});
