import { type Comparison, compareArms } from '../statistics/compare.ts';
import type { Interval } from '../statistics/intervals.ts';
import { type Measure, MEASURES } from '../statistics/measures.ts';
import type { WorldName } from '../world.ts';
import type { Pairing, RunArm } from './arms.ts';

/** A pair of arms by one measure. */
export interface Compared extends Comparison {
  readonly pairing: Pairing;
}

/** Pairs of arms by a measure; those that no seed has in both are left out. */
export function comparedBy(measure: Measure, pairings: readonly Pairing[], world: WorldName): Compared[] {
  return pairings.flatMap((pairing) => {
    const [base, other] = [pairing.base, pairing.arm].map(({ label, values }) => ({ label, values }));
    if (base === undefined || other === undefined) return [];
    const runs = [...pairing.base.runs, ...pairing.arm.runs];
    const found = compareArms(runs, { base, other, measure, world });
    return found === undefined ? [] : [{ ...found, pairing }];
  });
}

/** How many times as fast: the other way round than how many times as long. Undefined where that cannot be told. */
export function speedUp(ratio: Interval | undefined): Interval | undefined {
  if (ratio === undefined || !(ratio.low > 0)) return undefined;
  return { low: 1 / ratio.high, middle: 1 / ratio.middle, high: 1 / ratio.low };
}

export const gainsOf = (pairings: readonly Pairing[], world: WorldName): Compared[] =>
  comparedBy(MEASURES.user, pairings, world);
export const harmsOf = (pairings: readonly Pairing[], world: WorldName): Compared[] =>
  comparedBy(MEASURES.others, pairings, world);

/** What is told of each arm beside times. */
export const LOADS = [
  MEASURES.down,
  MEASURES.up,
  MEASURES.wasted,
  MEASURES.twice,
  MEASURES.seedLoad,
  MEASURES.fairness,
];

/** What is compared beside the user's and the others' times. */
export const OTHERS = [MEASURES.identity, MEASURES.slowest, ...LOADS];

/** A measure over the runs of an arm, as far as they have it. */
export function valuesOf({ runs }: RunArm, measure: Measure): number[] {
  return runs.flatMap((run) => measure.of(run)?.value ?? []);
}
