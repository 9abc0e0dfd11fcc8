import path from 'node:path';
import type { Command } from 'commander';
import { EnsembleError } from '../../core/base/errors.ts';
import type { DownloadState } from '../../core/engine/engine.ts';
import type { Info } from '../../core/metainfo/torrent.ts';
import { expectCheckable } from '../../core/metainfo/piece-check.ts';
import { namedAsFound } from '../../core/store/own-names.ts';
import type { Context } from '../context.ts';
import type { DownloadFlags } from '../download-options.ts';
import { addJson, addNetwork, addOption, addSeed, downloadOptions } from '../download-options.ts';
import { withEngine } from '../engine.ts';
import { follow, withTimeout } from '../follow.ts';
import { listedNames } from '../listed-names.ts';
import { chooseReporter } from '../output/choose.ts';
import { doneFields } from '../output/json.ts';
import { doneText } from '../output/words.ts';
import { readTorrent } from '../source.ts';
import { addState } from '../state-folder.ts';
import { WebServing } from '../web-serving.ts';

export function defineSeed(program: Command): Command {
  const command = program
    .command('seed')
    .description('check a folder and seed from it until interrupted')
    .argument('<source>', 'a .torrent file, or its address on a web server')
    .argument('<dir>', "the folder that holds the torrent's file or folder");
  return addJson(addState(addOption(addSeed(addNetwork(command), 'forever'), 'superSeeding')));
}

/** `ensemble seed`: nothing is downloaded; what is missing or wrong is EnsembleError('verification'). */
export async function seed(
  outer: Context,
  source: string,
  dir: string,
  flags: Omit<DownloadFlags, 'output'>,
): Promise<void> {
  const rule = flags.seed ?? { kind: 'forever' };
  if (rule.kind === 'never') throw new EnsembleError('usage', '--seed never: then there is nothing to do.');
  const options = downloadOptions(outer, { ...flags, seed: rule, output: dir });
  const { torrent, data } = await readTorrent(outer, source, options);
  expectCheckable(torrent.info);
  const names = await listedNames(outer, () => torrent.info, options.output);
  const info = await namedAsFound(outer.backend.disk, torrent.info, options.output, names);
  await refuseMissing(outer, info, options.output);
  const reporter = chooseReporter(outer, flags.json === true);
  const { context, cancel } = withTimeout(outer, flags.timeout);
  try {
    await withEngine(context, 'seed', flags, async (engine) => {
      const serving = new WebServing(context.backend, engine, options);
      try {
        const key = await engine.add({ kind: 'torrent', data }, names.length === 0 ? options : { ...options, names });
        await follow(context, { engine, key, reporter, ended: ({ state }) => refuseDownload(state, options.output) });
        await serving.start(key, reporter, torrent);
        const last = await follow(context, { engine, key, reporter, ended: ({ state }) => state === 'done' });
        reporter.result(doneFields(last, last.result ?? []), doneText(last, last.result ?? []));
      } finally {
        await serving.close();
      }
    });
  } catch (error) {
    // The engine has found files with other content where those of the download would go.
    throw error instanceof EnsembleError && error.code === 'exists' ? incomplete(options.output) : error;
  } finally {
    cancel();
    reporter.close();
  }
}

/** True when the download's files have been found whole. */
function refuseDownload(state: DownloadState, folder: string): boolean {
  if (state === 'downloading' || state === 'metadata') throw incomplete(folder);
  return state === 'seeding' || state === 'done';
}

/** Before anything is read or announced, each file has to be there and have its full length. */
async function refuseMissing(context: Context, info: Info, folder: string): Promise<void> {
  for (const file of info.files) {
    if (file.padding) continue;
    const full = path.join(folder, ...file.path);
    const found = await context.backend.disk.info(full);
    if (found?.kind !== 'file' || found.size !== file.length) throw incomplete(folder);
  }
}

function incomplete(folder: string): EnsembleError {
  return new EnsembleError(
    'verification',
    `${folder} does not hold the torrent whole and right: \`ensemble check\` says what is bad, \`ensemble get --reuse\` fetches it.`,
  );
}
