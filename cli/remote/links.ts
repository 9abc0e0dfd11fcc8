import type { Command } from 'commander';
import { EnsembleError } from '../../core/base/errors.ts';
import type { DownloadChanges } from '../../core/engine/download-options.ts';
import { type LinkChoice, LINK_OPTIONS } from '../../core/engine/first-options.ts';
import type { Context } from '../context.ts';
import { addOption, typedOptions } from '../download-options.ts';
import { defineEach, type EachFlags, withEach } from './each.ts';

const NONE: LinkChoice = { links: [], bind: [], proxies: [] };
/** More links may be more identities, which a private torrent wants confirmed. */
const CHOSEN = [...LINK_OPTIONS, 'allowPrivate'] as const;

interface LinksFlags extends EachFlags {
  readonly any?: boolean;
}

export function defineLinks(program: Command): Command {
  const what = 'choose anew by which links downloads of a program that runs leave';
  const command = defineEach(program, 'links', what).option('--any', 'by none of these: as the system chooses');
  for (const name of CHOSEN) addOption(command, name, { preset: undefined });
  return command;
}

export async function links(
  context: Context,
  texts: readonly string[],
  flags: LinksFlags,
  command: Command,
): Promise<void> {
  const { allowPrivate, ...typed } = typedOptions(command, CHOSEN);
  if ((Object.keys(typed).length === 0) !== (flags.any === true)) {
    throw new EnsembleError('usage', 'Say by what they leave: --link, --bind or --proxy, or --any.');
  }
  // What is not named any more is left.
  const changes: DownloadChanges = { ...NONE, ...typed, ...(allowPrivate === undefined ? {} : { allowPrivate }) };
  await withEach(context, texts, flags, { event: 'relinked', word: 'Has its links:' }, ({ program, line }) =>
    program.client.call('change', { key: line.key, changes }),
  );
}
