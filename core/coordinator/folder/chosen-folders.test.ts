import { describe, expect, test } from 'vitest';
import type { LayoutKind } from '../../base/choices.ts';
import { KIB, World } from '../testing/world.ts';

const LAYOUTS: readonly LayoutKind[] = ['in-place', 'parts', 'pieces'];
const text = (value: string): Uint8Array => new TextEncoder().encode(value);

/** The names, of all that stands below `folder`, of what is no folder. */
function filesBelow({ disk }: World, folder: string): string[] {
  return disk.paths().filter((path) => path.startsWith(`${folder}/`) && !path.endsWith('/'));
}

describe.each(LAYOUTS)('a common directory, layout %s', (layout) => {
  test("that holds the user's own files/ and pieces/ keeps them; ours lies in a folder of its own, which goes", async () => {
    const world = new World();
    const users = ['files/payload', 'pieces/0', 'claims/0', 'torrent', 'resume', 'part-1', 'part-1.index', 'begun-0/0'];
    for (const name of users) world.disk.put(`/mine/${name}`, text(name));
    const made = world.torrent(20);
    const own = `/mine/.payload.${made.torrent.info.infoHash.slice(0, 8)}.ensemble`;
    const infoHash = await world.add(made, { layout, common: '/mine' });
    await world.clock.advance(400);
    expect(filesBelow(world, own)).toContain(`${own}/manifest.json`);
    await world.until(infoHash, 'done');
    await world.expectFile('/out/payload', made.payload);
    expect(filesBelow(world, '/mine')).toEqual(users.map((name) => `/mine/${name}`).toSorted());
    for (const name of users) expect(world.disk.content(`/mine/${name}`)).toEqual(text(name));
    expect(world.disk.paths()).not.toContain(`${own}/`);
  });

  test.each(['missing', 'empty'])('that is %s is used itself, and empty at the end', async (how) => {
    const world = new World();
    if (how === 'empty') await world.disk.makeDirectory('/common');
    const made = world.torrent(20);
    const infoHash = await world.add(made, { layout, common: '/common' });
    await world.clock.advance(400);
    expect(filesBelow(world, '/common')).toContain('/common/manifest.json');
    // What somebody puts there meanwhile is his.
    for (const name of ['files/thesis', 'pieces/photo', 'claims/mine', 'notes', 'part-9']) {
      world.disk.put(`/common/${name}`, text(name));
    }
    await world.until(infoHash, 'done');
    expect(filesBelow(world, '/common')).toEqual(
      ['claims/mine', 'files/thesis', 'notes', 'part-9', 'pieces/photo'].map((name) => `/common/${name}`),
    );
  });

  test('goes on in the folder that it has begun in, after its program was killed', async () => {
    for (const before of [[], ['notes']]) {
      const world = new World();
      for (const name of before) world.disk.put(`/common/${name}`, text(name));
      const made = world.torrent(40);
      const infoHash = await world.add(made, { layout, common: '/common' });
      await world.clock.advance(2000);
      world.crash();
      world.disk.put('/common/later', text('later'));
      const begun = world.script.begun.length;
      world.coordinator = world.build();
      await world.add(made, { layout, common: '/common' });
      await world.until(infoHash, 'done');
      expect(world.script.begun.length - begun).toBeLessThan(35);
      expect(filesBelow(world, '/common')).toEqual(['/common/later', ...before.map((name) => `/common/${name}`)]);
    }
  });
});

describe('a link or a folder where the working folder goes', () => {
  const hidden = (world: World, made: ReturnType<World['torrent']>): string => {
    world.disk.put('/victim/files/payload', text('precious'));
    world.disk.put('/victim/files/thesis', text('precious'));
    return `/out/.payload.${made.torrent.info.infoHash.slice(0, 8)}.ensemble`;
  };

  test('a planted link is refused by name; nothing behind it changes', async () => {
    const world = new World();
    const made = world.torrent(8);
    const folder = hidden(world, made);
    await world.disk.makeDirectory('/out');
    world.disk.symlink('/victim', folder);
    await expect(world.add(made)).rejects.toMatchObject({ code: 'disk', message: expect.stringContaining(folder) });
    expect(filesBelow(world, '/victim')).toEqual(['/victim/files/payload', '/victim/files/thesis']);
    expect(world.disk.content('/victim/files/payload')).toEqual(text('precious'));
  });

  test('a folder of somebody else is, too', async () => {
    const world = new World();
    const made = world.torrent(8);
    const folder = hidden(world, made);
    world.disk.put(`${folder}/files/payload`, text('precious'));
    await expect(world.add(made)).rejects.toMatchObject({ code: 'exists', message: expect.stringContaining(folder) });
    expect(world.disk.content(`${folder}/files/payload`)).toEqual(text('precious'));
  });

  test.each(LAYOUTS)(
    '%s: a folder that becomes a link while it runs is not gone through, and it goes on later',
    async (layout) => {
      const world = new World();
      const made = world.torrent(60);
      const folder = hidden(world, made);
      for (const name of ['payload', '0', '1', 'part-0', 'lock', 'resume', 'torrent', 'manifest.json', 'have-0']) {
        for (const below of ['', 'files/', 'pieces/']) world.disk.put(`/victim/${below}${name}`, text(name));
      }
      const before = filesBelow(world, '/victim');
      const contents = before.map((path) => world.disk.content(path)?.slice());
      const infoHash = await world.add(made, { layout });
      await world.clock.advance(1000);
      const swapped = layout === 'parts' ? folder : `${folder}/${layout === 'pieces' ? 'pieces' : 'files'}`;
      world.disk.move(swapped, '/out/aside');
      world.disk.symlink('/victim', swapped);
      await world.clock.runUntil(() => world.state(infoHash).startsWith('failed'), 120_000);
      expect(world.state(infoHash)).toMatch(`failed: `);
      expect(world.state(infoHash)).toMatch(`"${swapped}" should be a folder, but a link is there`);
      expect(filesBelow(world, '/victim')).toEqual(before);
      expect(before.map((path) => world.disk.content(path))).toEqual(contents);
      world.disk.removeTree(swapped);
      world.disk.move('/out/aside', swapped);
      world.crash();
      world.coordinator = world.build();
      await world.add(made, { layout });
      await world.until(infoHash, 'done');
      await world.expectFile('/out/payload', made.payload);
    },
  );
});

describe('removing a download with its data', () => {
  const FILES = [
    { path: ['a'], length: 20 * KIB },
    { path: ['d', 'b'], length: 20 * KIB },
  ];

  async function done(world: World, adopted = false) {
    const made = world.torrentOf(FILES);
    if (adopted) {
      world.disk.put('/out/payload/a', made.payload.slice(0, 20 * KIB));
      world.disk.put('/out/payload/d/b', made.payload.slice(20 * KIB));
    }
    const infoHash = await world.add(made);
    await world.until(infoHash, 'done');
    return infoHash;
  }

  test.each([false, true])('takes its own files by name, adopted ones (%s) too, and no others', async (adopted) => {
    const world = new World();
    const infoHash = await done(world, adopted);
    world.disk.put('/out/payload/d/c', text('mine'));
    await world.clock.resolve(world.coordinator.remove(infoHash, { data: true }));
    expect(world.disk.paths()).toEqual(['/out/', '/out/payload/', '/out/payload/d/', '/out/payload/d/c']);
  });

  test('takes nothing behind a link, says so, and lets the rest be left', async () => {
    const world = new World();
    const infoHash = await done(world);
    for (const name of ['a', 'd/b', 'b']) world.disk.put(`/victim/${name}`, text('precious'));
    world.disk.move('/out/payload', '/out/was');
    world.disk.symlink('/victim', '/out/payload');
    await expect(world.clock.resolve(world.coordinator.remove(infoHash, { data: true }))).rejects.toMatchObject({
      code: 'disk',
      message: expect.stringContaining('/out/payload'),
    });
    expect(filesBelow(world, '/victim')).toHaveLength(3);
    await world.clock.resolve(world.coordinator.remove(infoHash, { data: false }));
    expect(world.coordinator.downloads()).toEqual([]);
    expect(filesBelow(world, '/victim')).toHaveLength(3);
    expect(filesBelow(world, '/out/was')).toHaveLength(2);
  });

  test('takes nothing where the folder is another than before', async () => {
    const world = new World();
    const infoHash = await done(world);
    world.disk.move('/out', '/was');
    world.disk.put('/out/payload/a', text('precious'));
    await expect(world.clock.resolve(world.coordinator.remove(infoHash, { data: true }))).rejects.toMatchObject({
      code: 'disk',
    });
    expect(world.disk.content('/out/payload/a')).toEqual(text('precious'));
  });
});

describe('roots', () => {
  async function rooted(roots: readonly string[] = ['/r']): Promise<World> {
    const world = new World();
    world.roots = { folders: roots, strict: true };
    await world.disk.makeDirectory('/r');
    world.coordinator = world.build('/state');
    await world.clock.resolve(world.coordinator.start());
    return world;
  }

  async function again(world: World): Promise<void> {
    await world.clock.resolve(world.coordinator.close());
    world.coordinator = world.build('/state');
    await world.clock.resolve(world.coordinator.start());
  }

  test('a folder below one that becomes a link after `add` leads nowhere', async () => {
    for (const restarted of [false, true]) {
      const world = await rooted();
      await world.disk.makeDirectory('/r/x');
      await world.disk.makeDirectory('/outside');
      const infoHash = await world.add(world.torrent(8), { output: '/r/x/y', paused: true });
      world.disk.move('/r/x', '/r/was');
      world.disk.symlink('/outside', '/r/x');
      if (restarted) await again(world);
      await world.clock.resolve(world.coordinator.resume(infoHash));
      await world.clock.runUntil(() => world.state(infoHash).startsWith('failed'), 60_000);
      expect(world.state(infoHash)).toMatch('"/r/x" should be a folder, but a link is there');
      expect(filesBelow(world, '/outside')).toEqual([]);
      expect(world.disk.paths()).toContain('/outside/');
      expect(await world.disk.list('/outside')).toEqual([]);
    }
  });

  test.each([
    ['another `output` in the catalog', { output: '/outside' }],
    ['one that goes up', { output: '/r/../outside' }],
    ['a common directory', { output: '/r', common: '/outside/common' }],
  ])('%s is refused at every start, and its files stay', async (_, edited) => {
    const world = await rooted();
    const made = world.torrent(8);
    world.disk.put('/outside/payload', made.payload);
    const infoHash = await world.add(made, { output: '/r/x' });
    await world.until(infoHash, 'done');
    await world.clock.resolve(world.coordinator.close());
    const text = new TextDecoder().decode(await world.file('/state/catalog.json'));
    const catalog = JSON.parse(text) as { downloads: { options: object; result: string[] }[] };
    for (const download of catalog.downloads) {
      Object.assign(download.options, edited);
      download.result = ['/outside/payload'];
    }
    await world.disk.replaceFile('/state/catalog.json', new TextEncoder().encode(JSON.stringify(catalog)));
    for (let start = 0; start < 2; start++) {
      world.coordinator = world.build('/state');
      await world.clock.resolve(world.coordinator.start());
      await world.clock.runUntil(() => world.state(infoHash).startsWith('failed'), 60_000);
      expect(world.state(infoHash)).toMatch(/^failed: /);
      await world.clock.resolve(world.coordinator.resume(infoHash)).catch(() => undefined);
      await world.clock.advance(5000);
      expect(world.state(infoHash)).toMatch(/^failed: /);
      await world.clock.resolve(world.coordinator.close());
    }
    world.coordinator = world.build('/state');
    await world.clock.resolve(world.coordinator.start());
    await expect(world.clock.resolve(world.coordinator.remove(infoHash, { data: true }))).rejects.toBeInstanceOf(Error);
    await world.clock.resolve(world.coordinator.remove(infoHash, { data: false }));
    expect(filesBelow(world, '/outside')).toEqual(['/outside/payload']);
  });

  test('other roots than the last time leave what lies elsewhere alone; without being told, it goes on', async () => {
    const world = await rooted(['/r', '/s']);
    const infoHash = await world.add(world.torrent(8), { output: '/s/x', seed: { kind: 'forever' } });
    await world.until(infoHash, 'seeding');
    world.roots = { folders: ['/r'], strict: true };
    await again(world);
    await world.clock.runUntil(() => world.state(infoHash).startsWith('failed'), 60_000);
    expect(world.state(infoHash)).toMatch('is not below /r');
    world.roots = { folders: ['/r'], strict: false };
    await again(world);
    await world.until(infoHash, 'seeding');
  });
});
