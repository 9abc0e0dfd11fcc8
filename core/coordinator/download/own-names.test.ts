import { describe, expect, test } from 'vitest';
import { sameBytes } from '../../base/bytes.ts';
import type { DownloadOptions } from '../../engine/engine.ts';
import { ends, fetched, make, type Made, PIECE } from '../testing/three-files.ts';

/** Data of another client that lies there under names that we would change. */

const FILES = [
  { path: ['ReadMe.txt'], length: PIECE },
  { path: ['readme.txt'], length: PIECE },
  { path: ['Vol. 1.', 'a\\b'], length: PIECE },
  { path: ['plain'], length: PIECE },
];
const OWN = FILES.map(({ path }) => `/out/payload/${path.join('/')}`);
const SAFE = ['ReadMe.txt', 'readme (2).txt', 'Vol. 1_/a_b', 'plain'].map((path) => `/out/payload/${path}`);

function lay({ world, contents }: Made, at: readonly (string | undefined)[]): void {
  for (const [i, path] of at.entries()) if (path !== undefined) world.disk.put(path, contents[i] ?? new Uint8Array());
}

async function get(made: Made, changes: Partial<DownloadOptions> = {}): Promise<void> {
  await made.world.add(made, { identities: 1, ...changes });
}

const there = ({ world }: Made): string[] =>
  world.disk
    .paths()
    .filter((path) => path.startsWith('/out/payload/') && !path.endsWith('/'))
    .sort();

function expectWhole({ world, contents }: Made, at: readonly string[]): void {
  for (const [i, path] of at.entries()) {
    expect(sameBytes(world.disk.content(path) ?? new Uint8Array(), contents[i] ?? new Uint8Array()), path).toBe(true);
  }
}

describe('a download finds them', () => {
  test('all there: it is done at once', async () => {
    const made = make(FILES);
    lay(made, OWN);
    await get(made);
    await ends(made, 'done');
    expect(there(made)).toEqual([...OWN].sort());
    expect(fetched(made)).toEqual([]);
  });

  test('and seeds them, also after a restart', async () => {
    const made = make(FILES);
    const { world } = made;
    world.coordinator = world.build('/state');
    await world.clock.resolve(world.coordinator.start());
    lay(made, OWN);
    await get(made, { seed: { kind: 'forever' } });
    await ends(made, 'seeding');
    await world.clock.advance(1500);
    await world.clock.resolve(world.coordinator.close());
    world.coordinator = world.build('/state');
    await world.clock.resolve(world.coordinator.start());
    await ends(made, 'seeding');
    expect(there(made)).toEqual([...OWN].sort());
    expect(fetched(made)).toEqual([]);
  });

  test.each(['in-place', 'parts', 'pieces'] as const)(
    'with reuse, where some are missing or wrong: %s',
    async (layout) => {
      const made = make(FILES);
      lay(made, [OWN[0], OWN[1], undefined, OWN[3]]);
      made.world.disk.put(OWN[1] ?? '', new Uint8Array(PIECE));
      await get(made, { reuse: true, layout });
      await ends(made, 'done');
      // What nobody has a file for is named as ever.
      const at = [OWN[0], OWN[1], SAFE[2], OWN[3]].map((path) => path ?? '');
      expectWhole(made, at);
      expect(there(made)).toEqual([...at].sort());
      expect(fetched(made)).toEqual([1, 2]);
    },
  );

  test('our own names come first where both are there', async () => {
    const made = make(FILES);
    lay(made, SAFE);
    made.world.disk.put(OWN[1] ?? '', new Uint8Array(3));
    await get(made);
    await ends(made, 'done');
    expectWhole(made, SAFE);
    expect(made.world.disk.content(OWN[1] ?? '')).toHaveLength(3);
  });

  test('nothing there: the names are safe', async () => {
    const made = make(FILES);
    await get(made);
    await ends(made, 'done');
    expectWhole(made, SAFE);
    expect(there(made)).toEqual([...SAFE].sort());
  });

  test('a path that two files of the torrent have serves one of them', async () => {
    const made = make([
      { path: ['x'], length: PIECE },
      { path: ['x'], length: PIECE },
    ]);
    lay(made, ['/out/payload/x']);
    await get(made, { reuse: true });
    await ends(made, 'done');
    expectWhole(made, ['/out/payload/x', '/out/payload/x (2)']);
  });
});
