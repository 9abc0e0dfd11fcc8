import type { Results, RunLine } from '../results.ts';
import { type Arm, armsOf, labelOf } from '../scenario/arms.ts';
import type { WorldName } from '../world.ts';
import { toldBeside } from './beside.ts';
import { type Interval, LEAST, medianInterval } from './intervals.ts';
import type { Measure } from './measures.ts';

/** What is smaller than this part is no difference that anybody would notice. */
const NOTICEABLE = 0.05;
/** In place of what has no end: means of it and others are figures still. */
const BEYOND = 1e15;

/** One arm against another, pair by pair: the same seed in both. */
export interface Comparison {
  readonly measure: Measure;
  readonly base: Arm;
  readonly other: Arm;
  readonly pairs: number;
  /** Of how many pairs one or both values are lower bounds, as time ran out. */
  readonly bounded: number;
  /** Medians of each arm. */
  readonly ofBase: Interval;
  readonly ofOther: Interval;
  /** Of a pair the other's value over the base's; undefined where a base is 0. */
  readonly ratio: Interval | undefined;
  /** The other's value less the base's. */
  readonly difference: Interval;
  /** The interval of the ratio, or else of the difference, whatever became of those whose time ran out: they may take any time from then on. */
  readonly sure: Pick<Interval, 'low' | 'high'>;
  /** What may be concluded, and what not. */
  readonly conclusion: string;
}

/** Compares the runs of two arms; undefined where no seed has a value in both. */
export function compareArms(
  runs: readonly RunLine[],
  {
    base,
    other,
    measure,
    world,
  }: { readonly base: Arm; readonly other: Arm; readonly measure: Measure; readonly world: WorldName },
): Comparison | undefined {
  const others = new Map(runs.filter(({ arm }) => arm.label === other.label).map((run) => [run.seed, run]));
  const pairs = runs
    .filter(({ arm }) => arm.label === base.label)
    .flatMap((run) => {
      const partner = others.get(run.seed);
      if (partner === undefined) return [];
      const [before, after] = [measure.of(run, partner), measure.of(partner, run)];
      return before === undefined || after === undefined ? [] : [{ before, after }];
    });
  if (pairs.length === 0) return undefined;
  const ratios = pairs.map(({ before, after }) => after.value / before.value);
  const differences = pairs.map(({ before, after }) => after.value - before.value);
  const difference = medianInterval(differences);
  const ratio = ratios.every(Number.isFinite) ? medianInterval(ratios) : undefined;
  const [ofPairs, drawn] = ratio === undefined ? [differences, difference] : [ratios, ratio];
  /** The interval with this in place of the pairs whose time ran out before or after. */
  const boundedBy = (bound: number, side: 'before' | 'after'): Interval =>
    pairs.some((pair) => pair[side].atLeast)
      ? medianInterval(pairs.map((pair, i) => (pair[side].atLeast ? bound : (ofPairs[i] ?? 0))))
      : drawn;
  const comparison = {
    measure,
    base,
    other,
    pairs: pairs.length,
    bounded: pairs.filter(({ before, after }) => before.atLeast || after.atLeast).length,
    ofBase: medianInterval(pairs.map(({ before }) => before.value)),
    ofOther: medianInterval(pairs.map(({ after }) => after.value)),
    ratio,
    difference,
    sure: {
      low: boundedBy(ratio === undefined ? -BEYOND : 0, 'before').low,
      high: boundedBy(BEYOND, 'after').high,
    },
  };
  return { ...comparison, conclusion: conclude(comparison, world) };
}

/** Two arms that differ in one field alone. */
export interface ArmPair {
  readonly base: Arm;
  readonly other: Arm;
}

/**
 * Which arms to compare: by the values of one field, each against its first, all else being the same. `field`: by default `user.K` where that
 * has several values, else the first that has.
 */
export function armPairs({ plan: { sweeps } }: Results, field?: string): readonly ArmPair[] {
  // A sweep of one value sets it in all arms.
  const fields = sweeps.filter(({ values }) => values.length > 1).flatMap((sweep) => sweep.fields);
  const by = field ?? (fields.includes('user.K') ? 'user.K' : fields[0]);
  const sweep = sweeps.find((one) => by !== undefined && one.fields.includes(by));
  const first = sweep?.values[0];
  if (sweep === undefined || first === undefined) return [];
  const changed = Object.fromEntries(sweep.fields.map((one, i) => [one, first[i] ?? '']));
  return armsOf(sweeps).flatMap((other) => {
    const values = { ...other.values, ...changed };
    const base = { label: labelOf(values), values };
    return base.label === other.label ? [] : [{ base, other }];
  });
}

type Facts = Omit<Comparison, 'conclusion'>;

/** A sentence or two for people. */
export function conclude(facts: Facts, world: WorldName): string {
  const { measure, other, pairs, bounded, ratio, difference, sure } = facts;
  const from =
    world === 'sim'
      ? 'It holds for this scenario, with models of libtorrent in a simulated network.'
      : 'It holds for this scenario, with these programs on this machine.';
  const cut =
    bounded === 0
      ? ''
      : ` In ${bounded} of ${pairs} pairs time ran out, which counts as if it had been enough: the true difference may be another one.`;
  if (pairs < LEAST)
    return `${pairs} ${pairs === 1 ? 'pair is' : 'pairs are'} too few to conclude anything of the ${measure.words}: at least ${LEAST} are needed.${cut}`;
  const what = `With ${other.label} the ${measure.words}`;
  const range = ratio === undefined ? differenceText(difference, measure) : ratioText(ratio);
  const nothing = ratio === undefined ? 0 : 1;
  if (sure.low > nothing || sure.high < nothing) {
    const more = sure.low > nothing;
    const judged =
      measure.less === undefined ? '' : more === (measure.less === 'worse') ? ', which is better' : ', which is worse';
    return `${what} is ${more ? 'larger' : 'smaller'}${judged}: ${range}. ${from}${cut}`;
  }
  if (ratio === undefined && sure.low === 0 && sure.high === 0)
    return `${what} is the same: the median difference is 0, with 95% confidence 0 to 0. ${from}${cut}`;
  if (ratio !== undefined && sure.low > 1 - NOTICEABLE && sure.high < 1 + NOTICEABLE)
    return `${what} is the same to within ${100 * NOTICEABLE}%: ${range}. ${from}${cut}`;
  return `These ${pairs} pairs do not tell whether with ${other.label} the ${measure.words} is larger or smaller: ${range}. ${bounded > 0 ? 'More repeats may, or more time' : 'More repeats may'}.${cut}`;
}

/** Where what is concluded of a ratio changes. */
const RATIO_MARKS = [1 - NOTICEABLE, 1, 1 + NOTICEABLE];

const figure = (n: number, marks: readonly number[] = []): string =>
  toldBeside(n, marks, 3, (value, digits) => String(Number(value.toPrecision(digits))));

function ratioText({ low, middle, high }: Interval): string {
  const told = (ratio: number): string => figure(ratio, RATIO_MARKS);
  return `${told(middle)} times as much, with 95% confidence ${told(low)} to ${told(high)} times`;
}

const differenceText = ({ low, middle, high }: Interval, { unit }: Measure): string =>
  `by ${figure(middle)}${unit === '' ? '' : ` ${unit}`}, with 95% confidence ${figure(low)} to ${figure(high)}`;
