import { describe, expect, test } from 'vitest';
import type { LayoutKind } from '../../base/choices.ts';
import { sameBytes } from '../../base/bytes.ts';
import type { DownloadOptions } from '../../engine/engine.ts';
import {
  begin,
  BIG_PATH,
  ends,
  fetched,
  left,
  type Made,
  make,
  NAMES,
  spoilt,
  start,
  stop,
} from '../testing/three-files.ts';

const SEED: Partial<DownloadOptions> = { identities: 1, seed: { kind: 'forever' } };
const LAYOUTS: readonly LayoutKind[] = ['in-place', 'parts', 'pieces'];

const rename = ({ world, key }: Made, path: string, name: string): Promise<string> =>
  world.clock.resolve(world.coordinator.rename(key, path, name));
const shown = ({ world, key }: Made): string[] => world.coordinator.files(key).map(({ path }) => path);
const trouble = ({ world }: Made): unknown[] =>
  world.events.filter((event) => event.type === 'log' && event.level !== 'info');

/** Whether all files are below `/out` under the names that are shown, and nothing else is there. */
function whole(made: Made): boolean {
  const files = shown(made).map((path) => `/out/${path}`);
  const folders = new Set(files.map((path) => path.slice(0, path.lastIndexOf('/') + 1)));
  expect(left(made, '/out')).toEqual([...folders, ...files].sort());
  return files.every((path, i) =>
    sameBytes(made.world.disk.content(path) ?? new Uint8Array(), made.contents[i] ?? new Uint8Array(1)),
  );
}

describe('finished files', () => {
  test.each([
    ['payload/big', 'large', 'payload/large'],
    ['payload', 'Other', 'Other'],
    ['payload', 'PAYLOAD', 'PAYLOAD'],
  ])('%s becomes %s, and is seeded on without anybody leaving the swarm', async (path, name, expected) => {
    const made = await begin(false, SEED, 'seeding');
    const { world, key } = made;
    world.script.received.length = 0;
    expect(await rename(made, path, name)).toBe(expected);
    expect(world.state(key)).toBe('seeding');
    expect(world.script.received.filter(({ message }) => message.type === 'leave')).toEqual([]);
    expect(whole(made)).toBe(true);
    expect(world.coordinator.download(key)?.result).toEqual(shown(made).map((one) => `/out/${one}`));
    expect(world.coordinator.download(key)?.name).toBe(shown(made)[0]?.split('/')[0]);
    await stop(made);
    world.script.begun.length = 0;
    await start(made);
    await ends(made, 'seeding');
    expect(shown(made)[1]).toBe(path === 'payload' ? `${expected}/big` : expected);
    expect(whole(made)).toBe(true);
    expect(fetched(made)).toEqual([]);
    await world.clock.resolve(world.coordinator.recheck(key));
    await ends(made, 'seeding');
    expect(fetched(made)).toEqual([]);
    expect(trouble(made)).toEqual([]);
  });

  test('where something else has one of the names, all is as before', async () => {
    const made = await begin(false, SEED, 'seeding');
    const { world } = made;
    world.disk.put('/out/Other/big', spoilt(made.contents[1], 3));
    await expect(rename(made, 'payload', 'Other')).rejects.toMatchObject({ code: 'exists' });
    expect(shown(made)).toEqual(NAMES.map((one) => `payload/${one}`));
    expect(left(made, '/out').filter((path) => path.startsWith('/out/Other'))).toEqual([
      '/out/Other/',
      '/out/Other/big',
    ]);
    await world.disk.remove('/out/Other/big');
    await rename(made, 'payload', 'Other');
    expect(whole(made)).toBe(true);
  });

  test('one that appears between the look and the name keeps it, too', async () => {
    const made = await begin(false, SEED, 'seeding');
    const { world, key } = made;
    const foreign = spoilt(made.contents[1], 3);
    world.disk.before = (operation, path) => {
      if (operation !== 'link' || path !== '/out/Other/big' || world.disk.content(path) !== undefined) return;
      world.disk.put(path, foreign);
    };
    await expect(rename(made, 'payload', 'Other')).rejects.toMatchObject({ code: 'exists' });
    expect(world.disk.content('/out/Other/big')).toEqual(foreign);
    expect(left(made, '/out').filter((path) => !path.endsWith('/'))).toEqual(
      ['/out/Other/big', ...NAMES.map((one) => `/out/payload/${one}`)].sort(),
    );
    expect(world.state(key)).toBe('seeding');
  });

  test('what others have in the folder stays there', async () => {
    const made = await begin(false, SEED, 'seeding');
    made.world.disk.put('/out/payload/notes', new Uint8Array(5));
    await rename(made, 'payload', 'Other');
    expect(left(made, '/out')).toContain('/out/payload/notes');
    expect(left(made, '/out').filter((path) => path.startsWith('/out/payload'))).toEqual([
      '/out/payload/',
      '/out/payload/notes',
    ]);
  });

  test('one that somebody else changed before is found out after it', async () => {
    const made = await begin(false, SEED, 'seeding');
    await made.world.clock.advance(600_000);
    made.world.disk.put(BIG_PATH, spoilt(made.contents[1], 20_000));
    await rename(made, 'payload', 'Other');
    await stop(made);
    await start(made);
    await ends(made, 'failed');
  });

  test('removed with its data, or moved, none is left behind', async () => {
    const made = await begin(false, SEED, 'seeding');
    const { world, key } = made;
    await rename(made, 'payload/big', 'large');
    await world.clock.resolve(world.coordinator.move(key, '/new/place'));
    await ends(made, 'seeding');
    expect(left(made, '/out')).toEqual([]);
    expect(left(made, '/new/place')).toContain('/new/place/payload/large');
    await world.clock.resolve(world.coordinator.remove(key, { data: true }));
    expect(left(made, '/new/place')).toEqual([]);
  });

  test('without second names (FAT) they are renamed', async () => {
    const made = await begin(false, SEED, 'seeding');
    made.world.disk.fail({ operation: 'link', code: 'EPERM' });
    await rename(made, 'payload', 'Other');
    expect(whole(made)).toBe(true);
  });
});

describe.each(LAYOUTS)('layout %s', (layout) => {
  test('what is downloading goes on, and gets the new name in the end', async () => {
    const made = await begin(false, { ...SEED, layout }, 'downloading');
    const { world, key } = made;
    await world.clock.advance(1500);
    const begun = world.script.begun.length;
    await rename(made, 'payload', 'Other');
    await rename(made, 'Other/big', 'large');
    expect(world.state(key)).toBe('downloading');
    await ends(made, 'seeding');
    expect(shown(made)).toEqual(['Other/readme', 'Other/large', 'Other/tail']);
    expect(whole(made)).toBe(true);
    expect(world.script.begun.length).toBeLessThanOrEqual(begun + 4);
    expect(trouble(made)).toEqual([]);
  });

  test('begun, renamed, stopped and started again', async () => {
    const made = await begin(false, { ...SEED, layout }, 'downloading');
    await made.world.clock.advance(2500);
    await rename(made, 'payload', 'Other');
    await stop(made);
    made.world.script.begun.length = 0;
    await start(made);
    await ends(made, 'seeding');
    expect(whole(made)).toBe(true);
    expect(fetched(made).length).toBeLessThan(4);
  });
});

test('some finished, others chosen later', async () => {
  const made = await begin(false, { ...SEED, filePriorities: [4, 0, 0] }, 'seeding');
  const { world, key } = made;
  await rename(made, 'payload', 'Other');
  await world.clock.resolve(world.coordinator.change(key, { filePriorities: [4, 4, 4] }));
  await ends(made, 'downloading');
  await rename(made, 'Other/readme', 'read me');
  await rename(made, 'Other/big', 'large');
  await ends(made, 'seeding');
  expect(shown(made)).toEqual(['Other/read me', 'Other/large', 'Other/tail']);
  expect(whole(made)).toBe(true);
  expect(trouble(made)).toEqual([]);
});

test('names may be chosen when it is added', async () => {
  const made = make();
  await start(made);
  await made.world.add(made, { ...SEED, names: [{ path: 'payload', name: 'Other' }] });
  await ends(made, 'seeding');
  expect(whole(made)).toBe(true);
  expect(made.world.coordinator.download(made.key)?.name).toBe('Other');
});

test('what is read from while it is renamed is read on', async () => {
  const made = await begin(false, SEED, 'seeding');
  const { world, key, contents } = made;
  const reader = world.coordinator.content(key)?.file(1)?.open('play');
  const read = (at: number): Promise<Uint8Array | undefined> =>
    world.clock.resolve(Promise.resolve(reader?.read(at, 1000)));
  expect(await read(0)).toEqual(contents[1]?.slice(0, 1000));
  await rename(made, 'payload', 'Other');
  expect(await read(20_000)).toEqual(contents[1]?.slice(20_000, 21_000));
  expect(world.coordinator.content(key)?.file(1)?.path).toEqual(['Other', 'big']);
});

test('what is paused can be renamed, and what the disk refuses midway is ended when somebody resumes it', async () => {
  const made = await begin(false, SEED, 'seeding');
  const { world, key } = made;
  await world.clock.resolve(world.coordinator.pause(key));
  await ends(made, 'paused');
  await rename(made, 'payload', 'Other');
  expect(whole(made)).toBe(true);
  await world.clock.resolve(world.coordinator.resume(key));
  await ends(made, 'seeding');
  const repaired = world.disk.fail({ operation: 'remove', path: '/out/Other', code: 'EIO' });
  await expect(rename(made, 'Other', 'Third')).rejects.toMatchObject({ code: 'disk' });
  await ends(made, 'failed');
  await expect(rename(made, 'Other', 'Fourth')).rejects.toMatchObject({ code: 'in-use' });
  repaired();
  world.script.begun.length = 0;
  await world.clock.resolve(world.coordinator.resume(key));
  await ends(made, 'seeding');
  expect(shown(made)[0]).toBe('Third/readme');
  expect(whole(made)).toBe(true);
  expect(fetched(made)).toEqual([]);
});
