import type { DownloadSnapshot, PieceMapSnapshot } from '../../core/engine/engine.ts';
import type { Sink } from '../context.ts';
import { plainBar } from './bars.ts';
import { formatPercent } from './format.ts';
import { fit, printable } from './printable.ts';
import { render, type RenderStyle } from './render.ts';
import type { Reporter, WorkProgress } from './reporter.ts';

const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';
const CLEAR_LINE = '\u001b[K';
const CLEAR_BELOW = '\u001b[J';
/** Milliseconds between frames. */
const FRAME = 200;

/** A display that is redrawn in place; what must stay is written above it. */
export class TerminalReporter implements Reporter {
  readonly period = FRAME;
  readonly #out: Sink;
  readonly #color: boolean;
  readonly #now: () => number;
  #lines: readonly string[] = [];
  #hidden = false;
  #lastAt = Number.NEGATIVE_INFINITY;
  #state = '';

  constructor(out: Sink, options: { readonly color: boolean; readonly now: () => number }) {
    this.#out = out;
    this.#color = options.color;
    this.#now = options.now;
  }

  progress(snapshot: DownloadSnapshot, map: () => PieceMapSnapshot | undefined): void {
    const changed = snapshot.state !== this.#state;
    this.#state = snapshot.state;
    this.#frame(
      () => render(snapshot, map(), { width: this.#width(), height: this.#height(), color: this.#color }),
      changed,
    );
  }

  /** Shows these lines until the next ones; without `atOnce` not more often than a display needs. */
  show(lines: (style: RenderStyle) => readonly string[], atOnce = false): void {
    this.#frame(() => lines({ width: this.#width(), height: this.#height(), color: this.#color }), atOnce);
  }

  work({ what, done, total }: WorkProgress): void {
    this.#frame(() => {
      const share = formatPercent(done, total).padStart(6);
      const bar = this.#width() - what.length - share.length - 4;
      if (bar < 4) return [fit(`${what} ${share}`, this.#width())];
      return [`${what}  ${plainBar(total === 0 ? 1 : done / total, bar)}  ${share}`];
    }, done >= total);
  }

  message(text: string): void {
    const lines = this.#lines;
    this.#draw([printable(text)]);
    this.#lines = [];
    this.#draw(lines);
  }

  result(_fields: Readonly<Record<string, unknown>>, text: string): void {
    this.close();
    if (text !== '') this.#out.write(`${text.split('\n').map(printable).join('\n')}\n`);
  }

  close(): void {
    this.#lines = [];
    if (this.#hidden) this.#out.write(SHOW_CURSOR);
    this.#hidden = false;
  }

  #frame(lines: () => readonly string[], atOnce = false): void {
    const now = this.#now();
    if (!atOnce && now - this.#lastAt < FRAME) return;
    this.#lastAt = now;
    this.#draw(lines());
  }

  /** Replaces the display by these lines, in one write so that nothing flickers. */
  #draw(lines: readonly string[]): void {
    let text = this.#hidden ? '' : HIDE_CURSOR;
    this.#hidden = true;
    if (this.#lines.length > 0) text += `\u001b[${this.#lines.length}A`;
    text += '\r';
    for (const line of lines) text += `${line}${CLEAR_LINE}\n`;
    this.#out.write(`${text}${CLEAR_BELOW}`);
    this.#lines = lines;
  }

  /** The last column stays free: a full line would wrap on some terminals. */
  #width(): number {
    return Math.max(20, (this.#out.columns ?? 80) - 1);
  }

  #height(): number {
    return Math.max(3, this.#out.rows ?? 24);
  }
}
