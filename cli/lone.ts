import { EnsembleError } from '../core/base/errors.ts';
import { type IdentityIndex, identityIndex } from '../core/base/ids.ts';
import type { DownloadOptions } from '../core/engine/download-options.ts';
import type { LoneOptions } from '../core/lone/identity.ts';
import type { LoneDhtOptions } from '../core/lone/lone-dht.ts';
import type { Context } from './context.ts';
import { type DownloadFlags, dhtOptions } from './download-options.ts';
import { type FileWish, isWish, knownPriorities } from './file-choice.ts';
import { withTimeout } from './follow.ts';
import { linkAt, linksNamed, withoutLinks } from './links.ts';
import { chooseReporter } from './output/choose.ts';
import { doneFields } from './output/json.ts';
import { doneText } from './output/words.ts';
import { loadSource } from './source.ts';
import { StallWatch } from './stall-watch.ts';

/**
 * What SOURCE names, and the options with which it is fetched without a coordinator: with the files that were chosen, and by the link of this
 * identity. EnsembleError('usage') for what cannot be.
 */
export async function loneSource(
  context: Context,
  text: string,
  wish: FileWish,
  options: DownloadOptions,
  index: IdentityIndex = identityIndex(0),
): Promise<Pick<LoneOptions, 'source' | 'options' | 'link'>> {
  const profiles = await linksNamed(context, options.links);
  const source = await loadSource(context, text, options);
  if (source.kind === 'magnet' && isWish(wish)) {
    throw new EnsembleError(
      'usage',
      '--only, --files and --exclude need the list of files: give the .torrent file rather than a magnet link.',
    );
  }
  const filePriorities = knownPriorities(source, wish);
  const chosen = filePriorities === undefined ? options : { ...options, filePriorities };
  return { source, options: withoutLinks(chosen, profiles, index), link: linkAt(chosen, index) };
}

/** How the DHT is used without a coordinator. */
export function loneDht(context: Context, flags: Pick<DownloadFlags, 'dhtBootstrap'>): LoneDhtOptions {
  const { dhtFolder, dhtBootstrap } = dhtOptions(context, flags);
  return {
    ...(dhtFolder === undefined ? {} : { folder: dhtFolder }),
    ...(dhtBootstrap === undefined ? {} : { bootstrap: dhtBootstrap }),
  };
}

/** Runs one identity without a coordinator and shows it: resolves when its share is done and it has left. */
export async function runLone(
  outer: Context,
  flags: Pick<DownloadFlags, 'dhtBootstrap' | 'json' | 'timeout'> & { readonly stallTimeout?: number },
  lone: Omit<LoneOptions, 'signal' | 'dht' | 'onProgress' | 'onWarning'>,
): Promise<void> {
  const dht = loneDht(outer, flags);
  const reporter = chooseReporter(outer, flags.json === true);
  const { context, cancel } = withTimeout(outer, flags.timeout);
  const watch = new StallWatch(flags.stallTimeout);
  const stalled = new AbortController();
  const { clock } = context.backend;
  try {
    const { snapshot, folder, files } = await context.backend.runLoneIdentity({
      ...lone,
      signal: AbortSignal.any([context.signal, stalled.signal]),
      dht,
      onProgress: (now, map) => {
        reporter.progress(now, map);
        try {
          watch.look(now, clock.now());
        } catch (error) {
          stalled.abort(error);
        }
      },
      onWarning: (text) => reporter.message(text),
    });
    if (files !== undefined) {
      reporter.result(doneFields(snapshot, files), doneText(snapshot, files));
      return;
    }
    reporter.result(
      { ...doneFields(snapshot, []), folder },
      `${doneText(snapshot, [])}\nIts pieces lie in ${folder}: \`ensemble assemble\` joins them.`,
    );
  } finally {
    cancel();
    reporter.close();
  }
}
