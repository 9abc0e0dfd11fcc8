import { expect, test } from 'vitest';
import type { SeedRule } from '../../base/choices.ts';
import type { Bytes, TorrentKey } from '../../base/ids.ts';
import { KIB, World } from '../testing/world.ts';

const PIECES = 20;

/** Complete, and waiting for somebody to have it assembled. */
async function complete(seed: SeedRule, identities = 2): Promise<{ world: World; key: TorrentKey }> {
  const world = new World();
  world.coordinator = world.build('/state');
  await world.clock.resolve(world.coordinator.start());
  const key = await world.add(world.torrent(PIECES), { assemble: false, identities, seed });
  await world.until(key, 'complete');
  await world.clock.advance(2000);
  return { world, key };
}

const upload = (world: World, pieces: number): void =>
  void world.script.status.set(0, { uploaded: (pieces * 16 * KIB) as Bytes });

const identity = (world: World, key: TorrentKey): string | undefined =>
  world.coordinator.download(key)?.identities[0]?.state;

const sent = (world: World, type: string): number =>
  world.script.received.filter((one) => one.identity === 0 && one.message.type === type).length;

test.each([1, 2])('what waits for its assembly is seeded until its ratio is reached, %i identities', async (k) => {
  const { world, key } = await complete({ kind: 'ratio', ratio: 1 }, k);
  expect(sent(world, 'seed')).toBe(1);
  upload(world, PIECES / 2);
  await world.clock.advance(3000);
  expect(sent(world, 'leave')).toBe(0);
  upload(world, PIECES);
  await world.clock.advance(3000);
  expect([world.state(key), identity(world, key), sent(world, 'leave')]).toEqual(['complete', 'left', 1]);
  await world.clock.resolve(world.coordinator.assemble(key));
  expect(world.state(key)).toBe('done');
});

test('a rule that is changed acts at once', async () => {
  const { world, key } = await complete({ kind: 'forever' });
  await world.clock.resolve(world.coordinator.change(key, { seed: { kind: 'never' } }));
  await world.clock.advance(1000);
  expect([world.state(key), identity(world, key)]).toEqual(['complete', 'left']);
  await world.clock.resolve(world.coordinator.change(key, { seed: { kind: 'forever' } }));
  await world.clock.advance(3000);
  expect([world.state(key), identity(world, key)]).toEqual(['complete', 'seeding']);
});

test('a rule that is changed while it downloads changes nothing yet', async () => {
  const world = new World();
  const key = await world.add(world.torrent(200), { assemble: false });
  await world.clock.advance(1000);
  await world.clock.resolve(world.coordinator.change(key, { seed: { kind: 'forever' } }));
  await world.clock.advance(1000);
  expect([world.state(key), sent(world, 'seed'), sent(world, 'leave')]).toEqual(['downloading', 0, 0]);
});

test('what is seeded before its assembly can be paused, also over a restart, and resumed', async () => {
  const { world, key } = await complete({ kind: 'forever' });
  await world.clock.resolve(world.coordinator.pause(key));
  await world.clock.advance(1000);
  expect([world.state(key), identity(world, key), sent(world, 'pause')]).toEqual(['paused', 'paused', 1]);
  await world.clock.resolve(world.coordinator.resume(key));
  await world.clock.advance(1000);
  expect([world.state(key), sent(world, 'resume')]).toEqual(['complete', 1]);
  expect(identity(world, key)).not.toBe('left');

  await world.clock.resolve(world.coordinator.pause(key));
  await world.clock.resolve(world.coordinator.close());
  world.coordinator = world.build('/state');
  await world.clock.resolve(world.coordinator.start());
  await world.clock.advance(1000);
  expect([world.state(key), world.running]).toEqual(['paused', 0]);
  await world.clock.resolve(world.coordinator.resume(key));
  await world.until(key, 'complete');
  await world.clock.advance(3000);
  expect(identity(world, key)).toBe('seeding');
});

test('a rule that is changed while it is paused acts when it is resumed', async () => {
  const { world, key } = await complete({ kind: 'forever' });
  await world.clock.resolve(world.coordinator.pause(key));
  await world.clock.resolve(world.coordinator.change(key, { seed: { kind: 'never' } }));
  await world.clock.resolve(world.coordinator.resume(key));
  await world.clock.advance(3000);
  expect([world.state(key), identity(world, key)]).toEqual(['complete', 'left']);
});

test('a rule that is changed after a failure hides nothing of it, and acts when it is resumed', async () => {
  const { world, key } = await complete({ kind: 'forever' });
  await world.clock.resolve(world.coordinator.assemble(key));
  expect(world.state(key)).toBe('seeding');
  world.script.voices.get(0)?.({ type: 'failed', key, code: 'disk', message: 'The disk is gone.' });
  await world.until(key, 'failed');
  await world.clock.resolve(world.coordinator.change(key, { seed: { kind: 'ratio', ratio: 2 } }));
  await world.clock.advance(2000);
  expect(world.state(key)).toMatch(/^failed/);
  await world.clock.resolve(world.coordinator.change(key, { seed: { kind: 'never' } }));
  await world.clock.advance(2000);
  expect(world.state(key)).toMatch(/^failed/);
  await world.clock.resolve(world.coordinator.resume(key));
  await world.until(key, 'done');
});

test('where nothing is uploaded there is nothing to pause', async () => {
  const { world, key } = await complete({ kind: 'never' });
  await world.clock.resolve(world.coordinator.pause(key));
  await world.clock.advance(1000);
  expect(world.state(key)).toBe('complete');
});

test('a torrent whose data is there is looked at with few calls, whatever is in the folder', async () => {
  const world = new World();
  const calls = new Map<string, number>();
  const many = Array.from({ length: 20 }, (_, i) => world.torrent(2, { name: `payload-${i}` }));
  many.forEach(({ payload }, i) => world.disk.put(`/out/payload-${i}`, payload));
  world.disk.delay = (operation) => {
    calls.set(operation, (calls.get(operation) ?? 0) + 1);
    return 0;
  };
  const keys: TorrentKey[] = [];
  for (const made of many) keys.push(await world.add(made, { identities: 1, seed: { kind: 'forever' } }));
  for (const key of keys) await world.until(key, 'seeding');
  const sum = [...calls.values()].reduce((all, n) => all + n, 0);
  // Where it leads and what is there, what belongs there, whether an earlier run left something, and the reading itself.
  expect(sum / many.length).toBeLessThanOrEqual(11);
});
