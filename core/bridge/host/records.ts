import { HISTORY_SAMPLES, LOG_LINES } from '../patches.ts';
import type { History, LogLine } from '../views.ts';

/** The last lines of a download's log. Lines are numbered from 0 over its whole life. */
export class LogRecord {
  readonly #lines: LogLine[] = [];
  #dropped = 0;

  add(...lines: readonly LogLine[]): void {
    this.#lines.push(...lines);
    const more = Math.max(0, this.#lines.length - LOG_LINES);
    this.#lines.splice(0, more);
    this.#dropped += more;
  }

  /** One more than the last line's number. */
  get end(): number {
    return this.#dropped + this.#lines.length;
  }

  /** The lines from number `from` on that are still kept. */
  since(from: number): readonly LogLine[] {
    return this.#lines.slice(Math.max(0, from - this.#dropped));
  }
}

/** Speed of each identity once a second, the last quarter of an hour. Samples are numbered like lines. */
export class SpeedRecord {
  readonly identities: number;
  #end = 0;
  readonly #times = new Float64Array(HISTORY_SAMPLES);
  readonly #down: Float32Array;
  readonly #up: Float32Array;

  constructor(identities: number) {
    this.identities = identities;
    this.#down = new Float32Array(HISTORY_SAMPLES * identities);
    this.#up = new Float32Array(HISTORY_SAMPLES * identities);
  }

  add(time: number, rates: readonly { readonly down: number; readonly up: number }[]): void {
    const at = this.#end++ % HISTORY_SAMPLES;
    this.#times[at] = time;
    for (let i = 0; i < this.identities; i++) {
      this.#down[at * this.identities + i] = rates[i]?.down ?? 0;
      this.#up[at * this.identities + i] = rates[i]?.up ?? 0;
    }
  }

  get end(): number {
    return this.#end;
  }

  /** The same, with room for more identities. */
  grown(identities: number): SpeedRecord {
    const { times, down, up } = this.since(0);
    const out = new SpeedRecord(identities);
    out.#end = this.#end - times.length;
    times.forEach((time, s) => {
      const at = s * this.identities;
      out.add(
        time,
        Array.from({ length: this.identities }, (_, i) => ({ down: down[at + i] ?? 0, up: up[at + i] ?? 0 })),
      );
    });
    return out;
  }

  since(from: number): History {
    const { identities } = this;
    const start = Math.max(from, this.#end - HISTORY_SAMPLES);
    const count = Math.max(0, this.#end - start);
    const out = {
      identities,
      times: new Float64Array(count),
      down: new Float32Array(count * identities),
      up: new Float32Array(count * identities),
    };
    for (let s = 0; s < count; s++) {
      const at = (start + s) % HISTORY_SAMPLES;
      out.times[s] = this.#times[at] ?? 0;
      for (let i = 0; i < identities; i++) {
        out.down[s * identities + i] = this.#down[at * identities + i] ?? 0;
        out.up[s * identities + i] = this.#up[at * identities + i] ?? 0;
      }
    }
    return out;
  }
}
