import { describe, expect, test } from 'vitest';
import type { TorrentKey } from '../../base/ids.ts';
import type { DownloadSnapshot } from '../../engine/engine.ts';
import { PIECE } from '../../engine/piece-codes.ts';
import { World } from '../testing/world.ts';

const PIECES = 40;

/** The program is ended and started again with the same state. */
async function restart(world: World): Promise<void> {
  await world.clock.resolve(world.coordinator.close());
  await rise(world);
}

async function rise(world: World): Promise<void> {
  world.script.begun.length = 0;
  world.coordinator = world.build('/state');
  await world.clock.resolve(world.coordinator.start());
}

async function begin(): Promise<World> {
  const world = new World();
  world.coordinator = world.build('/state');
  await world.clock.resolve(world.coordinator.start());
  return world;
}

const look = (world: World, key: TorrentKey): DownloadSnapshot | undefined => world.coordinator.download(key);
const have = (world: World, key: TorrentKey): number => look(world, key)?.pieces.have ?? 0;

describe.each(['in-place', 'parts', 'pieces'] as const)('paused and started again, %s', (layout) => {
  test('it shows at once what is there and who fetched it, and goes on from it', async () => {
    const world = await begin();
    const made = world.torrent(PIECES);
    const key = await world.add(made, { layout });
    await world.clock.runUntil(() => have(world, key) >= 10, 60_000);
    await world.clock.resolve(world.coordinator.pause(key));
    await world.clock.advance(500);
    const before = look(world, key);
    const map = world.coordinator.pieceMap(key)?.pieces;
    await restart(world);

    const after = look(world, key);
    expect(after?.state).toBe('paused');
    expect(after?.pieces).toEqual(before?.pieces);
    expect(after?.bytes).toEqual(before?.bytes);
    expect(world.coordinator.pieceMap(key)?.pieces).toEqual(map);
    expect(after?.identities.map((one) => one.held)).toEqual(before?.identities.map((one) => one.pieces));
    expect(world.coordinator.files(key)[0]?.have).toBe(before?.bytes.have);
    expect(world.running).toBe(0);

    await world.clock.resolve(world.coordinator.resume(key));
    expect(have(world, key)).toBe(before?.pieces.have);
    await world.until(key, 'done');
    await world.expectFile('/out/payload', made.payload);
    const begun = world.script.begun.map((one) => one.piece);
    expect(begun.filter((piece) => map?.[piece] !== PIECE.missing)).toEqual([]);
  });

  test('after a crash it shows what the journals say', async () => {
    const world = await begin();
    const key = await world.add(world.torrent(PIECES), { layout });
    await world.clock.runUntil(() => have(world, key) >= 10, 60_000);
    await world.clock.resolve(world.coordinator.pause(key));
    await world.clock.advance(500);
    const before = have(world, key);
    world.crash();
    await rise(world);
    expect(have(world, key)).toBe(before);
  });
});

test('a choice of files counts in what is shown', async () => {
  const world = await begin();
  const key = await world.add(world.torrent(PIECES));
  await world.clock.runUntil(() => have(world, key) >= 10, 60_000);
  await world.clock.resolve(world.coordinator.pause(key));
  await restart(world);
  await world.clock.resolve(world.coordinator.change(key, { filePriorities: [0] }));
  expect(look(world, key)?.pieces).toMatchObject({ wanted: 0, toGo: 0 });
  await world.clock.resolve(world.coordinator.change(key, { filePriorities: [4] }));
  expect(look(world, key)?.pieces.wanted).toBe(PIECES);
});

test('paused while it is checked, it shows what the records say', async () => {
  const world = await begin();
  const key = await world.add(world.torrent(PIECES));
  await world.clock.runUntil(() => have(world, key) >= 10, 60_000);
  await world.clock.advance(100);
  const before = have(world, key);
  world.crash();
  world.disk.delay = () => 20;
  world.coordinator = world.build('/state');
  const started = world.coordinator.start();
  await world.clock.runUntil(() => look(world, key)?.state === 'checking', 5000);
  await world.clock.resolve(Promise.all([started, world.coordinator.pause(key)]));
  await world.clock.advance(5000);
  expect(world.state(key)).toBe('paused');
  expect(have(world, key)).toBeGreaterThanOrEqual(before);
});

describe('what became complete while it was paused', () => {
  async function complete(): Promise<{ world: World; key: TorrentKey; payload: Uint8Array }> {
    const world = await begin();
    const made = world.torrent(4);
    // When the first has its piece the others have begun theirs.
    for (const [identity, pace] of [300, 500, 500, 500].entries()) world.script.pace.set(identity, pace);
    const key = await world.add(made, { selection: 'fixed', assemble: false });
    await world.clock.runUntil(() => have(world, key) > 0, 60_000);
    await world.clock.resolve(world.coordinator.pause(key));
    await world.clock.advance(2000);
    expect([world.state(key), look(world, key)?.pieces.toGo]).toEqual(['paused', 0]);
    return { world, key, payload: made.payload };
  }

  test('is assembled when told', async () => {
    const { world, key, payload } = await complete();
    await world.clock.resolve(world.coordinator.assemble(key));
    await world.expectFile('/out/payload', payload);
  });

  test('also after a restart', async () => {
    const { world, key, payload } = await complete();
    await restart(world);
    expect([world.state(key), look(world, key)?.pieces.toGo]).toEqual(['paused', 0]);
    await world.clock.resolve(world.coordinator.assemble(key));
    await world.expectFile('/out/payload', payload);
  });

  test('and where a piece is gone by then it is fetched again, and that is said', async () => {
    const { world, key, payload } = await complete();
    world.crash();
    const [file = ''] = world.disk.paths().filter((path) => path.endsWith('/files/payload'));
    const handle = await world.disk.open(file, 'write');
    await handle.write(new Uint8Array(payload.length), 0);
    await handle.close();
    // A damaged record vouches for nothing: everything is read again.
    await world.disk.replaceFile(file.replace('files/payload', 'resume'), new Uint8Array(20));
    await rise(world);
    const told = world.coordinator.assemble(key);
    await expect(world.clock.resolve(told)).rejects.toMatchObject({ code: 'verification' });
    await world.until(key, 'complete');
    await world.clock.resolve(world.coordinator.assemble(key));
    await world.expectFile('/out/payload', payload);
  });
});

test('records that cannot be read are said, and the download stays paused', async () => {
  const world = await begin();
  const key = await world.add(world.torrent(PIECES));
  await world.clock.runUntil(() => have(world, key) >= 10, 60_000);
  await world.clock.resolve(world.coordinator.pause(key));
  await world.clock.resolve(world.coordinator.close());
  const folder = (await world.disk.list('/out')).find((name) => name.endsWith('.ensemble')) ?? '';
  const manifest = `/out/${folder}/manifest.json`;
  const text = new TextDecoder().decode(await world.file(manifest));
  await world.disk.replaceFile(manifest, new TextEncoder().encode(text.replace(/"version":\s*\d+/, '"version": 99')));
  world.coordinator = world.build('/state');
  await world.clock.resolve(world.coordinator.start());
  expect(look(world, key)).toMatchObject({ state: 'paused', pieces: { have: 0 } });
  expect(world.events).toContainEqual(expect.objectContaining({ type: 'log', message: expect.stringContaining('99') }));
});
