import type { Command } from 'commander';
import { MAX_IDENTITIES } from '../../core/base/bounds.ts';
import { EnsembleError } from '../../core/base/errors.ts';
import { identityIndex } from '../../core/base/ids.ts';
import { isStoreUrl, parseStoreUrl } from '../../core/base/store-place.ts';
import type { Context } from '../context.ts';
import type { DownloadFlags } from '../download-options.ts';
import { addJson, addNetwork, addOption, addSharing, downloadOptions } from '../download-options.ts';
import { loneSource, runLone } from '../lone.ts';
import { parseWhole } from '../options.ts';
import { addState } from '../state-folder.ts';

interface IdentityFlags extends DownloadFlags {
  readonly index: number;
  readonly count: number;
}

export function defineIdentity(program: Command): Command {
  const command = program
    .command('identity')
    .description('run one identity alone against a common directory, here or on another machine')
    .argument('<source>', 'a .torrent file, its address on a web server, or a magnet link')
    .requiredOption('--index <i>', 'which identity, from 0; needed', parseWhole(0, MAX_IDENTITIES - 1))
    .requiredOption('--count <k>', `of how many, 1 to ${MAX_IDENTITIES}; needed`, parseWhole(1, MAX_IDENTITIES));
  addOption(command, 'common', {
    help: 'the directory that all identities share, or a server where they meet: nats://HOST[:PORT]/NAME; not needed with --select fixed',
  });
  addOption(command, 'output', { help: 'without a common directory: where its part is left', preset: '.' });
  return addJson(addState(addNetwork(addSharing(command))));
}

/** `ensemble identity`: resolves when its share is done and it has left. */
export async function identity(outer: Context, source: string, flags: IdentityFlags): Promise<void> {
  const { index, count, common, selection = 'rarest' } = flags;
  const store = common !== undefined && isStoreUrl(common) ? parseStoreUrl(common) : undefined;
  if (index >= count) {
    throw new EnsembleError('usage', `--index ${index}: with --count ${count} indexes go from 0 to ${count - 1}.`);
  }
  if (common === undefined && selection !== 'fixed') {
    throw new EnsembleError(
      'usage',
      `--select ${selection} needs --common DIR, where identities claim pieces, or a server (nats://HOST/NAME). Without one: --select fixed.`,
    );
  }
  if (common === undefined && flags.takeOver === true) {
    throw new EnsembleError(
      'usage',
      '--take-over needs --common DIR: without one nobody knows what others have begun.',
    );
  }
  const { common: folder, ...rest } = flags;
  const shared = store === undefined && folder !== undefined;
  const base = downloadOptions(outer, { ...(shared ? flags : rest), identities: count });
  // Without siblings on the same disk it writes a part of its own, which can be carried elsewhere.
  const options = !shared && flags.layout === undefined ? { ...base, layout: 'parts' as const } : base;
  const at = identityIndex(index);
  await runLone(outer, flags, {
    ...(await loneSource(outer, source, flags, options, at)),
    index: at,
    ...(store === undefined ? {} : { store }),
  });
}
