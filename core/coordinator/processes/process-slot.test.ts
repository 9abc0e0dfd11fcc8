import { expect, test } from 'vitest';
import { bytesPerSecond, identityIndex, millis } from '../../base/ids.ts';
import type { ChildProcessHandle } from '../../ports/process-host.ts';
import { VirtualClock } from '../../sim/clock.ts';
import { SimProcessHost } from '../../sim/process-host.ts';
import { SleepyClock } from '../../sim/sleepy-clock.ts';
import { MESSAGES_VERSION } from '../../identity/messages.ts';
import { ProcessSlot, type SlotListener } from './process-slot.ts';

const QUIET: SlotListener = { up: () => {}, down: () => {}, message: () => {}, cookie: '', warn: () => {} };

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
    ...QUIET,
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

test('one that hangs is ended; time in which we did not run ourselves is no silence of it', async () => {
  const clock = new VirtualClock();
  const sleepy = new SleepyClock(clock);
  let hangs = false;
  const host = new SimProcessHost(clock, {
    identity: (port) => {
      port.post({ type: 'ready', version: MESSAGES_VERSION });
      port.onMessage(() => (hangs ? undefined : port.post({ type: 'pong', n: 0 })));
    },
  });
  const none = bytesPerSecond(0);
  const slot = new ProcessSlot(identityIndex(0), host, sleepy, { down: none, up: none }, QUIET);
  slot.start();
  for (const span of [5_000, 20_000, 600_000]) {
    await clock.advance(3000);
    sleepy.sleep();
    await clock.advance(span);
    sleepy.wake();
    await clock.advance(3000);
    expect(host.started).toHaveLength(1);
  }
  hangs = true;
  sleepy.sleep();
  await clock.advance(20_000);
  sleepy.wake();
  await clock.advance(20_000);
  expect(host.started.length).toBeGreaterThan(1);
  await clock.resolve(slot.stop(millis(100)));
});

test('whoever asks for its end while it is ending waits for the same end', async () => {
  const clock = new VirtualClock();
  const host = new SimProcessHost(clock, {
    identity: (port) => {
      port.post({ type: 'ready', version: MESSAGES_VERSION });
      port.onMessage((message) => {
        const { type } = message as { readonly type: string };
        if (type === 'stop') clock.after(millis(3000), () => port.exit(0));
      });
    },
  });
  const none = bytesPerSecond(0);
  const slot = new ProcessSlot(identityIndex(0), host, clock, { down: none, up: none }, QUIET);
  slot.start();
  await clock.advance(100);
  let ended = 0;
  void slot.stop(millis(5000)).then(() => ended++);
  await clock.advance(1000);
  void slot.stop(millis(5000)).then(() => ended++);
  await clock.advance(1000);
  expect(ended).toBe(0);
  await clock.advance(2000);
  expect(ended).toBe(2);
  expect(clock.pending).toBe(0);
});
