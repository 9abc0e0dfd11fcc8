import path from 'node:path';
import type { Command } from 'commander';
import { EnsembleError } from '../../core/base/errors.ts';
import { isMagnetLink } from '../../core/base/magnet-link.ts';
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
      .description('opens the desktop app; without a display or an Electron runtime serves the UI instead')
      .argument('[files...]', '.torrent files and magnet links to add')
      .option('--state <dir>', "where catalog and settings lie (default: the platform's folder for such things)"),
  );
}

/** `ensemble app`: resolves when the desktop app has ended. */
export async function app(context: Context, files: readonly string[], flags: AppFlags): Promise<void> {
  const offers: Events['offer'][] = [];
  for (const file of files) offers.push(await offerOf(context, file));
  const desktop = context.backend.findDesktop(context.env);
  if ('missing' in desktop) {
    const reporter = chooseReporter(context, flags.json === true);
    reporter.message(`${desktop.missing} The UI is served for a browser instead.`);
    reporter.close();
    await serve(context, { host: '127.0.0.1', port: 0, root: [], ...flags }, offers);
    return;
  }
  if (desktop.warning !== undefined) {
    const reporter = chooseReporter(context, flags.json === true);
    reporter.message(desktop.warning);
    reporter.close();
  }
  const args = [
    ...(flags.state === undefined ? [] : [`--state=${resolvePath(context, flags.state)}`]),
    ...files.map((file) => (isMagnetLink(file) ? file : resolvePath(context, file))),
  ];
  const code = await desktop.start(args, context.signal);
  if (context.signal.aborted) throw context.signal.reason;
  if (code !== 0) throw new Error(`The desktop app ended with code ${code}.`);
}

/** The file or link as an offer to the window. Anything else is most likely a mistyped command. */
async function offerOf(context: Context, file: string): Promise<Events['offer']> {
  const [pasted] = readPasted(file).found;
  if (pasted === undefined && (await context.backend.disk.info(resolvePath(context, file))) === undefined) {
    throw new EnsembleError('usage', `There is no command and no file ${file} (--help lists commands and options).`);
  }
  return { source: await loadSource(context, file), fileName: pasted?.kind === 'magnet' ? null : path.basename(file) };
}
