import type { Command } from 'commander';
import { EnsembleError } from '../../core/base/errors.ts';
import type { Context } from '../context.ts';
import { printable } from '../output/printable.ts';
import { defineEach, type EachFlags, withEach } from './each.ts';
import { KEEPERS, type Listed } from './programs.ts';

interface RemoveFlags extends EachFlags {
  readonly data?: boolean;
  readonly yes?: boolean;
}

export const definePause = (program: Command): Command =>
  defineEach(program, 'pause', 'stop downloads of a program that runs');
export const defineResume = (program: Command): Command =>
  defineEach(program, 'resume', 'go on with downloads of a program that runs');

export function defineRemove(program: Command): Command {
  return defineEach(program, 'remove', 'take downloads off the list of a program that runs')
    .option('--data', 'remove their files, too')
    .option('--yes', 'do not ask before files are removed');
}

export function pause(context: Context, texts: readonly string[], flags: EachFlags): Promise<void> {
  return withEach(context, texts, flags, { event: 'paused', word: 'Paused' }, ({ program, line }) =>
    program.client.call('pause', { key: line.key }),
  );
}

export function resume(context: Context, texts: readonly string[], flags: EachFlags): Promise<void> {
  return withEach(context, texts, flags, { event: 'resumed', word: 'Resumed' }, ({ program, line }) =>
    program.client.call('resume', { key: line.key }),
  );
}

export function remove(context: Context, texts: readonly string[], flags: RemoveFlags): Promise<void> {
  const data = flags.data === true;
  const before = async (them: readonly Listed[]): Promise<void> => {
    // Others refuse it whatever the answer is.
    const removable = them.filter(({ program }) => KEEPERS.has(program.name));
    if (data && flags.yes !== true) await agree(context, removable);
  };
  const action = { event: 'removed', word: data ? 'Removed with its files:' : 'Removed', before };
  return withEach(context, texts, flags, action, ({ program, line }) =>
    program.client.call('remove', { key: line.key, data }),
  );
}

async function agree({ backend, err }: Context, them: readonly Listed[]): Promise<void> {
  if (them.length === 0) return;
  for (const { line } of them) err.write(`  ${printable(line.name)} in ${printable(line.options.output)}\n`);
  const answer = await backend.confirm(
    them.length === 1 ? 'Remove its files?' : `Remove the files of these ${them.length}?`,
  );
  if (answer === undefined) {
    throw new EnsembleError('usage', 'There is no terminal to ask at: give --yes to remove these files.');
  }
  if (!answer) throw new EnsembleError('usage', 'Nothing was removed.');
}
