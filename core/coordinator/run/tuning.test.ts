import { expect, test } from 'vitest';
import { ALL_WAYS } from '../../engine/tuning.ts';
import { World } from '../testing/world.ts';

test('a way to peers is used where the settings and the download allow it', async () => {
  const world = new World();
  world.coordinator.setWays({ ...ALL_WAYS, dht: false });
  const key = await world.add(world.torrent(40), { identities: 2, pex: false, stay: true });
  await world.until(key, 'downloading');
  const told = () => {
    const tunings = world.script.received.flatMap(({ identity: index, message }) => {
      if (message.type === 'add') return [{ index, ...message.setup.tuning }];
      return message.type === 'tune' ? [{ index, ...message.tuning }] : [];
    });
    return [0, 1].map((i) => tunings.findLast(({ index }) => index === i));
  };
  await world.clock.advance(1500);
  for (const one of told()) expect(one).toMatchObject({ dht: false, pex: false, lsd: true, portMap: true });
  world.coordinator.setWays({ ...ALL_WAYS, lsd: false });
  await world.clock.advance(100);
  for (const one of told()) expect(one).toMatchObject({ dht: true, pex: false, lsd: false, portMap: true });
});
