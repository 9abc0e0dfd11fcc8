import type { TorrentKey } from '../../base/ids.ts';
import { firstOptions } from '../../engine/first-options.ts';
import type { Source } from '../../engine/engine.ts';
import type { CommandArgs, CommandResult } from '../contract.ts';
import type { HostServices } from './services.ts';

/** What is chosen once for many downloads that come by themselves. `output`: missing where the category or the settings say. */
export interface Unasked {
  readonly category: string;
  readonly output?: string;
  readonly paused: boolean;
}

/** What adds downloads. */
export type Adding = { readonly [K in 'preview' | 'add']: (args: CommandArgs<K>) => Promise<CommandResult<K>> };

/** Adds a torrent without asking anybody. `known`: those that are not to be added once more. Resolves to its key, and whether it was added now. */
export async function addUnasked(
  services: HostServices,
  commands: Adding,
  source: Source,
  { category, output, paused }: Unasked,
  known: ReadonlySet<TorrentKey> = new Set(),
): Promise<{ readonly key: TorrentKey; readonly added: boolean }> {
  const preview = await commands.preview({ source });
  const { key } = preview;
  if (preview.present || known.has(key)) return { key, added: false };
  const first = firstOptions(services.settings.current, category);
  const options = { ...first, ...(output === undefined ? {} : { output }), paused };
  // Several on a private torrent have to be confirmed, and here nobody can be asked.
  await commands.add({ source, options: preview.private ? { ...options, identities: 1 } : options });
  return { key, added: true };
}
