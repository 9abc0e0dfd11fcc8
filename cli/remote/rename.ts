import type { Command } from 'commander';
import { abortable } from '../abortable.ts';
import type { Context } from '../context.ts';
import { addJson } from '../download-options.ts';
import { chooseReporter } from '../output/choose.ts';
import { addRunning, type RunningFlags } from '../running.ts';
import { chooseOne, NAMING } from './choose.ts';
import { listAll, withPrograms } from './programs.ts';

interface RenameFlags extends RunningFlags {
  readonly path?: string;
  readonly json?: boolean;
}

export function defineRename(program: Command): Command {
  const command = program
    .command('rename')
    .description('give a download, or a file or folder of it, another name')
    .argument('<download>', NAMING)
    .argument('<name>', 'the new name')
    .option('--path <path>', 'the file or folder, as `info --files` shows it (default: the torrent itself)');
  return addJson(addRunning(command));
}

/** `ensemble rename`. */
export async function rename(context: Context, text: string, name: string, flags: RenameFlags): Promise<void> {
  const reporter = chooseReporter(context, flags.json === true);
  try {
    await withPrograms(context, flags, async (programs) => {
      const { program, line } = chooseOne(await listAll(programs), text);
      const { key, infoHash } = line;
      const path = flags.path ?? '';
      const now = await abortable(context, program.client.call('rename', { key, path, name }));
      reporter.result(
        { event: 'renamed', infoHash, name: line.name, path: now },
        `${path === '' ? line.name : path} is called ${now}`,
      );
    });
  } finally {
    reporter.close();
  }
}
