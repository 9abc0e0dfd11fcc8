import { EnsembleError } from '../../core/base/errors.ts';
import { type PlanLine, type ResultLine, type Results, RESULTS_VERSION, type RunLine } from '../../core/lab/results.ts';
import { type PlannedRun, runsLeft, runsOf, secondsLeft } from '../../core/lab/runs.ts';
import { armsOf, parseSweep, type Sweep } from '../../core/lab/scenario/arms.ts';
import { readScenario, type ScenarioSource } from '../../core/lab/scenario/read-scenario.ts';
import { armPairs, compareArms } from '../../core/lab/statistics/compare.ts';
import { MEASURES } from '../../core/lab/statistics/measures.ts';
import { type Context, resolvePath } from '../context.ts';
import { chooseReporter } from '../output/choose.ts';
import { formatDuration } from '../output/format.ts';
import type { Reporter } from '../output/reporter.ts';
import type { LabFlags } from './flags.ts';
import { oneName } from './names.ts';
import { ResultsFile } from './results-file.ts';
import { type Runner, withRunners } from './run-pool.ts';
import { findScenario } from './scenarios.ts';
import { runText, sessionFacts } from './told.ts';
import { openWorld } from './worlds.ts';

/** `lab run`: one scenario, in each arm of its sweeps, as often as is asked; what is there already is not run again. */
export async function runScenario(context: Context, names: readonly string[], flags: LabFlags): Promise<void> {
  const name = oneName(names, 'Name one scenario to run: `ensemble lab run A`, or a file.');
  const source = await findScenario(context, name);
  const plan = planOf(source, flags);
  await refuseWhatCannotBe(source, plan, flags);
  const folder = resolvePath(context, flags.output ?? `lab-${plan.name}`);
  const reporter = chooseReporter(context, flags.json === true);
  const file = await ResultsFile.open(folder, plan);
  try {
    const { sessions } = file.results;
    const runs = [...file.results.runs];
    const left = runsLeft(plan, runs);
    if (runs.length > 0) reporter.message(`${runs.length} runs are there already, ${left.length} are left.`);
    const total = runsOf(plan).length;
    const add = (line: ResultLine): Promise<void> => file.add(line);
    if (left.length > 0 && flags.workers !== undefined) {
      // What speaks with a server is loaded where there is one.
      const { collectRuns } = await import('./queue.ts');
      runs.push(...(await collectRuns(context, flags.workers, file.results, { add, reporter, total })));
    } else if (left.length > 0) {
      const session = sessions.length;
      await add({ ...sessionFacts(), session });
      const all = new Experiment({ source, plan, session, add, reporter, flags });
      runs.push(...(await all.run(left, total, context.signal)));
    }
    tellConclusions(reporter, { ...file.results, runs });
    reporter.result(
      { event: 'done', folder, runs: runsOf(plan).length },
      `The results are in ${file.file}; \`ensemble lab report\` makes a page of that folder.`,
    );
  } finally {
    reporter.close();
    await file.close();
  }
}

function planOf(source: ScenarioSource, flags: LabFlags): PlanLine {
  const written = readScenario(source);
  const strategy: Sweep[] =
    flags.strategy === undefined ? [] : [{ fields: ['user.strategy'], values: [[flags.strategy]] }];
  return {
    type: 'plan',
    version: RESULTS_VERSION,
    world: flags.world,
    name: written.name,
    text: source.text,
    sweeps: [...strategy, ...flags.sweep.map(parseSweep)],
    repeats: flags.repeats ?? written.repeats,
    seed: flags.seed ?? written.seed,
  };
}

/** Everything that is to be run is looked at before anything is. */
async function refuseWhatCannotBe(
  source: ScenarioSource,
  { sweeps, world }: PlanLine,
  { workers }: LabFlags,
): Promise<void> {
  // Which programs there are is seen where the runs take place.
  const place = workers !== undefined && world === 'real' ? undefined : await openWorld(world);
  for (const { values, label } of armsOf(sweeps)) {
    const scenario = readScenario(source, values);
    const [first] = place?.refusals(scenario) ?? [];
    if (first !== undefined)
      throw new EnsembleError('usage', `${source.file}${sweeps.length > 0 ? `, ${label}` : ''}: ${first}.`);
  }
}

/** What may be concluded of what the user gains, and the others lose. */
function tellConclusions(reporter: Reporter, results: Results): void {
  for (const { base, other } of armPairs(results)) {
    for (const measure of [MEASURES.user, MEASURES.others]) {
      const found = compareArms(results.runs, { base, other, measure, world: results.plan.world });
      if (found === undefined) continue;
      const { pairs, ratio, conclusion } = found;
      const fields = { base: base.label, arm: other.label, measure: measure.name, pairs, ratio, conclusion };
      reporter.result({ event: 'comparison', ...fields }, `${other.label} against ${base.label}: ${conclusion}`);
    }
  }
}

interface ExperimentOptions {
  readonly source: ScenarioSource;
  readonly plan: PlanLine;
  readonly session: number;
  readonly add: (line: ResultLine) => Promise<void>;
  readonly reporter: Reporter;
  readonly flags: LabFlags;
}

/** Runs at work. */
class Experiment {
  readonly #o: ExperimentOptions;
  readonly #took: number[] = [];
  readonly #done: RunLine[] = [];

  constructor(options: ExperimentOptions) {
    this.#o = options;
  }

  /** All of these runs, several at a time. The first that cannot take place ends all. */
  async run(left: readonly PlannedRun[], total: number, signal: AbortSignal): Promise<readonly RunLine[]> {
    const jobs = Math.min(this.#o.flags.jobs, left.length);
    const queue = [...left];
    let done = total - left.length;
    this.#tell(done, total, jobs);
    await withRunners(jobs, signal, async (runner, either) => {
      for (let run = queue.shift(); run !== undefined; run = queue.shift()) {
        await this.#one(runner, run, either);
        this.#tell(++done, total, jobs);
      }
    });
    return this.#done;
  }

  async #one(runner: Runner, run: PlannedRun, signal: AbortSignal): Promise<void> {
    const { source, plan, session, reporter } = this.#o;
    const scenario = readScenario(source, run.arm.values);
    const before = performance.now();
    const outcome = await runner.do({ world: plan.world, scenario, run }, signal);
    this.#took.push((performance.now() - before) / 1000);
    const line: RunLine = { type: 'run', session, ...run, scenario, outcome };
    await this.#o.add(line);
    this.#done.push(line);
    reporter.result(...runText(line));
  }

  #tell(done: number, total: number, jobs: number): void {
    const left = secondsLeft(this.#took, jobs, total - done);
    const what = left === undefined ? 'Running' : `Running, ${formatDuration(left * 1000)} left`;
    this.#o.reporter.work({ what, done, total });
  }
}
