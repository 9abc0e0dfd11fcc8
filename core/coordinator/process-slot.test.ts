import { expect, test } from 'vitest';
import { bytesPerSecond, identityIndex, millis } from '../base/ids.ts';
import type { ChildProcessHandle } from '../ports/process-host.ts';
import { VirtualClock } from '../sim/clock.ts';
import { ProcessSlot } from './process-slot.ts';

test('a process that was started ahead and is dead already is started again, and nobody goes on watching the dead one', async () => {
  const clock = new VirtualClock();
  const warnings: string[] = [];
  let spawned = 0;
  const dead: ChildProcessHandle = {
    pid: 1,
    post: () => {},
    onMessage: () => {},
    onExit: (listener) => listener({ code: 1, signal: null }),
    kill: () => {},
  };
  const host = { spawn: () => (spawned++, dead) };
  const slot = new ProcessSlot(identityIndex(0), host, clock, { down: bytesPerSecond(0), up: bytesPerSecond(0) }, {
    up: () => {},
    down: () => {},
    message: () => {},
    warn: (text) => warnings.push(text),
  }); // prettier-ignore
  slot.start();
  expect(slot.running).toBe(false);
  await clock.advance(5000);
  expect(spawned).toBeGreaterThan(1);
  await slot.stop(millis(100));
  await clock.advance(120_000);
  expect(warnings).toEqual([]);
  expect(clock.pending).toBe(0);
});
