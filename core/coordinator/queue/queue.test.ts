import { expect, test } from 'vitest';
import type { TorrentKey } from '../../base/ids.ts';
import { type ListRules, NO_RULES } from '../../engine/list-rules.ts';
import type { DownloadOptions } from '../../engine/engine.ts';
import { options, World } from '../testing/world.ts';

const MINUTE = 60_000;
const PIECES = 12;
/** Milliseconds a piece. */
const FAST = 10;

async function start(world: World, rules: Partial<ListRules>): Promise<void> {
  world.coordinator = world.build('/state');
  world.coordinator.setRules({ ...NO_RULES, ...rules });
  await world.clock.resolve(world.coordinator.start());
}

async function many(
  rules: Partial<ListRules>,
  options: Partial<DownloadOptions> = {},
  count = 5,
  pace = 10_000,
): Promise<{ world: World; keys: readonly TorrentKey[] }> {
  const world = new World();
  world.script.pace.set(0, pace);
  await start(world, rules);
  const keys: TorrentKey[] = [];
  for (let i = 0; i < count; i++)
    keys.push(await world.add(world.torrent(PIECES, { name: `t${i}` }), { identities: 1, ...options }));
  await world.clock.advance(3000);
  return { world, keys };
}

/** A letter a download: d downloads, s seeds, p is paused, digits: its place among those that wait; in the order of the queue. */
function drawn(world: World): string {
  const all = [...world.coordinator.downloads()].sort((a, b) => a.place - b.place);
  return all.map(({ state, queued }) => queued ?? state[0]).join('');
}

/** Their numbers in the order of the queue. */
const order = (world: World, keys: readonly TorrentKey[]): string =>
  world.coordinator
    .downloads()
    .map(({ key }) => keys.indexOf(key))
    .join('');

test('one that is still being opened is not let go, whoever looks at it meanwhile', async () => {
  const world = new World();
  await start(world, { activeDownloads: 1 });
  const { coordinator, clock, disk } = world;
  disk.delay = () => 300;
  const made = world.torrent(PIECES);
  const added = coordinator.add({ kind: 'torrent', data: made.data }, options({ identities: 1 }));
  await clock.advance(100);
  const { key } = made.torrent.info.id;
  for (let i = 0; i < 20; i++) {
    if (coordinator.download(key) !== undefined) coordinator.announce(key);
    await clock.advance(500);
  }
  await clock.resolve(added);
  await world.until(key, 'downloading');
});

test('as many download as there are places, in the order in which they were added; the next goes on when one is over', async () => {
  const { world, keys } = await many({ activeDownloads: 2 }, {}, 4, FAST);
  for (const key of keys) await world.until(key, 'done');
  const began = world.script.received.flatMap(({ message }) => (message.type === 'add' ? [message.setup.key] : []));
  expect(began).toEqual(keys);
});

test('whoever is moved to the top takes the place of the last one, and nobody is paused by that', async () => {
  const { world, keys } = await many({ activeDownloads: 2 });
  const { coordinator, clock } = world;
  expect(drawn(world)).toBe('dd123');
  await clock.resolve(coordinator.reorder([keys[3]!, keys[4]!], 'top'));
  expect([order(world, keys), drawn(world)]).toEqual(['34012', 'dd123']);
  await clock.advance(3000);
  expect(drawn(world)).toBe('dd123');
  await clock.resolve(coordinator.reorder([keys[0]!], { before: keys[4]! }));
  await clock.advance(3000);
  expect([order(world, keys), drawn(world)]).toEqual(['30412', 'dd123']);
});

test('what is paused or fails leaves its place, and gets it back when it is resumed', async () => {
  const { world, keys } = await many({ activeDownloads: 2 });
  const { coordinator, clock } = world;
  await clock.resolve(coordinator.pause(keys[0]!));
  await clock.advance(2000);
  expect(drawn(world)).toBe('pdd12');
  await clock.resolve(coordinator.pause(keys[4]!));
  await clock.resolve(coordinator.resume(keys[4]!));
  expect(drawn(world)).toBe('pdd12');
  await clock.resolve(coordinator.resume(keys[0]!));
  await clock.advance(2000);
  expect(drawn(world)).toBe('dd123');
  await clock.resolve(coordinator.remove(keys[1]!, { data: true }));
  await clock.advance(2000);
  expect(drawn(world)).toBe('dd12');
});

test('one that is forced takes no place', async () => {
  const { world, keys } = await many({ activeDownloads: 1 }, {}, 4);
  const { coordinator, clock } = world;
  await clock.resolve(coordinator.change(keys[3]!, { forced: true }));
  await clock.advance(2000);
  expect(drawn(world)).toBe('d12d');
  await clock.resolve(coordinator.change(keys[3]!, { forced: false }));
  expect(drawn(world)).toBe('d123');
});

test('one that gets nothing for long leaves its place to the next', async () => {
  const world = new World();
  world.script.pace.set(0, 60 * MINUTE);
  await start(world, { activeDownloads: 1, stalledAfter: 5 });
  for (let i = 0; i < 3; i++) await world.add(world.torrent(PIECES, { name: `t${i}` }), { identities: 1 });
  await world.clock.advance(4 * MINUTE);
  expect(drawn(world)).toBe('d12');
  await world.clock.advance(70_000);
  expect(drawn(world)).toBe('dd1');
});

test('the order and who waits are as before after a restart, and no more begin than may', async () => {
  const { world, keys } = await many({ activeDownloads: 2 });
  await world.clock.resolve(world.coordinator.reorder([keys[4]!], 'top'));
  await world.clock.resolve(world.coordinator.pause(keys[1]!));
  await world.clock.advance(2000);
  await world.clock.resolve(world.coordinator.close());
  world.script.received.length = 0;
  await start(world, { activeDownloads: 2 });
  await world.clock.advance(20_000);
  expect([order(world, keys), drawn(world)]).toEqual(['40123', 'ddp12']);
  const began = world.script.received.flatMap(({ message }) => (message.type === 'add' ? [message.setup.key] : []));
  expect(new Set(began)).toEqual(new Set([keys[4], keys[0]]));
});

test('seeds have places of their own; what is over and does not seed needs none', async () => {
  const { world, keys } = await many({ activeSeeds: 1 }, { seed: { kind: 'forever' } }, 3, FAST);
  const { coordinator, clock } = world;
  await clock.advance(20_000);
  expect(drawn(world)).toBe('s12');
  expect(coordinator.downloads().every(({ result }) => result !== undefined)).toBe(true);
  await clock.resolve(coordinator.change(keys[0]!, { seed: { kind: 'never' } }));
  await clock.advance(20_000);
  expect(drawn(world)).toBe('ds1');
  await clock.resolve(coordinator.close());
  await start(world, { activeSeeds: 1 });
  await clock.advance(40_000);
  expect(drawn(world)).toBe('ds1');
});

test('a limit that is lowered or lifted acts at once', async () => {
  const { world } = await many({ activeDownloads: 0 });
  expect(drawn(world)).toBe('ddddd');
  world.coordinator.setRules({ ...NO_RULES, activeDownloads: 1 });
  expect(drawn(world)).toBe('d1234');
  world.coordinator.setRules(NO_RULES);
  await world.clock.advance(3000);
  expect(drawn(world)).toBe('ddddd');
});

test('a recheck of one that waits ends with it waiting', async () => {
  const { world, keys } = await many({ activeDownloads: 1 }, {}, 2);
  await world.clock.resolve(world.coordinator.recheck(keys[1]!));
  await world.clock.advance(1000);
  expect(drawn(world)).toBe('d1');
});

test('goals of all and of a category, kept over restarts: time and idle time count while it seeds alone', async () => {
  const rules = {
    seedGoals: { ratio: 'none', time: 30 * MINUTE, idle: 'none', after: 'stop' },
    categories: [{ name: 'short', seed: { kind: 'goals', idle: 10 * MINUTE } }],
  } as const;
  const { world, keys } = await many(rules, { seed: { kind: 'goals' } }, 2, FAST);
  const { coordinator, clock } = world;
  await clock.advance(10_000);
  expect(drawn(world)).toBe('ss');
  await clock.resolve(coordinator.change(keys[1]!, { category: 'short' }));
  await clock.advance(12 * MINUTE);
  expect(drawn(world)).toBe('sd');
  await clock.resolve(coordinator.pause(keys[0]!));
  await clock.advance(30 * MINUTE);
  await clock.resolve(coordinator.close());
  await start(world, rules);
  await clock.advance(10_000);
  expect(drawn(world)).toBe('pd');
  await clock.resolve(world.coordinator.resume(keys[0]!));
  await clock.advance(15 * MINUTE);
  expect(drawn(world)).toBe('sd');
  await clock.advance(5 * MINUTE);
  expect(drawn(world)).toBe('dd');
  expect(world.coordinator.download(keys[0]!)!.seeded).toBeGreaterThanOrEqual(30 * MINUTE);
});

test('goals that are raised, or a start by force, let it seed again', async () => {
  const goals = (ratio: number): Partial<ListRules> => ({
    seedGoals: { ratio, time: 'none', idle: 'none', after: 'stop' },
  });
  const { world, keys } = await many(goals(0), { seed: { kind: 'goals' } }, 1, FAST);
  const { coordinator, clock } = world;
  await world.until(keys[0]!, 'done');
  coordinator.setRules({ ...NO_RULES, ...goals(1) });
  await world.until(keys[0]!, 'seeding');
  coordinator.setRules({ ...NO_RULES, ...goals(0) });
  await clock.advance(20_000);
  expect(world.state(keys[0]!)).toBe('done');
  await clock.resolve(coordinator.change(keys[0]!, { forced: true }));
  await world.until(keys[0]!, 'seeding');
});

test('what has seeded enough goes from the list where that is wished, and its files stay', async () => {
  const rules = { seedGoals: { ratio: 'none', time: 5 * MINUTE, idle: 'none', after: 'remove' } } as const;
  const { world, keys } = await many(rules, { seed: { kind: 'goals' } }, 2, FAST);
  const { coordinator, clock } = world;
  await clock.resolve(coordinator.change(keys[1]!, { seed: { kind: 'never' } }));
  const files = coordinator.downloads().map(({ result }) => result![0]!);
  await clock.advance(6 * MINUTE);
  expect(coordinator.downloads().map(({ key, state }) => [key, state])).toEqual([[keys[1], 'done']]);
  for (const file of files) expect(await world.file(file)).toBeDefined();
});

test('one that could not be opened has its turn when it is resumed', async () => {
  const { world, keys } = await many({ activeDownloads: 2 }, {}, 2);
  await world.clock.resolve(world.coordinator.close());
  const heal = world.disk.fail({ path: '.t1.', code: 'EIO' });
  await start(world, { activeDownloads: 2 });
  await world.clock.advance(5000);
  expect(drawn(world)).toBe('df');
  heal();
  await world.clock.resolve(world.coordinator.resume(keys[1]!));
  await world.clock.advance(5000);
  expect(drawn(world)).toBe('dd');
});
