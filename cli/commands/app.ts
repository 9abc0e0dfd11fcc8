import path from 'node:path';
import type { Command } from 'commander';
import { EnsembleError } from '../../core/base/errors.ts';
import { readPasted } from '../../core/base/pasted.ts';
import type { Events } from '../../core/bridge/contract.ts';
import type { Context } from '../context.ts';
import { resolvePath } from '../context.ts';
import { addJson } from '../download-options.ts';
import { chooseReporter } from '../output/choose.ts';
import { loadSource } from '../source.ts';
import { serve } from './serve.ts';

export interface AppFlags {
  readonly state?: string;
  readonly json?: boolean;
}

/** The default command: `ensemble` alone does this too. */
export function defineApp(program: Command): Command {
  return addJson(
    program
      .command('app', { isDefault: true })
      .description('open the desktop app; without a display or an Electron runtime serve its UI for a browser instead')
      .argument('[files...]', '.torrent files, their addresses, and magnet links to add')
      .option('--state <dir>', "where catalog and settings lie (default: the platform's folder for such things)"),
  );
}

/** `ensemble app`: resolves when the desktop app has ended. */
export async function app(context: Context, files: readonly string[], flags: AppFlags): Promise<void> {
  const opened: Opened[] = [];
  for (const file of files) opened.push(await openedBy(context, file));
  const desktop = context.backend.findDesktop(context.env);
  if ('missing' in desktop) {
    const reporter = chooseReporter(context, flags.json === true);
    reporter.message(`${desktop.missing} The UI is served for a browser instead.`);
    reporter.close();
    await serve(
      context,
      { host: '127.0.0.1', port: 0, root: [], ...flags },
      opened.map(({ offer }) => offer),
    );
    return;
  }
  if (desktop.warning !== undefined) {
    const reporter = chooseReporter(context, flags.json === true);
    reporter.message(desktop.warning);
    reporter.close();
  }
  const args = [
    ...(flags.state === undefined ? [] : [`--state=${resolvePath(context, flags.state)}`]),
    ...opened.map(({ argument }) => argument),
  ];
  const code = await desktop.start(args, context.signal);
  if (context.signal.aborted) throw context.signal.reason;
  if (code !== 0)
    throw new EnsembleError('fault', `The desktop app ended with code ${code}: \`ensemble serve\` does without it.`);
}

/** What was named: as the desktop app is told of it, and as it is offered in a browser. */
interface Opened {
  readonly argument: string;
  readonly offer: Events['offer'] | { readonly url: string };
}

/** A file, link, info-hash or address. Anything else is most likely a mistyped command. */
async function openedBy(context: Context, file: string): Promise<Opened> {
  const full = resolvePath(context, file);
  const [pasted] = readPasted(file).found;
  if (pasted === undefined || (!file.includes(':') && (await isThere(context, full)))) {
    if (!(await isThere(context, full))) {
      throw new EnsembleError('usage', `There is no command and no file ${file} (--help lists commands and options).`);
    }
    // A file: nothing is fetched.
    const source = await loadSource(context, full, { bind: [], proxies: [] });
    return { argument: full, offer: { source, fileName: path.basename(file) } };
  }
  if (pasted.kind === 'magnet') return { argument: pasted.link, offer: { source: pasted, fileName: null } };
  // It is fetched by the program that the settings are of, as they say by which way.
  return { argument: pasted.url, offer: { url: pasted.url } };
}

async function isThere(context: Context, full: string): Promise<boolean> {
  return (await context.backend.disk.info(full).catch(() => undefined)) !== undefined;
}
