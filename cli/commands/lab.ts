import { Argument, type Command, Option } from 'commander';
import { WORLDS } from '../../core/lab/world.ts';
import type { Context } from '../context.ts';
import { addJson } from '../download-options.ts';
import { LAB_ACTIONS, type LabAction, type LabFlags } from '../lab/flags.ts';
import { parseWhole } from '../options.ts';

export function defineLab(program: Command): Command {
  return addJson(
    program
      .command('lab')
      .description('the laboratory: experiments with identities, in simulated swarms or with real clients')
      .addArgument(
        new Argument(
          '<what>',
          'list, show or check scenarios; run one; report of its results, or compare two; work for a `run --workers`',
        ).choices(LAB_ACTIONS),
      )
      .argument(
        '[names...]',
        'scenarios: files, or names that `lab list` tells; of report and compare folders with results; of work a server',
      )
      .addOption(
        new Option(
          '--world <world>',
          'run: in a simulation, or with real programs in network namespaces; work: whether also those',
        )
          .choices(WORLDS)
          .default('sim'),
      )
      .option(
        '--repeats <n>',
        'run: how often each arm is run (default: what the scenario says)',
        parseWhole(1, 10_000),
      )
      .option(
        '--seed <n>',
        'run: of the first repeat; the next has the next (default: what the scenario says)',
        parseWhole(0, 2 ** 31 - 1),
      )
      .option(
        '--sweep <field=values>',
        'run: compare these values of a field: user.K=1,2,4 or seeds.up=4..32 (repeatable)',
        (text: string, all: readonly string[]) => [...all, text],
        [],
      )
      .option('--strategy <name>', 'run: in which order the user takes pieces, for `user.strategy`')
      .option('-j, --jobs <n>', 'run, work: how many runs at a time', parseWhole(1, 256), 1)
      .option('--workers <url>', 'run: have the runs done by `lab work` at nats://HOST[:PORT]/NAME')
      .option(
        '-o, --output <dir>',
        'run: where the results go (what is there already is not run again); report, compare: where the page goes',
      ),
  );
}

/** `ensemble lab`: what it does is loaded when it is asked for. */
export async function lab(context: Context, what: LabAction, names: readonly string[], flags: LabFlags): Promise<void> {
  const { actions } = await import('../lab/actions.ts');
  await actions[what](context, names, flags);
}
