import { expect, test } from 'vitest';
import { WorkerJobs } from '../coordinator/processes/worker-jobs.ts';
import { World } from '../coordinator/testing/world.ts';
import { toldOf } from '../metainfo/known-info.ts';
import { MESSAGES_VERSION } from './messages.ts';
import type { RecheckTask } from './worker-messages.ts';

test('rechecks that come together say each what is right of it, as alone', async () => {
  const world = new World();
  const all = [1, 2, 3].map((pieces) => world.torrent(pieces, { name: `file ${pieces}` }));
  const [whole, torn] = all.map(({ payload }) => payload);
  world.disk.put('/out/file 1', whole ?? new Uint8Array(0));
  world.disk.put('/out/file 2', new Uint8Array(torn?.length ?? 0).fill(1));
  const location = { layout: 'in-place', workFolder: '/out/.w', output: '/out', assembled: true, identity: 0 } as const;
  const tasks = all.map(({ torrent: { info } }) => {
    const task = { type: 'recheck', version: MESSAGES_VERSION, ...toldOf(info), location, count: 1 };
    return task as RecheckTask;
  });
  const jobs = new WorkerJobs(world.host, world.clock);
  const { signal } = new AbortController();
  const together = tasks.map((task) => jobs.recheck(task, 1000, () => undefined, signal));
  const results = await world.clock.resolve(Promise.all(together));
  expect(results).toEqual([
    { type: 'rechecked', good: new Uint8Array([1]) },
    { type: 'rechecked', good: new Uint8Array(2) },
    { type: 'rechecked', good: new Uint8Array(3) },
  ]);
  expect(world.host.started).toHaveLength(1);
});
