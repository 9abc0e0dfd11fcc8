import { isChosen, type PeerSourceKind } from '../../base/peer-source.ts';

/**
 * A table of peers is full, and source `newcomer` names one more: the sources of which an entry may make room, in the order in
 * which to try them. First those of strangers with more entries than it has, the largest first; last itself. So however much one
 * source brings, every other keeps an even share.
 */
export function makeRoomFrom(
  counts: ReadonlyMap<PeerSourceKind, number>,
  newcomer: PeerSourceKind,
): readonly PeerSourceKind[] {
  const own = counts.get(newcomer) ?? 0;
  const larger = [...counts].filter(
    ([source, count]) => source !== newcomer && !isChosen(source) && count > Math.max(1, own),
  );
  return [...larger.sort(([, a], [, b]) => b - a).map(([source]) => source), newcomer];
}

/** Joins lists by taking one of each in turn, so that no list has to wait for all of another. */
export function inTurns<T>(lists: Iterable<readonly T[]>): T[] {
  const all = [...lists];
  const [only] = all;
  if (all.length === 1 && only !== undefined) return [...only];
  const out: T[] = [];
  const longest = Math.max(0, ...all.map(({ length }) => length));
  for (let i = 0; i < longest; i++) {
    for (const list of all) {
      const next = list[i];
      if (next !== undefined) out.push(next);
    }
  }
  return out;
}
