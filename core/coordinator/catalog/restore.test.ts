import { describe, expect, test } from 'vitest';
import { EnsembleError } from '../../base/errors.ts';
import { bytes, bytesPerSecond, type TorrentKey } from '../../base/ids.ts';
import { ordinaryOptions } from '../../engine/download-options.ts';
import { World } from '../testing/world.ts';

async function start(world: World): Promise<void> {
  world.coordinator = world.build('/state');
  await world.clock.resolve(world.coordinator.start());
}

async function begin(): Promise<World> {
  const world = new World();
  await start(world);
  return world;
}

/** On disk a torrent is named by its info-hash. */
const torrentPath = (hash: string): string => `/state/torrents/${hash}.torrent`;

async function kept(world: World): Promise<readonly { readonly infoHash: string; readonly uploaded: number }[]> {
  const text = new TextDecoder().decode(await world.file('/state/catalog.json'));
  return (JSON.parse(text) as { downloads: { infoHash: string; uploaded: number }[] }).downloads;
}

describe('a kept download that cannot be read', () => {
  const damages: [string, (world: World, path: string) => Promise<unknown>][] = [
    ['damaged', (world, path) => world.disk.replaceFile(path, new Uint8Array(50))],
    ['missing', (world, path) => world.disk.remove(path)],
    ['of another download', (world, path) => world.disk.replaceFile(path, world.torrent(4, { name: 'other' }).data)],
  ];
  test.each(damages)('its torrent is %s: the others go on, it says why, and goes on when mended', async (_, damage) => {
    const world = await begin();
    const mades = ['a', 'b', 'c'].map((name) => world.torrent(60, { name }));
    const hashes: TorrentKey[] = [];
    for (const made of mades) hashes.push(await world.add(made));
    const [first, bad, last] = hashes as [TorrentKey, TorrentKey, TorrentKey];
    await world.clock.advance(1500);
    await world.clock.resolve(world.coordinator.close());
    await damage(world, torrentPath(bad));
    await start(world);

    await world.until(first, 'done');
    await world.until(last, 'done');
    expect(world.state(bad)).toMatch(`failed: The torrent file ${torrentPath(bad)} cannot be used: `);
    expect((await kept(world)).map((entry) => entry.infoHash)).toEqual(hashes);

    await world.clock.resolve(world.coordinator.resume(bad));
    expect(world.state(bad)).toMatch('failed: The torrent file');
    await world.disk.replaceFile(torrentPath(bad), mades[1]!.data);
    await world.clock.resolve(world.coordinator.resume(bad));
    await world.until(bad, 'done');
    await world.expectFile('/out/b', mades[1]!.payload);
  });

  test('can be removed without its files, and added again', async () => {
    const world = await begin();
    const made = world.torrent(60);
    const key = await world.add(made);
    await world.clock.advance(1500);
    await world.clock.resolve(world.coordinator.close());
    await world.disk.replaceFile(torrentPath(key), new Uint8Array(50));
    await start(world);
    await world.clock.resolve(world.coordinator.remove(key, { data: false }));
    const before = world.script.begun.length;
    expect(await world.add(made)).toBe(key);
    await world.until(key, 'done');
    expect(world.script.begun.length - before).toBeLessThan(40);
  });

  test.each([
    ['also where its folder refuses all', new EnsembleError('disk', 'The disk is gone.'), 'The disk is gone.', 'disk'],
    [
      'a fault of the program is not blamed on the disk',
      new TypeError('x of undefined'),
      'Something went wrong in the program: x of undefined',
      'fault',
    ],
  ])('%s', async (_, thrown, message, code) => {
    const world = await begin();
    const key = await world.add(world.torrent(60));
    await world.clock.advance(1500);
    await world.clock.resolve(world.coordinator.close());
    world.disk.delay = (_, path) => {
      if (path.startsWith('/out')) throw thrown;
      return 0;
    };
    await start(world);
    expect(world.coordinator.download(key)).toMatchObject({ state: 'failed', error: { code, message } });
  });
});

test('while the program starts its list of downloads never lacks one', async () => {
  const world = await begin();
  for (const name of ['a', 'b', 'c']) await world.add(world.torrent(60, { name }));
  await world.clock.advance(500);
  await world.clock.resolve(world.coordinator.close());
  world.disk.delay = (_, path) => (path.startsWith('/state/torrents/') ? 500 : 0);
  world.coordinator = world.build('/state');
  let started = false;
  void world.coordinator.start().then(() => (started = true));
  const counts = new Set<number>();
  const look = async (): Promise<void> => {
    const content = world.disk.content('/state/catalog.json') ?? new Uint8Array(0);
    counts.add((JSON.parse(new TextDecoder().decode(content)) as { downloads: unknown[] }).downloads.length);
    await world.clock.advance(5);
  };
  while (!started) await look();
  for (let i = 0; i < 100; i++) await look();
  expect([...counts]).toEqual([3]);
});

test('an interface that is missing at the start is waited for, as an address is', async () => {
  const world = await begin();
  const list = world.interfaces.list();
  const made = world.torrent(200);
  const key = await world.add(made, { identities: 2, bind: ['eth0', 'eth1'] });
  await world.clock.advance(500);
  await world.clock.resolve(world.coordinator.close());
  world.interfaces.list = () => list.filter((one) => one.interfaceName !== 'eth1');
  world.script.received.length = 0;
  await start(world);
  await world.clock.advance(3000);
  const addresses = (): unknown[] =>
    world.script.received.flatMap(({ identity, message }) =>
      message.type === 'add' && identity === 1 ? [message.setup.address] : [],
    );
  // No address of any machine: the identity waits.
  expect(addresses()).toEqual(['eth1']);
  world.interfaces.list = () => list;
  await world.clock.advance(2000);
  expect(addresses()).toEqual(['eth1', '10.0.1.1']);
  expect(world.coordinator.download(key)?.identities[1]?.state).toBe('downloading');
  await world.until(key, 'done');
  await world.expectFile('/out/payload', made.payload);
});

test('a power cut costs a few minutes of what a seed has uploaded, and nothing is written where nothing moves', async () => {
  const world = await begin();
  const key = await world.add(world.torrent(4), { seed: { kind: 'forever' } });
  await world.until(key, 'seeding');
  await world.clock.advance(600_000);
  let writes = 0;
  world.disk.delay = (operation, path) => {
    if (operation === 'replaceFile' && path === '/state/catalog.json') writes++;
    return 0;
  };
  await world.clock.advance(3_600_000);
  expect(writes).toBe(0);
  for (let minute = 1; minute <= 20; minute++) {
    world.script.status.set(0, { uploaded: bytes(minute * 1000), up: bytesPerSecond(20) });
    await world.clock.advance(60_000);
  }
  expect(writes).toBeGreaterThanOrEqual(3);
  expect(writes).toBeLessThanOrEqual(5);
  world.crash();
  world.script.status.clear();
  await start(world);
  expect(world.coordinator.download(key)?.uploaded).toBeGreaterThanOrEqual(15_000);
});

test('downloads that are added at once share the writes of the list, and each is in it when its answer is there', async () => {
  const world = await begin();
  const { coordinator, disk } = world;
  let writes = 0;
  disk.delay = (operation, path) => {
    if (operation !== 'replaceFile' || path !== '/state/catalog.json') return 0;
    writes++;
    return 5;
  };
  const kept = (): string => new TextDecoder().decode(disk.content('/state/catalog.json') ?? new Uint8Array(0));
  const adding = Array.from({ length: 40 }, async (_, i) => {
    const data = world.torrent(4, { name: `n${i}` }).data;
    const key = await coordinator.add({ kind: 'torrent', data }, ordinaryOptions(`/o${i}`));
    expect(kept()).toContain(key);
  });
  await world.clock.resolve(Promise.all(adding));
  expect(writes).toBeLessThan(10);
});

test('what another program keeps in the state folder now is not written over', async () => {
  const world = new World();
  let held = true;
  world.coordinator = world.build('/state', () => Promise.resolve(held));
  await world.clock.resolve(world.coordinator.start());
  const made = world.torrent(60);
  const infoHash = await world.add(made);
  await world.clock.advance(500);
  held = false;
  const before = await world.file('/state/catalog.json');
  const settings = await world.file('/state/settings.json');
  await world.clock.resolve(world.coordinator.pause(infoHash));
  world.coordinator.setLimits({ down: bytesPerSecond(5), up: bytesPerSecond(5) });
  await world.clock.resolve(world.coordinator.remove(infoHash, { data: true }));
  await world.clock.resolve(world.coordinator.close());
  expect(await world.file('/state/catalog.json')).toEqual(before);
  expect(await world.file('/state/settings.json')).toEqual(settings);
  expect(await world.file(torrentPath(infoHash))).toBeDefined();
  const told = world.events.filter((event) => event.type === 'log' && event.level === 'error');
  expect(told).toHaveLength(1);
});
