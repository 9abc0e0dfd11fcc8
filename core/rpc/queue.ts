import type { QueueMove } from '../engine/engine.ts';
import type { Answer, Args } from './args.ts';
import { chosen, type World } from './world.ts';

/** `queue-move-*`. */
export const queueMove =
  (to: QueueMove) =>
  async (world: World, args: Args): Promise<Answer> => {
    const keys = chosen(world, args).map(({ key }) => key);
    if (keys.length > 0) await world.host.call('reorder', { keys, to });
    for (const key of keys) world.activity.touch(key);
    return {};
  };

/** `queuePosition`: brings one to a place in the order of all, from 0. */
export async function toPlace(
  { host }: World,
  key: Parameters<World['activity']['touch']>[0],
  place: number,
): Promise<void> {
  const others = [...host.engine.downloads()].sort((a, b) => a.place - b.place).filter((one) => one.key !== key);
  const next = others[Math.max(0, place)];
  await host.call('reorder', { keys: [key], to: next === undefined ? 'bottom' : { before: next.key } });
}
