import type { Command } from 'commander';
import { MAX_IDENTITIES } from '../../core/base/bounds.ts';
import { EnsembleError } from '../../core/base/errors.ts';
import { isStoreUrl } from '../../core/base/store-place.ts';
import type { DownloadOptions, Engine } from '../../core/engine/engine.ts';
import type { Context } from '../context.ts';
import { addGroup, addJson, addNetwork, addSeed, addSharing, downloadOptions } from '../download-options.ts';
import { withEngine } from '../engine.ts';
import { withTimeout } from '../follow.ts';
import { parseSeconds, parseWhole } from '../options.ts';
import { chooseReporter } from '../output/choose.ts';
import { loadSource } from '../source.ts';
import { readSourceList } from '../source-list.ts';
import { addState } from '../state-folder.ts';
import { WebServing } from '../web-serving.ts';
import { type GetFlags, getOne } from './get-one.ts';
import { getSeveral } from './get-several.ts';
import { getTogether } from './get-together.ts';

const MOST_JOBS = 100;

export function defineGet(program: Command): Command {
  const command = program
    .command('get')
    .description('download torrents, with one identity or several, and put the files together')
    .argument('[source...]', '.torrent files, their addresses on web servers, or magnet links')
    .option('-i, --input <file>', 'a list of further sources, one a line; -: standard input')
    .option('-j, --jobs <n>', 'of several sources, how many are fetched at a time', parseWhole(1, MOST_JOBS), 5);
  addGroup(command, 'download', {
    output: { preset: '.' },
    // Without it at a server: as many machines as come.
    identities: {
      preset: undefined,
      help: `how many identities, 1 to ${MAX_IDENTITIES} (default: 1, and at a server as many machines as come)`,
    },
    common: {
      help: 'the common directory (default: a hidden folder beside the output), or where machines meet: nats://HOST[:PORT]/NAME',
    },
  });
  addNetwork(addSharing(command)).option(
    '--stall-timeout <seconds>',
    'give up a download to which nothing came for so long, keeping what is there',
    parseSeconds,
  );
  return addJson(addState(addSeed(command, 'never')));
}

/** `ensemble get`: resolves when all is there and, unless `--no-assemble`, assembled; rejects otherwise. */
export async function get(context: Context, named: readonly string[], flags: GetFlags): Promise<void> {
  const listed = flags.input === undefined ? [] : await readSourceList(context, flags.input);
  const sources = [...new Set([...named, ...listed])];
  const [only, ...others] = sources;
  if (only === undefined) {
    throw new EnsembleError(
      'usage',
      flags.input === undefined
        ? 'There is no source: name a .torrent file, its address or a magnet link, or a list of such with -i FILE.'
        : `${flags.input} names no source: a list has a .torrent file, its address or a magnet link on each line.`,
    );
  }
  if (others.length > 0) refuseForSeveral(flags);
  const { common } = flags;
  if (common !== undefined && isStoreUrl(common)) return getTogether(context, only, flags, common);
  const options = downloadOptions(context, flags);
  await withEngine(context, 'get', flags, async (engine) => {
    // Processes take a while to start: they do so while the source is read.
    engine.prepare(options.identities);
    if (others.length > 0) await getSeveral(context, engine, sources, options, flags);
    else await getAlone(context, engine, only, options, flags);
  });
}

async function getAlone(
  outer: Context,
  engine: Engine,
  text: string,
  options: DownloadOptions,
  flags: GetFlags,
): Promise<void> {
  const source = await loadSource(outer, text, options);
  const reporter = chooseReporter(outer, flags.json === true);
  const { context, cancel } = withTimeout(outer, flags.timeout);
  const serving = new WebServing(context.backend, engine, options);
  try {
    await getOne(context, source, {
      engine,
      options,
      wish: flags,
      reporter,
      stallTimeout: flags.stallTimeout,
      added: (key) => serving.start(key, reporter, undefined),
    });
  } finally {
    cancel();
    reporter.close();
    await serving.close();
  }
}

/** Throws EnsembleError('usage') for options that only one download can have. */
function refuseForSeveral({ common, log, http }: GetFlags): void {
  const given = Object.entries({ '--common': common, '--log': log, '--http': http }).find(([, value]) => value);
  if (given === undefined) return;
  throw new EnsembleError('usage', `${given[0]} is for one source: leave it out, or get these one after the other.`);
}
