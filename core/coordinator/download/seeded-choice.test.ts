import { describe, expect, test } from 'vitest';
import { sameBytes } from '../../base/bytes.ts';
import { SimSwarm } from '../../sim/swarm.ts';
import { BIG, ends, FILES, make, PIECE } from '../testing/three-files.ts';
import { KIB } from '../testing/world.ts';

describe.each([1, 2])('what is seeded of a choice is what lies there whole, %i real identities', (identities) => {
  test.each([
    ['who comes later', 'forever', true],
    ['who was there before', 'forever', false],
    ['who comes when it is seeded after all', 'never', true],
  ] as const)('to one %s', async (_, kind, late) => {
    const swarm = new SimSwarm(5, { files: FILES, pieceLength: PIECE });
    swarm.seed('10.0.0.1', { up: 8 * KIB, down: 64 * KIB });
    const ours = swarm.machine({ down: 64 * KIB, up: 64 * KIB });
    const come = () => swarm.leecher('10.0.0.2', { up: 64 * KIB, down: 16 * KIB });
    const early = late ? undefined : come();
    const options = { identities, filePriorities: BIG, layout: 'parts', seed: { kind } } as const;
    const key = await ours.add(swarm.torrent, options);
    await ours.until(swarm.torrent, ['seeding', 'done'], 600_000);
    await swarm.clock.advance(30_000);
    await swarm.clock.resolve(ours.coordinator.change(key, { seed: { kind: 'forever' } }));
    const leecher = early ?? come();
    const isComplete = (): boolean => sameBytes(leecher.payload(swarm.torrent) ?? new Uint8Array(), swarm.payload);
    await swarm.clock.runUntil(isComplete, 600_000);
    expect(isComplete()).toBe(true);
    expect(ours.snapshot(swarm.torrent)).toMatchObject({ state: 'seeding' });
    expect(ours.snapshot(swarm.torrent).uploaded).toBeGreaterThan(0);
    expect(ours.events.filter((event) => event.type === 'log' && event.level === 'error')).toEqual([]);
  });
});

test('more that is chosen during an assembly does not make the assembly a failure', async () => {
  const made = make();
  const { world, key } = made;
  await world.add(made, {
    identities: 1,
    filePriorities: BIG,
    assemble: false,
    layout: 'parts',
    seed: { kind: 'forever' },
  });
  await ends(made, 'complete');
  world.disk.delay = () => 20;
  const told = world.coordinator.assemble(key);
  await world.until(key, 'assembling');
  await world.clock.resolve(world.coordinator.change(key, { filePriorities: [0, 4, 4] }));
  world.disk.delay = undefined;
  await world.clock.resolve(told);
  await world.clock.runUntil(() => world.state(key) !== 'checking', 60_000);
  expect(world.coordinator.download(key)?.error).toBeUndefined();
});
