import { describe, expect, test } from 'vitest';
import { sameBytes } from '../../base/bytes.ts';
import { LAYOUT_KINDS } from '../../base/choices.ts';
import type { TorrentKey } from '../../base/ids.ts';
import type { FileReader } from '../../engine/content.ts';
import { KIB, World } from '../testing/world.ts';

const PIECE = 16 * KIB;
/** Three files that share pieces: 100 KiB, 400 KiB and 60 KiB. */
const FILES = [
  { path: ['a'], length: 100 * KIB },
  { path: ['b'], length: 400 * KIB + 5 },
  { path: ['sub', 'c'], length: 60 * KIB },
];
const START = [0, FILES[0]!.length, FILES[0]!.length + FILES[1]!.length];

const made = (world: World) => world.torrentOf(FILES, { name: 'T' });
const content = (world: World, key: TorrentKey) => world.coordinator.content(key)!;

/** Reads all of a file, and compares. */
async function expectWhole(world: World, key: TorrentKey, payload: Uint8Array, file: number): Promise<void> {
  const reader = content(world, key).file(file)!.open('play');
  const { length } = FILES[file]!;
  for (let at = 0; at < length;) {
    const data = await world.clock.resolve(reader.read(at, 50_000));
    const start = START[file]! + at;
    expect(sameBytes(data, payload.subarray(start, start + data.length))).toBe(true);
    at += data.length;
  }
  reader.close();
}

describe.each(LAYOUT_KINDS)('layout %s', (layout) => {
  test.each([1, 3])(
    'each file is read while it comes, when it is complete, and when it has its name; %i identities',
    async (k) => {
      const world = new World();
      const torrent = made(world);
      const key = await world.add(torrent, { identities: k, layout, assemble: false, seed: { kind: 'forever' } });
      for (const file of [2, 0, 1]) await expectWhole(world, key, torrent.payload, file);
      await world.until(key, 'complete');
      for (const file of [0, 1, 2]) await expectWhole(world, key, torrent.payload, file);
      await world.clock.resolve(world.coordinator.assemble(key));
      for (const file of [0, 1, 2]) await expectWhole(world, key, torrent.payload, file);
    },
  );
});

test('it goes on over the assembly, which takes the working folder away', async () => {
  const world = new World();
  const torrent = made(world);
  const key = await world.add(torrent, { identities: 2, layout: 'parts', seed: { kind: 'forever' } });
  const reader = content(world, key).file(1)!.open('upload');
  const first = await world.clock.resolve(reader.read(0, 1000));
  await world.until(key, 'seeding');
  const rest = await world.clock.resolve(reader.read(1000, 1000));
  const payload = torrent.payload.subarray(START[1]!, START[1]! + 2000);
  expect(sameBytes(Buffer.concat([first, rest]), payload)).toBe(true);
});

test('a client that asks for names as Windows would have them finds them, and never another file', async () => {
  const world = new World();
  const files = ['q@r:s', 'a?b', 'a_b', 'x|y'].map((name) => ({ path: [name], length: KIB }));
  const key = await world.add(world.torrentOf(files, { name: 'T' }));
  const find = (name: string) =>
    content(world, key).find(['T', name].map((one) => new TextEncoder().encode(one)))?.index;
  expect([find('q@r:s'), find('q@r_s'), find('a?b'), find('a_b'), find('x_y'), find('x-y')]).toEqual([
    0,
    0,
    1,
    2,
    3,
    undefined,
  ]);
});

test('files are found by the torrent’s own names, and nothing else is', async () => {
  const world = new World();
  const key = await world.add(made(world));
  const find = (...names: string[]) =>
    content(world, key).find(names.map((name) => new TextEncoder().encode(name)))?.index;
  expect([find('T', 'a'), find('T', 'sub', 'c')]).toEqual([0, 2]);
  for (const names of [['a'], ['T'], ['T', 'sub'], ['T', 'sub/c'], ['t', 'a'], []])
    expect(find(...names)).toBeUndefined();
  expect(content(world, key).file(3)).toBeUndefined();
  expect(world.coordinator.content('b'.repeat(40) as TorrentKey)).toBeUndefined();
});

describe('waiting', () => {
  /** A download whose identities do nothing. */
  async function still(): Promise<{ world: World; key: TorrentKey; reader: FileReader; read: Promise<unknown> }> {
    const world = new World();
    world.script.pace.set(0, 1e9);
    const key = await world.add(made(world), { identities: 1 });
    await world.clock.advance(50);
    const reader = content(world, key).file(1)!.open('play');
    const read = reader.read(200 * KIB, 100);
    read.catch(() => undefined);
    await world.clock.advance(5000);
    return { world, key, reader, read };
  }

  test('lasts while the bytes may still come, and ends when nobody wants them any more', async () => {
    const gone = new AbortController();
    const { world, key, reader, read } = await still();
    let ended = false;
    void read.catch(() => (ended = true));
    await world.clock.advance(600_000);
    expect(ended).toBe(false);
    const aborted = reader.read(300 * KIB, 1, gone.signal);
    gone.abort();
    await expect(aborted).rejects.toMatchObject({ code: 'interrupted' });
    reader.close();
    await world.clock.advance(1000);
    await expect(read).rejects.toMatchObject({ code: 'interrupted' });
    expect(world.coordinator.download(key)?.state).toBe('downloading');
  });

  test('ends when its file is no longer chosen', async () => {
    const { world, key, read } = await still();
    await world.clock.resolve(world.coordinator.change(key, { filePriorities: [4, 0, 4] }));
    await world.clock.advance(1000);
    await expect(read).rejects.toMatchObject({ code: 'usage' });
  });

  test('ends when the download is removed', async () => {
    const { world, key, read } = await still();
    await world.clock.resolve(world.coordinator.remove(key, { data: true }));
    await world.clock.advance(1000);
    await expect(read).rejects.toMatchObject({ code: 'interrupted' });
  });

  test('is told to the identities: what is read first, both ends, nothing when nobody reads', async () => {
    const world = new World();
    const key = await world.add(made(world), { identities: 2 });
    world.script.pace.set(0, 1e9).set(1, 1e9);
    await world.clock.advance(200);
    const reader = content(world, key).file(1)!.open('play');
    void reader.read(200 * KIB, 100).catch(() => undefined);
    await world.clock.advance(200);
    const told = (identity: number): number[] => {
      const all = world.script.received.flatMap(({ identity: to, message }) =>
        to === identity && message.type === 'urgent' ? [[...message.pieces]] : [],
      );
      return all.at(-1) ?? [];
    };
    const [one, other] = [told(0), told(1)];
    const next = Math.floor((START[1]! + 200 * KIB) / PIECE);
    expect(new Set([one[0], other[0]])).toEqual(new Set([next, next + 1]));
    // Pieces 6 and 31 are those where the file begins and ends.
    for (const end of [6, 31]) expect([...one, ...other]).toContain(end);
    reader.close();
    await world.clock.advance(20_000);
    expect([told(0), told(1)]).toEqual([[], []]);
  });
});

test('what a check finds wrong is not given out until it is fetched again', async () => {
  const world = new World();
  const torrent = made(world);
  const key = await world.add(torrent, { identities: 1, assemble: false });
  await world.until(key, 'complete');
  const { has } = content(world, key).file(0)!;
  expect(has(0, 100 * KIB)).toBe(true);
  const paths = [...(await world.disk.list('/out'))];
  const folder = paths.find((name) => name.endsWith('.ensemble'))!;
  const path = `/out/${folder}/files/T/a`;
  const spoilt = (await world.file(path))!.slice();
  spoilt[20_000]! ^= 255;
  world.disk.put(path, spoilt);
  world.script.mute.add(0);
  void world.coordinator.recheck(key).catch(() => undefined);
  await world.clock.advance(30_000);
  expect([has(0, PIECE), has(PIECE, 1)]).toEqual([true, false]);
});
