import type { Failure } from '../../core/base/errors.ts';
import type { DownloadSnapshot } from '../../core/engine/engine.ts';
import type { Context, Sink } from '../context.ts';
import { chooseKind } from './choose.ts';
import { JsonReporter, progressFields } from './json.ts';
import { PlainReporter } from './plain.ts';
import { fit, printable } from './printable.ts';
import { renderSeveral } from './render-several.ts';
import type { Reporter } from './reporter.ts';
import type { TerminalReporter } from './terminal.ts';

/** How several downloads of one command ended. */
export interface Outcome {
  readonly done: number;
  /** Named twice. */
  readonly present: number;
  readonly failed: number;
}

/** Where the reports of several downloads go. They are told apart by their place among the sources, from 0. */
export interface SeveralReporter {
  /** What people call it: its name as soon as that is known, until then what was typed. */
  nameOf(at: number): string;
  of(at: number): Reporter;
  /** It has gone wrong; the others go on. */
  failed(at: number, failure: Failure): void;
  /** There is nothing more to show of it. */
  ended(at: number): void;
  message(text: string): void;
  finished(outcome: Outcome): void;
  close(): void;
}

/** Columns of a typed source that stand for it. */
const MAX_NAME = 60;

/** Where the reports of these sources go, as `chooseReporter` has it for one. */
export function severalReporter(context: Context, sources: readonly string[], json: boolean): SeveralReporter {
  const names = sources.map(shortSource);
  return chooseKind<SeveralReporter>(context, json, {
    json: (...to) => new SeveralJson(...to, names),
    plain: (...to) => new SeveralPlain(...to, names),
    terminal: (display) => new SeveralTerminal(display, names),
  });
}

/** What was typed, in a few columns. */
function shortSource(text: string): string {
  const named = /[?&]dn=([^&]{1,200})/.exec(text)?.[1];
  const hash = /btih:([0-9a-z]{8})|btmh:1220([0-9a-f]{8})/i.exec(text);
  let short = text;
  if (named !== undefined) short = decoded(named.replaceAll('+', ' '));
  else if (hash !== null) short = `magnet link ${hash[1] ?? hash[2]}`;
  return fit(printable(short), MAX_NAME);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** What is the same for all three: names. */
class Names {
  readonly #names: string[];

  constructor(names: readonly string[]) {
    this.#names = [...names];
  }

  nameOf(at: number): string {
    return this.#names[at] ?? '';
  }

  learn(at: number, { state, name }: Pick<DownloadSnapshot, 'state' | 'name'>): void {
    if (state !== 'metadata') this.#names[at] = fit(printable(name), MAX_NAME);
  }
}

/** Each object says which source it is about (`source`, from 1). */
class SeveralJson extends Names implements SeveralReporter {
  readonly #json: JsonReporter;

  constructor(out: Sink, err: Sink, now: () => number, names: readonly string[]) {
    super(names);
    this.#json = new JsonReporter(out, err, now);
  }

  of(at: number): Reporter {
    const tell = (fields: Readonly<Record<string, unknown>>): void => {
      const { event, ...rest } = fields;
      this.#json.result({ event, source: at + 1, ...rest });
    };
    return {
      period: this.#json.period,
      progress: (snapshot) => {
        this.learn(at, snapshot);
        const { event, ...rest } = progressFields(snapshot);
        tell({ event, infoHash: snapshot.infoHash, name: snapshot.name, ...rest });
      },
      work: () => undefined,
      message: (text) => this.message(`${this.nameOf(at)}: ${text}`),
      result: (fields) => tell(fields),
      close: () => undefined,
    };
  }

  failed(at: number, { code, message }: Failure): void {
    this.#json.result({ event: 'failed', source: at + 1, name: this.nameOf(at), code, message });
    this.message(`${this.nameOf(at)}: ${message}`);
  }

  ended(): void {}

  message(text: string): void {
    this.#json.message(text);
  }

  finished({ done, present, failed }: Outcome): void {
    this.#json.result({ event: 'finished', done, present, failed });
  }

  close(): void {}
}

/** Each line begins with the name of what it is about. */
class SeveralPlain extends Names implements SeveralReporter {
  readonly #out: Sink;
  readonly #err: Sink;
  readonly #now: () => number;

  constructor(out: Sink, err: Sink, now: () => number, names: readonly string[]) {
    super(names);
    this.#out = out;
    this.#err = err;
    this.#now = now;
  }

  of(at: number): Reporter {
    const named = (sink: Sink): Sink => ({
      write: (text) => sink.write(text.replace(/^(?=.)/gm, () => `${this.nameOf(at)}: `)),
    });
    const plain = new PlainReporter(named(this.#out), named(this.#err), this.#now);
    return {
      period: plain.period,
      progress: (snapshot) => {
        this.learn(at, snapshot);
        plain.progress(snapshot);
      },
      work: (progress) => plain.work(progress),
      message: (text) => plain.message(text),
      result: (fields, text) => plain.result(fields, text),
      close: () => undefined,
    };
  }

  failed(at: number, { message }: Failure): void {
    this.message(`${this.nameOf(at)}: ${message}`);
  }

  ended(): void {}

  message(text: string): void {
    this.#err.write(`${printable(text)}\n`);
  }

  finished(outcome: Outcome): void {
    this.#out.write(`${outcomeText(outcome)}\n`);
  }

  close(): void {}
}

/** A line for each that is under way, below a line for all. */
class SeveralTerminal extends Names implements SeveralReporter {
  readonly #terminal: TerminalReporter;
  readonly #total: number;
  readonly #shown = new Map<number, DownloadSnapshot>();
  #over = 0;
  #failed = 0;

  constructor(terminal: TerminalReporter, names: readonly string[]) {
    super(names);
    this.#terminal = terminal;
    this.#total = names.length;
  }

  of(at: number): Reporter {
    return {
      period: this.#terminal.period,
      progress: (snapshot) => {
        this.learn(at, snapshot);
        this.#shown.set(at, snapshot);
        this.#draw();
      },
      work: () => undefined,
      message: (text) => this.message(`${this.nameOf(at)}: ${text}`),
      result: (_fields, text) => {
        for (const line of text.split('\n')) this.message(`${this.nameOf(at)}: ${line}`);
      },
      close: () => undefined,
    };
  }

  failed(at: number, { message }: Failure): void {
    this.#failed++;
    this.message(`${this.nameOf(at)}: ${message}`);
  }

  ended(at: number): void {
    this.#over++;
    this.#shown.delete(at);
    this.#draw();
  }

  message(text: string): void {
    this.#terminal.message(text);
  }

  finished(outcome: Outcome): void {
    this.#terminal.show(() => [outcomeText(outcome)], true);
  }

  close(): void {
    this.#terminal.close();
  }

  #draw(): void {
    const active = [...this.#shown].sort(([a], [b]) => a - b);
    const rows = active.map(([at, snapshot]) => ({ name: this.nameOf(at), snapshot }));
    const counts = { total: this.#total, over: this.#over, failed: this.#failed };
    this.#terminal.show((style) => renderSeveral(rows, counts, style));
  }
}

function outcomeText({ done, present, failed }: Outcome): string {
  const parts = [`${done} done`];
  if (present > 0) parts.push(`${present} named twice`);
  if (failed > 0) parts.push(`${failed} failed`);
  return `${parts.join(', ')}.`;
}
