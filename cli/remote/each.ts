import type { Command } from 'commander';
import { EnsembleError, messageOf } from '../../core/base/errors.ts';
import type { Context } from '../context.ts';
import { addJson } from '../download-options.ts';
import { chooseReporter } from '../output/choose.ts';
import type { Reporter } from '../output/reporter.ts';
import { addRunning, type RunningFlags } from '../running.ts';
import { chooseEach, NAMING } from './choose.ts';
import { type Listed, listAll, withPrograms } from './programs.ts';

export interface EachFlags extends RunningFlags {
  readonly all?: boolean;
  readonly json?: boolean;
}

/** Commands that are under way at a time: few, but enough that the program writes its list once for several. */
const AT_A_TIME = 16;

/** A command about the downloads that are named; `none`: what it is about where none is. */
export function defineEach(program: Command, name: string, description: string, none = ''): Command {
  const command = program
    .command(name)
    .description(description)
    .argument('[download...]', `${NAMING}${none}`)
    .option('--all', none === '' ? 'all of them' : 'each of them');
  return addJson(addRunning(command));
}

/** The downloads that a command is about: those that are named, or all. Throws EnsembleError('usage') where that is not said. */
export function chosen(
  all: readonly Listed[],
  texts: readonly string[],
  flags: Pick<EachFlags, 'all'>,
): readonly Listed[] {
  if (flags.all === true && texts.length > 0)
    throw new EnsembleError('usage', 'Name downloads or give --all, not both.');
  if (flags.all !== true && texts.length === 0) {
    throw new EnsembleError('usage', 'Name the downloads as `ensemble list` shows them, or give --all.');
  }
  return flags.all === true ? all : chooseEach(all, texts);
}

/** Does the same with each download that is named; what goes wrong with one is told, and does not stop the others. */
export async function withEach(
  context: Context,
  texts: readonly string[],
  flags: EachFlags,
  action: { readonly event: string; readonly word: string; before?(chosen: readonly Listed[]): Promise<void> },
  act: (one: Listed) => Promise<unknown>,
): Promise<void> {
  const reporter = chooseReporter(context, flags.json === true);
  await withPrograms(context, flags, async (programs) => {
    const them = chosen(await listAll(programs), texts, flags);
    await action.before?.(them);
    await inTurns(them, reporter, async (one) => {
      await act(one);
      const { infoHash, name } = one.line;
      reporter.result({ event: action.event, infoHash, name }, `${action.word} ${name}`);
    });
  });
  reporter.close();
}

/** A few at a time. Rejects with the first failure when all have had their turn. */
async function inTurns(all: readonly Listed[], reporter: Reporter, act: (one: Listed) => Promise<void>): Promise<void> {
  const waiting = [...all];
  const failures: { readonly one: Listed; readonly error: unknown }[] = [];
  const work = async (): Promise<void> => {
    for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) {
      const now = one;
      await act(now).catch((error: unknown) => failures.push({ one: now, error }));
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, work));
  // The last words of the command tell the first one.
  for (const { one, error } of failures.slice(1)) reporter.message(`${one.line.name}: ${messageOf(error)}`);
  if (failures[0] !== undefined) throw failures[0].error;
}
