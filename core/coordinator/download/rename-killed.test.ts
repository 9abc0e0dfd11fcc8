import { describe, expect, it } from 'vitest';
import type { LayoutKind } from '../../base/choices.ts';
import { sameBytes } from '../../base/bytes.ts';
import { killAtMany, Killed } from '../testing/killed.ts';
import { fetched, left, NAMES } from '../testing/three-files.ts';

const LAYOUTS: readonly LayoutKind[] = ['in-place', 'parts', 'pieces'];

/** All files are there under the names that the download shows, and nothing else is. */
function expectWhole({ made }: Killed, path: string, finished: boolean, when: string): void {
  const { world, key, contents } = made;
  expect(world.state(key), when).toBe('seeding');
  const files = world.coordinator.files(key).map((file) => `/out/${file.path}`);
  for (const [i, file] of files.entries()) {
    const there = world.disk.content(file) ?? new Uint8Array();
    expect(sameBytes(there, contents[i] ?? new Uint8Array()), `${file} ${when}`).toBe(true);
  }
  const folders = files.map((file) => file.slice(0, file.lastIndexOf('/') + 1));
  expect(left(made, '/out'), when).toEqual([...new Set([...folders, ...files])].sort());
  expect(world.coordinator.download(key)?.result, when).toEqual(files);
  const before = path === 'payload' ? NAMES.map((name) => `/out/payload/${name}`) : ['/out/payload/big'];
  const old = files.filter((file) => before.includes(file));
  // All or nothing.
  expect([0, before.length], when).toContain(old.length);
  if (finished) expect(fetched(made), when).toEqual([]);
}

describe.each([
  ['payload', 'Other'],
  ['payload/big', 'other'],
])('%s becomes %s', (path, name) => {
  describe.each([true, false])('finished: %s', (finished) => {
    describe.each(finished ? LAYOUTS.slice(0, 1) : LAYOUTS)('layout %s', (layout) => {
      it.each([
        ['process', true],
        ['power', true],
        ['process', false],
      ] as const)('everything dies (%s) at any disk operation; second names: %s', async (how, links) => {
        const base = LAYOUTS.indexOf(layout) * 1000 + (links ? 500 : 0);
        const make = (i: number): Killed => {
          const act = ({ world, key }: Killed['made']): Promise<unknown> => world.coordinator.rename(key, path, name);
          const one = new Killed(base + i, act, layout, finished);
          if (!links) one.made.world.disk.fail({ operation: 'link', code: 'EPERM' });
          return one;
        };
        await killAtMany(make, how, (one, when) => expectWhole(one, path, finished, when));
      });
    });
  });
});
