import { describe, expect, test } from 'vitest';
import type { LayoutKind } from '../../base/choices.ts';
import type { DownloadOptions } from '../../engine/engine.ts';
import { times } from '../../sim/acceptance.ts';
import {
  begin,
  ends,
  fetched,
  holds,
  left,
  type Made,
  NAMES,
  PIECE,
  spoilt,
  start,
  stop,
} from '../testing/three-files.ts';

const NEW = '/new/place';
const LAYOUTS: readonly LayoutKind[] = ['in-place', 'parts', 'pieces'];
const SEED: Partial<DownloadOptions> = { identities: 1, seed: { kind: 'forever' } };

const move = ({ world, key }: Made, to = NEW): Promise<void> => world.clock.resolve(world.coordinator.move(key, to));

describe.each([false, true])('to another disk: %s', (elsewhere) => {
  test('finished files are seeded from their new place, with nothing read again and nothing left behind', async () => {
    const made = await begin(elsewhere, SEED, 'seeding');
    const before = made.world.coordinator.download(made.key);
    made.world.events.length = 0;
    await move(made);
    await ends(made, 'seeding');
    expect(holds(made, NEW)).toBe(true);
    expect(left(made, '/out')).toEqual([]);
    expect(left(made, NEW).filter((path) => path.includes('/.'))).toEqual([]);
    const now = made.world.coordinator.download(made.key);
    expect(now?.result).toEqual(NAMES.map((name) => `${NEW}/payload/${name}`));
    expect(now).toMatchObject({ added: before?.added, downloaded: before?.downloaded });
    expect(now?.identities[0]?.held).toBe(before?.identities[0]?.held);
    await stop(made);
    made.world.script.begun.length = 0;
    await start(made);
    await ends(made, 'seeding');
    expect(fetched(made)).toEqual([]);
    expect(made.world.events.filter((event) => event.type === 'log' && event.level !== 'info')).toEqual([]);
  });

  test.each(LAYOUTS)('what was begun in the layout %s goes on in the new place', async (layout) => {
    const made = await begin(elsewhere, { ...SEED, layout }, 'downloading');
    await made.world.clock.advance(2500);
    const had = made.world.coordinator.download(made.key)?.pieces.have ?? 0;
    expect(had).toBeGreaterThan(0);
    made.world.script.begun.length = 0;
    await move(made);
    await ends(made, 'seeding');
    expect(holds(made, NEW)).toBe(true);
    expect(left(made, '/out')).toEqual([]);
    expect(fetched(made).length).toBeLessThanOrEqual(4 - had + 1);
    expect(left(made, NEW).filter((path) => path.includes('/.'))).toEqual([]);
  });

  test('what was to be replaced in the old place is not in the new one', async () => {
    const made = await begin(elsewhere, { ...SEED, layout: 'parts', reuse: true }, 'downloading');
    const [, big] = made.contents;
    const foreign = spoilt(big, 3);
    made.world.disk.put(`${NEW}/payload/${NAMES[1]}`, foreign);
    await move(made);
    await ends(made, 'failed');
    expect(made.world.coordinator.download(made.key)?.error?.code).toBe('exists');
    expect(made.world.disk.content(`${NEW}/payload/${NAMES[1]}`)).toEqual(foreign);
  });

  test('what is paused stays paused', async () => {
    const made = await begin(elsewhere, SEED, 'downloading');
    await made.world.clock.advance(1500);
    await made.world.clock.resolve(made.world.coordinator.pause(made.key));
    await move(made);
    expect(made.world.state(made.key)).toBe('paused');
    await made.world.clock.resolve(made.world.coordinator.resume(made.key));
    await ends(made, 'seeding');
    expect(holds(made, NEW)).toBe(true);
  });

  test('where something else has one of the names, all is as before', async () => {
    const made = await begin(elsewhere, SEED, 'seeding');
    const foreign = spoilt(made.contents[1], 3);
    made.world.disk.put(`${NEW}/payload/${NAMES[1]}`, foreign);
    await expect(move(made)).rejects.toMatchObject({ code: 'exists' });
    await ends(made, 'seeding');
    expect(holds(made, '/out')).toBe(true);
    expect(left(made, NEW)).toEqual([`${NEW}/payload/`, `${NEW}/payload/${NAMES[1]}`]);
    expect(made.world.disk.content(`${NEW}/payload/${NAMES[1]}`)).toEqual(foreign);
    // Freed of that it moves.
    await made.world.disk.remove(`${NEW}/payload/${NAMES[1]}`);
    await move(made);
    expect(holds(made, NEW)).toBe(true);
  });

  test('what has begun nothing does not go to where something else is', async () => {
    const made = await begin(elsewhere, { ...SEED, paused: true }, 'paused');
    made.world.disk.put(`${NEW}/payload/${NAMES[1]}`, spoilt(made.contents[1], 3));
    await expect(move(made)).rejects.toMatchObject({ code: 'exists' });
    expect(made.world.state(made.key)).toBe('paused');
    await made.world.clock.resolve(made.world.coordinator.resume(made.key));
    await ends(made, 'seeding');
    expect(holds(made, '/out')).toBe(true);
  });

  test('files that somebody else changed before are found out after it', async () => {
    const made = await begin(elsewhere, SEED, 'seeding');
    await made.world.clock.advance(600_000);
    const [, big] = made.contents;
    made.world.disk.put(`/out/payload/${NAMES[1]}`, spoilt(big, PIECE + 5));
    await move(made);
    await ends(made, 'failed');
    expect(made.world.coordinator.download(made.key)?.error?.code).toBe('exists');
  });
});

test('a link that takes the place of the new folder is not followed, whenever that happens', async () => {
  let happened = true;
  for (let n = 1; happened; n += times(7, 1)) {
    const made = await begin(false, { ...SEED, layout: 'parts' }, 'downloading');
    const { disk } = made.world;
    disk.put('/users/own', new Uint8Array(3));
    let operations = n;
    happened = false;
    disk.before = () => {
      if (disk.kindAt(NEW) !== 'directory' || --operations !== 0) return;
      happened = true;
      disk.move(NEW, '/new/away');
      disk.symlink('/users', NEW);
    };
    await move(made).catch(() => {});
    await made.world.clock.advance(20_000);
    expect(left(made, '/users'), `operation ${n}`).toEqual(['/users/own']);
  }
});

test('a copy that is cancelled leaves the originals, and removes what was copied', async () => {
  const made = await begin(true, SEED, 'seeding');
  made.world.disk.delay = (operation, path) => (operation === 'write' && path.startsWith('/new/') ? 5000 : 0);
  const moved = made.world.coordinator.move(made.key, NEW);
  const outcome = expect(moved).rejects.toMatchObject({ code: 'interrupted' });
  await made.world.clock.advance(3000);
  expect(made.world.state(made.key)).toBe('moving');
  await expect(made.world.coordinator.recheck(made.key)).rejects.toMatchObject({ code: 'in-use' });
  made.world.coordinator.cancelMove(made.key);
  await made.world.clock.resolve(outcome);
  await ends(made, 'seeding');
  expect(holds(made, '/out')).toBe(true);
  expect(left(made, NEW)).toEqual([]);
});

test.each(LAYOUTS)('cancelled at any moment in the layout %s, all is in one place alone', async (layout) => {
  let ended = '';
  for (let at = 1; ended !== NEW; at += times(6, 1)) {
    const made = await begin(true, { ...SEED, layout }, 'downloading');
    const { world, key } = made;
    await world.clock.advance(2500);
    let operations = 0;
    world.disk.delay = () => {
      if (++operations === at) world.coordinator.cancelMove(key);
      return 1;
    };
    await world.clock.resolve(world.coordinator.move(key, NEW).catch(() => {}));
    world.disk.delay = undefined;
    await ends(made, 'downloading');
    ended = world.coordinator.download(key)?.options.output ?? '';
    expect(left(made, ended === NEW ? '/out' : NEW), `cancelled at operation ${at}`).toEqual([]);
    await stop(made);
  }
});

test('a full disk is told before anything is copied', async () => {
  const made = await begin(true, SEED, 'seeding');
  made.world.disk.capacity = 0;
  await expect(move(made)).rejects.toMatchObject({ code: 'disk' });
  await ends(made, 'seeding');
  expect(left(made, NEW)).toEqual([]);
});

test('removed with its data while it is copied, nothing is left in either place', async () => {
  const made = await begin(true, SEED, 'seeding');
  made.world.disk.delay = (operation, path) => (operation === 'write' && path.startsWith('/new/') ? 5000 : 0);
  const moved = expect(made.world.coordinator.move(made.key, NEW)).rejects.toMatchObject({ code: 'interrupted' });
  await made.world.clock.advance(2000);
  await made.world.clock.resolve(made.world.coordinator.remove(made.key, { data: true }));
  await moved;
  expect([...left(made, '/out'), ...left(made, NEW)]).toEqual([]);
});

test('a file system without second names: files are renamed', async () => {
  const made = await begin(false, SEED, 'seeding');
  made.world.disk.fail({ operation: 'link', code: 'EPERM' });
  await move(made);
  await ends(made, 'seeding');
  expect(holds(made, NEW)).toBe(true);
  expect(left(made, '/out')).toEqual([]);
});

test('the program ends while it copies: its next run goes on with what was copied', async () => {
  const made = await begin(true, SEED, 'seeding');
  made.world.disk.delay = (operation, path) =>
    operation === 'write' && path.includes('/new/') && path.endsWith('tail') ? 10_000 : 0;
  const moved = expect(made.world.coordinator.move(made.key, NEW)).rejects.toMatchObject({ code: 'interrupted' });
  await made.world.clock.advance(3000);
  await stop(made);
  await moved;
  expect(left(made, NEW).some((path) => path.endsWith('/big'))).toBe(true);
  made.world.disk.delay = undefined;
  await start(made);
  await ends(made, 'seeding');
  expect(holds(made, NEW)).toBe(true);
  expect(left(made, '/out')).toEqual([]);
});
