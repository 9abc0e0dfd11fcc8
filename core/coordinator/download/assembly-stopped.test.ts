import { expect, test } from 'vitest';
import type { LayoutKind } from '../../base/choices.ts';
import { times } from '../../sim/acceptance.ts';
import { ends, make } from '../testing/three-files.ts';

const LAYOUTS: readonly LayoutKind[] = ['in-place', 'parts', 'pieces'];

test.each(LAYOUTS)('stopped at any moment in the layout %s, what is removed then leaves no file', async (layout) => {
  let stopped = true;
  for (let at = 1; stopped; at += times(4, 1)) {
    const made = make();
    const { world, key } = made;
    await world.add(made, { identities: 1, layout, assemble: false, seed: { kind: 'forever' } });
    await ends(made, 'complete');
    await world.clock.advance(3000);
    let operations = 0;
    world.disk.delay = () => {
      if (++operations === at) world.coordinator.cancelAssembly(key);
      return 1;
    };
    const answer = world.coordinator.assemble(key).then(
      () => 'assembled',
      () => 'stopped',
    );
    await world.clock.resolve(answer);
    world.disk.delay = undefined;
    stopped = operations >= at;
    await world.clock.resolve(world.coordinator.remove(key, { data: true }));
    const left = world.disk.paths().filter((path) => path !== '/' && path !== '/out/');
    expect(left, `stopped at operation ${at}`).toEqual([]);
  }
});
