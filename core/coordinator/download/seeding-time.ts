import { type Millis, millis } from '../../base/ids.ts';
import type { Clock } from '../../ports/clock.ts';

/** How long a download has seeded, in all runs: for its seeding goals. */
export class SeedingTime {
  readonly #clock: Pick<Clock, 'now'>;
  #seeded: number;
  #untaken: number;
  #lookedAt: Millis;
  #seeding = false;
  #uploaded: number | undefined;
  /** When a byte was taken last, or it began to seed. */
  #busy: Millis;

  constructor(before: { readonly seeded?: Millis; readonly untaken?: Millis }, clock: Pick<Clock, 'now'>) {
    const now = clock.now();
    this.#clock = clock;
    this.#seeded = before.seeded ?? 0;
    this.#untaken = before.untaken ?? 0;
    this.#lookedAt = now;
    this.#busy = now;
  }

  get seeded(): Millis {
    return millis(this.#seeded + this.#since);
  }

  /** How long of that since a byte was taken of it last. */
  get untaken(): Millis {
    return millis(this.#untaken + this.#since);
  }

  /** How long no byte was taken, since it began to seed the last time. */
  quiet(): Millis {
    return millis(this.#lookedAt + this.#since - this.#busy);
  }

  /** What counts since the last look: one at rest is seldom looked at. */
  get #since(): number {
    return this.#seeding ? this.#clock.now() - this.#lookedAt : 0;
  }

  /** To be called now and then, and when it begins or ends to seed. `uploaded`: payload bytes so far. */
  look(seeds: boolean, uploaded: number): void {
    const now = this.#clock.now();
    this.#seeded += this.#since;
    this.#untaken += this.#since;
    if (this.#uploaded !== undefined && uploaded > this.#uploaded) {
      this.#untaken = 0;
      this.#busy = now;
    }
    if (!this.#seeding) this.#busy = now;
    this.#seeding = seeds;
    this.#uploaded = uploaded;
    this.#lookedAt = now;
  }
}
