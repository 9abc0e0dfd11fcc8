import { posix, win32 } from 'node:path';
import type { Command } from 'commander';
import { EnsembleError } from '../../core/base/errors.ts';
import { abortable } from '../abortable.ts';
import { type Context, resolvePath } from '../context.ts';
import { addJson } from '../download-options.ts';
import { chooseReporter } from '../output/choose.ts';
import { addRunning, type RunningFlags } from '../running.ts';
import { chooseOne, NAMING } from './choose.ts';
import { listAll, withPrograms } from './programs.ts';
import { Eye } from './watch.ts';

export function defineMove(program: Command): Command {
  const command = program
    .command('move')
    .description('bring the files of a download of a program that runs to another folder')
    .argument('<download>', NAMING)
    .argument('<dir>', 'the folder');
  return addJson(addRunning(command));
}

/** `ensemble move`: resolves when all is there. Interrupted, the program goes on with it. */
export async function move(
  context: Context,
  text: string,
  dir: string,
  flags: RunningFlags & { readonly json?: boolean },
): Promise<void> {
  const reporter = chooseReporter(context, flags.json === true);
  const output = folderThere(context, dir, flags);
  try {
    await withPrograms(context, flags, async (programs) => {
      const { program, line } = chooseOne(await listAll(programs), text);
      const { key, infoHash, name } = line;
      let over = false;
      const moved = program.client.call('move', { key, output }).finally(() => (over = true));
      // While it changes its place it may not be found for a moment.
      const shown = new Eye(context, program.client, key, reporter).until(() => over).catch(() => undefined);
      await abortable(context, moved);
      await abortable(context, shown);
      reporter.result({ event: 'moved', infoHash, name, output }, `${name} is in ${output}`);
    });
  } finally {
    reporter.close();
  }
}

/** A folder as the program knows it: with --url it may run on another machine, where our current folder says nothing. */
export function folderThere(context: Context, dir: string, { url }: RunningFlags): string {
  if (url === undefined) return resolvePath(context, dir);
  if (posix.isAbsolute(dir) || win32.isAbsolute(dir)) return dir;
  throw new EnsembleError('usage', `${dir}: with --url give the whole path of the folder, as it is on that machine.`);
}
