import { EnsembleError } from '../../core/base/errors.ts';
import { parseStoreUrl } from '../../core/base/store-place.ts';
import type { DownloadOptions } from '../../core/engine/download-options.ts';
import type { Context } from '../context.ts';
import { downloadOptions } from '../download-options.ts';
import { loneSource, runLone } from '../lone.ts';
import type { GetFlags } from './get-one.ts';

/** `ensemble get --common nats://HOST/NAME`: this machine is one of those that meet there. */
export async function getTogether(outer: Context, source: string, flags: GetFlags, url: string): Promise<void> {
  const store = parseStoreUrl(url);
  const { common: _, ...rest } = flags;
  const options = downloadOptions(outer, rest);
  expectMeant(options, flags);
  await runLone(outer, flags, {
    ...(await loneSource(outer, source, flags, options)),
    machines: flags.identities,
    store,
    finish: options.assemble,
  });
}

/** What only a machine that shares with nobody can do. */
function expectMeant(
  { seed, reuse, http, whenDone, selection, dealing }: DownloadOptions,
  { identities }: GetFlags,
): void {
  const unmeant = [
    ...(seed.kind === 'never' ? [] : ['--seed']),
    ...(reuse ? ['--reuse'] : []),
    ...(http === undefined ? [] : ['--http']),
    ...(whenDone.length === 0 ? [] : ['--on-complete']),
    ...(dealing === undefined ? [] : ['--dealing']),
  ];
  if (unmeant.length > 0) {
    throw new EnsembleError(
      'usage',
      `${unmeant.join(', ')}: not with --common nats://. Leave it out, or seed afterwards.`,
    );
  }
  if (selection === 'fixed' && identities === undefined) {
    throw new EnsembleError('usage', '--select fixed: say with -n how many machines there are.');
  }
}
