import { describe, expect, test } from 'vitest';
import { torrentKey } from '../../base/ids.ts';
import type { LayoutKind } from '../../base/choices.ts';
import type { DownloadOptions } from '../../engine/engine.ts';
import { World } from '../testing/world.ts';

const LAYOUTS: readonly LayoutKind[] = ['in-place', 'parts', 'pieces'];
const TARGET = '/out/payload';

interface Cut {
  readonly world: World;
  readonly made: ReturnType<World['torrent']>;
}

async function start({ world }: Cut): Promise<void> {
  world.coordinator = world.build('/state');
  await world.clock.resolve(world.coordinator.start());
}

/** Everything died at the first removal of what fits, when the file had its final name. */
async function cutShort(which: RegExp, changes: Partial<DownloadOptions>): Promise<Cut> {
  const world = new World();
  const made = world.torrent(8);
  const cut = { world, made };
  await start(cut);
  let dead = false;
  world.disk.delay = (operation, path) => {
    if (!dead && operation.startsWith('remove') && which.test(path) && world.disk.content(TARGET) !== undefined) {
      dead = true;
      world.crash();
    }
    if (dead) throw new Error('nobody is there any more');
    return 0;
  };
  await world.add(made, { identities: 2, ...changes });
  await world.clock.runUntil(() => dead, 60_000);
  expect(dead).toBe(true);
  world.disk.delay = undefined;
  world.disk.crash('process');
  world.script.begun.length = 0;
  await world.clock.advance(5000);
  return cut;
}

/** What is left besides the file and the program's state. */
const left = ({ world }: Cut): string[] =>
  world.disk.paths().filter((path) => !/^\/(?:$|state\/|out\/$|out\/payload$|common\/$)/.test(path));

const MOMENTS: [string, RegExp, readonly LayoutKind[]][] = [
  ['the folder that it was copied in', /\.assembling/, ['parts', 'pieces']],
  ['the payload', /\/(?:files|pieces|part-\d)/, LAYOUTS],
  ['the rest of the working folder', /\/resume$/, LAYOUTS],
];

describe.each(LAYOUTS)('layout %s', (layout) => {
  describe.each(MOMENTS.filter(([, , layouts]) => layouts.includes(layout)))(
    'killed after the last rename, before %s was removed',
    (_, which) => {
      test.each([undefined, '/common'])('the next start removes it (common directory: %s)', async (common) => {
        const cut = await cutShort(which, { layout, ...(common === undefined ? {} : { common }) });
        expect(left(cut)).not.toEqual([]);
        await start(cut);
        await cut.world.until(torrentKey(cut.made.torrent.info.infoHash), 'done');
        await cut.world.expectFile(TARGET, cut.made.payload);
        expect(left(cut)).toEqual([]);
        expect(cut.world.script.begun).toEqual([]);
      });

      test('and so does who removes the download with its data', async () => {
        const cut = await cutShort(which, { layout });
        await start(cut);
        await cut.world.clock.resolve(
          cut.world.coordinator.remove(torrentKey(cut.made.torrent.info.infoHash), { data: true }),
        );
        expect(left(cut)).toEqual([]);
        expect(cut.world.disk.content(TARGET)).toBeUndefined();
      });
    },
  );
});

test.each(LAYOUTS)(
  'layout %s: killed between two names, who removes it with its data leaves no file',
  async (layout) => {
    const world = new World();
    const names = ['a', 'b', 'c'].map((name) => ({ path: ['d', name], length: 20_000 }));
    const made = world.torrentOf(names, {});
    const cut = { world, made };
    await start(cut);
    world.disk.delay = (operation, path) => (operation === 'link' && path === '/out/payload/d/c' ? 1e9 : 0);
    await world.add(made, { layout });
    await world.clock.runUntil(() => world.disk.content('/out/payload/d/b') !== undefined, 60_000);
    world.crash();
    world.disk.delay = undefined;
    world.disk.crash('process');
    await world.clock.advance(5000);
    world.disk.put('/out/payload/d/own', new Uint8Array(3));
    expect(world.disk.content('/out/payload/d/a')).toBeDefined();
    expect(world.disk.content('/out/payload/d/c')).toBeUndefined();
    await start(cut);
    await world.clock.resolve(world.coordinator.remove(torrentKey(made.torrent.info.infoHash), { data: true }));
    expect(left(cut)).toEqual(['/out/payload/', '/out/payload/d/', '/out/payload/d/own']);
  },
);

test('of the folder that files are copied in only what assemblies made is removed', async () => {
  const cut = await cutShort(/\.assembling/, { layout: 'parts' });
  const folder = left(cut).find((path) => path.endsWith('.assembling/')) ?? '';
  for (const name of ['notes', '01', '7']) cut.world.disk.put(`${folder}${name}`, new Uint8Array(3));
  await start(cut);
  await cut.world.until(torrentKey(cut.made.torrent.info.infoHash), 'done');
  const stayed = cut.world.disk.paths().filter((path) => path.startsWith(folder));
  expect(stayed).toEqual(['', '01', '7', 'notes'].map((name) => `${folder}${name}`));
});

test('where the files are gone by then, nothing of them is kept in secret', async () => {
  const cut = await cutShort(/\/resume$/, { layout: 'in-place' });
  await cut.world.disk.rename(TARGET, '/elsewhere');
  await start(cut);
  await cut.world.until(torrentKey(cut.made.torrent.info.infoHash), 'missing-files');
  expect(left(cut)).toEqual(['/elsewhere']);
});

test.each(LAYOUTS)(
  'layout %s: removed with its data while names were just given, and a worker that is slow is killed: no file is left',
  async (layout) => {
    const world = new World();
    const names = ['a', 'b', 'c'].map((name) => ({ path: ['d', name], length: 20_000 }));
    const made = world.torrentOf(names, {});
    const cut = { world, made };
    const key = torrentKey(made.torrent.info.infoHash);
    await start(cut);
    const given = (): boolean => world.disk.content('/out/payload/d/c') !== undefined;
    let slow = true;
    // Each removal takes longer than a worker gets.
    world.disk.delay = (operation) => (slow && operation === 'remove' && given() ? 5000 : 0);
    // Not all is trusted, so that a worker assembles.
    world.script.unheard.add(1);
    await world.add(made, { layout, identities: 2 });
    await world.clock.runUntil(given, 120_000);
    await world.clock.advance(5500);
    const removed = world.coordinator.remove(key, { data: true });
    await world.clock.advance(2000);
    slow = false;
    await world.clock.resolve(removed);
    expect(left(cut)).toEqual([]);
  },
);
