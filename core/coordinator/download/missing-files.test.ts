import { describe, expect, test } from 'vitest';
import { sameBytes } from '../../base/bytes.ts';
import type { LayoutKind } from '../../base/choices.ts';
import type { Bytes } from '../../base/ids.ts';
import type { DownloadOptions } from '../../engine/engine.ts';
import { SimSwarm } from '../../sim/swarm.ts';
import {
  BIG,
  BIG_PATH,
  ends,
  fetched,
  make,
  type Made,
  README_PATH,
  TAIL_PATH,
  TARGETS,
} from '../testing/three-files.ts';
import { KIB } from '../testing/world.ts';

const LAYOUTS: readonly LayoutKind[] = ['in-place', 'parts', 'pieces'];

async function start({ world }: Made): Promise<void> {
  world.coordinator = world.build('/state');
  await world.clock.resolve(world.coordinator.start());
  await world.clock.advance(3000);
}

async function stop({ world }: Made): Promise<void> {
  await world.clock.resolve(world.coordinator.close());
  await world.clock.advance(5000);
}

/** Assembled, and seeded. */
async function finished(changes: Partial<DownloadOptions> = {}): Promise<Made> {
  const made = make();
  await start(made);
  await made.world.add(made, { identities: 2, seed: { kind: 'forever' }, ...changes });
  await ends(made, 'seeding');
  made.world.script.begun.length = 0;
  return made;
}

/** All that lies outside of the state folder, with what is in it. */
function outside({ world }: Made): [string, Uint8Array | undefined][] {
  const paths = world.disk.paths().filter((path) => !path.startsWith('/state'));
  return paths.map((path) => [path, world.disk.content(path)]);
}

async function waits(made: Made): Promise<void> {
  await ends(made, 'missing-files');
  const before = outside(made);
  await made.world.clock.advance(15_000);
  const { state, error, result } = made.world.coordinator.download(made.key) ?? {};
  expect({ state, code: error?.code, result }).toEqual({
    state: 'missing-files',
    code: 'verification',
    result: undefined,
  });
  expect(fetched(made)).toEqual([]);
  expect(outside(made)).toEqual(before);
  expect(made.world.running).toBe(0);
}

async function seedsAll(made: Made): Promise<void> {
  await ends(made, 'seeding');
  for (const [file, path] of TARGETS.entries()) {
    await made.world.expectFile(path, made.contents[file] ?? new Uint8Array());
  }
  expect(made.world.coordinator.download(made.key)?.result).toEqual(TARGETS);
  expect(made.world.disk.paths().filter((path) => /\.ensemble|\.assembling/.test(path))).toEqual([]);
}

/** How files go, and how they come back. */
const LOSSES: [string, (made: Made) => Promise<void>, (made: Made) => Promise<void>][] = [
  [
    'one file',
    ({ world }) => world.disk.rename(BIG_PATH, '/elsewhere'),
    ({ world }) => world.disk.rename('/elsewhere', BIG_PATH),
  ],
  [
    'the whole folder',
    ({ world }) => world.disk.rename('/out/payload', '/elsewhere'),
    ({ world }) => world.disk.rename('/elsewhere', '/out/payload'),
  ],
  [
    'the disk',
    ({ world }) => world.disk.rename('/out', '/elsewhere'),
    ({ world }) => world.disk.rename('/elsewhere', '/out'),
  ],
];

const recheck = ({ world, key }: Made): Promise<void> => world.clock.resolve(world.coordinator.recheck(key));
const resume = ({ world, key }: Made): Promise<void> => world.clock.resolve(world.coordinator.resume(key));

describe.each(LOSSES)('of a finished download %s is gone', (_, lose, giveBack) => {
  test.each([
    ['at the next start', async (made: Made) => (await stop(made), await lose(made), start(made))],
    ['at a recheck', async (made: Made) => (await lose(made), recheck(made))],
    [
      'when a peer asks for it',
      async (made: Made) => {
        await lose(made);
        const { key, world } = made;
        world.script.voices.get(0)?.({ type: 'failed', key, code: 'disk', message: 'It cannot be read.' });
      },
    ],
  ])('%s: that is said, and nothing is fetched or written', async (_when, happens) => {
    const made = await finished();
    await happens(made);
    await waits(made);
    const { pieces } = made.world.coordinator.download(made.key) ?? {};
    expect(pieces).toMatchObject({ wanted: 4 });
    expect(pieces?.have).toBeLessThan(4);
    // Also after the next start.
    await stop(made);
    await start(made);
    await waits(made);
  });

  test.each([
    ['the next start', async (made: Made) => (await stop(made), start(made))],
    ['a recheck', recheck],
    ['a resume', resume],
  ])('what is put back is found by %s', async (_when, look) => {
    const made = await finished();
    await lose(made);
    await recheck(made);
    await waits(made);
    await giveBack(made);
    await look(made);
    await seedsAll(made);
    expect(fetched(made)).toEqual([]);
  });

  test.each(LAYOUTS)(
    'a resume downloads what is gone again, and no more, also after a crash: layout %s',
    async (layout) => {
      const made = await finished({ layout });
      const { world } = made;
      await lose(made);
      await recheck(made);
      await waits(made);
      world.script.pace.set(0, 1e6).set(1, 1e6);
      await resume(made);
      await ends(made, 'downloading');
      world.crash();
      world.script.pace.clear();
      await start(made);
      await seedsAll(made);
      expect(fetched(made)).toEqual([0, 1, 2, 3]);
      await stop(made);
      await start(made);
      await seedsAll(made);
    },
  );

  test('it can be removed, with what is left of it', async () => {
    const made = await finished();
    const { world, key } = made;
    await lose(made);
    await recheck(made);
    await world.clock.resolve(world.coordinator.remove(key, { data: true }));
    expect(world.disk.paths().filter((path) => /^\/out\/./.test(path))).toEqual([]);
    expect(world.coordinator.downloads()).toEqual([]);
  });

  test('while it is paused: that is said, and it is paused again when all is back', async () => {
    const made = await finished();
    const { world, key } = made;
    await world.clock.resolve(world.coordinator.pause(key));
    await stop(made);
    await lose(made);
    await start(made);
    await waits(made);
    await stop(made);
    await giveBack(made);
    await start(made);
    expect(world.state(key)).toBe('paused');
    await resume(made);
    await seedsAll(made);
    expect(fetched(made)).toEqual([]);
  });
});

test('only the pieces of the file that is gone are fetched', async () => {
  const made = await finished();
  await made.world.disk.remove(TAIL_PATH);
  await recheck(made);
  await waits(made);
  expect(made.world.coordinator.download(made.key)?.pieces).toMatchObject({ have: 3, toGo: 1 });
  await resume(made);
  await seedsAll(made);
  expect(fetched(made)).toEqual([3]);
});

test('files that are not wanted any more, or were not yet there, are not missed', async () => {
  const made = await finished({ filePriorities: BIG });
  const { world, key } = made;
  const choose = (filePriorities: readonly number[]): Promise<void> =>
    world.clock.resolve(world.coordinator.change(key, { filePriorities }));
  await choose([4, 4, 0]);
  await world.clock.runUntil(() => world.coordinator.download(key)?.result?.length === 2, 60_000);
  await ends(made, 'seeding');
  world.script.begun.length = 0;
  await world.disk.remove(README_PATH);
  await recheck(made);
  await waits(made);
  await choose(BIG);
  await ends(made, 'seeding');
  expect(fetched(made)).toEqual([]);
});

test('with reuse, too, nothing is fetched before somebody says so', async () => {
  const made = await finished({ reuse: true });
  await stop(made);
  await made.world.disk.remove(BIG_PATH);
  await start(made);
  await waits(made);
  await resume(made);
  await seedsAll(made);
});

describe('of an unfinished download all is gone', () => {
  const begun = async (layout: LayoutKind): Promise<Made> => {
    const made = make();
    const { world } = made;
    world.script.pace.set(0, 500).set(1, 1e6);
    world.script.status.set(0, { downloaded: (32 * KIB) as Bytes });
    await start(made);
    await world.add(made, { identities: 2, layout });
    await world.clock.runUntil(() => (world.coordinator.download(made.key)?.pieces.have ?? 0) >= 2, 60_000);
    world.script.pace.set(0, 1e6);
    return made;
  };

  test.each(LAYOUTS)(
    'at the next start, also where it was paused; nothing is made in its place: %s',
    async (layout) => {
      const made = await begun(layout);
      const { world, key } = made;
      for (const paused of [false, true]) {
        if (paused) await world.clock.resolve(world.coordinator.pause(key));
        await stop(made);
        await world.disk.rename('/out', '/elsewhere');
        world.script.begun.length = 0;
        await start(made);
        await waits(made);
        expect(world.disk.paths().filter((path) => path.startsWith('/out'))).toEqual([]);
        await world.disk.rename('/elsewhere', '/out');
        await stop(made);
        await start(made);
        expect(world.state(key)).toBe(paused ? 'paused' : 'downloading');
        expect(world.coordinator.download(key)?.pieces.have).toBeGreaterThanOrEqual(2);
      }
    },
  );

  test('while it is fetched: it is said, also at a recheck, and a resume begins anew', async () => {
    const swarm = new SimSwarm(5, { files: 40 * 16 * KIB, pieceLength: 16 * KIB });
    swarm.seed('10.0.0.1', { up: 64 * KIB, down: 64 * KIB });
    const ours = swarm.machine({ down: 64 * KIB, up: 64 * KIB });
    const key = await ours.add(swarm.torrent);
    await swarm.clock.advance(6000);
    expect(ours.snapshot(swarm.torrent)).toMatchObject({ state: 'downloading' });
    await ours.disk.rename('/out', '/elsewhere');
    // First that something cannot be written, then why.
    for (let i = 0; i < 2; i++) await ours.until(swarm.torrent, ['missing-files'], 120_000);
    await swarm.clock.resolve(ours.coordinator.recheck(key));
    expect(ours.snapshot(swarm.torrent).state).toBe('missing-files');
    expect(ours.disk.paths().filter((path) => path.startsWith('/out'))).toEqual([]);
    await swarm.clock.resolve(ours.coordinator.resume(key));
    await ours.until(swarm.torrent, ['done'], 600_000);
    expect(ours.snapshot(swarm.torrent)).toMatchObject({ state: 'done' });
    expect(sameBytes(ours.payload(swarm.torrent) ?? new Uint8Array(), swarm.payload)).toBe(true);
    await swarm.clock.advance(120_000);
    expect(ours.snapshot(swarm.torrent).state).toBe('done');
  });
});

test('a real seed whose file goes away says so to its user, and not to its peers', async () => {
  const swarm = new SimSwarm(5, { files: 40 * 16 * KIB, pieceLength: 16 * KIB });
  swarm.seed('10.0.0.1', { up: 64 * KIB, down: 64 * KIB });
  const ours = swarm.machine({ down: 64 * KIB, up: 64 * KIB });
  await ours.add(swarm.torrent, { seed: { kind: 'forever' } });
  await ours.until(swarm.torrent, ['seeding'], 600_000);
  await ours.disk.remove('/out/payload');
  const leecher = swarm.leecher('10.0.0.2', { up: 64 * KIB, down: 64 * KIB });
  await ours.until(swarm.torrent, ['missing-files'], 600_000);
  expect(ours.snapshot(swarm.torrent).state).toBe('missing-files');
  expect(ours.disk.paths().filter((path) => /^\/out\/./.test(path))).toEqual([]);
  const isComplete = (): boolean => sameBytes(leecher.payload(swarm.torrent) ?? new Uint8Array(), swarm.payload);
  await swarm.clock.runUntil(isComplete, 600_000);
  expect(isComplete()).toBe(true);
});
