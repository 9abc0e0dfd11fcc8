import type { Context } from '../context.ts';
import { JsonReporter } from './json.ts';
import { PlainReporter } from './plain.ts';
import type { Reporter } from './reporter.ts';
import { TerminalReporter } from './terminal.ts';

/** JSON where asked for, a display on a terminal, plain lines elsewhere. NO_COLOR (no-color.org) is respected. */
export function chooseReporter(context: Context, json: boolean): Reporter {
  const { out, err, env, backend } = context;
  const now = () => backend.clock.now();
  if (json) return new JsonReporter(out, err, now);
  if (out.isTTY !== true || env['TERM'] === 'dumb') return new PlainReporter(out, err, now);
  return new TerminalReporter(out, { color: !env['NO_COLOR'], now });
}
