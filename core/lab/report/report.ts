import { sizeText } from '../../base/sizes.ts';
import type { Results } from '../results.ts';
import { LEAST } from '../statistics/intervals.ts';
import { runArmsOf, nameOf, pairingsOf, type RunArm } from './arms.ts';
import { gainsOf, harmsOf } from './comparisons.ts';
import type { Figure } from '../figures/draw.ts';
import { gainFigures } from './gains.ts';
import { heatFigures } from './heats.ts';
import { identitySection } from './identities.ts';
import { pageOf, type Section } from './page.ts';
import { completions, gainSection, harmSection, HOW_TO_READ, loads, otherSection, timeLines } from './sections.ts';

/** A report: the page, and its figures as files of their own. */
export interface Report {
  readonly html: string;
  readonly figures: readonly Figure[];
}

/** Results and what they are called where several are compared. */
export interface NamedResults {
  readonly name: string;
  readonly results: Results;
}

const WORLDS = { sim: 'simulated', real: 'real clients in network namespaces' } as const;

/** What results show. The same results give the same report. */
export function reportOf(results: Results): Report {
  const arms = runArmsOf(results);
  const pairings = pairingsOf(results, arms);
  const { world, sweeps } = results.plan;
  const [gains, harms] = [gainsOf(pairings, world), harmsOf(pairings, world)];
  return reportWith(`${results.plan.name}: ${WORLDS[results.plan.world]}`, [
    whatWasRun('What was run', results),
    completions(arms),
    gainSection(gains, gainFigures(gains)),
    harmSection(harms),
    cells(heatFigures(sweeps, gains, harms)),
    timeLines(arms),
    identitySection(arms),
    loads(arms),
    otherSection(pairings, world),
    HOW_TO_READ,
  ]);
}

/**
 * What differs between two experiments, arm by arm: of two builds, two clients or two worlds. Runs of the same arm and seed are pairs; arms
 * that only one has are left out.
 */
export function comparisonOf(before: NamedResults, after: NamedResults): Report {
  const named = ({ name, results }: NamedResults): RunArm[] =>
    runArmsOf(results).map((arm) => {
      const label = `${name}: ${arm.label}`;
      const runs = arm.runs.map((run) => ({ ...run, arm: { ...run.arm, label } }));
      return { ...arm, label, name: `${name}, ${arm.name}`, runs };
    });
  const bases = named(before);
  const pairings = named(after).flatMap((arm) => {
    const base = bases.find(({ values }) => nameOf(values) === nameOf(arm.values));
    return base === undefined ? [] : [{ arm, base, name: arm.name, than: before.name }];
  });
  const arms = pairings.flatMap(({ base, arm }) => [base, arm]);
  return reportWith(`${after.name} compared with ${before.name}`, [
    whatWasRun(before.name, before.results),
    whatWasRun(after.name, after.results),
    completions(arms),
    gainSection(gainsOf(pairings, after.results.plan.world)),
    harmSection(harmsOf(pairings, after.results.plan.world)),
    identitySection(arms),
    loads(arms),
    otherSection(pairings, after.results.plan.world),
    HOW_TO_READ,
  ]);
}

function reportWith(title: string, sections: readonly (Section | undefined)[]): Report {
  const there = sections.filter((section) => section !== undefined);
  return { html: pageOf(title, there), figures: there.flatMap(({ figures = [] }) => figures) };
}

function whatWasRun(title: string, { plan, sessions, runs }: Results): Section {
  const cut = runs.filter(({ outcome }) => outcome.end === 'limit').length;
  const programs = new Map(runs.flatMap(({ outcome }) => Object.entries(outcome.programs)));
  const { software, machine } = sessions.at(-1) ?? {};
  const last = plan.seed + plan.repeats - 1;
  const seeds = plan.repeats === 1 ? `the seed ${plan.seed}` : `the seeds ${plan.seed} to ${last}`;
  return {
    title,
    sentences: [
      runs[0]?.scenario.about.trim() ?? '',
      `${runs.length} runs, ${plan.repeats} of each arm with ${seeds}; runs of the same seed have the same arrivals.`,
      cut === 0
        ? ''
        : `${cut} did not end within the time limit; what had not come then counts as if it had come then.`,
    ].filter((sentence) => sentence !== ''),
    table: {
      head: ['', ''],
      rows: [
        ['world', WORLDS[plan.world]],
        ...(software === undefined
          ? []
          : [
              ['Ensemble', software.ensemble],
              ['Node', software.node],
            ]),
        ...programs,
        ...(machine === undefined
          ? []
          : [['machine', `${machine.cores} x ${machine.cpu}, ${sizeText(machine.memory)}, ${machine.system}`]]),
      ],
    },
    text: { title: 'The scenario as it was written', text: plan.text },
  };
}

function cells(figures: readonly Figure[]): Section | undefined {
  if (figures.length === 0) return undefined;
  const sentence = `In each cell the median over its pairs of runs, and the interval in which it lies with 95% confidence. Hatched are cells that do not tell on which side of 1 it is: the interval reaches to both, or they have fewer than ${LEAST} pairs.`;
  return { title: 'Over two parameters', figures, sentences: [sentence] };
}
