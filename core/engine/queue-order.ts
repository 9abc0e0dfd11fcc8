import type { TorrentKey } from '../base/ids.ts';
import type { QueueMove } from './engine.ts';

/**
 * The order after a move of some downloads, which keep their order among each other. `counts`: those that a step up or down passes
 * over, as they wait or have a place; the others are nothing to be seen in the queue.
 */
export function moved(
  order: readonly TorrentKey[],
  chosen: ReadonlySet<TorrentKey>,
  to: QueueMove,
  counts: (key: TorrentKey) => boolean = () => true,
): readonly TorrentKey[] {
  if (to === 'up') return raised(order, chosen, counts);
  if (to === 'down') return raised(order.toReversed(), chosen, counts).toReversed();
  const moving = order.filter((key) => chosen.has(key));
  const others = order.filter((key) => !chosen.has(key));
  const at = placeAmong(order, others, chosen, to);
  return at === undefined ? order : [...others.slice(0, at), ...moving, ...others.slice(at)];
}

/** Where they go among the others; undefined: there is no such place. */
function placeAmong(
  order: readonly TorrentKey[],
  others: readonly TorrentKey[],
  chosen: ReadonlySet<TorrentKey>,
  to: Exclude<QueueMove, 'up' | 'down'>,
): number | undefined {
  if (to === 'top') return 0;
  if (to === 'bottom') return others.length;
  const [beside, step] = 'before' in to ? [to.before, 1] : [to.after, -1];
  let at = order.indexOf(beside);
  if (at < 0) return undefined;
  // Beside one that moves itself is beside the next one that stays.
  for (let key = order[at]; key !== undefined && chosen.has(key);) key = order[(at += step)];
  const stays = order[at];
  if (stays === undefined) return step > 0 ? others.length : 0;
  return others.indexOf(stays) + (step > 0 ? 0 : 1);
}

function raised(
  order: readonly TorrentKey[],
  chosen: ReadonlySet<TorrentKey>,
  counts: (key: TorrentKey) => boolean,
): readonly TorrentKey[] {
  const out = [...order];
  for (const [i, key] of order.entries()) {
    if (!chosen.has(key)) continue;
    let at = i - 1;
    while (at >= 0 && !chosen.has(out[at] ?? key) && !counts(out[at] ?? key)) at--;
    const passed = out[at];
    if (passed === undefined || chosen.has(passed)) continue;
    out.splice(i, 1);
    out.splice(at, 0, key);
  }
  return out;
}
