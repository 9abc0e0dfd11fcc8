import { expect, test } from 'vitest';
import { options, World } from './testing/world.ts';

test('closed at any moment of its beginning, it starts no process that nobody ends', async () => {
  for (let moment = 0; moment < 60; moment++) {
    const world = new World();
    world.disk.delay = () => 1;
    const made = world.torrent(8);
    const adding = world.coordinator.add({ kind: 'torrent', data: made.data }, options({ identities: 2 }));
    adding.catch(() => undefined);
    await world.clock.advance(moment);
    await world.clock.resolve(world.coordinator.close());
    await world.clock.advance(20_000);
    expect(world.running, `closed after ${moment} ms`).toBe(0);
  }
});
