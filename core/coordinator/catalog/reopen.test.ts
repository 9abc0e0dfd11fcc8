import { describe, expect, test } from 'vitest';
import type { DownloadOptions, Reopening } from '../../engine/engine.ts';
import { ends, fetched, holds, make, type Made, NAMES, spoilt, start, stop, TARGETS } from '../testing/three-files.ts';

async function reopen({ world, key }: Made, place: Reopening): Promise<void> {
  await world.clock.resolve(world.coordinator.reopen(key, place));
}

/** Assembled in /out, seeded, then moved by its user. */
async function moved(to: string): Promise<Made> {
  const made = make();
  const { world } = made;
  await start(made);
  await world.add(made, { identities: 1, seed: { kind: 'forever' } });
  await ends(made, 'seeding');
  await stop(made);
  await world.disk.makeDirectory(to);
  for (const [i, path] of TARGETS.entries()) {
    world.disk.put(`${to}/payload/${NAMES[i]}`, made.contents[i] ?? new Uint8Array());
    await world.disk.remove(path);
  }
  await start(made);
  await ends(made, 'missing-files');
  world.script.begun.length = 0;
  return made;
}

describe('files that were moved are located', () => {
  test.each(['/new', '/new/payload'])('in %s: nothing is fetched, and totals and date stay', async (named) => {
    const made = await moved('/new');
    const before = made.world.coordinator.download(made.key);
    await reopen(made, { output: named, found: true });
    await ends(made, 'seeding');
    const now = made.world.coordinator.download(made.key);
    expect(fetched(made)).toEqual([]);
    expect(now?.result).toEqual(NAMES.map((name) => `/new/payload/${name}`));
    expect(now).toMatchObject({ added: before?.added, downloaded: before?.downloaded });
    expect(holds(made, '/new')).toBe(true);
    // Who fetched them is known still.
    expect(now?.identities[0]?.held).toBe(before?.pieces.total);
    // The catalog has it, too.
    await stop(made);
    await start(made);
    await ends(made, 'seeding');
  });

  test('a folder without any of them is refused, and nothing changes', async () => {
    const made = await moved('/new');
    await expect(reopen(made, { output: '/elsewhere', found: true })).rejects.toThrow(/payload.*\/elsewhere/);
    await ends(made, 'missing-files');
  });

  test('one that is wrong is not replaced before the user says so', async () => {
    const made = await moved('/new');
    const wrong = spoilt(made.contents[1], 7);
    made.world.disk.put(`/new/payload/${NAMES[1]}`, wrong);
    await reopen(made, { output: '/new', found: true });
    await ends(made, 'failed');
    expect(made.world.coordinator.download(made.key)?.error?.code).toBe('exists');
    expect(made.world.disk.content(`/new/payload/${NAMES[1]}`)).toEqual(wrong);
    await reopen(made, { reuse: true });
    await ends(made, 'seeding');
    expect(holds(made, '/new')).toBe(true);
  });
});

test('a download that cannot go on begins again in another folder', async () => {
  const made = make();
  const { world } = made;
  const options: Partial<DownloadOptions> = { identities: 1 };
  world.script.pace.set(0, 500);
  await world.add(made, options);
  await ends(made, 'downloading');
  await world.clock.advance(1000);
  world.script.voices.get(0)?.({ type: 'failed', key: made.key, code: 'disk', message: 'The disk is full.' });
  await ends(made, 'failed');
  await reopen(made, { output: '/other', found: false });
  await ends(made, 'done');
  expect(holds(made, '/other')).toBe(true);
});
