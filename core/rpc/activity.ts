import { millis, type Millis, type TorrentKey } from '../base/ids.ts';
import type { DownloadSnapshot, Engine } from '../engine/engine.ts';
import type { IdleLimits } from './idle-limits.ts';
import type { TorrentIds } from './torrent-ids.ts';

/** So long a torrent counts as recently active, or removed, in ms: as in Transmission. */
const RECENT = 60_000;
/** Most removals that are remembered. */
const MAX_REMOVED = 10_000;

interface Times {
  now(): Millis;
  wall(): Millis;
}

/** What clients hear of torrents that were active, changed or removed in the last minute, and when one was last active. */
export class Activity {
  readonly #clock: Times;
  readonly #touched = new Map<TorrentKey, { readonly at: Millis; readonly wall: Millis }>();
  #removed: { readonly id: number; readonly at: Millis }[] = [];
  readonly #stop: () => void;

  constructor(engine: Pick<Engine, 'onEvent'>, clock: Times, ids: TorrentIds, idle: IdleLimits) {
    this.#clock = clock;
    this.#stop = engine.onEvent((event) => {
      if (event.type === 'log') return;
      if (event.type === 'added') ids.of(event.key);
      if (event.type !== 'removed') return this.touch(event.key);
      this.#touched.delete(event.key);
      idle.forget(event.key);
      const id = ids.forget(event.key);
      if (id !== undefined) this.#removed.push({ id, at: clock.now() });
      if (this.#removed.length > MAX_REMOVED) this.#removed.shift();
    });
  }

  /** Something about a torrent changed. */
  touch(key: TorrentKey): void {
    this.#touched.set(key, { at: this.#clock.now(), wall: this.#clock.wall() });
  }

  /** Whether it is, or was within the last minute. */
  isRecent({ key, rate }: Pick<DownloadSnapshot, 'key' | 'rate'>): boolean {
    if (rate.down > 0 || rate.up > 0) this.touch(key);
    const at = this.#touched.get(key)?.at;
    return at !== undefined && this.#clock.now() - at <= RECENT;
  }

  /** Numbers of the torrents that were removed within the last minute. */
  get removed(): readonly number[] {
    const since = this.#clock.now() - RECENT;
    this.#removed = this.#removed.filter(({ at }) => at >= since);
    return this.#removed.map(({ id }) => id);
  }

  /** When payload was last seen to move in this run, or else when it was finished or added: Unix milliseconds. */
  last({ key, added, finished }: Pick<DownloadSnapshot, 'key' | 'added' | 'finished'>): Millis {
    return this.#touched.get(key)?.wall ?? finished ?? millis(added);
  }

  close(): void {
    this.#stop();
  }
}
