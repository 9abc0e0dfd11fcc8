import { fork } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ChildProcessHandle, ProcessExit } from '../ports/process-host.ts';
import { VirtualClock } from '../sim/clock.ts';
import { SimProcessHost } from '../sim/process-host.ts';
import { ForkProcessHost } from './fork-process-host.ts';
import { parentPort } from './parent-port.ts';
import { bundleForTest } from './testing/bundle.ts';

/** What the child does, forked and simulated: it answers, floods before it exits, or ends badly. */
const CHILD = `
  import { parentPort } from './parent-port.ts';
  const port = parentPort();
  port.onMessage((message) => {
    if (message.echo !== undefined) port.post({ echoed: message.echo, label: process.argv[2] });
    if (message.env !== undefined) port.post({ env: process.env[message.env] });
    if (message.flood) for (let i = 0; i < message.flood; i++) port.post({ i, filler: new Uint8Array(10_000) });
    if (message.exit !== undefined) process.exit(message.exit);
    if (message.end) port.end();
  });
  port.onClose(() => setTimeout(() => process.exit(7), 10));
`;

let script = '';
beforeAll(async () => {
  script = await bundleForTest(CHILD);
});
afterAll(() => rm(dirname(script), { recursive: true }));

function listen(handle: ChildProcessHandle) {
  const messages: unknown[] = [];
  const exits: ProcessExit[] = [];
  let wake = (): void => {};
  handle.onMessage((message) => {
    messages.push(message);
    wake();
  });
  const exited = new Promise<ProcessExit>((resolve) =>
    handle.onExit((exit) => {
      exits.push(exit);
      resolve(exit);
    }),
  );
  const count = (wanted: number): Promise<void> =>
    new Promise((resolve) => {
      wake = () => (messages.length >= wanted ? resolve() : undefined);
      wake();
    });
  return { messages, exits, exited, count };
}

const host = (): ForkProcessHost => new ForkProcessHost({ identity: script, worker: script });

describe('ForkProcessHost', () => {
  test('messages go both ways in order, with typed arrays, maps and undefined in them', async () => {
    const handle = host().spawn('identity', 'identity 3');
    const heard = listen(handle);
    const values = [{ bytes: Uint8Array.of(1, 2, 3).subarray(1) }, new Map([[1, undefined]]), [1n, new Date(0)]];
    for (const value of values) handle.post({ echo: value });
    await heard.count(3);
    expect(heard.messages).toEqual(values.map((value) => ({ echoed: value, label: 'identity 3' })));
    expect(handle.pid).toBeGreaterThan(0);
    handle.kill();
    expect(await heard.exited).toEqual({ code: null, signal: 'SIGKILL' });
  });

  test('a process has the environment that was chosen, otherwise ours', async () => {
    const own = new ForkProcessHost(
      { identity: script, worker: script },
      { env: { ...process.env, MALLOC_ARENA_MAX: '2' } },
    );
    for (const [from, name, value] of [
      [own, 'MALLOC_ARENA_MAX', '2'],
      [host(), 'PATH', process.env['PATH']],
    ] as const) {
      const handle = from.spawn('identity', 'x');
      const heard = listen(handle);
      handle.post({ env: name });
      await heard.count(1);
      expect(heard.messages).toEqual([{ env: value }]);
      handle.kill();
      await heard.exited;
    }
  });

  test('what a process said before it ended on its own arrives before its end is told', async () => {
    const handle = host().spawn('worker', 'worker');
    const heard = listen(handle);
    handle.post({ flood: 300, end: true });
    expect(await heard.exited).toEqual({ code: 7, signal: null });
    expect(heard.messages.map((message) => (message as { i: number }).i)).toEqual([...Array(300).keys()]);
    // To whom has gone, nothing is sent, and nobody minds.
    handle.post({ echo: 1 });
    handle.kill();
    const late = listen(handle);
    expect(await late.exited).toEqual({ code: 7, signal: null });
    expect(heard.exits).toHaveLength(1);
  });

  test('one whose parent went away before it could hear of it, hears of it all the same', async () => {
    const late = await bundleForTest(`
      import { parentPort } from './parent-port.ts';
      const port = parentPort();
      while (process.connected) await new Promise((resolve) => setTimeout(resolve, 5));
      port.onClose(() => process.exit(7));
      setInterval(() => {}, 1000);
    `);
    const child = fork(late, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    const exited = new Promise((resolve) => child.once('exit', resolve));
    child.disconnect();
    expect(await exited).toBe(7);
    await rm(dirname(late), { recursive: true });
  });

  test('an exit code is told', async () => {
    const handle = host().spawn('identity', 'x');
    const heard = listen(handle);
    handle.post({ exit: 3 });
    handle.post({ echo: 'too late' });
    expect(await heard.exited).toEqual({ code: 3, signal: null });
  });

  test('a script that is not there ends as a process that failed', async () => {
    const missing = new ForkProcessHost({ identity: '/none/x.mjs', worker: '/none/x.mjs' }, { stderr: 'ignore' });
    expect((await listen(missing.spawn('identity', 'x')).exited).code).not.toBe(0);
  });

  test('a process that nobody forked has no parent to talk to', () => {
    const send = process.send;
    delete process.send;
    try {
      expect(() => parentPort()).toThrow(/run `ensemble`/);
    } finally {
      if (send) process.send = send;
    }
  });
});

describe('SimProcessHost', () => {
  test('clones what it carries, keeps the order, and tells the end after the last message', async () => {
    const clock = new VirtualClock();
    const sim = new SimProcessHost(clock, {
      identity: (port, label) => {
        port.onMessage((message) => {
          port.post({ label, got: message });
          port.exit(5);
          port.post('never');
        });
      },
    });
    const handle = sim.spawn('identity', 'identity 1');
    const heard = listen(handle);
    const sent = { list: [1] };
    handle.post(sent);
    sent.list.push(2);
    await clock.settle();
    expect(heard.messages).toEqual([{ label: 'identity 1', got: { list: [1] } }]);
    expect(heard.exits).toEqual([{ code: 5, signal: null }]);
    handle.kill();
    await clock.settle();
    expect(heard.exits).toHaveLength(1);
    expect(() => handle.post({ f: () => {} })).toThrow(); // no function passes, as in real ones
  });

  test('a crash ends it, and lets it clean up nothing of its own but what the simulation holds', async () => {
    const clock = new VirtualClock();
    let killed = 0;
    let orphaned = 0;
    const sim = new SimProcessHost(clock, {
      worker: (port) => {
        port.onClose(() => orphaned++);
        return () => killed++;
      },
    });
    const heard = listen(sim.spawn('worker', 'w'));
    await clock.settle();
    sim.started[0]?.orphan();
    sim.started[0]?.crash();
    await clock.settle();
    expect([killed, orphaned, sim.started[0]?.running]).toEqual([1, 1, false]);
    expect(heard.exits).toEqual([{ code: null, signal: 'SIGSEGV' }]);
  });
});
