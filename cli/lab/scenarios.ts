import { EnsembleError } from '../../core/base/errors.ts';
import { BUILT_IN } from '../../core/lab/scenario/built-in.ts';
import {
  checkScenario,
  MOST_TEXT,
  problemText,
  readScenario,
  type ScenarioSource,
} from '../../core/lab/scenario/read-scenario.ts';
import type { LabFlags } from './flags.ts';
import { type Context, resolvePath } from '../context.ts';
import { chooseReporter } from '../output/choose.ts';

/** The scenario that somebody names: a built-in one, or a file. */
export async function findScenario(context: Context, name: string): Promise<ScenarioSource> {
  const known = BUILT_IN.get(name);
  if (known !== undefined) return known;
  const file = resolvePath(context, name);
  const data = await context.backend.disk.readFile(file, MOST_TEXT * 4);
  if (data === undefined) {
    const names = [...BUILT_IN.keys()].join(', ');
    throw new EnsembleError('usage', `There is no file ${file}, and no scenario of that name: there are ${names}.`);
  }
  return { file: name, text: new TextDecoder().decode(data) };
}

/** `lab list`: the scenarios that can be named. */
export function listScenarios(context: Context, names: readonly string[], flags: LabFlags): Promise<void> {
  refuseNames(names, 'list');
  const reporter = chooseReporter(context, flags.json === true);
  for (const [name, source] of BUILT_IN) {
    const { about, user, seeds, leechers } = readScenario(source);
    const peers = (groups: typeof seeds): number => groups.reduce((sum, { count }) => sum + count, 0);
    reporter.result(
      { event: 'scenario', name, about: about.trim(), seeds: peers(seeds), leechers: peers(leechers), K: user.K },
      `${name.padEnd(12)} ${about.trim().split('. ')[0]?.replace(/\.$/, '')}`,
    );
  }
  return Promise.resolve();
}

/** `lab show`: as they were written, to begin one of one's own with. */
export async function showScenarios(context: Context, names: readonly string[], flags: LabFlags): Promise<void> {
  for (const name of named(names, 'show')) {
    const source = await findScenario(context, name);
    const reporter = chooseReporter(context, flags.json === true);
    if (flags.json === true) reporter.result({ event: 'scenario', ...readScenario(source) }, '');
    else context.out.write(source.text);
  }
}

/** `lab check`: what is wrong with them. Throws EnsembleError('usage') where something is. */
export async function checkScenarios(context: Context, names: readonly string[], flags: LabFlags): Promise<void> {
  const reporter = chooseReporter(context, flags.json === true);
  let wrong = 0;
  for (const name of named(names, 'check')) {
    const source = await findScenario(context, name);
    const { problems } = checkScenario(source);
    if (problems.length > 0) wrong++;
    for (const problem of problems)
      reporter.result({ event: 'problem', file: name, ...problem }, `${problemText(name, problem)}.`);
    if (problems.length === 0) reporter.result({ event: 'good', file: name }, `${name} is a scenario.`);
  }
  if (wrong > 0) throw new EnsembleError('usage', wrong === 1 ? 'That is no scenario.' : `${wrong} are no scenarios.`);
}

function named(names: readonly string[], what: string): readonly string[] {
  if (names.length === 0) throw new EnsembleError('usage', `Name a scenario: \`ensemble lab ${what} A\`, or a file.`);
  return names;
}

function refuseNames(names: readonly string[], what: string): void {
  if (names.length > 0) throw new EnsembleError('usage', `\`ensemble lab ${what}\` takes no names.`);
}
