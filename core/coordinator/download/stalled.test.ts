import { expect, test } from 'vitest';
import { bytesPerSecond, millis, type TorrentKey } from '../../base/ids.ts';
import { World } from '../testing/world.ts';

/** Fetches ten pieces a second, for as long as `pace` says nothing else. */
async function flowing(): Promise<{ world: World; key: TorrentKey }> {
  const world = new World();
  world.script.pace.set(0, 100);
  const key = await world.add(world.torrent(2000), { identities: 1 });
  await world.until(key, 'downloading');
  await world.clock.advance(20_000);
  return { world, key };
}
const told = ({ world, key }: { world: World; key: TorrentKey }) => world.coordinator.download(key);

test('the rate is that of the last seconds, and is gone soon after the last byte; so is the time left; then it is stalled', async () => {
  const both = await flowing();
  const { world } = both;
  expect(told(both)?.rate.down).toBeGreaterThan(120_000);
  expect(told(both)?.timeLeft).toBeGreaterThan(0);
  world.script.pace.set(0, 10_000_000);
  await world.clock.advance(6000);
  expect(told(both)?.rate.down).toBe(0);
  await world.clock.advance(6000);
  expect(told(both)?.timeLeft).toBeUndefined();
  expect(told(both)?.stall).toBeUndefined();
  await world.clock.advance(20_000);
  expect(told(both)?.stall).toEqual({ kind: 'silent', peers: 1 });
});

test('why it is stalled follows from what the identity tells', async () => {
  const both = await flowing();
  const { world, key } = both;
  world.script.pace.set(0, 10_000_000);
  const tracker = { url: 'http://t/a', tier: 0, state: 'failed', message: 'unregistered torrent' } as const;
  const sources = [{ kind: 'tracker', found: 0, trackers: [tracker] }] as const;
  world.script.status.set(0, { peers: 0, seeds: 0, useful: 0, sources });
  await world.clock.advance(35_000);
  expect(told(both)?.stall).toEqual({ kind: 'tracker', url: tracker.url, message: tracker.message });
  await world.clock.resolve(world.coordinator.pause(key));
  expect(told(both)?.stall).toBeUndefined();
  // Resumed, it gets its time to find somebody.
  await world.clock.resolve(world.coordinator.resume(key));
  await world.clock.advance(20_000);
  expect(told(both)?.stall).toBeUndefined();
});

test.each(['of the download', 'of all downloads'])('a limit %s cuts rate and time left at once', async (which) => {
  const both = await flowing();
  const { world, key } = both;
  const limit = { down: bytesPerSecond(20_000), up: bytesPerSecond(0) };
  const before = told(both)?.timeLeft ?? 0;
  if (which === 'of the download') await world.clock.resolve(world.coordinator.change(key, { down: limit.down }));
  else world.coordinator.setLimits(limit);
  await world.clock.advance(millis(1));
  expect(told(both)?.rate.down).toBeLessThanOrEqual(20_001);
  expect(told(both)?.timeLeft).toBeGreaterThan(5 * before);
});
