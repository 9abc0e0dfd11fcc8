import { expect, test } from 'vitest';
import type { SeedRule } from '../base/choices.ts';
import type { Bytes, InfoHash } from '../base/ids.ts';
import { KIB, World } from './testing/world.ts';

const PIECES = 20;

/** Complete, and waiting for somebody to have it assembled. */
async function complete(seed: SeedRule, identities = 2): Promise<{ world: World; infoHash: InfoHash }> {
  const world = new World();
  world.coordinator = world.build('/state');
  await world.clock.resolve(world.coordinator.start());
  const infoHash = await world.add(world.torrent(PIECES), { assemble: false, identities, seed });
  await world.until(infoHash, 'complete');
  await world.clock.advance(2000);
  return { world, infoHash };
}

const upload = (world: World, pieces: number): void =>
  void world.script.status.set(0, { uploaded: (pieces * 16 * KIB) as Bytes });

const identity = (world: World, infoHash: InfoHash): string | undefined =>
  world.coordinator.download(infoHash)?.identities[0]?.state;

const sent = (world: World, type: string): number =>
  world.script.received.filter((one) => one.identity === 0 && one.message.type === type).length;

test.each([1, 2])('what waits for its assembly is seeded until its ratio is reached, %i identities', async (k) => {
  const { world, infoHash } = await complete({ kind: 'ratio', ratio: 1 }, k);
  expect(sent(world, 'seed')).toBe(1);
  upload(world, PIECES / 2);
  await world.clock.advance(3000);
  expect(sent(world, 'leave')).toBe(0);
  upload(world, PIECES);
  await world.clock.advance(3000);
  expect([world.state(infoHash), identity(world, infoHash), sent(world, 'leave')]).toEqual(['complete', 'left', 1]);
  await world.clock.resolve(world.coordinator.assemble(infoHash));
  expect(world.state(infoHash)).toBe('done');
});

test('a rule that is changed acts at once', async () => {
  const { world, infoHash } = await complete({ kind: 'forever' });
  await world.clock.resolve(world.coordinator.change(infoHash, { seed: { kind: 'never' } }));
  await world.clock.advance(1000);
  expect([world.state(infoHash), identity(world, infoHash)]).toEqual(['complete', 'left']);
  await world.clock.resolve(world.coordinator.change(infoHash, { seed: { kind: 'forever' } }));
  await world.clock.advance(3000);
  expect([world.state(infoHash), identity(world, infoHash)]).toEqual(['complete', 'seeding']);
});

test('a rule that is changed while it downloads changes nothing yet', async () => {
  const world = new World();
  const infoHash = await world.add(world.torrent(200), { assemble: false });
  await world.clock.advance(1000);
  await world.clock.resolve(world.coordinator.change(infoHash, { seed: { kind: 'forever' } }));
  await world.clock.advance(1000);
  expect([world.state(infoHash), sent(world, 'seed'), sent(world, 'leave')]).toEqual(['downloading', 0, 0]);
});

test('what is seeded before its assembly can be paused, also over a restart, and resumed', async () => {
  const { world, infoHash } = await complete({ kind: 'forever' });
  await world.clock.resolve(world.coordinator.pause(infoHash));
  await world.clock.advance(1000);
  expect([world.state(infoHash), identity(world, infoHash), sent(world, 'pause')]).toEqual(['paused', 'paused', 1]);
  await world.clock.resolve(world.coordinator.resume(infoHash));
  await world.clock.advance(1000);
  expect([world.state(infoHash), sent(world, 'resume')]).toEqual(['complete', 1]);
  expect(identity(world, infoHash)).not.toBe('left');

  await world.clock.resolve(world.coordinator.pause(infoHash));
  await world.clock.resolve(world.coordinator.close());
  world.coordinator = world.build('/state');
  await world.clock.resolve(world.coordinator.start());
  await world.clock.advance(1000);
  expect([world.state(infoHash), world.running]).toEqual(['paused', 0]);
  await world.clock.resolve(world.coordinator.resume(infoHash));
  await world.until(infoHash, 'complete');
  await world.clock.advance(3000);
  expect(identity(world, infoHash)).toBe('seeding');
});

test('a rule that is changed while it is paused acts when it is resumed', async () => {
  const { world, infoHash } = await complete({ kind: 'forever' });
  await world.clock.resolve(world.coordinator.pause(infoHash));
  await world.clock.resolve(world.coordinator.change(infoHash, { seed: { kind: 'never' } }));
  await world.clock.resolve(world.coordinator.resume(infoHash));
  await world.clock.advance(3000);
  expect([world.state(infoHash), identity(world, infoHash)]).toEqual(['complete', 'left']);
});

test('a rule that is changed after a failure hides nothing of it, and acts when it is resumed', async () => {
  const { world, infoHash } = await complete({ kind: 'forever' });
  await world.clock.resolve(world.coordinator.assemble(infoHash));
  expect(world.state(infoHash)).toBe('seeding');
  world.script.voices.get(0)?.({ type: 'failed', infoHash, code: 'disk', message: 'The disk is gone.' });
  await world.until(infoHash, 'failed');
  await world.clock.resolve(world.coordinator.change(infoHash, { seed: { kind: 'ratio', ratio: 2 } }));
  await world.clock.advance(2000);
  expect(world.state(infoHash)).toMatch(/^failed/);
  await world.clock.resolve(world.coordinator.change(infoHash, { seed: { kind: 'never' } }));
  await world.clock.advance(2000);
  expect(world.state(infoHash)).toMatch(/^failed/);
  await world.clock.resolve(world.coordinator.resume(infoHash));
  await world.until(infoHash, 'done');
});

test('where nothing is uploaded there is nothing to pause', async () => {
  const { world, infoHash } = await complete({ kind: 'never' });
  await world.clock.resolve(world.coordinator.pause(infoHash));
  await world.clock.advance(1000);
  expect(world.state(infoHash)).toBe('complete');
});
