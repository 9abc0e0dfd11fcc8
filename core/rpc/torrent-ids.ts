import type { TorrentKey } from '../base/ids.ts';

/** Most torrents whose numbers are kept. */
const MAX_KEPT = 1_000_000;

/** What is kept of this over runs of the program. */
export interface KeptIds {
  /** The number that the next new torrent gets. */
  readonly next: number;
  readonly ids: Readonly<Record<string, number>>;
}

/**
 * The number by which clients know a torrent. Transmission deals them anew at each start; here a torrent keeps its own, and one that is
 * removed gives its number to no other, so that a client that knows an old list never acts on another torrent.
 */
export class TorrentIds {
  readonly #ids: Map<TorrentKey, number>;
  readonly #keys = new Map<number, TorrentKey>();
  readonly #changed: () => void;
  #next: number;

  constructor(kept: KeptIds, changed: () => void) {
    this.#ids = new Map(Object.entries(kept.ids) as [TorrentKey, number][]);
    this.#next = kept.next;
    for (const [key, id] of this.#ids) {
      this.#keys.set(id, key);
      this.#next = Math.max(this.#next, id + 1);
    }
    this.#changed = changed;
  }

  get kept(): KeptIds {
    return { next: this.#next, ids: Object.fromEntries(this.#ids) };
  }

  /** A torrent's number; a new one where it has none yet. */
  of(key: TorrentKey): number {
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    const id = this.#next++;
    this.#ids.set(key, id);
    this.#keys.set(id, key);
    const [oldest] = this.#ids.keys();
    if (this.#ids.size > MAX_KEPT && oldest !== undefined) this.forget(oldest);
    this.#changed();
    return id;
  }

  keyOf(id: number): TorrentKey | undefined {
    return this.#keys.get(id);
  }

  /** The torrent is removed. Returns its number, if it had one. */
  forget(key: TorrentKey): number | undefined {
    const id = this.#ids.get(key);
    if (id === undefined) return undefined;
    this.#ids.delete(key);
    this.#keys.delete(id);
    this.#changed();
    return id;
  }

  /** Forgets all but these. */
  retain(keys: ReadonlySet<TorrentKey>): void {
    for (const key of this.#ids.keys()) if (!keys.has(key)) this.forget(key);
  }
}
