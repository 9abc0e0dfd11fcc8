import type { Command } from 'commander';
import type { Endpoint } from '../../core/base/endpoint.ts';
import type { Events } from '../../core/bridge/contract.ts';
import type { Context } from '../context.ts';
import { resolvePath } from '../context.ts';
import { addDhtBootstrap, addJson } from '../download-options.ts';
import { parseWhole } from '../options.ts';
import { chooseReporter } from '../output/choose.ts';

export interface ServeFlags {
  readonly host: string;
  readonly port: number;
  readonly root: readonly string[];
  readonly state?: string;
  readonly dhtBootstrap?: readonly Endpoint[];
  readonly json?: boolean;
}

export function defineServe(program: Command): Command {
  return addJson(
    addDhtBootstrap(
      program
        .command('serve')
        .description('the UI for a browser; prints a URL with a token')
        .option('--host <host>', 'name or address to listen on', '127.0.0.1')
        .option('--port <port>', 'port to listen on (default: a free one)', parseWhole(0, 65535), 0)
        .option('--root <dir...>', 'downloads go below these folders, by default into the first', [])
        .option('--state <dir>', "where catalog and settings lie (default: the platform's folder for such things)"),
    ),
  );
}

/** `ensemble serve`: serves until interrupted, then leaves all swarms and rejects with the interruption. */
export async function serve(
  context: Context,
  flags: ServeFlags,
  offers: readonly Events['offer'][] = [],
): Promise<never> {
  const reporter = chooseReporter(context, flags.json === true);
  const stateFolder =
    flags.state === undefined ? context.backend.defaultStateFolder(context.env) : resolvePath(context, flags.state);
  const ui = await context.backend.openUi({
    host: flags.host,
    port: flags.port,
    roots: flags.root.map((root) => resolvePath(context, root)),
    stateFolder,
    ...(flags.dhtBootstrap === undefined || flags.dhtBootstrap.length === 0
      ? {}
      : { dhtBootstrap: flags.dhtBootstrap }),
    warn: (text) => reporter.message(text),
  });
  try {
    for (const offer of offers) ui.offer(offer);
    reporter.result(
      { event: 'serving', url: ui.url },
      `Ensemble is at ${ui.url}\nWhoever has this address can use it. Ctrl-C ends it.`,
    );
    return await new Promise<never>((_resolve, reject) => {
      const ended = (): void => reject(context.signal.reason as Error);
      if (context.signal.aborted) ended();
      else context.signal.addEventListener('abort', ended, { once: true });
    });
  } finally {
    await ui.close();
    reporter.close();
  }
}
