import { sizeText } from '../../base/sizes.ts';
import type { RunLine } from '../results.ts';
import { type Interval, median, medianInterval } from '../statistics/intervals.ts';
import { type Measure, MEASURES, seenLeechers } from '../statistics/measures.ts';
import type { WorldName } from '../world.ts';
import type { Pairing, RunArm } from './arms.ts';
import { type Compared, comparedBy, LOADS, OTHERS, speedUp, valuesOf } from './comparisons.ts';
import { type Completions, completionFigure } from '../figures/completion.ts';
import type { Figure } from '../figures/draw.ts';
import { intervalText } from '../figures/interval.ts';
import { piecesFigure } from '../figures/pieces.ts';
import { ratioFigure, type Sides } from '../figures/ratios.ts';
import { MOST_LINES } from './gains.ts';
import type { Section } from './page.ts';

/** Most comparisons that get a sentence in sight, and a row in a figure, each; of more the sentences are folded away, up to so many. */
const MOST_SENTENCES = 24;
const MOST_FOLDED = 2000;
const MOST_PIECE_MAPS = 4;

const userSeconds = ({ outcome }: RunLine): number | null => outcome.user.seconds;

const othersSeconds = (run: RunLine): (number | null)[] => seenLeechers(run).map(({ seconds }) => seconds);

export function completions(arms: readonly RunArm[]): Section {
  const user = arms.map(({ name, runs }): Completions => ({ name, seconds: runs.map(userSeconds) }));
  const others = arms.map(({ name, runs }): Completions => ({ name, seconds: runs.flatMap(othersSeconds) }));
  const withOthers = others.some(({ seconds }) => seconds.length > 0);
  return {
    title: 'When they had everything',
    ...(arms.length <= MOST_LINES
      ? {
          figures: [
            completionFigure('user-completion', 'The user, over all runs', user),
            ...(withOthers ? [completionFigure('others-completion', 'The others, over all runs', others)] : []),
          ],
        }
      : { sentences: [`${arms.length} arms are too many for one figure: here are their medians.`] }),
    table: {
      head: ['', 'runs', 'user, s (95%)', 'not done', 'others, s (95%)'],
      rows: arms.map((arm) => [
        arm.name,
        String(arm.runs.length),
        estimateText(valuesOf(arm, MEASURES.user)),
        String(arm.runs.filter((run) => userSeconds(run) === null).length),
        estimateText(valuesOf(arm, MEASURES.others)),
      ]),
    },
  };
}

const estimateText = (values: readonly number[]): string =>
  values.length === 0 ? '-' : intervalText(medianInterval(values), 1);

/** `figures`: drawn before the comparisons' own. */
export function gainSection(gains: readonly Compared[], figures: readonly Figure[] = []): Section | undefined {
  const sides = { below: 'the user is slower', above: 'the user is faster' };
  const own = ratios('gains', 'How many times as fast the user is', gains, speedUp, sides);
  return sectionOf('What the user gains', gains, [...figures, ...own]);
}

export function harmSection(harms: readonly Compared[]): Section | undefined {
  const sides = { below: 'they are faster', above: 'they take longer' };
  const own = ratios('slow-down', 'How many times as long the others take', harms, (ratio) => ratio, sides);
  return sectionOf('What the others lose', harms, own);
}

function sectionOf(title: string, all: readonly Compared[], figures: readonly Figure[]): Section | undefined {
  if (all.length === 0) return undefined;
  const many = `These are ${all.length} comparisons: of so many about ${Math.max(1, Math.round(all.length * 0.05))} would seem to differ by chance alone.`;
  return { title, figures, sentences: all.length > 2 ? [many] : [], ...sentencesOf(all) };
}

function sentencesOf(all: readonly Compared[]): Pick<Section, 'list' | 'text'> {
  const each = all.map(({ conclusion }) => conclusion);
  if (each.length <= MOST_SENTENCES) return { list: each };
  const [told, rest] = [each.slice(0, MOST_FOLDED), each.length - MOST_FOLDED];
  const text = [...told, ...(rest > 0 ? [`And ${rest} more.`] : [])].join('\n');
  return { text: { title: 'Each of them in a sentence', text } };
}

/** What else differs between arms. */
export function otherSection(pairings: readonly Pairing[], world: WorldName): Section | undefined {
  const all = OTHERS.flatMap((measure) => comparedBy(measure, pairings, world));
  return sectionOf('What else differs', all, []);
}

/** None where the rows are too many, or nothing can be told. */
function ratios(
  name: string,
  title: string,
  all: readonly Compared[],
  of: (ratio: Interval | undefined) => Interval | undefined,
  sides: Sides,
): Figure[] {
  const rows = all.flatMap(({ pairing, ratio }) => {
    const value = of(ratio);
    return value === undefined ? [] : [{ ...value, name: `${pairing.name}, to ${pairing.than}` }];
  });
  return rows.length === 0 || rows.length > MOST_SENTENCES ? [] : [ratioFigure(name, title, rows, sides)];
}

export function timeLines(arms: readonly RunArm[]): Section | undefined {
  const figures = arms.slice(0, MOST_PIECE_MAPS).flatMap((arm, i) => {
    const run = middleRun(arm);
    const pieces = (run?.outcome.user.identities ?? []).flatMap(({ index, pieces: own }) =>
      own.map(([seconds, piece]) => ({ seconds, piece, identity: index })),
    );
    const title = `${arm.name}: the run with seed ${run?.seed ?? ''}, whose time is the median`;
    return pieces.length === 0 ? [] : [piecesFigure(`pieces-${i + 1}`, title, pieces)];
  });
  if (figures.length === 0) return undefined;
  const rest = arms.length - MOST_PIECE_MAPS;
  return {
    title: 'Which identity fetched what, and when',
    figures,
    sentences: [
      'A dotted line is where an identity, whose number stands above it, had its last piece.',
      ...(rest > 0 ? [`${rest} more ${rest === 1 ? 'arm is' : 'arms are'} not shown.`] : []),
    ],
  };
}

/** The one whose time for the user is the lower median. */
function middleRun({ runs }: RunArm): RunLine | undefined {
  const sorted = runs.toSorted((a, b) => (userSeconds(a) ?? Infinity) - (userSeconds(b) ?? Infinity));
  return sorted[Math.floor((sorted.length - 1) / 2)];
}

export function loads(arms: readonly RunArm[]): Section {
  return {
    title: 'What was sent, and how evenly',
    sentences: ['Medians over the runs of each arm; bytes are payload.'],
    table: {
      head: ['', ...LOADS.map(({ words }) => words)],
      rows: arms.map((arm) => [arm.name, ...LOADS.map((measure) => loadText(arm, measure))]),
    },
  };
}

function loadText(arm: RunArm, measure: Measure): string {
  const values = valuesOf(arm, measure);
  if (values.length === 0) return '-';
  const middle = median(values);
  return measure.unit === 'B' ? sizeText(middle) : Number.isInteger(middle) ? String(middle) : middle.toFixed(2);
}

export const HOW_TO_READ: Section = {
  title: 'How to read this',
  sentences: [
    'Ratios are medians over pairs of runs of the same seed, in which everybody comes at the same times. Intervals are percentile bootstrap intervals over these pairs: how much another set of seeds could have changed the median, and nothing about other swarms.',
    'Of the others those are compared that were there, in both runs of a pair, before the user was done.',
    'In the simulated world the others are models, and hosts never run out of processor time; with real clients a busy machine slows everybody (see the share that was idle in the results).',
  ],
};
