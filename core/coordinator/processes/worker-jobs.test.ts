import { expect, test } from 'vitest';
import { parseInfo } from '../../metainfo/parse-info.ts';
import { MESSAGES_VERSION } from '../../identity/messages.ts';
import type { WorkerTask } from '../../identity/worker-messages.ts';
import { VirtualClock } from '../../sim/clock.ts';
import { SimProcessHost } from '../../sim/process-host.ts';
import { World } from '../testing/world.ts';
import { WorkerJobs } from './worker-jobs.ts';

const rawInfo = new World().torrent(1).torrent.info.raw;
const location = { layout: 'parts', workFolder: '/w', output: '/out', assembled: false, identity: 0 };
const job = { type: 'recheck', version: MESSAGES_VERSION, rawInfo, location, count: 1 } as WorkerTask;
const perPiece = new Uint8Array(1);
const assembly = {
  type: 'assemble',
  version: MESSAGES_VERSION,
  rawInfo,
  location,
  count: 1,
  owners: perPiece,
  trusted: perPiece,
  wantedFiles: perPiece,
  replace: false,
} as WorkerTask;

/** Workers that finish their jobs when told to, in the order they were started in, and then end or stay. */
function setUp(after: 'end' | 'stay' = 'end'): {
  clock: VirtualClock;
  host: SimProcessHost;
  begin: (signal?: AbortSignal, task?: WorkerTask) => Promise<unknown>;
  finish: () => Promise<void>;
} {
  const clock = new VirtualClock();
  const ends: (() => void)[] = [];
  const host = new SimProcessHost(clock, {
    worker: (port) => {
      port.onMessage((message) => {
        if ((message as { readonly type: string }).type === 'stop') return;
        ends.push(() => {
          port.post({ type: 'rechecked', good: new Uint8Array(parseInfo(rawInfo).pieceCount) });
          if (after === 'end') port.exit(0);
        });
      });
    },
  });
  const jobs = new WorkerJobs(host, clock);
  const begin = (signal = new AbortController().signal, task = job): Promise<unknown> => {
    const done = jobs
      .run(task, () => undefined, signal)
      .then(
        (result) => result.type,
        (error: unknown) => (error as { code: string }).code,
      );
    return done;
  };
  const finish = async (): Promise<void> => {
    ends.shift()?.();
    await clock.advance(10);
  };
  return { clock, host, begin, finish };
}

test('a job that waits for its turn ends when it is stopped, and the others go on in their order', async () => {
  const { clock, host, begin, finish } = setUp();
  const running = [begin(), begin()];
  const stopped = new AbortController();
  const waiting = begin(stopped.signal);
  const last = begin();
  await clock.advance(10);
  stopped.abort();
  expect(await clock.resolve(waiting)).toBe('interrupted');
  expect(host.started).toHaveLength(2);
  await finish();
  expect(host.started).toHaveLength(3);
  await finish();
  await finish();
  expect(await clock.resolve(Promise.all([...running, last]))).toEqual(['rechecked', 'rechecked', 'rechecked']);
  // Every place is free again.
  const again = [begin(), begin(), begin()];
  await clock.advance(10);
  expect(host.started).toHaveLength(5);
  for (let i = 0; i < 3; i++) await finish();
  await clock.resolve(Promise.all(again));
});

test('one that was stopped before its turn came starts no process', async () => {
  const { clock, host, begin } = setUp();
  const stopped = new AbortController();
  stopped.abort();
  expect(await clock.resolve(begin(stopped.signal))).toBe('interrupted');
  expect(host.started).toEqual([]);
});

test('never more at once than there are places, also where one comes just as another ends', async () => {
  const { clock, host, begin, finish } = setUp();
  const first = begin();
  const all = [first, begin(), begin()];
  void first.then(() => all.push(begin()));
  await clock.advance(10);
  await finish();
  expect(host.started.filter((one) => one.running)).toHaveLength(2);
  for (let i = 0; i < 3; i++) await finish();
  await clock.resolve(Promise.all(all));
});

test('a stopped assembly is not over before its worker is: what that still does would come after what follows', async () => {
  const { clock, host, begin, finish } = setUp();
  const stopped = new AbortController();
  const running = begin(stopped.signal, assembly);
  await clock.advance(10);
  stopped.abort();
  await clock.advance(100);
  expect(host.started[0]?.running).toBe(true);
  await finish();
  expect(await clock.resolve(running)).toBe('interrupted');
  expect(host.started[0]?.running).toBe(false);
});

test('a worker that does not stop as it is told is killed', async () => {
  const { clock, host, begin } = setUp();
  const stopped = new AbortController();
  const running = begin(stopped.signal, assembly);
  await clock.advance(10);
  stopped.abort();
  expect(await clock.resolve(running, 5000)).toBe('interrupted');
  expect(host.started[0]?.running).toBe(false);
});

test('a worker serves for the jobs that follow, until none comes for a while', async () => {
  const { clock, host, begin, finish } = setUp('stay');
  for (let i = 0; i < 5; i++) {
    const jobs = [begin(), begin(), begin()];
    await clock.advance(10);
    for (let done = 0; done < 3; done++) await finish();
    await clock.resolve(Promise.all(jobs));
    await clock.advance(2000);
  }
  expect(host.started).toHaveLength(2);
  await clock.advance(2000);
  expect(host.started.filter((one) => one.running)).toEqual([]);
});

test('one that died while it waited for a job is replaced', async () => {
  const { clock, host, begin, finish } = setUp('stay');
  const first = begin();
  await clock.advance(10);
  await finish();
  await clock.resolve(first);
  host.started[0]?.crash();
  await clock.advance(10);
  const second = begin();
  await clock.advance(10);
  await finish();
  expect(await clock.resolve(second)).toBe('rechecked');
  expect(host.started).toHaveLength(2);
});
