import { describe, expect, test } from 'vitest';
import type { DownloadOptions } from '../../engine/engine.ts';
import {
  BIG,
  BIG_PATH,
  ends,
  fetched,
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

/** These files are assembled, and seeded. */
async function assembled(
  filePriorities: readonly number[],
  changes: Partial<DownloadOptions> = {},
  made = make(),
): Promise<Made> {
  made.world.coordinator = made.world.build('/state');
  await made.world.clock.resolve(made.world.coordinator.start());
  const seed = { kind: 'forever' } as const;
  await made.world.add(made, { identities: 2, filePriorities: [...filePriorities], seed, ...changes });
  await ends(made, changes.seed?.kind === 'never' ? 'done' : 'seeding');
  made.world.script.begun.length = 0;
  return made;
}

const choose = async ({ world, key }: Made, filePriorities: readonly number[]): Promise<void> =>
  world.clock.resolve(world.coordinator.change(key, { filePriorities: [...filePriorities] }));
const result = ({ world, key }: Made): readonly string[] | undefined => world.coordinator.download(key)?.result;
const seeds = async (made: Made, files: number): Promise<void> => {
  await made.world.clock.runUntil(() => result(made)?.length === files, 120_000);
  await ends(made, 'seeding');
};

describe.each(['in-place', 'parts', 'pieces'] as const)('a choice made when all is assembled, layout %s', (layout) => {
  test('brings the files that were left out, and nothing that is there', async () => {
    const made = await assembled(BIG, { layout });
    await choose(made, [4, 4, 4]);
    await seeds(made, 3);
    expect(result(made)).toEqual(TARGETS);
    // The others lie in one file that is there.
    expect(fetched(made)).toEqual([0, 3]);
    for (const [file, path] of TARGETS.entries())
      await made.world.expectFile(path, made.contents[file] ?? new Uint8Array());
    expect(await made.world.disk.list('/out')).toEqual(['payload']);
    expect(made.world.coordinator.download(made.key)?.pieces).toMatchObject({ have: 4, wanted: 4, toGo: 0 });
    expect(made.world.events.filter((event) => event.type === 'log' && event.level !== 'info')).toEqual([]);
  });

  test('goes on after a crash', async () => {
    const made = await assembled(BIG, { layout });
    made.world.script.pace.set(0, 1e6).set(1, 1e6);
    await choose(made, [4, 4, 4]);
    await made.world.until(made.key, 'downloading');
    made.world.crash();
    made.world.script.pace.clear();
    made.world.script.begun.length = 0;
    made.world.coordinator = made.world.build('/state');
    await made.world.clock.resolve(made.world.coordinator.start());
    await ends(made, 'seeding');
    expect(result(made)).toEqual(TARGETS);
    expect(fetched(made)).toEqual([0, 3]);
    for (const [file, path] of TARGETS.entries())
      await made.world.expectFile(path, made.contents[file] ?? new Uint8Array());
  });

  test('leaves files that are not wanted any more where they are', async () => {
    const made = await assembled([4, 4, 0], { layout });
    await choose(made, BIG);
    expect(result(made)).toEqual([BIG_PATH]);
    await choose(made, [4, 4, 0]);
    await seeds(made, 2);
    expect(fetched(made)).toEqual([]);
    await made.world.expectFile(README_PATH, made.contents[0] ?? new Uint8Array());
  });

  test('refuses a file that somebody changed since, and leaves it', async () => {
    const made = await assembled(BIG, { layout });
    await made.world.clock.advance(5000);
    const wrong = spoilt(made.contents[1], PIECE);
    await put(made, BIG_PATH, wrong);
    await choose(made, [4, 4, 4]);
    await ends(made, 'failed');
    expect(made.world.coordinator.download(made.key)?.error?.code).toBe('exists');
    expect(fetched(made)).toEqual([]);
    await made.world.expectFile(BIG_PATH, wrong);
    expect(await made.world.disk.list('/out')).toEqual(['payload']);
  });

  test('of what is paused is fetched when it is resumed', async () => {
    const made = await assembled(README, { layout });
    await made.world.clock.resolve(made.world.coordinator.pause(made.key));
    await choose(made, [4, 0, 4]);
    await made.world.until(made.key, 'paused');
    await made.world.clock.advance(60_000);
    expect(fetched(made)).toEqual([]);
    await made.world.clock.resolve(made.world.coordinator.resume(made.key));
    await ends(made, 'seeding');
    expect(result(made)).toEqual([README_PATH, TAIL_PATH]);
    await made.world.expectFile(TAIL_PATH, made.contents[2] ?? new Uint8Array());
  });
});

describe('a file that is not ours', () => {
  test('is read before it counts, and fetched for nobody where it is right', async () => {
    const made = await assembled(BIG);
    await put(made, README_PATH, made.contents[0]);
    await choose(made, [4, 4, 0]);
    await seeds(made, 2);
    expect(result(made)).toEqual([README_PATH, BIG_PATH]);
    // It shares its one piece with ours: both are there.
    expect(fetched(made)).toEqual([]);
  });

  test.each([
    ['and nothing is missing', [4, 4, 0]],
    ['and another is missing', [4, 4, 4]],
  ])('is refused where it is wrong, %s, and outlives the download', async (_, choice) => {
    const made = await assembled(BIG);
    const wrong = spoilt(made.contents[0], 5);
    await put(made, README_PATH, wrong);
    await made.world.clock.advance(60_000);
    await choose(made, choice);
    await ends(made, 'failed');
    expect(made.world.coordinator.download(made.key)?.error?.code).toBe('exists');
    await made.world.clock.resolve(made.world.coordinator.remove(made.key, { data: true }));
    await made.world.expectFile(README_PATH, wrong);
    expect(await made.world.disk.list('/out/payload')).toEqual(['readme']);
  });

  test('is what was skipped, and changed while others were fetched', async () => {
    const made = await assembled([4, 4, 0]);
    await choose(made, BIG);
    await made.world.clock.advance(5000);
    const wrong = spoilt(made.contents[0], 5);
    await put(made, README_PATH, wrong);
    await choose(made, [0, 4, 4]);
    await seeds(made, 2);
    await choose(made, [4, 4, 4]);
    await ends(made, 'failed');
    await made.world.expectFile(README_PATH, wrong);
  });
});

test('a choice that is taken back leaves all as it was, also after a restart', async () => {
  const made = await assembled(BIG);
  const { world, key } = made;
  for (const restart of [false, true]) {
    world.script.pace.set(0, 1e6).set(1, 1e6);
    await choose(made, [0, 4, 4]);
    await world.until(key, 'downloading');
    if (restart) {
      await world.clock.resolve(world.coordinator.close());
      world.coordinator = world.build('/state');
      await world.clock.resolve(world.coordinator.start());
      await world.until(key, 'downloading');
    }
    await choose(made, BIG);
    await seeds(made, 1);
    expect(result(made)).toEqual([BIG_PATH]);
    expect(await world.disk.list('/out')).toEqual(['payload']);
  }
});

test('who removes the data while more is fetched removes what was there before, too', async () => {
  const made = await assembled(BIG);
  made.world.script.pace.set(0, 1e6).set(1, 1e6);
  await choose(made, [4, 4, 4]);
  await made.world.until(made.key, 'downloading');
  await made.world.clock.resolve(made.world.coordinator.remove(made.key, { data: true }));
  expect(await made.world.disk.list('/out')).toEqual([]);
});

test('of what is paused nothing is fetched, however often the choice changes', async () => {
  const made = await assembled(BIG);
  await made.world.clock.resolve(made.world.coordinator.pause(made.key));
  for (const choice of [
    [0, 4, 4],
    [4, 4, 4],
  ]) {
    await choose(made, choice);
    await made.world.until(made.key, 'paused');
    await made.world.clock.advance(30_000);
  }
  expect(fetched(made)).toEqual([]);
  await made.world.clock.resolve(made.world.coordinator.resume(made.key));
  await seeds(made, 3);
  expect(fetched(made)).toEqual([0, 3]);
});

describe.each([
  ['with the last piece', 'complete'],
  ['while it is assembled', 'assembling'],
])('more that is chosen %s', (_, state) => {
  test.each([
    ['rarest', 'never', 1],
    ['rarest', 'never', 2],
    ['fixed', 'forever', 2],
  ] as const)('is fetched afterwards, %s, seeding %s, %i identities', async (selection, kind, identities) => {
    const made = make();
    const { world, key } = made;
    await world.add(made, { identities, filePriorities: README, selection, layout: 'parts', seed: { kind } });
    await world.clock.runUntil(() => fetched(made).length > 0, 60_000);
    world.disk.delay = () => 50;
    await world.until(key, state);
    await choose(made, [4, 4, 4]);
    world.disk.delay = undefined;
    await world.clock.runUntil(() => result(made)?.length === 3, 120_000);
    for (const [file, path] of TARGETS.entries()) await world.expectFile(path, made.contents[file] ?? new Uint8Array());
    expect(world.events.filter((event) => event.type === 'log' && event.level !== 'info')).toEqual([]);
  });
});

test('what was skipped and is gone then is no fault of the seed', async () => {
  const made = await assembled([4, 4, 0]);
  await choose(made, README);
  await made.world.disk.remove(BIG_PATH);
  await made.world.clock.advance(5000);
  const { pieces, bytes } = made.world.coordinator.download(made.key) ?? {};
  expect([made.world.state(made.key), pieces?.wanted, pieces?.toGo]).toEqual(['seeding', 1, 0]);
  expect(bytes?.have).toBeLessThanOrEqual(bytes?.wanted ?? 0);
});

describe.each(['in-place', 'parts', 'pieces'] as const)(
  'where files share their first and last pieces, layout %s',
  (layout) => {
    const ROW = ['a', 'b', 'c', 'd'].map((name) => ({ path: [name], length: 2.5 * PIECE }));

    test('one that was skipped is wanted again', async () => {
      const made = await assembled([4, 0, 4, 0], { layout }, make(ROW));
      await choose(made, [4, 0, 0, 0]);
      await seeds(made, 1);
      await choose(made, [4, 0, 4, 0]);
      await seeds(made, 2);
      expect(made.world.events.filter((event) => event.type === 'log' && event.level !== 'info')).toEqual([]);
      for (const file of [0, 2]) await made.world.expectFile(`/out/payload/${'abcd'[file]}`, made.contents[file]!);
    });

    test('one that is there is skipped while another is fetched', async () => {
      const made = await assembled([4, 4, 0], { layout });
      made.world.script.pace.set(0, 1e6).set(1, 1e6);
      await choose(made, [4, 4, 4]);
      await made.world.until(made.key, 'downloading');
      made.world.script.pace.clear();
      await choose(made, [4, 0, 4]);
      await seeds(made, 2);
      expect(result(made)).toEqual([README_PATH, TAIL_PATH]);
      // What lies in the one that was skipped is not ours to give.
      expect(made.world.coordinator.download(made.key)?.pieces.have).toBe(2);
    });
  },
);

test('a choice that failed and is taken back is seeded again', async () => {
  const made = await assembled(BIG);
  await put(made, README_PATH, spoilt(made.contents[0], 5));
  await choose(made, [4, 4, 0]);
  await ends(made, 'failed');
  await choose(made, BIG);
  await seeds(made, 1);
  expect(made.world.coordinator.download(made.key)?.error).toBeUndefined();
});

test('nothing is finished, or thrown away, while nothing is wanted', async () => {
  const made = make();
  const { world, key } = made;
  await world.add(made, { identities: 2, filePriorities: BIG });
  world.script.pace.set(0, 1000).set(1, 1000);
  await world.clock.runUntil(() => (world.coordinator.download(key)?.pieces.have ?? 0) > 0, 60_000);
  await choose(made, [0, 0, 0]);
  await world.clock.advance(60_000);
  expect(world.state(key)).toBe('downloading');
  const begun = fetched(made);
  world.script.begun.length = 0;
  await choose(made, [4, 4, 4]);
  await ends(made, 'done');
  expect(fetched(made).filter((p) => begun.includes(p))).toEqual([]);
});

test('who comes back for more that is not wanted after all does not stay', async () => {
  const made = make();
  const { world, key } = made;
  await world.add(made, { identities: 2, filePriorities: README, seed: { kind: 'forever' }, stay: true });
  await world.clock.runUntil(() => fetched(made).length > 0, 60_000);
  world.disk.delay = () => 50;
  await world.until(key, 'complete');
  world.script.pace.set(0, 1e6).set(1, 1e6);
  await choose(made, [4, 0, 4]);
  await choose(made, README);
  world.disk.delay = undefined;
  await ends(made, 'seeding');
  await world.clock.advance(60_000);
  expect(world.coordinator.download(key)?.identities[1]?.state).toBe('left');
  const told = world.script.received.filter(({ identity, message }) => identity === 0 && 'key' in message);
  expect(told.map(({ message }) => message.type)).toContain('seed');
});

test('a choice made while the download is removed calls nobody back', async () => {
  const made = make();
  const { world, key } = made;
  world.script.pace.set(0, 1000).set(1, 1000);
  await world.add(made, { identities: 2 });
  await world.clock.runUntil(() => fetched(made).length > 1, 60_000);
  world.disk.delay = () => 50;
  const removed = world.coordinator.remove(key, { data: true });
  await world.clock.advance(1);
  await world.clock.resolve(world.coordinator.change(key, { filePriorities: BIG }).catch(() => undefined));
  await world.clock.resolve(removed);
  world.disk.delay = undefined;
  world.script.begun.length = 0;
  await world.clock.advance(60_000);
  expect(fetched(made)).toEqual([]);
  expect(await world.disk.list('/out')).toEqual([]);
});

test('one that is skipped and wanted again while another is fetched is not fetched', async () => {
  const made = await assembled([4, 4, 0]);
  made.world.script.pace.set(0, 1e6).set(1, 1e6);
  await choose(made, [4, 4, 4]);
  await made.world.until(made.key, 'downloading');
  await choose(made, [4, 0, 4]);
  made.world.script.pace.clear();
  made.world.script.begun.length = 0;
  await choose(made, [4, 4, 4]);
  await seeds(made, 3);
  // The border to the third, and that to the one that was skipped.
  expect(fetched(made).filter((p) => p === 1 || p === 2)).toEqual([]);
});

test('one that was skipped is ours again where it is right', async () => {
  const made = await assembled([4, 4, 0]);
  await choose(made, BIG);
  await seeds(made, 1);
  await choose(made, [4, 0, 4]);
  await seeds(made, 2);
  expect(result(made)).toEqual([README_PATH, TAIL_PATH]);
});

test('with nothing wanted nothing can be assembled, and nothing is left behind by a restart', async () => {
  const made = await assembled(BIG);
  const { world } = made;
  await choose(made, [0, 0, 0]);
  await world.clock.resolve(world.coordinator.close());
  world.coordinator = world.build('/state');
  await world.clock.resolve(world.coordinator.start());
  await ends(made, 'seeding');
  expect(await world.disk.list('/out')).toEqual(['payload']);
  await choose(made, BIG);
  await seeds(made, 1);
  // It has to prove itself anew: its borders by what is fetched.
  expect(fetched(made)).toEqual([0, 3]);

  const other = make();
  await other.world.add(other, { identities: 1, filePriorities: BIG, assemble: false });
  await ends(other, 'complete');
  await choose(other, [0, 0, 0]);
  const told = other.world.coordinator.assemble(other.key);
  await expect(other.world.clock.resolve(told)).rejects.toThrow('none of its files is wanted');
  await choose(other, BIG);
  await other.world.clock.resolve(other.world.coordinator.assemble(other.key));
  expect(result(other)).toEqual([BIG_PATH]);
  expect(fetched(other)).toEqual([0, 1, 2, 3]);
});

test('what is wanted sooner or later is not looked at again', async () => {
  const made = await assembled([4, 4, 0]);
  const { world } = made;
  await choose(made, BIG);
  await seeds(made, 1);
  world.script.pace.set(0, 1e6).set(1, 1e6);
  await choose(made, [4, 4, 4]);
  await world.until(made.key, 'downloading');
  const checks = (): number => world.host.started.filter((one) => one.label === 'recheck').length;
  const before = checks();
  await choose(made, [4, 4, 7]);
  await choose(made, [1, 4, 7]);
  await world.clock.advance(1000);
  expect(world.state(made.key)).toBe('downloading');
  expect(checks()).toBe(before);
});
