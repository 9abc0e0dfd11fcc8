import type { TorrentKey } from '../../base/ids.ts';
import { type ListRules, NO_RULES } from '../../engine/list-rules.ts';
import { decide, type Entrant, placesOf } from './decide.ts';
import { entrantOf, type Queued } from './entrant.ts';

const NONE: ReadonlyMap<TorrentKey, number> = new Map();

/** A download as the queue moves it. */
interface Movable extends Queued {
  readonly key: TorrentKey;
  /** Lets it go on; ends its wait. */
  resume(): void;
  enqueue(): void;
  rulesChanged(): void;
}

/**
 * Who is active, and who waits for a place. What decides about a download is looked at when that is looked at anyway (`Awake`), and
 * all are decided about only when it has changed for one of them.
 */
export class Queue<Download extends Movable> {
  /** In their order. */
  readonly #downloads: ReadonlyMap<TorrentKey, Download>;
  readonly #entrants = new Map<TorrentKey, Entrant>();
  /** Those of them that wait. */
  readonly #waiters = new Set<TorrentKey>();
  #rules = NO_RULES;
  #waiting = NONE;
  #changed = false;
  #closed = false;

  constructor(downloads: ReadonlyMap<TorrentKey, Download>) {
    this.#downloads = downloads;
  }

  get rules(): ListRules {
    return this.#rules;
  }

  setRules({ activeDownloads, activeSeeds, stalledAfter, seedGoals, whenDone, categories }: ListRules): void {
    this.#rules = { activeDownloads, activeSeeds, stalledAfter, seedGoals, whenDone, categories };
    for (const download of this.#downloads.values()) {
      download.rulesChanged();
      this.look(download);
    }
    this.reordered();
  }

  /** Nobody is moved any more. */
  close(): void {
    this.#closed = true;
  }

  /** It is looked at, and decided about next. */
  look(download: Download): void {
    if (!download.opened) return;
    const now = entrantOf(download, this.#rules.stalledAfter);
    const before = this.#entrants.get(download.key);
    this.#note(download.key, now);
    this.#changed ||= before === undefined || isOther(before, now);
  }

  /** A command on it is over: it is decided at once. */
  looked(key: TorrentKey): void {
    const download = this.#downloads.get(key);
    if (download !== undefined) this.look(download);
    else this.#forget(key);
    this.#changed ||= download === undefined;
    this.settle();
  }

  /** The order is another. */
  reordered(): void {
    this.#changed = true;
    this.settle();
  }

  /** Whether it would have to wait for its turn if it began now; it is decided about next. */
  mayWait({ options, files }: Pick<Queued, 'options' | 'files'>): boolean {
    const kind = files.result === undefined ? 'download' : 'seed';
    return !options.forced && placesOf(this.#rules, kind) < Infinity;
  }

  /** While it waits: how many of its kind are before it, itself included. */
  placeOf({ key, state }: Pick<Download, 'key' | 'state'>): number | undefined {
    return state === 'queued' ? this.#waiting.get(key) : undefined;
  }

  /** Whether it is of any importance where it stands: it waits, or has a place. */
  counts(key: TorrentKey): boolean {
    return this.#entrants.get(key)?.wants !== undefined;
  }

  /** Where anything has changed: whoever has a place goes on, and whoever has none waits. */
  settle(): void {
    if (!this.#changed || this.#closed) return;
    this.#changed = false;
    // Where there are places for all, nobody is to be moved: thousands come without a look at those before them.
    const places = Math.min(placesOf(this.#rules, 'download'), placesOf(this.#rules, 'seed'));
    if (places === Infinity && this.#waiters.size === 0) {
      this.#waiting = NONE;
      return;
    }
    const { go, stop, waiting } = decide(this.#inOrder(), this.#rules);
    this.#waiting = waiting;
    for (const key of stop) this.#move(key, (download) => download.enqueue());
    for (const key of go) this.#move(key, (download) => download.resume());
  }

  *#inOrder(): Iterable<readonly [TorrentKey, Entrant]> {
    for (const key of this.#downloads.keys()) {
      const entrant = this.#entrants.get(key);
      if (entrant !== undefined) yield [key, entrant];
    }
    for (const key of this.#entrants.keys()) if (!this.#downloads.has(key)) this.#forget(key);
  }

  #note(key: TorrentKey, entrant: Entrant): void {
    this.#entrants.set(key, entrant);
    if (entrant.waits) this.#waiters.add(key);
    else this.#waiters.delete(key);
  }

  #forget(key: TorrentKey): void {
    this.#entrants.delete(key);
    this.#waiters.delete(key);
  }

  #move(key: TorrentKey, move: (download: Download) => void): void {
    const download = this.#downloads.get(key);
    if (download === undefined) return;
    move(download);
    const before = this.#entrants.get(key);
    const now = entrantOf(download, this.#rules.stalledAfter);
    this.#note(key, now);
    // That was not what it was let go for.
    if (now.wants !== before?.wants) this.#changed = true;
  }
}

function isOther(a: Entrant, b: Entrant): boolean {
  return a.wants !== b.wants || a.forced !== b.forced || a.waits !== b.waits || a.stalled !== b.stalled;
}
