import path from 'node:path';
import type { World, WorldName } from '../../core/lab/world.ts';

/** Where the bundles are, whose one part this is. */
const dist = path.join(import.meta.dirname, '..');

const opened = new Map<WorldName, Promise<World>>();

/** The world of this name, which is opened once; what only the other one needs is not loaded. */
export function openWorld(name: WorldName): Promise<World> {
  const world = opened.get(name) ?? open(name);
  opened.set(name, world);
  return world;
}

async function open(name: WorldName): Promise<World> {
  if (name === 'sim') return new (await import('../../core/lab/sim-world.ts')).SimWorld();
  const { RealWorld } = await import('../../core/lab/real/real-world.ts');
  const ensemble = [process.execPath, path.join(dist, 'cli/main.js')];
  return new RealWorld({ player: path.join(dist, 'lab-player.js'), ensemble });
}
