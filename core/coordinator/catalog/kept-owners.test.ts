import { expect, test } from 'vitest';
import { PIECE } from '../../engine/piece-codes.ts';
import { World } from '../testing/world.ts';

test('after a restart it is known who fetched which piece of an assembled download, and how long that took', async () => {
  const world = new World();
  world.coordinator = world.build('/state');
  await world.clock.resolve(world.coordinator.start());
  const key = await world.add(world.torrent(40), { identities: 3 });
  await world.until(key, 'done');
  const told = () => {
    const { identities, active } = world.coordinator.download(key)!;
    return { held: identities.map(({ held }) => held), took: identities.map((one) => one.active), active };
  };
  const before = told();
  const map = world.coordinator.pieceMap(key)!.pieces;
  expect(new Set(map).size).toBeGreaterThan(1);
  expect([...map].every((code) => code < PIECE.unwanted)).toBe(true);
  await world.clock.resolve(world.coordinator.close());
  await world.clock.advance(5000);

  world.coordinator = world.build('/state');
  await world.clock.resolve(world.coordinator.start());
  await world.until(key, 'done');
  expect(world.coordinator.pieceMap(key)!.pieces).toEqual(map);
  expect(told()).toEqual(before);
  // Read again, the pieces are still whose they were.
  await world.clock.resolve(world.coordinator.recheck(key));
  expect(world.coordinator.pieceMap(key)!.pieces).toEqual(map);

  await world.clock.resolve(world.coordinator.remove(key, { data: true }));
  expect(world.disk.paths().filter((path) => path.startsWith('/state/torrents/'))).toEqual(['/state/torrents/']);
});
