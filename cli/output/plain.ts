import type { DownloadSnapshot } from '../../core/engine/engine.ts';
import type { Sink } from '../context.ts';
import { formatPercent } from './format.ts';
import { printable } from './printable.ts';
import type { Reporter, WorkProgress } from './reporter.ts';
import { progressLine } from './words.ts';

/** Milliseconds between lines while the state stays the same. */
const LINE_PERIOD = 5000;

/** For logs and pipes: a line every few seconds and at each change of state; warnings go to standard error. */
export class PlainReporter implements Reporter {
  readonly period = 250;
  readonly #out: Sink;
  readonly #err: Sink;
  readonly #now: () => number;
  #state = '';
  #lastAt = 0;

  constructor(out: Sink, err: Sink, now: () => number) {
    this.#out = out;
    this.#err = err;
    this.#now = now;
  }

  progress(snapshot: DownloadSnapshot): void {
    if (this.#due(snapshot.state)) this.#out.write(`${progressLine(snapshot)}\n`);
  }

  work({ what, done, total }: WorkProgress): void {
    if (this.#due(what)) this.#out.write(`${what}: ${formatPercent(done, total)}\n`);
  }

  message(text: string): void {
    this.#err.write(`${printable(text)}\n`);
  }

  result(_fields: Readonly<Record<string, unknown>>, text: string): void {
    if (text !== '') this.#out.write(`${text.split('\n').map(printable).join('\n')}\n`);
  }

  close(): void {}

  #due(state: string): boolean {
    const now = this.#now();
    if (state === this.#state && now - this.#lastAt < LINE_PERIOD) return false;
    this.#state = state;
    this.#lastAt = now;
    return true;
  }
}
