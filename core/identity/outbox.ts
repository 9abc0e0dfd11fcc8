import { type TorrentKey, type Millis, millis } from '../base/ids.ts';
import type { Clock, Timer } from '../ports/clock.ts';
import type { AboutDownloads } from './messages.ts';
import type { VerifiedPiece } from '../engine/statuses.ts';

/** Least time between two batches. */
const PERIOD = 100 as Millis;

/**
 * Gathers reports about pieces that are there or given back, so that the coordinator gets batches rather than a message for each piece. The first after a
 * silence is sent at once.
 */
export class Outbox {
  readonly #clock: Clock;
  readonly #key: TorrentKey;
  readonly #post: (message: AboutDownloads) => void;
  #verified: VerifiedPiece[] = [];
  #released: number[] = [];
  /** Whether a release is to be sent, even an empty one, which is an answer too. */
  #releasing = false;
  /** When the last batch left. */
  #left = -Infinity;
  #timer: Timer | undefined;
  /** It leaves once the current events have been handled. */
  #soon = false;

  constructor(clock: Clock, key: TorrentKey, post: (message: AboutDownloads) => void) {
    this.#clock = clock;
    this.#key = key;
    this.#post = post;
  }

  verified(piece: VerifiedPiece): void {
    this.#verified.push(piece);
    this.#schedule();
  }

  released(pieces: Uint32Array): void {
    for (const piece of pieces) this.#released.push(piece);
    this.#releasing = true;
    this.#schedule();
  }

  /** Goes at once; never ahead of a release, which might be of the same pieces: they would be ours and somebody else's. */
  claim(pieces: Uint32Array): void {
    if (this.#releasing) this.flush();
    this.#post({ type: 'claim', key: this.#key, pieces });
  }

  /** Goes at once, after all that was said before. */
  idle(): void {
    this.flush();
    this.#post({ type: 'idle', key: this.#key });
  }

  flush(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    if (this.#verified.length > 0 || this.#releasing) this.#left = this.#clock.now();
    if (this.#verified.length > 0) {
      this.#post({ type: 'verified', key: this.#key, pieces: this.#verified });
      this.#verified = [];
    }
    if (this.#releasing) {
      this.#releasing = false;
      this.#post({ type: 'release', key: this.#key, pieces: Uint32Array.from(this.#released) });
      this.#released = [];
    }
  }

  stop(): void {
    this.flush();
  }

  /** No timer runs while there is nothing to send, as it would wake the process. */
  #schedule(): void {
    if (this.#timer !== undefined || this.#soon) return;
    const wait = this.#left + PERIOD - this.#clock.now();
    if (wait > 0) {
      this.#timer = this.#clock.after(millis(wait), () => this.flush());
      return;
    }
    this.#soon = true;
    this.#clock.soon(() => {
      this.#soon = false;
      this.flush();
    });
  }
}
