import { expect, test } from 'vitest';
import { SeededRandom } from '../../sim/random.ts';
import { simTorrent } from '../../sim/torrent.ts';
import { Geometry } from '../../metainfo/geometry.ts';
import { World } from '../testing/world.ts';
import { piecePriorities } from './file-choice.ts';

const PIECE = 16 * 1024;
const { info } = simTorrent(new SeededRandom(1), {
  pieceLength: PIECE,
  files: [
    { path: ['long'], length: 250 * PIECE },
    { path: ['unwanted'], length: 4 * PIECE },
    { path: ['short'], length: PIECE / 2 },
  ],
}).torrent;
const of = (options: Parameters<typeof piecePriorities>[2]): number[] | undefined => {
  const all = piecePriorities(info, new Geometry(info), options);
  return all && [...all];
};

test('a hundredth of each wanted file at each end comes first', () => {
  expect(of({ edgesFirst: false })).toBeUndefined();
  const all = of({ edgesFirst: true, filePriorities: [2, 0, 4] });
  expect(all?.slice(0, 4)).toEqual([7, 7, 7, 2]);
  expect(all?.slice(246)).toEqual([2, 7, 7, 7, 0, 0, 0, 0, 7]);
  expect(all?.slice(3, 247).every((one) => one === 2)).toBe(true);
  expect(of({ edgesFirst: true })?.filter((one) => one === 7)).toHaveLength(9);
});

test('chosen while it downloads, or given up again, its identities hear of it', async () => {
  const world = new World();
  const made = world.torrent(40);
  world.script.pace.set(0, 1000);
  const key = await world.add(made, { identities: 1 });
  await world.clock.advance(1000);
  const told = (): number[][] =>
    world.script.received.flatMap(({ message }) =>
      message.type === 'priorities' ? [Array.from(message.priorities.slice(0, 2))] : [],
    );
  await world.clock.resolve(world.coordinator.change(key, { edgesFirst: true }));
  await world.clock.advance(100);
  expect(told()).toEqual([[7, 4]]);
  await world.clock.resolve(world.coordinator.change(key, { edgesFirst: false }));
  await world.clock.advance(100);
  expect(told()).toEqual([
    [7, 4],
    [4, 4],
  ]);
  await world.until(key, 'done', 1e6);
});
