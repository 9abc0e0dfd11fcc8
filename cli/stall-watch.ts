import { EnsembleError } from '../core/base/errors.ts';
import type { DownloadSnapshot } from '../core/engine/engine.ts';
import { waitsForMachines } from '../core/engine/stall.ts';
import { stallText } from './output/stall-text.ts';

/** `--stall-timeout`: ends a download to which nothing came for so long, while it waited for nobody but the swarm. */
export class StallWatch {
  readonly #seconds: number | undefined;
  #seen = '';
  #since = 0;

  /** Undefined: it waits for ever. */
  constructor(seconds: number | undefined) {
    this.#seconds = seconds;
  }

  /** `now`: ms. Throws EnsembleError('timed-out') once nothing came for so long. */
  look(snapshot: DownloadSnapshot, now: number): void {
    if (this.#seconds === undefined) return;
    const { state, downloaded, pieces, stall, meeting } = snapshot;
    const waits = (state === 'metadata' || state === 'downloading') && !waitsForMachines(meeting);
    const seen = `${state} ${downloaded} ${pieces.have}`;
    if (!waits || seen !== this.#seen) this.#since = now;
    this.#seen = seen;
    if (now - this.#since < this.#seconds * 1000) return;
    const why = stall === undefined ? '' : ` (${stallText(stall)})`;
    throw new EnsembleError(
      'timed-out',
      `Nothing came for ${this.#seconds} s${why}. What is there is kept: the same command goes on from it.`,
    );
  }
}
