import { type Command, Option } from 'commander';
import { EnsembleError } from '../../core/base/errors.ts';
import type { DownloadChanges, OptionName } from '../../core/engine/download-options.ts';
import type { Context } from '../context.ts';
import { addOption, typedOptions } from '../download-options.ts';
import { chooseReporter } from '../output/choose.ts';
import { defineEach, type EachFlags, withEach } from './each.ts';
import { keeper, withPrograms } from './programs.ts';

/** What may be limited while it runs. */
const LIMITS = [
  'down',
  'up',
  'identityDown',
  'identityUp',
  'maxUploads',
  'maxPeers',
  'seed',
] as const satisfies readonly (OptionName & keyof DownloadChanges)[];

interface LimitFlags extends EachFlags {
  readonly alternative?: 'on' | 'off';
}

export function defineLimit(program: Command): Command {
  const what = 'limit downloads of a program that runs, or all of them together';
  const command = defineEach(program, 'limit', what, '; none: --down and --up hold for all downloads together');
  for (const name of LIMITS) addOption(command, name, { preset: undefined });
  return command.addOption(
    new Option('--alternative <when>', 'whether the alternative limits hold').choices(['on', 'off']),
  );
}

export async function limit(
  context: Context,
  texts: readonly string[],
  flags: LimitFlags,
  command: Command,
): Promise<void> {
  const changes: DownloadChanges = typedOptions(command, LIMITS);
  const { alternative } = flags;
  const isOfAll = texts.length === 0 && flags.all !== true;
  const count = Object.keys(changes).length;
  if (count === 0 && alternative === undefined)
    throw new EnsembleError('usage', 'Say what to limit: --down 300K, --up 0.');
  if (!isOfAll) {
    if (alternative !== undefined) {
      throw new EnsembleError('usage', '--alternative is for all downloads together: name none.');
    }
    await withEach(context, texts, flags, { event: 'limited', word: 'Limited' }, ({ program, line }) =>
      program.client.call('change', { key: line.key, changes }),
    );
    return;
  }
  const { down, up, ...others } = changes;
  if (Object.keys(others).length > 0) {
    throw new EnsembleError(
      'usage',
      'All downloads together have --down and --up: for others name downloads, or give --all.',
    );
  }
  const reporter = chooseReporter(context, flags.json === true);
  await withPrograms(context, flags, async (programs) => {
    const { client } = keeper(programs);
    const rates = { ...(down === undefined ? {} : { down }), ...(up === undefined ? {} : { up }) };
    if (count > 0) await client.call('changeSettings', { changes: rates });
    if (alternative !== undefined) await client.call('useAlternativeLimits', { on: alternative === 'on' });
  });
  reporter.result(
    { event: 'limited', ...changes, ...(alternative === undefined ? {} : { alternative }) },
    'The limits hold.',
  );
  reporter.close();
}
