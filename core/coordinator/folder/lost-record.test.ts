import { describe, expect, test } from 'vitest';
import type { LayoutKind } from '../../base/choices.ts';
import { World } from '../testing/world.ts';

const PIECES = 60;
const LAYOUTS: readonly LayoutKind[] = ['in-place', 'parts', 'pieces'];

const folderOf = (world: World): string => {
  const found = world.disk.paths().find((path) => path.endsWith('.ensemble/'));
  if (found === undefined) throw new Error('no working folder');
  return found.slice(0, -1);
};

/** Removes what is in the working folder and fits. */
async function lose(world: World, which: RegExp): Promise<void> {
  const folder = folderOf(world);
  for (const name of await world.disk.list(folder)) {
    if (which.test(name)) await world.disk.remove(`${folder}/${name}`);
  }
}

const DAMAGES: [string, (world: World) => Promise<void>][] = [
  ['is gone', (world) => lose(world, /^resume$/)],
  ['is damaged', (world) => world.disk.replaceFile(`${folderOf(world)}/resume`, new Uint8Array(100))],
  ['is gone, and all but the manifest', (world) => lose(world, /^(?:resume|have-\d+|torrent|lock.*)$/)],
];

describe.each(LAYOUTS)('layout %s', (layout) => {
  describe.each(['a stop', 'a crash'])('after %s', (end) => {
    test.each(DAMAGES)('a resume record that %s costs a check, and nothing is fetched again', async (_, damage) => {
      const world = new World();
      const made = world.torrent(PIECES);
      const key = await world.add(made, { identities: 3, layout });
      await world.clock.runUntil(() => (world.coordinator.download(key)?.pieces.have ?? 0) >= 30, 60_000);
      if (end === 'a stop') await world.clock.resolve(world.coordinator.close());
      else world.crash();
      const before = world.coordinator.download(key)?.pieces.have ?? 0;
      await damage(world);
      world.script.begun.length = 0;
      world.coordinator = world.build();
      // With fewer identities than wrote there.
      await world.add(made, { identities: 2, layout });
      await world.until(key, 'done');
      await world.expectFile('/out/payload', made.payload);
      expect(world.host.started.filter((one) => one.label === 'recheck')).toHaveLength(1);
      const fetched = new Set(world.script.begun.map((one) => one.piece));
      expect(fetched.size).toBeLessThanOrEqual(PIECES - before);
      expect(world.events).toContainEqual(
        expect.objectContaining({ level: 'warn', message: expect.stringContaining('read again') }),
      );
    });
  });

  test('where nothing was written yet nothing is read', async () => {
    const world = new World();
    const made = world.torrent(4);
    world.script.pace.set(0, 1e6);
    await world.add(made, { identities: 1, layout });
    await world.clock.advance(500);
    world.crash();
    await lose(world, /^resume$/);
    world.script.pace.clear();
    world.coordinator = world.build();
    const key = await world.add(made, { identities: 1, layout });
    await world.until(key, 'done');
    expect(world.host.started.filter((one) => one.label === 'recheck')).toEqual([]);
  });
});
