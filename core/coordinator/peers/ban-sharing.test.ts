import { expect, test } from 'vitest';
import { identityIndex, torrentKey } from '../../base/ids.ts';
import type { FromIdentity, ToIdentity } from '../../identity/messages.ts';
import { World } from '../testing/world.ts';

/** Bans that identities were told since `from`: [identity, hosts]. */
function told(world: World, from = 0): [number, readonly string[]][] {
  return world.script.received
    .slice(from)
    .flatMap(({ identity, message }) => (message.type === 'ban' ? [[identity, message.hosts] as const] : []))
    .map(([identity, hosts]): [number, readonly string[]] => [identity, hosts])
    .sort(([a], [b]) => a - b);
}

test('whom one identity bans the others ban too, once, and also those that come later', async () => {
  const world = new World();
  world.script.pace.set(0, 1000).set(1, 1000).set(2, 1000);
  const made = world.torrent(60);
  const key = torrentKey(made.torrent.info.infoHash);
  await world.add(made, { identities: 3 });
  await world.clock.advance(1000);
  const say = (identity: number, host: string): void => {
    const message: FromIdentity = { type: 'banned', key, host };
    world.script.voices.get(identity)?.(message);
  };
  say(1, '10.3.0.1');
  say(1, '127.0.0.1');
  say(1, '::1');
  await world.clock.advance(10);
  say(2, '10.3.0.1');
  await world.clock.advance(10);
  expect(told(world)).toEqual([
    [0, ['10.3.0.1']],
    [2, ['10.3.0.1']],
  ]);
  say(0, '2001:db8::7');
  await world.clock.advance(10);
  const before = world.script.received.length;
  world.coordinator.restartIdentity(key, identityIndex(2));
  await world.clock.advance(5000);
  expect(told(world, before)).toEqual([[2, ['10.3.0.1', '2001:db8::7']]]);
  const after = world.script.received.slice(before).filter(({ identity }) => identity === 2);
  // It can do nothing with it before it has the download.
  const types = after.map(({ message }: { message: ToIdentity }) => message.type);
  expect(types.indexOf('ban')).toBeGreaterThan(types.indexOf('add'));
});
