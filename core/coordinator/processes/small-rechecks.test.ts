import { expect, test } from 'vitest';
import { EnsembleError } from '../../base/errors.ts';
import { MESSAGES_VERSION } from '../../identity/messages.ts';
import type { RecheckTask, WorkerTask } from '../../identity/worker-messages.ts';
import { VirtualClock } from '../../sim/clock.ts';
import type { JobResult } from './worker-process.ts';
import { isSmall, SmallRechecks } from './small-rechecks.ts';

/** A recheck that is told from others by how many pieces it has. */
function recheckOf(id: number): RecheckTask {
  const location = { layout: 'in-place', workFolder: '/w', output: '/out', assembled: true, identity: 0 } as const;
  const rawInfo = new Uint8Array(id + 1);
  return { type: 'recheck', version: MESSAGES_VERSION, rawInfo, location, count: 1 } as RecheckTask;
}
const idOf = (job: RecheckTask): number => job.rawInfo.length - 1;
const goodOf = (job: RecheckTask): Uint8Array => new Uint8Array([idOf(job)]);

/** Jobs that end when they are told to; one that is stopped ends by itself. */
function setUp() {
  const clock = new VirtualClock();
  const begun: { readonly job: WorkerTask; end(result: JobResult | EnsembleError): void }[] = [];
  const small = new SmallRechecks(
    (job, _, signal) =>
      new Promise((resolve, reject) => {
        begun.push({ job, end: (result) => (result instanceof EnsembleError ? reject(result) : resolve(result)) });
        signal.addEventListener('abort', () => reject(new EnsembleError('interrupted', '')), { once: true });
      }),
    clock,
  );
  const ids = (): number[][] =>
    begun.map(({ job }) => (job.type === 'rechecks' ? job.jobs.map(idOf) : job.type === 'recheck' ? [idOf(job)] : []));
  const end = async (index: number): Promise<void> => {
    const { job, end: ends } = begun[index] ?? expect.fail(`job ${index} has not begun`);
    if (job.type === 'rechecks') ends({ type: 'all-rechecked', results: job.jobs.map(goodOf) });
    else ends({ type: 'rechecked', good: goodOf(job as RecheckTask) });
    await new Promise(setImmediate);
  };
  const run = (id: number, signal = new AbortController().signal): Promise<unknown> =>
    small
      .run(recheckOf(id), () => undefined, signal)
      .then(
        (result) => (result.type === 'rechecked' ? result.good[0] : result.type),
        (error: EnsembleError) => error.code,
      );
  return { clock, begun, ids, end, run };
}

test('what comes while one is under way goes together, each with its own result', async () => {
  const { ids, end, run } = setUp();
  const all = [0, 1, 2].map((id) => run(id));
  expect(ids()).toEqual([[0]]);
  await end(0);
  expect(ids()).toEqual([[0], [1, 2]]);
  const later = run(3);
  await end(1);
  await end(2);
  expect(await Promise.all([...all, later])).toEqual([0, 1, 2, 3]);
});

test('one that fails is alone in that', async () => {
  const { begun, run, end } = setUp();
  const all = [0, 1, 2].map((id) => run(id));
  await end(0);
  begun[1]?.end({ type: 'all-rechecked', results: [{ code: 'disk', message: 'unreadable' }, new Uint8Array([2])] });
  expect(await Promise.all(all)).toEqual([0, 'disk', 2]);
});

test('where the worker ends over one of them, each runs alone', async () => {
  const { begun, ids, run, end } = setUp();
  const all = [0, 1, 2].map((id) => run(id));
  await end(0);
  begun[1]?.end(new EnsembleError('fault', 'the process ended'));
  await new Promise(setImmediate);
  begun[2]?.end(new EnsembleError('fault', 'the process ended'));
  await new Promise(setImmediate);
  await end(3);
  expect(ids()).toEqual([[0], [1, 2], [1], [2]]);
  expect(await Promise.all(all)).toEqual([0, 'fault', 2]);
});

test('one that is stopped ends, whether it waits or is under way, and the others have their results', async () => {
  const { ids, run, end } = setUp();
  const [waits, goes] = [new AbortController(), new AbortController()];
  const all = [run(0), run(1, goes.signal), run(2), run(3, waits.signal)];
  waits.abort();
  await end(0);
  expect(ids()).toEqual([[0], [1, 2]]);
  goes.abort();
  await new Promise(setImmediate);
  await end(2);
  expect(ids()).toEqual([[0], [1, 2], [2]]);
  expect(await Promise.all([...all, run(4, AbortSignal.abort())])).toEqual([
    0,
    'interrupted',
    2,
    'interrupted',
    'interrupted',
  ]);
});

test('others do not wait for one whose disk does not answer', async () => {
  const { clock, ids, run, end } = setUp();
  const stuck = run(0);
  const others = [1, 2].map((id) => run(id));
  await clock.advance(2000);
  expect(ids()).toEqual([[0], [1, 2]]);
  await end(1);
  expect(await Promise.all(others)).toEqual([1, 2]);
  await end(0);
  expect(await stuck).toBe(0);
});

test('no more go together than a message may have', async () => {
  const { ids, run, end } = setUp();
  const all = Array.from({ length: 100 }, (_, id) => run(id));
  for (let i = 0; i < 3; i++) await end(i);
  expect(ids().map((some) => some.length)).toEqual([1, 64, 35]);
  await Promise.all(all);
});

test('much to read or to tell is a job of its own', () => {
  expect(isSmall(recheckOf(100), 1 << 20)).toBe(true);
  expect(isSmall(recheckOf(100), (1 << 20) + 1)).toBe(false);
  expect(isSmall(recheckOf(1 << 16), 1)).toBe(false);
});
