import type { Context, Sink } from '../context.ts';
import { JsonReporter } from './json.ts';
import { PlainReporter } from './plain.ts';
import type { Reporter } from './reporter.ts';
import { TerminalReporter } from './terminal.ts';

/** What is made of each kind of output. */
interface Kinds<R> {
  json(out: Sink, err: Sink, now: () => number): R;
  plain(out: Sink, err: Sink, now: () => number): R;
  terminal(display: TerminalReporter): R;
}

/** JSON where asked for, a display on a terminal, plain lines elsewhere. NO_COLOR (no-color.org) is respected. */
export function chooseKind<R>({ out, err, env, backend }: Context, json: boolean, kinds: Kinds<R>): R {
  const now = (): number => backend.clock.now();
  if (json) return kinds.json(out, err, now);
  if (out.isTTY !== true || env['TERM'] === 'dumb') return kinds.plain(out, err, now);
  return kinds.terminal(new TerminalReporter(out, { color: !env['NO_COLOR'], now }));
}

/** Where the reports of a command go. */
export function chooseReporter(context: Context, json: boolean): Reporter {
  return chooseKind<Reporter>(context, json, {
    json: (...to) => new JsonReporter(...to),
    plain: (...to) => new PlainReporter(...to),
    terminal: (display) => display,
  });
}
