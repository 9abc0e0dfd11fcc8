import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sameBytes } from '../../base/bytes.ts';
import type { DownloadOptions } from '../../engine/engine.ts';
import { diskError, systemError } from '../../ports/system-error.ts';
import { ends, fetched, make, type Made, PIECE } from '../testing/three-files.ts';
import { options } from '../testing/world.ts';

const FILES = [
  { path: ['a'], length: 100 },
  { path: ['deep', 'empty'], length: 0 },
  { path: ['deep', 'b'], length: 2 * PIECE },
  { path: ['none'], length: 0 },
  { path: ['c'], length: 50 },
];
const PATHS = FILES.map(({ path }) => `/out/payload/${path.join('/')}`);
const HARMS = ['right', 'missing', 'long', 'short', 'wrong', 'link'] as const;
type Harm = (typeof HARMS)[number];

/** The files at their places, each as `harms` says. */
function lay({ world, contents }: Made, harms: readonly Harm[]): void {
  for (const [i, path] of PATHS.entries()) {
    const content = contents[i] ?? new Uint8Array();
    const harm = harms[i];
    if (harm === 'missing') continue;
    if (harm === 'link') {
      world.disk.put(`/mine/${i}`, content);
      world.disk.put(`${path}.`, content);
      world.disk.symlink(`/mine/${i}`, path);
    } else if (harm === 'long') world.disk.put(path, Uint8Array.from([...content, 1, 2, 3]));
    else if (harm === 'short') world.disk.put(path, content.slice(0, -1));
    else world.disk.put(path, harm === 'wrong' ? content.map((byte, at) => (at === 7 ? byte ^ 1 : byte)) : content);
  }
}

const get = async (made: Made, changes: Partial<DownloadOptions>): Promise<unknown> =>
  made.world.add(made, { identities: 2, ...changes }).catch((error: unknown) => error);

function isWhole({ world, contents }: Made): boolean {
  return PATHS.every((path, i) => {
    const there = world.disk.content(path);
    return there !== undefined && sameBytes(there, contents[i] ?? new Uint8Array());
  });
}

describe('with reuse', () => {
  test('what is done is byte for byte the torrent, whatever lay there', async () => {
    const harms = fc.tuple(...FILES.map(() => fc.constantFrom(...HARMS)));
    await fc.assert(
      fc.asyncProperty(harms, fc.constantFrom('in-place', 'parts', 'pieces'), async (some, layout) => {
        const made = make(FILES);
        lay(made, some);
        await get(made, { reuse: true, layout });
        await ends(made, 'done');
        expect(isWhole(made)).toBe(true);
        expect(made.world.disk.paths().filter((path) => /\.ensemble|\.assembling/.test(path))).toEqual([]);
        // What a link leads to is the user's.
        for (const [i] of some.entries()) {
          const behind = made.world.disk.content(`/mine/${i}`);
          expect(behind === undefined || sameBytes(behind, made.contents[i] ?? new Uint8Array())).toBe(true);
        }
      }),
      { numRuns: 40 },
    );
  });

  test('files that are too long are cut, and those without bytes made: nothing is fetched or copied', async () => {
    const made = make(FILES);
    lay(made, ['long', 'missing', 'long', 'long', 'right']);
    const before = (await made.world.disk.info(PATHS[2] ?? ''))?.id;
    await get(made, { reuse: true });
    await ends(made, 'done');
    expect(isWhole(made)).toBe(true);
    expect((await made.world.disk.info(PATHS[2] ?? ''))?.id).toBe(before);
    expect(fetched(made)).toEqual([]);
  });

  test('one that is too long and has another name is copied: what bears the other name stays', async () => {
    const made = make(FILES);
    const { disk } = made.world;
    lay(made, ['right', 'right', 'long', 'right', 'right']);
    const [, , path = ''] = PATHS;
    await disk.link(path, '/mine');
    const open = disk.open.bind(disk);
    disk.open = (at, mode) =>
      at === path && mode === 'write' ? Promise.reject(diskError('open', at, systemError('EMLINK'))) : open(at, mode);
    await get(made, { reuse: true });
    await ends(made, 'done');
    expect(isWhole(made)).toBe(true);
    expect(disk.content('/mine')).toHaveLength(2 * PIECE + 3);
    expect(fetched(made)).toEqual([]);
  });
});

test('without reuse a file of another length is refused, and nothing is touched', async () => {
  for (const harm of ['missing', 'long', 'short', 'link'] as const) {
    const made = make(FILES);
    lay(made, ['right', 'right', harm, 'right', 'right']);
    const all = (): unknown => made.world.disk.paths().map((path) => [path, made.world.disk.content(path)?.length]);
    const before = all();
    expect(await get(made, {})).toMatchObject({ code: 'exists' });
    expect(all()).toEqual(before);
  }
});

describe('a target that is blocked is told before anything is fetched', () => {
  const blocks: [string, (made: Made) => void][] = [
    ['a file where the folder goes', ({ world }) => world.disk.put('/out/payload', new Uint8Array(3))],
    ['a file where a folder in it goes', ({ world }) => world.disk.put('/out/payload/deep', new Uint8Array(3))],
    [
      'a link where a folder goes',
      ({ world }) => {
        world.disk.put('/mine/x', new Uint8Array(3));
        world.disk.put('/out/payload/x', new Uint8Array(3));
        world.disk.symlink('/mine', '/out/payload/deep');
      },
    ],
    ['a folder where a file goes', ({ world }) => world.disk.put('/out/payload/c/x', new Uint8Array(3))],
    [
      'a folder where a file without bytes goes',
      ({ world }) => world.disk.put('/out/payload/none/x', new Uint8Array(3)),
    ],
  ];
  describe.each(blocks)('%s', (_, block) => {
    test.each([false, true])('reuse: %s', async (reuse) => {
      const made = make(FILES);
      block(made);
      const before = made.world.disk.paths();
      expect(await get(made, { reuse })).toMatchObject({ code: 'exists' });
      await made.world.clock.advance(10_000);
      expect(fetched(made)).toEqual([]);
      expect(made.world.disk.paths()).toEqual(before);
    });

    test('also of a magnet link', async () => {
      const made = make(FILES);
      const { world, key } = made;
      block(made);
      const link = `magnet:?xt=urn:btih:${key}&x.pe=10.5.0.1:1000`;
      await world.clock.resolve(world.coordinator.add({ kind: 'magnet', link }, options({ identities: 2 })));
      await ends(made, 'failed');
      expect(world.coordinator.download(key)?.error?.code).toBe('exists');
      expect(fetched(made)).toEqual([]);
    });
  });
});
