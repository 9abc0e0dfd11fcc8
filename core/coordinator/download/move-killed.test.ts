import { describe, expect, it } from 'vitest';
import type { LayoutKind } from '../../base/choices.ts';
import { killAtMany, Killed } from '../testing/killed.ts';
import { fetched, holds, left } from '../testing/three-files.ts';

const NEW = '/new/place';
const LAYOUTS: readonly LayoutKind[] = ['in-place', 'parts', 'pieces'];

/** Everything is whole in the one place, and there is nothing in the other. */
function expectWhole({ made }: Killed, finished: boolean, when: string): void {
  const { world, key } = made;
  expect(world.state(key), when).toBe('seeding');
  const output = world.coordinator.download(key)?.options.output ?? '';
  expect(holds(made, output), `in ${output} ${when}`).toBe(true);
  expect(left(made, output === NEW ? '/out' : NEW), when).toEqual([]);
  const hidden = left(made, output).filter((path) => path.includes('/.'));
  expect(hidden, when).toEqual([]);
  if (finished) expect(fetched(made), when).toEqual([]);
}

describe.each([
  ['finished files', true],
  ['a download of which some is there', false],
] as const)('%s', (_, finished) => {
  describe.each(finished ? LAYOUTS.slice(0, 1) : LAYOUTS)('layout %s', (layout) => {
    it.each([
      ['process', false],
      ['process', true],
      ['power', false],
      ['power', true],
    ] as const)('everything dies (%s) at any disk operation of a move; other disk: %s', async (how, elsewhere) => {
      const base = LAYOUTS.indexOf(layout) * 1000 + (elsewhere ? 500 : 0);
      const make = (i: number): Killed => {
        const one = new Killed(base + i, ({ world, key }) => world.coordinator.move(key, NEW), layout, finished);
        if (elsewhere) one.made.world.disk.mounts.push('/new');
        return one;
      };
      await killAtMany(make, how, (one, when) => expectWhole(one, finished, when));
    });
  });
});
