import { describe, expect, test } from 'vitest';
import { bytesPerSecond, type TorrentKey } from '../../base/ids.ts';
import type { FileReader } from '../../engine/content.ts';
import { KIB, none, World } from '../testing/world.ts';

const LENGTH = 1024 * KIB;
/** Most bytes that a client reads. */
const MOST = 8 * LENGTH;
const rate = (kib: number) => bytesPerSecond(kib * KIB);

/** A complete download of one file. */
async function complete(world: World, up = none, name = 'one'): Promise<TorrentKey> {
  const key = await world.add(world.torrentOf(LENGTH, { name }), { identities: 1, seed: { kind: 'forever' }, up });
  await world.until(key, 'seeding');
  await world.clock.advance(5000);
  return key;
}

const open = (world: World, key: TorrentKey): FileReader => world.coordinator.content(key)!.file(0)!.open('upload');

/** Reads a file as one HTTP client does; returns how many bytes came in `span` ms. */
async function fetchFor(world: World, readers: readonly FileReader[], span: number): Promise<number[]> {
  const gone = new AbortController();
  const sums = readers.map(() => 0);
  readers.forEach((reader, i) => {
    void (async () => {
      // Without a limit it takes no time.
      while (sums[i]! < MOST) sums[i]! += (await reader.read(sums[i]! % LENGTH, 64 * KIB, gone.signal)).length;
    })().catch(() => undefined);
  });
  await world.clock.advance(span);
  gone.abort();
  await world.clock.advance(1);
  return sums;
}

/** The last limits that identity 0 was told, of one download and of its process. */
function told(world: World): { readonly download: number; readonly process: number } {
  const all = world.script.received.map(({ message }) => message);
  const tunings = all.flatMap((message) => (message.type === 'tune' ? [message.tuning.limits.up] : []));
  const limits = all.flatMap((message) => (message.type === 'limits' ? [message.limits.up] : []));
  return { download: tunings.at(-1) ?? 0, process: limits.at(-1) ?? 0 };
}

describe('what is given by HTTP', () => {
  test('keeps to the limit of its download, however many fetch, and leaves the identity its part', async () => {
    const world = new World();
    const key = await complete(world, rate(100));
    const readers = Array.from({ length: 5 }, () => open(world, key));
    const sums = await fetchFor(world, readers, 20_000);
    const all = sums.reduce((sum, n) => sum + n, 0);
    expect(all).toBeLessThanOrEqual(20.5 * rate(100));
    // The identity, which uploads nothing, keeps what it may begin with.
    expect(all).toBeGreaterThan(10 * rate(100));
    expect(all / 20_000 + told(world).download / 1000).toBeLessThanOrEqual(rate(105) / 1000);
    for (const sum of sums) expect(sum).toBeGreaterThan(all / 10);
    for (const reader of readers) reader.close();
    await world.clock.advance(5000);
    expect(told(world).download).toBe(rate(100));
  });

  test('keeps to the limit over all downloads', async () => {
    const world = new World();
    const keys = [await complete(world), await complete(world, none, 'other')];
    world.coordinator.setLimits({ down: none, up: rate(100) });
    const readers = keys.map((key) => open(world, key));
    const sums = await fetchFor(world, readers, 20_000);
    const all = (sums[0] ?? 0) + (sums[1] ?? 0);
    expect(all).toBeLessThanOrEqual(20.5 * rate(100));
    expect(all).toBeGreaterThan(10 * rate(100));
    expect(told(world).process).toBeLessThan(rate(100));
    world.coordinator.setLimits({ down: none, up: none });
    const [fast = 0] = await fetchFor(world, readers.slice(0, 1), 1000);
    expect(fast).toBeGreaterThan(rate(1000));
  });

  test('counts as uploaded, and is shown', async () => {
    const world = new World();
    const key = await complete(world, rate(100));
    const before = world.coordinator.download(key)!;
    const [sum = 0] = await fetchFor(world, [open(world, key)], 10_000);
    const { uploaded, rate: shown } = world.coordinator.download(key)!;
    expect(uploaded - before.uploaded).toBe(sum);
    expect(shown.up).toBeGreaterThan(0);
    expect(shown.up).toBeLessThanOrEqual(rate(110));
  });

  test('is not read while it has to wait, and who leaves is forgotten', async () => {
    const world = new World();
    const key = await complete(world, rate(1));
    const reader = open(world, key);
    await fetchFor(world, [reader], 2000);
    const gone = new AbortController();
    const read = reader.read(0, LENGTH, gone.signal);
    const ended = expect(read).rejects.toMatchObject({ code: 'interrupted' });
    await world.clock.advance(2000);
    gone.abort();
    await world.clock.advance(1);
    await ended;
  });
});

test('a player of the user is not held by upload limits', async () => {
  const world = new World();
  const key = await complete(world, rate(1));
  const reader = world.coordinator.content(key)!.file(0)!.open('play');
  const [sum = 0] = await fetchFor(world, [reader], 1000);
  expect(sum).toBeGreaterThan(rate(1000));
});
