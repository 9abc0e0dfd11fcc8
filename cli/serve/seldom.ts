import { millis } from '../../core/base/ids.ts';
import type { Clock } from '../../core/ports/clock.ts';

const MOST = 10;
const PERIOD = millis(60_000);

/**
 * Passes on at most ten sentences a minute, so that no stranger fills a log; the first one of the next minute is preceded by how
 * many were left out.
 */
export class Seldom {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #say: (text: string) => void;
  #since = millis(0);
  #count = 0;

  constructor(clock: Pick<Clock, 'now'>, say: (text: string) => void) {
    this.#clock = clock;
    this.#say = say;
  }

  say(text: string): void {
    const now = this.#clock.now();
    const left = Math.max(0, this.#count - MOST);
    if (now - this.#since >= PERIOD) {
      this.#since = now;
      this.#count = 0;
      if (left > 0) this.#say(`${left} sentences like the next were left out.`);
    }
    if (++this.#count <= MOST) this.#say(text);
  }
}
