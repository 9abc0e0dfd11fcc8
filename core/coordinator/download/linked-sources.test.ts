import { expect, test } from 'vitest';
import { fetched, make } from '../testing/three-files.ts';
import { options } from '../testing/world.ts';

const LINKED = 'http://link.example/announce';
const NAMED = {
  trackers: [['http://file.example/announce', LINKED], ['udp://other.example:80']],
  webSeeds: ['http://seed.example/'],
};

test('whom the torrent file of a link names is asked, too, by all identities and after a restart', async () => {
  const made = make();
  const { world, key } = made;
  world.script.named = NAMED;
  world.coordinator = world.build('/state');
  await world.clock.resolve(world.coordinator.start());
  const link = `magnet:?xt=urn:btih:${key}&tr=${encodeURIComponent(LINKED)}`;
  await world.clock.resolve(
    world.coordinator.add({ kind: 'magnet', link }, options({ identities: 2, assemble: false })),
  );
  await world.until(key, 'complete');
  expect(fetched(made).length).toBeGreaterThan(0);
  const setups = () =>
    world.script.received.flatMap(({ message }) =>
      message.type === 'add' && message.setup.rawInfo !== undefined ? [message.setup] : [],
    );
  const trackers = [[LINKED], ['http://file.example/announce'], ['udp://other.example:80']];
  expect(setups().length).toBeGreaterThan(0);
  for (const setup of setups()) expect(setup).toMatchObject({ trackers, webSeeds: NAMED.webSeeds });
  expect(world.coordinator.download(key)?.trackerHosts).toEqual(['link.example', 'file.example', 'other.example']);
  await world.clock.resolve(world.coordinator.close());
  world.coordinator = world.build('/state');
  await world.clock.resolve(world.coordinator.start());
  expect(world.coordinator.download(key)?.trackerHosts).toEqual(['link.example', 'file.example', 'other.example']);
});
