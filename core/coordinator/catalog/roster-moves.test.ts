import { expect, test } from 'vitest';
import type { DownloadOptions } from '../../engine/engine.ts';
import { times } from '../../sim/acceptance.ts';
import { begin, ends, holds, left, type Made, start, stop } from '../testing/three-files.ts';

const NEW = '/new/place';
const SEED: Partial<DownloadOptions> = { identities: 1, seed: { kind: 'forever' } };

/** Calls `act` so many turns of the event loop's queue after the first disk operation at which the old names are gone. */
function onceCleared(made: Made, turns: number, act: () => void): void {
  made.world.disk.delay = () => {
    if (left(made, '/out').length > 0) return 0;
    made.world.disk.delay = undefined;
    let after = Promise.resolve();
    for (let i = 0; i < turns; i++) after = after.then(() => {});
    void after.then(act);
    return 0;
  };
}

test('removed with its data at whatever moment around the end of its move, nothing of it is left', async () => {
  for (let turns = 0; turns < 120; turns++) {
    const made = await begin(false, SEED, 'seeding');
    const { world, key } = made;
    let removed: Promise<void> | undefined;
    onceCleared(made, turns, () => {
      removed = world.coordinator.remove(key, { data: true });
    });
    await world.clock.resolve(world.coordinator.move(key, NEW).catch(() => {}));
    await world.clock.resolve(removed ?? Promise.reject(new Error('It was not removed.')));
    expect([...left(made, '/out'), ...left(made, NEW)], `${turns} turns later`).toEqual([]);
    await stop(made);
  }
});

test.each([false, true])('the program ends at any moment of a move to another disk (%s)', async (elsewhere) => {
  for (let at = 1, over = false; !over; at += times(5, 1)) {
    const made = await begin(elsewhere, SEED, 'downloading');
    const { world, key } = made;
    await world.clock.advance(2500);
    let operations = 0;
    let ended: Promise<void> | undefined;
    world.disk.delay = () => {
      if (++operations === at) ended = world.coordinator.close();
      return 1;
    };
    await world.clock.resolve(world.coordinator.move(key, NEW).catch(() => {}));
    over = ended === undefined;
    await world.clock.resolve(ended ?? world.coordinator.close());
    await world.clock.advance(5000);
    world.disk.delay = undefined;
    await start(made);
    await ends(made, 'seeding');
    const there = world.coordinator.download(key)?.options.output ?? '';
    expect(holds(made, there), `ended at operation ${at}`).toBe(true);
    expect(left(made, there === NEW ? '/out' : NEW), `ended at operation ${at}`).toEqual([]);
    await stop(made);
  }
});

test('a move whose torrent file cannot be read goes on once that is there again', async () => {
  const made = await begin(true, SEED, 'seeding');
  const { world, key } = made;
  world.disk.delay = (operation, path) => (operation === 'write' && path.startsWith('/new/') ? 5000 : 0);
  const moved = expect(world.coordinator.move(key, NEW)).rejects.toMatchObject({ code: 'interrupted' });
  await world.clock.advance(2000);
  await stop(made);
  await moved;
  world.disk.delay = undefined;
  const [file = ''] = world.disk.paths().filter((path) => path.endsWith('.torrent'));
  const content = world.disk.content(file) ?? new Uint8Array();
  await world.disk.remove(file);
  await start(made);
  await ends(made, 'failed');
  await world.clock.resolve(world.coordinator.resume(key));
  await world.clock.advance(5000);
  await ends(made, 'failed');
  expect(world.coordinator.download(key)?.options.output).toBe('/out');
  world.disk.put(file, content);
  await world.clock.resolve(world.coordinator.resume(key));
  await ends(made, 'seeding');
  expect(holds(made, NEW)).toBe(true);
  expect(left(made, '/out')).toEqual([]);
});

test('what could not be removed is neither moved nor renamed, until it is resumed', async () => {
  const made = await begin(false, SEED, 'seeding');
  const { world, key } = made;
  world.disk.fail({ operation: 'remove', code: 'EACCES', path: '/out/payload/tail' });
  await expect(world.clock.resolve(world.coordinator.remove(key, { data: true }))).rejects.toThrow();
  await ends(made, 'failed');
  const move = world.coordinator.move(key, NEW);
  await expect(world.clock.resolve(move)).rejects.toMatchObject({ code: 'in-use' });
  const rename = world.coordinator.rename(key, 'payload', 'Other');
  await expect(world.clock.resolve(rename)).rejects.toMatchObject({ code: 'in-use' });
});
