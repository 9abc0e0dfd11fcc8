import type { Command } from 'commander';
import { EnsembleError } from '../../core/base/errors.ts';
import type { Context } from '../context.ts';
import { addJson } from '../download-options.ts';
import { chooseReporter } from '../output/choose.ts';
import { doneFields } from '../output/json.ts';
import { doneText } from '../output/words.ts';

export function defineDemo(program: Command): Command {
  return addJson(
    program
      .command('demo')
      .description('a local tracker and seeds, four identities, assembly, comparison; nothing leaves the machine'),
  );
}

/** `ensemble demo`: EnsembleError('verification') where the assembled file is not the generated one. */
export async function demo(context: Context, flags: { readonly json?: boolean }): Promise<void> {
  const reporter = chooseReporter(context, flags.json === true);
  try {
    const { snapshot, identical, seconds } = await context.backend.runDemo({
      signal: context.signal,
      onStep: (text) => reporter.message(text),
      onProgress: (now, engine) => reporter.progress(now, () => engine.pieceMap(now.key)),
    });
    if (!identical) {
      throw new EnsembleError('verification', 'The assembled file differs from the generated one.');
    }
    // The demonstration's folder has been removed again, so no file is named.
    reporter.result(
      { ...doneFields(snapshot, []), seconds, identical },
      `${doneText(snapshot, [])}\nThe assembled file is byte for byte the generated one.`,
    );
  } finally {
    reporter.close();
  }
}
