import { describe, expect, test } from 'vitest';
import { torrentKey } from '../../base/ids.ts';
import type { LayoutKind } from '../../base/choices.ts';
import { sameBytes } from '../../base/bytes.ts';
import { SimSwarm } from '../../sim/swarm.ts';
import { KIB, World } from '../testing/world.ts';

const PIECE = 16 * KIB;
const LAYOUTS: readonly LayoutKind[] = ['in-place', 'parts', 'pieces'];

/** A machine in memory. */
type Machine = Pick<World, 'disk' | 'events'>;

function warnings(world: Machine): string[] {
  return world.events.flatMap((event) => (event.type === 'log' && event.level === 'warn' ? [event.message] : []));
}

/** Turns one byte of a file round, as another program does. */
async function spoil(world: Machine, path: string, at: number): Promise<void> {
  const file = await world.disk.open(path, 'write');
  const byte = new Uint8Array(1);
  await file.read(byte, at);
  await file.write(
    byte.map((one) => one ^ 1),
    at,
  );
  await file.close();
}

async function cut(world: Machine, path: string): Promise<void> {
  const file = await world.disk.open(path, 'write');
  await file.truncate(100);
  await file.close();
}

/** A file of the payload in a working folder that has bytes. */
function someFile(world: Machine): string {
  const found = world.disk
    .paths()
    .filter((path) => /\.ensemble\/(files\/.*[^/]|pieces\/\d+|part-0(\.\d+)?)$/.test(path))
    .find((path) => (world.disk.content(path)?.length ?? 0) > 0);
  if (found === undefined) throw new Error('nothing was written');
  return found;
}

/** A byte of a piece that is there. */
function someByte(world: Machine, path: string): number {
  return world.disk.content(path)?.findIndex((byte) => byte !== 0) ?? 0;
}

describe.each(LAYOUTS)('between two runs, layout %s', (layout) => {
  const begun = async (): Promise<{ world: World; made: ReturnType<World['torrent']>; fetched: number }> => {
    const world = new World();
    const made = world.torrent(60);
    const key = await world.add(made, { identities: 2, layout });
    await world.clock.advance(2000);
    const { pieces } = world.coordinator.download(key) ?? { pieces: { have: 0 } };
    return { world, made, fetched: pieces.have };
  };

  test('a byte that another program changes is found and fetched again', async () => {
    const { world, made, fetched } = await begun();
    await world.clock.resolve(world.coordinator.close());
    const before = world.script.begun.length;
    await world.clock.advance(5000);
    const path = someFile(world);
    await spoil(world, path, someByte(world, path));
    world.coordinator = world.build();
    const key = await world.add(made, { identities: 2, layout });
    await world.until(key, 'done');
    await world.expectFile('/out/payload', made.payload);
    expect(world.host.started.filter((one) => one.label === 'recheck')).toHaveLength(1);
    expect(warnings(world)).toEqual([expect.stringMatching(/"\/out\/.*changed/)]);
    // What is right of it is kept.
    expect(world.script.begun.length - before).toBeLessThanOrEqual(60 - fetched + 1 + 2);
  });

  test('a file that is removed is found', async () => {
    const { world, made } = await begun();
    await world.clock.resolve(world.coordinator.close());
    await world.disk.remove(someFile(world));
    world.coordinator = world.build();
    const key = await world.add(made, { identities: 2, layout });
    await world.until(key, 'done');
    await world.expectFile('/out/payload', made.payload);
    expect(warnings(world)).toHaveLength(1);
  });

  test.each([
    ['changed a while', 120_000, spoil],
    ['cut short at once', 0, cut],
  ] as const)('after an unclean end a file that is %s later is found', async (_, wait, harm) => {
    const swarm = new SimSwarm(3, { files: 60 * PIECE, pieceLength: PIECE });
    swarm.seed('10.0.0.1', { up: PIECE, down: PIECE });
    const ours = swarm.machine({ addresses: ['10.9.0.1', '10.9.0.2'], down: 16 * PIECE, up: 16 * PIECE });
    const options = { identities: 2, bind: ['10.9.0.1', '10.9.0.2'], layout };
    await ours.add(swarm.torrent, options);
    await swarm.clock.advance(40_000);
    ours.killCoordinator(true);
    ours.disk.crash('process');
    await swarm.clock.advance(wait);
    const path = someFile(ours);
    await harm(ours, path, someByte(ours, path));
    ours.restart();
    await ours.add(swarm.torrent, options);
    await ours.until(swarm.torrent, ['done'], 600_000);
    expect(ours.snapshot(swarm.torrent)).toMatchObject({ state: 'done' });
    expect(sameBytes(ours.payload(swarm.torrent) ?? new Uint8Array(), swarm.payload)).toBe(true);
    expect(warnings(ours)).toContainEqual(expect.stringContaining('changed'));
  });
});

test('what is changed while a finished download waits for its assembly is fetched again', async () => {
  const world = new World();
  const made = world.torrent(20);
  const key = await world.add(made, { identities: 2, assemble: false });
  await world.until(key, 'complete');
  await world.clock.advance(5000);
  const path = someFile(world);
  await spoil(world, path, 3 * PIECE);
  await expect(world.clock.resolve(world.coordinator.assemble(key))).rejects.toMatchObject({
    code: 'verification',
  });
  await world.until(key, 'complete');
  await world.clock.resolve(world.coordinator.assemble(key));
  await world.expectFile('/out/payload', made.payload);
});

describe('a finished download that is started again', () => {
  const seeding = async (): Promise<{ world: World; made: ReturnType<World['torrent']> }> => {
    const world = new World();
    const made = world.torrent(8);
    world.coordinator = world.build('/state');
    await world.clock.resolve(world.coordinator.start());
    const key = await world.add(made, { identities: 2, seed: { kind: 'forever' } });
    await world.until(key, 'seeding');
    await world.clock.resolve(world.coordinator.close());
    await world.clock.advance(5000);
    return { world, made };
  };
  const again = async (world: World): Promise<void> => {
    world.coordinator = world.build('/state');
    await world.clock.resolve(world.coordinator.start());
  };
  const rechecks = (world: World): number => world.host.started.filter((one) => one.label === 'recheck').length;

  test('is believed where nobody touched its files', async () => {
    const { world, made } = await seeding();
    await again(world);
    await world.until(torrentKey(made.torrent.info.infoHash), 'seeding');
    expect(rechecks(world)).toBe(0);
    expect(warnings(world)).toEqual([]);
  });

  test('is read where a file was touched, and believed the next time', async () => {
    const { world, made } = await seeding();
    await spoil(world, '/out/payload', 5);
    await spoil(world, '/out/payload', 5);
    await again(world);
    await world.until(torrentKey(made.torrent.info.infoHash), 'seeding');
    expect(rechecks(world)).toBe(1);
    expect(warnings(world)).toEqual([expect.stringMatching(/"\/out\/payload".*changed.*\b8 pieces/)]);
    await world.clock.resolve(world.coordinator.close());
    await world.clock.advance(5000);
    await again(world);
    await world.until(torrentKey(made.torrent.info.infoHash), 'seeding');
    expect(rechecks(world)).toBe(1);
  });

  test.each([true, false])(
    'is believed after its working folder took the second names with it; at a later start: %s',
    async (late) => {
      const world = new World();
      const made = world.torrent(8);
      // Times of change as a system keeps them: a file that loses a name gets a new one.
      let unnamed = 0;
      const { disk } = world;
      const info = disk.info.bind(disk);
      disk.info = async (path) => {
        const found = await info(path);
        return found && path === '/out/payload' ? { ...found, changed: Math.max(found.changed, unnamed) } : found;
      };
      const remove = disk.remove.bind(disk);
      disk.remove = async (path, within) => {
        await remove(path, within);
        if (path.endsWith('.ensemble/files/payload')) unnamed = world.clock.wall();
      };
      disk.delay = (operation) => (operation === 'remove' ? 500 : 0);
      const mend = late ? disk.fail({ operation: 'remove', path: '.ensemble/files/', code: 'EIO' }) : (): void => {};
      await again(world);
      await world.add(made, { identities: 2, seed: { kind: 'forever' } });
      const key = torrentKey(made.torrent.info.infoHash);
      await world.until(key, late ? 'failed' : 'seeding');
      await world.clock.resolve(world.coordinator.close());
      mend();
      for (let start = 0; start < 2; start++) {
        await world.clock.advance(5000);
        await again(world);
        await world.until(key, 'seeding');
        await world.clock.resolve(world.coordinator.close());
      }
      expect(unnamed).toBeGreaterThan(0);
      expect(rechecks(world)).toBe(0);
      expect(warnings(world)).toEqual([]);
    },
  );

  test('is not seeded where a file was changed, which stays as it is', async () => {
    const { world, made } = await seeding();
    const key = torrentKey(made.torrent.info.infoHash);
    await spoil(world, '/out/payload', 5);
    world.script.received.length = 0;
    await again(world);
    await world.until(key, 'failed');
    expect(world.script.received.filter(({ message }) => message.type === 'add')).toEqual([]);
    expect((await world.file('/out/payload'))?.[5]).not.toBe(made.payload[5]);
  });
});

test('a look at many files on a slow disk ends when the program does', async () => {
  const world = new World();
  const made = world.torrent(100);
  const key = await world.add(made, { identities: 2, layout: 'pieces', assemble: false });
  await world.until(key, 'complete');
  await world.clock.resolve(world.coordinator.close());
  world.disk.delay = (operation, path) => (operation === 'info' && path.includes('/pieces/') ? 3000 : 0);
  world.coordinator = world.build();
  await world.add(made, { identities: 2, layout: 'pieces', assemble: false });
  await world.clock.advance(1000);
  const looked = world.disk.counts.get('info') ?? 0;
  await world.clock.resolve(world.coordinator.close());
  expect(world.disk.counts.get('info')).toBeLessThanOrEqual(looked + 2);
  expect(world.events.filter((event) => event.type === 'log' && event.level === 'error')).toEqual([]);
});
