import { identityIndex, type IdentityIndex, type InfoHash, type Millis, millis } from '../base/ids.ts';
import type { RateLimits, ToIdentity } from '../identity/messages.ts';
import type { Clock, Timer } from '../ports/clock.ts';
import type { ProcessHost } from '../ports/process-host.ts';
import { ProcessSlot, type SlotListener } from './process-slot.ts';

/** A process without downloads stays for so long, in case that the next one comes. */
const GRACE = millis(3000);
const STOP_WITHIN = millis(4000);

/**
 * The identity processes: process i hosts identity i of every running download, so their number is the largest K.
 * They start when a download needs them and end when none does.
 */
export class IdentityPool {
  readonly #slots = new Map<IdentityIndex, ProcessSlot>();
  readonly #users = new Map<IdentityIndex, Set<InfoHash>>();
  readonly #grace = new Map<IdentityIndex, Timer>();
  readonly #host: ProcessHost;
  readonly #clock: Clock;
  readonly #listener: SlotListener;
  #watched: InfoHash | undefined;
  #closed = false;

  constructor(host: ProcessHost, clock: Clock, listener: SlotListener) {
    this.#host = host;
    this.#clock = clock;
    this.#listener = {
      ...listener,
      up: (index) => {
        if (this.#watched !== undefined) this.#tellWatched(index);
        listener.up(index);
      },
    };
  }

  /** Starts the first `count` processes ahead of the download that will want them; they end where none comes soon. */
  warm(count: number): void {
    if (this.#closed) return;
    for (let i = 0; i < count; i++) {
      const index = identityIndex(i);
      if (this.#slots.has(index)) continue;
      this.#slot(index).start();
      this.#endSoon(index);
    }
  }

  /** Has the process run for this download. True where it is ready now; else the listener hears `up`. */
  acquire(index: IdentityIndex, infoHash: InfoHash): boolean {
    // Nobody would end what started now.
    if (this.#closed) return false;
    this.#grace.get(index)?.cancel();
    this.#grace.delete(index);
    const users = this.#users.get(index) ?? new Set();
    this.#users.set(index, users.add(infoHash));
    const slot = this.#slot(index);
    slot.start();
    return slot.ready;
  }

  /** The download needs it no more. */
  release(index: IdentityIndex, infoHash: InfoHash): void {
    const users = this.#users.get(index);
    if (users?.delete(infoHash) !== true || users.size > 0) return;
    this.#endSoon(index);
  }

  post(index: IdentityIndex, message: ToIdentity): boolean {
    return this.#slots.get(index)?.post(message) ?? false;
  }

  /** Which download's peers are told, also by processes that start later; undefined: none. */
  watch(infoHash: InfoHash | undefined): void {
    if (infoHash === this.#watched) return;
    this.#watched = infoHash;
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

  #tellWatched(index: IdentityIndex): void {
    this.post(index, { type: 'watch', ...(this.#watched === undefined ? {} : { infoHash: this.#watched }) });
  }

  async #end(index: IdentityIndex): Promise<void> {
    const slot = this.#slots.get(index);
    await slot?.stop(STOP_WITHIN);
    // A download may have come in the meantime.
    if ((this.#users.get(index)?.size ?? 0) > 0) slot?.start();
  }
}
