import { describe, expect, test } from 'vitest';
import type { TorrentKey } from '../../base/ids.ts';
import type { DownloadOptions } from '../../engine/engine.ts';
import { SimSwarm } from '../../sim/swarm.ts';
import {
  BIG,
  BIG_PATH,
  ends,
  fetched,
  FILES,
  make,
  type Made,
  PIECE,
  put,
  README,
  README_PATH,
  spoilt,
  TAIL_PATH,
  TARGETS,
} from '../testing/three-files.ts';
import { KIB, options } from '../testing/world.ts';

describe.each(['in-place', 'parts', 'pieces'] as const)('chosen files that are there, layout %s', (layout) => {
  const add = (made: Made, changes: Partial<DownloadOptions>): Promise<TorrentKey> =>
    made.world.add(made, { identities: 2, layout, ...changes });

  test('a right one smaller than a piece is compared with what is fetched', async () => {
    const made = make();
    await put(made, README_PATH, made.contents[0]);
    await add(made, { filePriorities: README });
    await ends(made, 'done');
    expect(made.world.coordinator.download(made.key)?.result).toEqual([README_PATH]);
    expect(fetched(made)).toEqual([0]);
    expect(await made.world.disk.list('/out')).toEqual(['payload']);
  });

  test('a wrong one of the right size is refused and stays', async () => {
    const made = make();
    const wrong = spoilt(made.contents[0], 5);
    await put(made, README_PATH, wrong);
    await add(made, { filePriorities: README });
    await ends(made, 'failed');
    expect(made.world.coordinator.download(made.key)?.error?.code).toBe('exists');
    await made.world.expectFile(README_PATH, wrong);
  });

  test('of a right one only the pieces that reach into others are fetched', async () => {
    const made = make();
    await put(made, BIG_PATH, made.contents[1]);
    await add(made, { filePriorities: BIG, seed: { kind: 'forever' } });
    await ends(made, 'seeding');
    expect(fetched(made)).toEqual([0, 3]);
    await made.world.expectFile(BIG_PATH, made.contents[1] ?? new Uint8Array());
    expect(made.world.coordinator.download(made.key)?.pieces).toMatchObject({ have: 4, wanted: 4, toGo: 0 });
    // The seed knows of all of them.
    const told = made.world.script.received.flatMap(({ message }) =>
      message.type === 'present' ? [...message.pieces] : [],
    );
    expect(told).toEqual(expect.arrayContaining([1, 2]));
  });

  test('one that is wrong where only the fetched pieces tell is refused and stays', async () => {
    const made = make();
    const wrong = spoilt(made.contents[1], 3 * PIECE - 1);
    await put(made, BIG_PATH, wrong);
    await add(made, { filePriorities: BIG });
    await ends(made, 'failed');
    expect(made.world.coordinator.download(made.key)?.error?.code).toBe('exists');
    await made.world.expectFile(BIG_PATH, wrong);
  });

  test('one that goes away meanwhile is fetched', async () => {
    const made = make();
    await put(made, BIG_PATH, made.contents[1]);
    await add(made, { filePriorities: BIG, assemble: false, seed: { kind: 'forever' } });
    await ends(made, 'complete');
    await made.world.disk.remove(BIG_PATH);
    const told = made.world.coordinator.assemble(made.key);
    await expect(made.world.clock.resolve(told)).rejects.toMatchObject({ code: 'verification' });
    await ends(made, 'complete');
    // Who had stayed was told that these are wanted now.
    const priorities = made.world.script.received.findLast(({ message }) => 'priorities' in message)?.message;
    expect(priorities).toMatchObject({ priorities: Uint8Array.of(4, 4, 4, 4) });
    await made.world.clock.resolve(made.world.coordinator.assemble(made.key));
    await made.world.expectFile(BIG_PATH, made.contents[1] ?? new Uint8Array());
  });

  test('after a crash of everything only what is missing is fetched', async () => {
    const made = make();
    await put(made, BIG_PATH, made.contents[1]);
    await add(made, { filePriorities: BIG, assemble: false });
    await ends(made, 'complete');
    made.world.crash();
    made.world.script.begun.length = 0;
    made.world.coordinator = made.world.build();
    await add(made, { filePriorities: BIG });
    await ends(made, 'done');
    expect(fetched(made)).toEqual([]);
  });
});

test.each([1, 2])(
  '%i real identities fetch no more of a chosen file that is there than is needed',
  async (identities) => {
    const swarm = new SimSwarm(5, { files: FILES, pieceLength: PIECE });
    swarm.seed('10.0.0.1', { up: 64 * KIB, down: 64 * KIB });
    const ours = swarm.machine({ down: 64 * KIB, up: 64 * KIB });
    const { offset, length } = swarm.torrent.info.files[1] ?? { offset: 0, length: 0 };
    ours.disk.put(BIG_PATH, swarm.payload.slice(offset, offset + length));
    await ours.add(swarm.torrent, { identities, filePriorities: BIG });
    const last = await ours.until(swarm.torrent, ['done'], 600_000);
    expect(last).toMatchObject({ state: 'done', result: [BIG_PATH], downloaded: PIECE + 150 });
  },
);

test.each([1, 2])(
  '%i real identities leech again when more is chosen while they seed, then seed again',
  async (identities) => {
    const swarm = new SimSwarm(5, { files: FILES, pieceLength: PIECE });
    swarm.seed('10.0.0.1', { up: 2 * KIB, down: 64 * KIB });
    const ours = swarm.machine({ down: 64 * KIB, up: 64 * KIB });
    const key = await ours.add(swarm.torrent, {
      identities,
      filePriorities: README,
      assemble: false,
      seed: { kind: 'forever' },
    });
    const states = (): (string | undefined)[] => ours.snapshot(swarm.torrent).identities.map(({ state }) => state);
    await ours.until(swarm.torrent, ['complete'], 600_000);
    await swarm.clock.runUntil(() => states().includes('seeding'), 60_000);
    await swarm.clock.resolve(ours.coordinator.change(key, { filePriorities: [4, 4, 4] }));
    await swarm.clock.advance(3000);
    expect(states()).toEqual(Array.from({ length: identities }, () => 'downloading'));
    await ours.until(swarm.torrent, ['complete'], 600_000);
    await swarm.clock.runUntil(() => states().includes('seeding'), 60_000);
  },
);

test('one that is wrong where it can be told is refused before anything is fetched', async () => {
  const made = make();
  const wrong = spoilt(made.contents[1], PIECE);
  await put(made, BIG_PATH, wrong);
  await made.world.add(made, { filePriorities: BIG });
  await ends(made, 'failed');
  expect(fetched(made)).toEqual([]);
  expect(await made.world.disk.list('/out')).toEqual(['payload']);
});

test('chosen files beside the others prove themselves', async () => {
  const made = make();
  for (const [file, path] of TARGETS.entries()) await put(made, path, made.contents[file]);
  await made.world.add(made, { filePriorities: BIG });
  await ends(made, 'done');
  expect(fetched(made)).toEqual([]);
});

test('with reuse what is right is taken and what is wrong replaced', async () => {
  const made = make();
  await put(made, BIG_PATH, spoilt(made.contents[1], 0));
  await made.world.add(made, { filePriorities: BIG, reuse: true });
  await ends(made, 'done');
  expect(fetched(made)).toEqual([0, 3]);
  await made.world.expectFile(BIG_PATH, made.contents[1] ?? new Uint8Array());
});

describe('a finished choice that is started again', () => {
  async function seeding(): Promise<Made> {
    const made = make();
    made.world.coordinator = made.world.build('/state');
    await made.world.clock.resolve(made.world.coordinator.start());
    await made.world.add(made, { identities: 2, filePriorities: [4, 4, 0], seed: { kind: 'forever' } });
    await ends(made, 'seeding');
    await made.world.clock.resolve(made.world.coordinator.close());
    await made.world.clock.advance(5000);
    made.world.script.begun.length = 0;
    return made;
  }
  async function again({ world }: Made): Promise<void> {
    world.coordinator = world.build('/state');
    await world.clock.resolve(world.coordinator.start());
  }

  test('is believed where nobody touched its files, also when it is checked', async () => {
    const made = await seeding();
    await again(made);
    await ends(made, 'seeding');
    const rechecks = (): number => made.world.host.started.filter((one) => one.label === 'recheck').length;
    expect(rechecks()).toBe(0);
    await made.world.clock.resolve(made.world.coordinator.recheck(made.key));
    expect(rechecks()).toBe(1);
    await ends(made, 'seeding');
    expect(fetched(made)).toEqual([]);
    expect(made.world.events.filter((event) => event.type === 'log' && event.level !== 'info')).toEqual([]);
  });

  test('is compared where one was touched, and believed the next time', async () => {
    const made = await seeding();
    await put(made, BIG_PATH, made.contents[1]);
    for (const expected of [[3], []]) {
      made.world.script.begun.length = 0;
      await again(made);
      await ends(made, 'seeding');
      expect(fetched(made)).toEqual(expected);
      await made.world.clock.resolve(made.world.coordinator.close());
      await made.world.clock.advance(5000);
    }
  });

  test('is refused where one was changed out of sight of its own pieces', async () => {
    const made = await seeding();
    const wrong = spoilt(made.contents[1], 3 * PIECE - 1);
    await put(made, BIG_PATH, wrong);
    await again(made);
    await ends(made, 'failed');
    await made.world.expectFile(BIG_PATH, wrong);
  });
});

describe('a choice made during a check', () => {
  test('holds for what is fetched after it', async () => {
    const made = make();
    const { world, key } = made;
    const source = { kind: 'magnet', link: `magnet:?xt=urn:btih:${key}` } as const;
    world.script.pace.set(0, 1e6);
    await world.clock.resolve(world.coordinator.add(source, options({ identities: 1 })));
    await world.until(key, 'downloading');
    await world.clock.resolve(world.coordinator.close());
    world.script.pace.clear();
    world.script.begun.length = 0;
    world.coordinator = world.build();
    world.disk.delay = () => 20;
    const added = world.coordinator.add(source, options({ identities: 1 }));
    await world.clock.runUntil(() => world.coordinator.files(key).length > 0, 10_000);
    await world.clock.resolve(added);
    expect(world.state(key)).toBe('checking');
    await world.clock.resolve(world.coordinator.change(key, { filePriorities: README }));
    expect(world.state(key)).toBe('checking');
    await world.until(key, 'done');
    world.disk.delay = undefined;
    expect(fetched(made)).toEqual([0]);
    expect(await world.disk.list('/out/payload')).toEqual(['readme']);
  });

  test.each([
    ['more', BIG, [4, 4, 4], TARGETS],
    ['fewer', [4, 4, 4], BIG, [BIG_PATH]],
  ])('of files that are there holds for what it finds: %s', async (_, before, after, expected) => {
    const made = make();
    const { world, key, contents } = made;
    for (const [file, path] of TARGETS.entries()) await put(made, path, contents[file]);
    world.disk.delay = () => 20;
    await world.add(made, { filePriorities: [...before] });
    expect(world.state(key)).toBe('checking');
    await world.clock.resolve(world.coordinator.change(key, { filePriorities: [...after] }));
    await ends(made, 'done');
    await world.clock.advance(60_000);
    world.disk.delay = undefined;
    expect(world.state(key)).toBe('done');
    expect(world.coordinator.download(key)?.result).toEqual(expected);
    expect(fetched(made)).toEqual([]);
  });

  test('brings a file that was left out', async () => {
    const made = make();
    const { world, key } = made;
    await world.add(made, { filePriorities: README, assemble: false });
    await world.until(key, 'complete');
    world.disk.delay = () => 20;
    const checked = world.coordinator.recheck(key);
    await world.clock.runUntil(() => world.coordinator.download(key)?.work !== undefined, 1000);
    await world.clock.resolve(world.coordinator.change(key, { filePriorities: [4, 0, 4], assemble: true }));
    expect(world.state(key)).toBe('checking');
    await world.clock.resolve(checked);
    await world.until(key, 'done');
    world.disk.delay = undefined;
    expect(fetched(made)).toEqual([0, 3]);
    await world.expectFile(TAIL_PATH, made.contents[2] ?? new Uint8Array());
  });
});

test('a choice made when the metadata of a magnet link comes is made before the target is looked at', async () => {
  const made = make();
  const { world, key, contents } = made;
  await put(made, README_PATH, contents[0]);
  let chosen = false;
  world.coordinator.onEvent(() => {
    if (chosen || world.coordinator.files(key).length === 0) return;
    chosen = true;
    void world.coordinator.change(key, { filePriorities: README });
  });
  const link = `magnet:?xt=urn:btih:${key}&x.pe=10.5.0.1:1000`;
  await world.clock.resolve(world.coordinator.add({ kind: 'magnet', link }, options()));
  await ends(made, 'done');
  expect(world.coordinator.download(key)?.result).toEqual([README_PATH]);
  expect(fetched(made)).toEqual([0]);
});
