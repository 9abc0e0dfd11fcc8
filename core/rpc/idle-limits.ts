import type { TorrentKey } from '../base/ids.ts';

/** Transmission's limit of speed where none was ever set, in its units. */
export const FIRST_LIMIT = 100;

export type IdleLimit = 'down' | 'up' | 'ratio' | 'idle';

/**
 * Limits that are set while they do not hold. Clients send the number and the switch one after the other, in any order, as Transmission
 * keeps both; here a limit that does not hold is none.
 */
export class IdleLimits {
  readonly #of = new Map<TorrentKey, Partial<Record<IdleLimit, number>>>();

  get(key: TorrentKey, what: IdleLimit): number | undefined {
    return this.#of.get(key)?.[what];
  }

  set(key: TorrentKey, what: IdleLimit, value: number): void {
    this.#of.set(key, { ...this.#of.get(key), [what]: value });
  }

  forget(key: TorrentKey): void {
    this.#of.delete(key);
  }
}
