import type { TorrentKey } from '../../base/ids.ts';
import type { DownloadPatch, StatePatch } from '../patches.ts';
import type { AppState, DownloadView } from '../views.ts';

/** Keeps what one window was told of the state, to work out what it has to be told next. */
export class StatePublisher {
  #seq = 0;
  #told: AppState | undefined;
  #downloads = new Map<TorrentKey, DownloadView>();

  /** The whole state, for a new start. */
  snapshot(state: AppState): { readonly seq: number; readonly state: AppState } {
    this.#told = state;
    this.#downloads = byHash(state);
    return { seq: this.#seq, state };
  }

  /** What changed since the last call; undefined: nothing, or nobody subscribed. */
  patch(state: AppState): StatePatch | undefined {
    const told = this.#told;
    if (told === undefined || told === state) return undefined;
    const now = byHash(state);
    const { downloads: _, ...frame } = state;
    const changed = changedFields(told, frame);
    const downloads: DownloadPatch[] = [];
    for (const [key, view] of now) {
      const before = this.#downloads.get(key);
      if (before === undefined) downloads.push(view);
      else {
        const fields = changedFields(before, view);
        if (fields !== undefined) downloads.push({ ...fields, key });
      }
    }
    const removed = [...this.#downloads.keys()].filter((key) => !now.has(key));
    this.#told = state;
    this.#downloads = now;
    if (changed === undefined && downloads.length === 0 && removed.length === 0) return undefined;
    return { seq: ++this.#seq, state: changed ?? {}, downloads, removed };
  }
}

/** Fields of `after` that are not the same value in `before`. */
function changedFields<T extends object>(before: T, after: Partial<T>): Partial<T> | undefined {
  const out: Partial<T> = {};
  let changed = false;
  for (const key of Object.keys(after) as (keyof T)[]) {
    if (Object.is(before[key], after[key])) continue;
    out[key] = after[key];
    changed = true;
  }
  return changed ? out : undefined;
}

function byHash(state: AppState): Map<TorrentKey, DownloadView> {
  return new Map(state.downloads.map((view) => [view.key, view]));
}
