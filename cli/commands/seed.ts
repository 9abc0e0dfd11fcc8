import type { Command } from 'commander';
import { EnsembleError } from '../../core/base/errors.ts';
import type { DownloadSnapshot, Engine } from '../../core/bridge/engine.ts';
import type { InfoHash } from '../../core/base/ids.ts';
import type { Context } from '../context.ts';
import type { DownloadFlags } from '../download-options.ts';
import { addJson, addNetwork, addSeed, downloadOptions } from '../download-options.ts';
import { follow, withTimeout } from '../follow.ts';
import { chooseReporter } from '../output/choose.ts';
import { counted } from '../output/format.ts';
import { doneFields } from '../output/json.ts';
import { doneText } from '../output/words.ts';
import { readTorrent } from '../source.ts';

export function defineSeed(program: Command): Command {
  const command = program
    .command('seed')
    .description('check a folder and seed from it until interrupted')
    .argument('<source>', 'a .torrent file')
    .argument('<dir>', "the folder that holds the torrent's file or folder");
  return addJson(addSeed(addNetwork(command), 'forever'));
}

/** `ensemble seed`: nothing is downloaded; what is missing is EnsembleError('verification'). */
export async function seed(
  outer: Context,
  source: string,
  dir: string,
  flags: Omit<DownloadFlags, 'output'>,
): Promise<void> {
  const rule = flags.seed ?? { kind: 'forever' };
  if (rule.kind === 'never') throw new EnsembleError('usage', '--seed never: then there is nothing to do.');
  const options = { ...downloadOptions(outer, { ...flags, seed: rule, output: dir }), paused: true };
  const { data } = await readTorrent(outer, source);
  const reporter = chooseReporter(outer, flags.json === true);
  const { context, cancel } = withTimeout(outer, flags.timeout);
  const engine = await context.backend.createEngine({});
  try {
    const infoHash = await engine.add({ kind: 'torrent', data }, options);
    const checked = await follow(context, { engine, infoHash, reporter, ended: ({ state }) => state !== 'checking' });
    await refuseIncomplete(engine, infoHash, checked, options.output);
    if (checked.state === 'paused') await engine.resume(infoHash);
    const last = await follow(context, { engine, infoHash, reporter, ended: ({ state }) => state === 'done' });
    reporter.result(doneFields(last, last.result ?? []), doneText(last, last.result ?? []));
  } finally {
    cancel();
    reporter.close();
    await engine.close();
  }
}

async function refuseIncomplete(
  engine: Engine,
  infoHash: InfoHash,
  { pieces }: DownloadSnapshot,
  folder: string,
): Promise<void> {
  const missing = pieces.wanted - pieces.have;
  if (missing === 0) return;
  // Nothing of ours stays behind in the user's folder; `data: false` leaves the files alone.
  await engine.remove(infoHash, { data: false });
  throw new EnsembleError(
    'verification',
    `${folder}: ${counted(missing, 'piece')} of ${pieces.wanted} missing or wrong (\`ensemble check\` says which). \`ensemble get --reuse\` fetches them.`,
  );
}
