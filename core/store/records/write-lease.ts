import { EnsembleError } from '../../base/errors.ts';
import type { Millis } from '../../base/ids.ts';
import type { Clock } from '../../ports/clock.ts';

/**
 * Says until when a working folder is certainly ours to write in: for the lease of its lock. A process that slept for longer waits
 * until the holder of the lock has checked whether another machine has it now.
 */
export class WriteLease {
  readonly #clock: Pick<Clock, 'wall'>;
  /** Time of day until which it holds; undefined: for ever, as nobody takes the folder. */
  #until: Millis | undefined;
  #lost = false;
  #waiting: (() => void)[] = [];

  constructor(clock: Pick<Clock, 'wall'>, until: Millis | undefined) {
    this.#clock = clock;
    this.#until = until;
  }

  renew(until: Millis | undefined): void {
    this.#until = until;
    this.#wake();
  }

  /** Another machine has the folder: all present and later calls of `wait` reject. */
  lose(): void {
    this.#lost = true;
    this.#wake();
  }

  /** Undefined while the lease holds. Otherwise resolves when it is renewed; rejects with EnsembleError('in-use') where it is lost. */
  wait(): Promise<void> | undefined {
    if (!this.#lost && (this.#until === undefined || this.#clock.wall() < this.#until)) return undefined;
    return this.#wait();
  }

  async #wait(): Promise<void> {
    while (!this.#lost && this.#until !== undefined && this.#clock.wall() >= this.#until) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    if (this.#lost) throw new EnsembleError('in-use', 'Another process has taken over the working folder.');
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}
