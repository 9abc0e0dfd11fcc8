import type { Command } from 'commander';
import { EnsembleError } from '../../core/base/errors.ts';
import { isStoreUrl, parseStoreUrl } from '../../core/base/store-place.ts';
import { unpackFiles } from '../../core/base/packed-files.ts';
import type { BridgeClient, Preview } from '../../core/bridge/contract.ts';
import { type AddOptions, OFFERED_OPTIONS } from '../../core/engine/download-options.ts';
import type { Source } from '../../core/engine/engine.ts';
import { firstOptions } from '../../core/engine/first-options.ts';
import type { Settings } from '../../core/engine/settings.ts';
import type { Context } from '../context.ts';
import { addJson, addOption, typedOptions } from '../download-options.ts';
import { choosePriorities, type FileWish, isWish } from '../file-choice.ts';
import { chooseReporter } from '../output/choose.ts';
import type { Reporter } from '../output/reporter.ts';
import { addRunning, type RunningFlags } from '../running.ts';
import { readSource } from '../source.ts';
import { folderThere } from './move.ts';
import { keeper, withPrograms } from './programs.ts';

interface AddFlags extends RunningFlags, FileWish {
  readonly json?: boolean;
  readonly common?: string;
}

type Typed = Partial<AddOptions>;

export function defineAdd(program: Command): Command {
  const command = program
    .command('add')
    .description('add downloads to the list of a program that runs; what is not said goes by its settings')
    .argument('<source...>', '.torrent files, their addresses on web servers, or magnet links');
  for (const name of OFFERED_OPTIONS) addOption(command, name, name === 'peers' ? {} : { preset: undefined });
  command.option(
    '--common <url>',
    'other machines fetch parts of it: the server where they meet, nats://HOST[:PORT]/NAME',
  );
  return addJson(addRunning(command));
}

/** `ensemble add`: one after the other; what goes wrong with one ends the command, with those before it added. */
export async function add(
  context: Context,
  sources: readonly string[],
  flags: AddFlags,
  command: Command,
): Promise<void> {
  const typed = typedOptions(command, OFFERED_OPTIONS);
  const together = flags.common === undefined ? {} : meeting(flags.common);
  const output = typed.output === undefined ? {} : { output: folderThere(context, typed.output, flags) };
  const reporter = chooseReporter(context, flags.json === true);
  await withPrograms(context, flags, async (programs) => {
    const { client } = keeper(programs);
    const settings = await client.call('settings', null);
    for (const text of sources) {
      const source = await readSource(context, text, (url) => client.call('fetchTorrent', { url }));
      await addOne(client, source, settings, { ...together, ...typed, ...output }, flags, reporter);
    }
  });
  reporter.close();
}

async function addOne(
  client: BridgeClient,
  source: Source,
  settings: Settings,
  typed: Typed,
  wish: FileWish,
  reporter: Reporter,
): Promise<void> {
  const preview = await client.call('preview', { source });
  const { infoHash, name, key } = preview;
  if (preview.present) {
    reporter.result({ event: 'present', infoHash, name }, `${name} is in the list already.`);
    return;
  }
  const filePriorities = isWish(wish) ? prioritiesOf(preview, wish) : undefined;
  const first = firstOptions(settings, typed.category);
  // Several on a private torrent have to be asked for.
  const identities = preview.private && typed.allowPrivate !== true ? { identities: 1 } : {};
  const options = { ...first, ...identities, ...typed, ...(filePriorities === undefined ? {} : { filePriorities }) };
  await client.call('add', { source, options });
  const { output } = options;
  reporter.result({ event: 'added', infoHash, key, name, output }, `Added ${name}, which goes to ${output}`);
}

/** Each machine takes part as one identity. Throws EnsembleError('usage'). */
function meeting(url: string): Typed {
  if (!isStoreUrl(url)) {
    throw new EnsembleError(
      'usage',
      `--common ${url}: a program shares a download out by nats://HOST[:PORT]/NAME alone.`,
    );
  }
  parseStoreUrl(url);
  return { together: { url }, identities: 1, selection: 'rarest' };
}

function prioritiesOf({ files, fileSlots, name }: Preview, wish: FileWish): number[] {
  if (fileSlots === 0) {
    throw new EnsembleError(
      'usage',
      `The files of ${name} are not known before its details are there: add it without this choice.`,
    );
  }
  return choosePriorities(unpackFiles(files), fileSlots, wish);
}
