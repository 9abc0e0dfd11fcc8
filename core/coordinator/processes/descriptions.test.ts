import { expect, test } from 'vitest';
import { unpackFiles } from '../../base/packed-files.ts';
import { encode } from '../../bencode/bencode.ts';
import { describeTorrent } from '../../metainfo/describe-torrent.ts';
import { World } from '../testing/world.ts';

/** A torrent file with more values than anybody needs. */
function torrentWith(values: number, info: object = { name: 'T', length: 5, 'piece length': 16_384 }): Uint8Array {
  return encode({ a: Array.from({ length: values }, () => 1), info: { ...info, pieces: new Uint8Array(20) } });
}
const files = [
  { length: 3, path: ['a', 'b'] },
  { length: 1, path: ['pad'], attr: 'p' },
  { length: 7, path: ['a', 'CON'] },
];
const workers = ({ host }: World): number => host.started.filter((one) => one.kind === 'worker').length;

test('a small torrent is described at once, a large one by a worker, and both alike', async () => {
  for (const [values, started] of [
    [10, 0],
    [200_000, 1],
  ] as const) {
    const world = new World();
    const data = torrentWith(values, { name: 'T', files, 'piece length': 16_384 });
    const found = await world.clock.resolve(world.coordinator.describe(data));
    expect(found).toEqual(describeTorrent(data));
    expect(found).toMatchObject({ name: 'T', length: 10, fileCount: 2, fileSlots: 3, renamed: { count: 1 } });
    expect(unpackFiles(found.files).map(({ index, length }) => [index, length])).toEqual([
      [0, 3],
      [2, 7],
    ]);
    expect(workers(world)).toBe(started);
  }
});

test('one that is none is refused with the same sentence', async () => {
  const world = new World();
  const bad = (values: number): Promise<unknown> =>
    world.clock.resolve(world.coordinator.describe(torrentWith(values, { name: 'T' })));
  const small = await bad(10).catch((error: unknown) => error);
  await expect(bad(200_000)).rejects.toMatchObject({ code: 'invalid-torrent', message: (small as Error).message });
});

test('many at once follow each other in one process, beside the checks', async () => {
  const world = new World();
  const data = torrentWith(200_000);
  await world.clock.resolve(Promise.all(Array.from({ length: 24 }, () => world.coordinator.describe(data))));
  expect(workers(world)).toBe(1);
});

test('those that wait end with the program', async () => {
  const world = new World();
  const all = Array.from({ length: 3 }, () => world.coordinator.describe(torrentWith(200_000)));
  const ended = Promise.allSettled(all);
  await world.clock.resolve(world.coordinator.close());
  expect((await world.clock.resolve(ended)).map(({ status }) => status)).toEqual(Array(3).fill('rejected'));
  expect(world.host.started.some((one) => one.running)).toBe(false);
});
