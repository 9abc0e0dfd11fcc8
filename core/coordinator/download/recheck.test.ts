import { expect, test } from 'vitest';
import { type TorrentKey, torrentKey } from '../../base/ids.ts';
import type { DownloadOptions } from '../../engine/engine.ts';
import { options, World } from '../testing/world.ts';

const PIECES = 40;

/** A download that has some pieces, on a disk whose reads take their time. */
async function begun(changes: Partial<DownloadOptions> = {}): Promise<{ world: World; key: TorrentKey }> {
  const world = new World();
  world.coordinator = world.build('/state');
  await world.clock.resolve(world.coordinator.start());
  const key = await world.add(world.torrent(PIECES), { layout: 'parts', ...changes });
  await world.clock.runUntil(() => have(world, key) >= 10, 60_000);
  world.disk.delay = (operation) => (operation === 'read' ? 50 : 0);
  return { world, key };
}

const have = (world: World, key: TorrentKey): number => world.coordinator.download(key)?.pieces.have ?? 0;

/** The check is under way. */
async function checking(world: World, key: TorrentKey): Promise<void> {
  await world.clock.runUntil(() => (world.coordinator.download(key)?.work ?? 0) > 0, 60_000);
  expect(world.state(key)).toBe('checking');
}

/** What a download was told to be at fault of. */
function faults(world: World): unknown[] {
  return world.events.filter((event) => event.type === 'log' && event.level === 'error');
}

const workers = (world: World): number =>
  world.host.started.filter((one) => one.kind === 'worker' && one.running).length;

test('a recheck during a recheck begins it again, and is no failure', async () => {
  const { world, key } = await begun();
  const first = world.coordinator.recheck(key);
  await checking(world, key);
  await world.clock.resolve(Promise.all([first, world.coordinator.recheck(key)]));
  expect(world.state(key)).toBe('downloading');
  await world.until(key, 'done');
  expect(world.state(key)).toBe('done');
  expect(faults(world)).toEqual([]);
});

test('paused and resumed at once during a check, it goes on', async () => {
  const { world, key } = await begun();
  const checked = world.coordinator.recheck(key);
  await checking(world, key);
  await Promise.all([world.coordinator.pause(key), world.coordinator.resume(key)]);
  await world.clock.resolve(checked);
  await world.until(key, 'done');
  expect(world.state(key)).toBe('done');
  expect(faults(world)).toEqual([]);
});

test('paused and resumed while its identities still leave for a recheck, it is checked and goes on', async () => {
  const { world, key } = await begun();
  world.script.mute.add(0);
  const checked = world.coordinator.recheck(key);
  await world.clock.advance(100);
  expect(world.state(key)).toBe('checking');
  await world.clock.resolve(world.coordinator.pause(key));
  expect(world.state(key)).toBe('paused');
  await world.clock.resolve(world.coordinator.resume(key));
  expect(world.state(key)).toBe('checking');
  world.script.mute.clear();
  world.script.begun.length = 0;
  await world.clock.resolve(checked);
  expect(world.host.started.filter((one) => one.label === 'recheck')).toHaveLength(1);
  await world.until(key, 'done');
  // Nobody fetches what another has begun.
  const own = world.script.begun.filter((one) => one.share === 2).map((one) => one.piece);
  expect(own).toHaveLength(new Set(own).size);
  expect(faults(world)).toEqual([]);
});

test('paused while its identities still leave for a recheck, nothing is read', async () => {
  const { world, key } = await begun();
  world.script.mute.add(0);
  const checked = world.coordinator.recheck(key);
  await world.clock.advance(100);
  await world.clock.resolve(Promise.all([world.coordinator.pause(key), checked]));
  await world.clock.advance(1000);
  expect(world.state(key)).toBe('paused');
  expect(world.host.started.filter((one) => one.label === 'recheck')).toEqual([]);
  world.script.mute.clear();
  await world.clock.resolve(world.coordinator.resume(key));
  await world.until(key, 'done');
});

test('an old error is over when a recheck begins', async () => {
  const { world, key } = await begun();
  world.script.voices.get(0)?.({ type: 'failed', key, code: 'disk', message: 'The disk is full.' });
  await world.until(key, 'failed');
  await world.clock.resolve(world.coordinator.recheck(key));
  expect(world.state(key)).toBe('downloading');
  await world.until(key, 'done');
});

test('what was paused is paused again when its recheck is over', async () => {
  const { world, key } = await begun();
  await world.clock.resolve(world.coordinator.pause(key));
  await world.clock.advance(500);
  const before = have(world, key);
  const checked = world.coordinator.recheck(key);
  await checking(world, key);
  // Another one does not make it forget.
  await world.clock.resolve(Promise.all([checked, world.coordinator.recheck(key)]));
  await world.clock.advance(2000);
  expect(world.state(key)).toBe('paused');
  expect(have(world, key)).toBe(before);
  expect(world.coordinator.download(key)?.identities.map((one) => one.state)).toEqual(Array(4).fill('left'));
  await world.clock.resolve(world.coordinator.resume(key));
  await world.until(key, 'done');
});

test('what was paused is paused at the next start, where the program ends during its recheck', async () => {
  const { world, key } = await begun();
  await world.clock.resolve(world.coordinator.pause(key));
  await world.clock.advance(500);
  void world.coordinator.recheck(key);
  await checking(world, key);
  await world.clock.resolve(world.coordinator.close());
  world.coordinator = world.build('/state');
  await world.clock.resolve(world.coordinator.start());
  await world.clock.advance(2000);
  expect(world.state(key)).toBe('paused');
});

test('what was paused goes on after its recheck where it is resumed meanwhile, and can be paused during it', async () => {
  const { world, key } = await begun();
  await world.clock.resolve(world.coordinator.pause(key));
  await world.clock.advance(500);
  void world.coordinator.recheck(key);
  await checking(world, key);
  await world.clock.resolve(world.coordinator.pause(key));
  await world.clock.advance(100);
  expect([world.state(key), workers(world)]).toEqual(['paused', 0]);
  void world.coordinator.recheck(key);
  await checking(world, key);
  await world.clock.resolve(world.coordinator.resume(key));
  await world.until(key, 'done');
});

test('a failed recheck of what was paused says why, and resuming tries again', async () => {
  const { world, key } = await begun();
  await world.clock.resolve(world.coordinator.pause(key));
  await world.clock.advance(500);
  const checked = world.coordinator.recheck(key);
  await checking(world, key);
  world.host.started.findLast((one) => one.kind === 'worker')?.crash();
  await world.clock.resolve(checked);
  expect(world.state(key)).toMatch(/^failed: The process for the recheck ended before its time/);
  await world.clock.resolve(world.coordinator.resume(key));
  await world.until(key, 'done');
});

test('one that waits for its turn to be checked is removed at once', async () => {
  const world = new World();
  world.disk.delay = (operation) => (operation === 'read' ? 1000 : 0);
  await world.disk.makeDirectory('/out');
  const add = async (name: string): Promise<TorrentKey> => {
    // More than goes with others.
    const made = world.torrent(2 * PIECES, { name });
    await world.disk.replaceFile(`/out/${name}`, made.payload);
    return world.add(made);
  };
  const first = await add('a');
  const second = await add('b');
  const third = await add('c');
  await world.clock.advance(1000);
  expect(workers(world)).toBe(2);
  const asked = world.clock.now();
  await world.clock.resolve(world.coordinator.remove(third, { data: false }));
  expect(world.clock.now() - asked).toBeLessThan(1000);
  for (const key of [first, second]) await world.until(key, 'done');
  expect(faults(world)).toEqual([]);
});

test('paused just as its metadata comes, a magnet link stays paused', async () => {
  const world = new World();
  world.coordinator = world.build('/state');
  await world.clock.resolve(world.coordinator.start());
  const made = world.torrent(4);
  const { raw } = made.torrent.info;
  const key = torrentKey(made.torrent.info.infoHash);
  world.script.infos.set(key, raw);
  const link = `magnet:?xt=urn:btih:${made.torrent.info.infoHash}&x.pe=10.5.0.1:1000`;
  await world.clock.resolve(world.coordinator.add({ kind: 'magnet', link }, options()));
  world.disk.delay = (_, path) => (path.includes('/torrents/') ? 100 : 0);
  await world.clock.runUntil(() => world.coordinator.download(key)?.pieces.total === 4, 60_000);
  expect(world.state(key)).toBe('metadata');
  await world.clock.resolve(world.coordinator.pause(key));
  await world.clock.advance(2000);
  expect(world.state(key)).toBe('paused');
  await world.clock.resolve(world.coordinator.resume(key));
  await world.until(key, 'done');
});
