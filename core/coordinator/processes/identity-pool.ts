import { identityIndex, type IdentityIndex, type TorrentKey, type Millis, millis } from '../../base/ids.ts';
import type { RateLimits } from '../../engine/statuses.ts';
import type { ToIdentity } from '../../identity/messages.ts';
import type { Clock, Timer } from '../../ports/clock.ts';
import type { ProcessHost } from '../../ports/process-host.ts';
import { ProcessSlot, type SlotListener } from './process-slot.ts';

/**
 * The first one has the machine to itself for so long after it is ready: about what it takes to ask for the peers of a torrent
 * file, dial them, and say what it wants of them. A swarm gives most to whoever comes first.
 */
const HEAD_START = millis(100);
/** A process without downloads stays for so long, in case that the next one comes. */
const GRACE = millis(3000);
const STOP_WITHIN = millis(4000);

/**
 * The identity processes: process i hosts identity i of every running download, so their number is the largest K.
 * They start when a download needs them and end when none does.
 */
export class IdentityPool {
  readonly #slots = new Map<IdentityIndex, ProcessSlot>();
  readonly #users = new Map<IdentityIndex, Set<TorrentKey>>();
  readonly #grace = new Map<IdentityIndex, Timer>();
  readonly #host: ProcessHost;
  readonly #clock: Clock;
  readonly #listener: SlotListener;
  readonly #atOnce: number;
  /** Started, not ready yet. */
  readonly #starting = new Set<IdentityIndex>();
  /** To be started when one of those is ready. */
  #queue: IdentityIndex[] = [];
  /** The first one has had its head start: others may start. */
  #begun = false;
  #headStart: Timer | undefined;
  /** Those that do not wait for the head start to end. */
  readonly #urgent = new Set<IdentityIndex>();
  #watched: TorrentKey | undefined;
  #closed = false;

  /** `atOnce`: processes that start at the same time, such as the machine has cores: more would all be ready as late as the last. */
  constructor(host: ProcessHost, clock: Clock, atOnce: number, listener: SlotListener) {
    this.#host = host;
    this.#clock = clock;
    this.#atOnce = atOnce;
    this.#listener = {
      ...listener,
      up: (index) => {
        if (!this.#begun) this.#headStart ??= this.#clock.after(HEAD_START, () => this.#begin());
        this.#started(index);
        if (this.#watched !== undefined) this.#tellWatched(index);
        listener.up(index);
      },
      down: (index, gaveUp) => {
        this.#started(index);
        listener.down(index, gaveUp);
      },
    };
  }

  /** Starts the first `count` processes ahead of the download that will want them; they end where none comes soon. */
  warm(count: number): void {
    if (this.#closed) return;
    for (let i = 0; i < count; i++) {
      const index = identityIndex(i);
      if ((this.#users.get(index)?.size ?? 0) > 0) continue;
      this.#grace.get(index)?.cancel();
      this.#endSoon(index);
      this.#start(index);
    }
  }

  /**
   * Has the process run for this download. True where it is ready now; else the listener hears `up`. `urgent`: it is the
   * first with its address, so peers have places for it that nobody else of ours takes meanwhile.
   */
  acquire(index: IdentityIndex, key: TorrentKey, urgent = false): boolean {
    // Nobody would end what started now.
    if (this.#closed) return false;
    this.#grace.get(index)?.cancel();
    this.#grace.delete(index);
    const users = this.#users.get(index) ?? new Set();
    this.#users.set(index, users.add(key));
    if (urgent) this.#urgent.add(index);
    this.#start(index);
    return this.#slot(index).ready;
  }

  /** The download needs it no more. */
  release(index: IdentityIndex, key: TorrentKey): void {
    const users = this.#users.get(index);
    if (users?.delete(key) !== true || users.size > 0) return;
    this.#endSoon(index);
  }

  post(index: IdentityIndex, message: ToIdentity): boolean {
    return this.#slots.get(index)?.post(message) ?? false;
  }

  /** Which download's peers are told, also by processes that start later; undefined: none. */
  watch(key: TorrentKey | undefined): void {
    if (key === this.#watched) return;
    this.#watched = key;
    for (const index of this.#slots.keys()) this.#tellWatched(index);
  }

  slot(index: IdentityIndex): ProcessSlot | undefined {
    return this.#slots.get(index);
  }

  /** Indexes of the processes that are there. */
  running(): IdentityIndex[] {
    return [...this.#slots.values()].filter((slot) => slot.running).map((slot) => identityIndex(slot.index));
  }

  /** Ends them all; what is not gone after `within` is killed. */
  async close(within: Millis): Promise<void> {
    this.#closed = true;
    for (const timer of this.#grace.values()) timer.cancel();
    this.#grace.clear();
    this.#queue = [];
    this.#headStart?.cancel();
    await Promise.all([...this.#slots.values()].map((slot) => slot.stop(within)));
  }

  #slot(index: IdentityIndex): ProcessSlot {
    let slot = this.#slots.get(index);
    if (slot === undefined) {
      const unlimited: RateLimits = { down: 0 as RateLimits['down'], up: 0 as RateLimits['up'] };
      slot = new ProcessSlot(index, this.#host, this.#clock, unlimited, this.#listener);
      this.#slots.set(index, slot);
    }
    return slot;
  }

  #endSoon(index: IdentityIndex): void {
    const timer = this.#clock.after(GRACE, () => {
      this.#grace.delete(index);
      void this.#end(index);
    });
    this.#grace.set(index, timer);
  }

  /** Whether it may start now. */
  #may(index: IdentityIndex): boolean {
    if (this.#begun || (this.#headStart !== undefined && this.#urgent.has(index))) {
      return this.#starting.size < this.#atOnce;
    }
    return this.#headStart === undefined && this.#starting.size < 1;
  }

  #begin(): void {
    this.#headStart = undefined;
    this.#begun = true;
    this.#startNext();
  }

  #start(index: IdentityIndex): void {
    const slot = this.#slot(index);
    this.#queue = this.#queue.filter((queued) => queued !== index);
    if (slot.running || this.#starting.has(index)) slot.start();
    else if (this.#may(index)) {
      slot.start();
      // One that died lately waits before it starts again, and nobody has to wait for that.
      if (slot.running) this.#starting.add(index);
    } else this.#queue.push(index);
  }

  /** It is ready, or died on the way: the next one may start. */
  #started(index: IdentityIndex): void {
    if (this.#starting.delete(index)) this.#startNext();
  }

  #startNext(): void {
    if (this.#closed) return;
    for (const next of this.#queue) if (this.#may(next)) this.#start(next);
  }

  #tellWatched(index: IdentityIndex): void {
    this.post(index, { type: 'watch', ...(this.#watched === undefined ? {} : { key: this.#watched }) });
  }

  async #end(index: IdentityIndex): Promise<void> {
    const slot = this.#slots.get(index);
    this.#queue = this.#queue.filter((queued) => queued !== index);
    await slot?.stop(STOP_WITHIN);
    this.#started(index);
    if (this.running().length === 0) {
      this.#begun = false;
      this.#headStart?.cancel();
      this.#headStart = undefined;
      this.#urgent.clear();
      this.#startNext();
    }
    // A download may have come in the meantime.
    if ((this.#users.get(index)?.size ?? 0) > 0) this.#start(index);
  }
}
