import { EnsembleError } from '../../base/errors.ts';
import type { Millis } from '../../base/ids.ts';
import type { Clock } from '../../ports/clock.ts';

/**
 * Until when a working folder is surely ours to write in: the lease of its lock. Who slept for longer waits until whoever
 * holds the lock has looked whether another machine has it now.
 */
export class WriteLease {
  readonly #clock: Pick<Clock, 'wall'>;
  /** Of the time of day; undefined: nobody takes the folder. */
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

  /** Another machine has the folder: whoever waits is turned away, and everybody from now on. */
  lose(): void {
    this.#lost = true;
    this.#wake();
  }

  /** Undefined while it holds. Else resolves when it is renewed; rejects with EnsembleError('in-use') where it is lost. */
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
