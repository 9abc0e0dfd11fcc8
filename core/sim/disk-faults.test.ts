import { describe, expect, test } from 'vitest';
import { torrentKey } from '../base/ids.ts';
import { sameBytes } from '../base/bytes.ts';
import { diskCode } from '../ports/disk.ts';
import type { SimMachine } from './machine.ts';
import { MemoryDisk } from './disk.ts';
import { SimSwarm } from './swarm.ts';

const KIB = 1024;
const MIB = KIB * KIB;
const addressesOf = (k: number): string[] => Array.from({ length: k }, (_, i) => `10.9.0.${i + 1}`);

interface Scene {
  readonly swarm: SimSwarm;
  readonly ours: SimMachine;
  readonly disk: MemoryDisk;
}

type Options = NonNullable<Parameters<SimMachine['add']>[1]>;

async function scene(k: number, options: Options, prepare: (disk: MemoryDisk) => void = () => {}): Promise<Scene> {
  const swarm = new SimSwarm(k, { files: 4 * MIB - 3, pieceLength: 64 * KIB });
  swarm.seed('10.0.0.1', { up: MIB, down: MIB });
  swarm.seed('10.0.0.2', { up: MIB, down: MIB });
  const disk = new MemoryDisk({ clock: swarm.clock });
  disk.put('/out/keep', Uint8Array.of(1));
  prepare(disk);
  const ours = swarm.machine({ addresses: addressesOf(k), down: MIB, disk });
  await ours.add(swarm.torrent, { identities: k, bind: addressesOf(k), ...options });
  return { swarm, ours, disk };
}

async function finishes({ swarm, ours }: Scene): Promise<void> {
  const done = await ours.until(swarm.torrent, ['done'], 300_000);
  expect(done.state, done.error?.message).toBe('done');
  expect(sameBytes(ours.payload(swarm.torrent) ?? new Uint8Array(), swarm.payload)).toBe(true);
}

const layouts = ['in-place', 'parts', 'pieces'] as const;
const cases = layouts.flatMap((layout) => [1, 3].map((k) => [layout, k] as const));

describe.each(cases)('%s, K=%i', (layout, k) => {
  test('a disk that fills up: it stops and says so; with room again it goes on', async () => {
    const world = await scene(k, { layout });
    const { swarm, ours, disk } = world;
    await swarm.clock.advance(1_500);
    disk.capacity = 1_600_000;
    const failed = await ours.until(swarm.torrent, ['done'], 120_000);
    expect(failed).toMatchObject({ state: 'failed', error: { code: 'disk' } });
    expect(failed.error?.message).toMatch(/ENOSPC|full|space/i);
    expect(ours.payload(swarm.torrent)).toBeUndefined();
    disk.capacity = Number.MAX_SAFE_INTEGER;
    await swarm.clock.resolve(ours.coordinator.resume(torrentKey(swarm.torrent.info.infoHash)));
    await finishes(world);
  });

  test('a disk that becomes read-only: the same', async () => {
    const world = await scene(k, { layout });
    const { swarm, ours, disk } = world;
    await swarm.clock.advance(1_500);
    const ends = (['write', 'replaceFile', 'rename', 'makeDirectory', 'link'] as const).map((operation) =>
      disk.fail({ operation, code: 'EROFS' }),
    );
    expect(await ours.until(swarm.torrent, ['done'], 120_000)).toMatchObject({
      state: 'failed',
      error: { code: 'disk' },
    });
    for (const end of ends) end();
    await swarm.clock.resolve(ours.coordinator.resume(torrentKey(swarm.torrent.info.infoHash)));
    await finishes(world);
  });

  test('a folder that vanishes: never a wrong file; once told to go on it completes', async () => {
    const world = await scene(k, { layout });
    const { swarm, ours, disk } = world;
    await swarm.clock.advance(2_000);
    disk.removeTree('/out');
    for (let tries = 0; tries < 5; tries++) {
      const now = await ours.until(swarm.torrent, ['done'], 300_000);
      if (now.state === 'done') break;
      expect(['failed', 'missing-files']).toContain(now.state);
      await swarm.clock.resolve(ours.coordinator.resume(torrentKey(swarm.torrent.info.infoHash)));
    }
    const payload = ours.payload(swarm.torrent);
    if (ours.snapshot(swarm.torrent).state === 'done') {
      expect(payload !== undefined && sameBytes(payload, swarm.payload)).toBe(true);
    } else expect(payload).toBeUndefined();
  });

  test('a slow disk: reading from peers waits for it, and it completes', async () => {
    const world = await scene(k, { layout }, (disk) => {
      disk.delay = (operation, _, bytes) => (operation === 'write' || operation === 'sync' ? 5 + bytes / 200 : 1);
    });
    await finishes(world);
  });

  test('a fault that passes (EIO once) costs no wrong byte', async () => {
    const world = await scene(k, { layout });
    const { swarm, ours, disk } = world;
    await swarm.clock.advance(1_000);
    disk.fail({ operation: 'write', code: 'EIO', times: 1 });
    const now = await ours.until(swarm.torrent, ['done'], 120_000);
    if (now.state === 'failed')
      await swarm.clock.resolve(ours.coordinator.resume(torrentKey(swarm.torrent.info.infoHash)));
    await finishes(world);
  });
});

describe('from the start', () => {
  test.each(['EROFS', 'EACCES', 'ENOSPC', 'EIO'])(
    'a folder in which nothing can be made (%s) is named',
    async (code) => {
      const attempt = scene(1, {}, (disk) => {
        for (const operation of ['makeDirectory', 'write', 'replaceFile', 'open'] as const)
          disk.fail({ operation, code });
      });
      const outcome = await attempt.then(
        async ({ swarm, ours }) => (await ours.until(swarm.torrent, ['done'], 60_000)).error?.code,
        (error: unknown) => (diskCode(error) === code ? 'disk' : String(error)),
      );
      expect(outcome).toBe('disk');
    },
  );

  test('a second program on the same download is refused by its lock', async () => {
    const { swarm, disk } = await scene(1, {});
    await swarm.clock.advance(1_000);
    const second = swarm.machine({ addresses: ['10.9.1.1'], disk });
    await expect(second.add(swarm.torrent, {})).rejects.toMatchObject({ code: 'in-use' });
  });

  test.each([false, true])('a link planted where a file goes is never followed (reuse %s)', async (reuse) => {
    const made: MemoryDisk[] = [];
    const attempt = scene(1, { reuse }, (disk) => {
      made.push(disk);
      disk.put('/victim/secret', Uint8Array.of(9));
      disk.symlink('/victim/secret', '/out/payload');
    });
    await attempt.then(
      ({ ours, swarm }) => ours.until(swarm.torrent, ['done'], 60_000),
      (error: unknown) => expect(error).toMatchObject({ code: 'exists' }),
    );
    const [disk] = made;
    expect(disk?.content('/victim/secret')).toEqual(Uint8Array.of(9));
    expect(disk?.paths().filter((path) => path.startsWith('/victim'))).toEqual(['/victim/', '/victim/secret']);
  });
});
