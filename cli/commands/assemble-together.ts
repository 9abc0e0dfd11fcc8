import { parseStoreUrl } from '../../core/base/store-place.ts';
import { ordinaryOptions } from '../../core/engine/download-options.ts';
import type { Context } from '../context.ts';
import { resolvePath } from '../context.ts';
import { prioritiesIn } from '../file-choice.ts';
import { runLone } from '../lone.ts';
import { readTorrent, type WayOut } from '../source.ts';

interface Flags extends WayOut {
  readonly output: string;
  readonly only: readonly string[];
  readonly json?: boolean;
}

/** `ensemble assemble --common nats://HOST/NAME`: fetches what the machines that meet there have, from them alone, and joins it here. */
export async function assembleTogether(context: Context, source: string, flags: Flags, url: string): Promise<void> {
  const store = parseStoreUrl(url);
  const { torrent, data } = await readTorrent(context, source, flags);
  const filePriorities = prioritiesIn(torrent.info, { only: flags.only });
  await runLone(context, flags, {
    source: { kind: 'torrent', data },
    options: {
      ...ordinaryOptions(resolvePath(context, flags.output)),
      ...(filePriorities !== undefined && { filePriorities }),
    },
    store,
    fetch: false,
    finish: true,
  });
}
