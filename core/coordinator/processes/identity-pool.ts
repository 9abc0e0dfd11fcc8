import { type AddressRanges, holdsAddress, NO_RANGES } from '../../base/address-ranges.ts';
import { identityIndex, type IdentityIndex, type TorrentKey, type Millis, millis } from '../../base/ids.ts';
import type { RateLimits } from '../../engine/statuses.ts';
import type { ToIdentity } from '../../identity/messages.ts';
import type { Clock, Timer } from '../../ports/clock.ts';
import type { ProcessHost } from '../../ports/process-host.ts';
import { ProcessSlot, type SlotListener } from './process-slot.ts';

/**
 * For this long after it is ready the first process has the machine to itself: about what it takes to ask a tracker for peers, dial
 * them, and say what it wants. A swarm gives most to whoever comes first.
 */
const HEAD_START = millis(100);
/** For how long a process without downloads stays, in case another download comes. */
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
  /** Processes that were started and are not ready yet. */
  readonly #starting = new Set<IdentityIndex>();
  /** Processes to start when one of those is ready. */
  #queue: IdentityIndex[] = [];
  /** Whether the first process has had its head start, so that others may start. */
  #begun = false;
  #headStart: Timer | undefined;
  /** Processes that do not wait for the end of the head start. */
  readonly #urgent = new Set<IdentityIndex>();
  #watched: TorrentKey | undefined;
  #barred = NO_RANGES;
  #closed = false;

  /** `atOnce`: how many processes start at the same time, such as one for each core: with more, all would be ready as late as the last. */
  constructor(host: ProcessHost, clock: Clock, atOnce: number, listener: SlotListener) {
    this.#host = host;
    this.#clock = clock;
    this.#atOnce = atOnce;
    this.#listener = {
      ...listener,
      up: (index) => {
        if (!this.#begun) this.#headStart ??= this.#clock.after(HEAD_START, () => this.#begin());
        this.#started(index);
        if (this.#barred !== NO_RANGES) this.post(index, { type: 'barred', ...this.#barred });
        if (this.#watched !== undefined) this.#tellWatched(index);
        listener.up(index);
      },
      down: (index, gaveUp) => {
        this.#started(index);
        listener.down(index, gaveUp);
      },
    };
  }

  /** Starts the first `count` processes before the download that will need them; they end if none comes soon. */
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
   * Makes sure that the process runs for this download. True where it is ready now; otherwise the listener's `up` is called later.
   * `urgent`: it is the first with its address, so that peers have places for it that no other identity of ours can take.
   */
  acquire(index: IdentityIndex, key: TorrentKey, urgent = false): boolean {
    // Nothing would end a process that started now.
    if (this.#closed) return false;
    this.#grace.get(index)?.cancel();
    this.#grace.delete(index);
    const users = this.#users.get(index) ?? new Set();
    this.#users.set(index, users.add(key));
    if (urgent) this.#urgent.add(index);
    this.#start(index);
    return this.#slot(index).ready;
  }

  /** The download no longer needs the process. */
  release(index: IdentityIndex, key: TorrentKey): void {
    const users = this.#users.get(index);
    if (users?.delete(key) !== true || users.size > 0) return;
    this.#endSoon(index);
  }

  post(index: IdentityIndex, message: ToIdentity): boolean {
    return this.#slots.get(index)?.post(message) ?? false;
  }

  /** Which download's peers are reported, also by processes that start later; undefined: none. */
  watch(key: TorrentKey | undefined): void {
    if (key === this.#watched) return;
    this.#watched = key;
    for (const index of this.#slots.keys()) this.#tellWatched(index);
  }

  /** Nobody at these addresses is a peer, also of processes that start later. */
  bar(ranges: AddressRanges): void {
    this.#barred = ranges;
    for (const index of this.#slots.keys()) this.post(index, { type: 'barred', ...ranges });
  }

  bars(host: string): boolean {
    return holdsAddress(this.#barred, host);
  }

  slot(index: IdentityIndex): ProcessSlot | undefined {
    return this.#slots.get(index);
  }

  /** Indexes of the running processes. */
  running(): IdentityIndex[] {
    return [...this.#slots.values()].filter((slot) => slot.running).map((slot) => identityIndex(slot.index));
  }

  /** Ends all processes; those that are still there after `within` are killed. */
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

  /** Whether a process may start now. */
  #may(index: IdentityIndex): boolean {
    if (this.#begun || (this.#headStart !== undefined && this.#urgent.has(index))) {
      return this.#starting.size < this.#atOnce;
    }
    if (this.#headStart !== undefined) return false;
    // The first one and this process have a core each.
    return this.#starting.size < 1 || (this.#urgent.has(index) && this.#starting.size < this.#atOnce - 1);
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
      // A process that died lately waits before it starts again; others do not have to wait for it.
      if (slot.running) this.#starting.add(index);
    } else this.#queue.push(index);
  }

  /** A process is ready, or died while starting: the next one may start. */
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
