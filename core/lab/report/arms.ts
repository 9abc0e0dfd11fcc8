import type { Results, RunLine } from '../results.ts';
import { armPairs } from '../statistics/compare.ts';
import type { ArmValues } from '../scenario/values.ts';

/** The runs of one arm, by repeat. */
export interface RunArm {
  readonly label: string;
  /** For people: `K = 4, seeds.up = 8`. */
  readonly name: string;
  readonly values: ArmValues;
  /** As its runs had it: of the scenario where no arm sets it. */
  readonly k: number;
  readonly runs: readonly RunLine[];
}

/** An arm and what it is compared with. */
export interface Pairing {
  readonly arm: RunArm;
  readonly base: RunArm;
  /** What the arm is called, and what it is compared with: what both have in common stands with the arm alone. */
  readonly name: string;
  readonly than: string;
}

/** Arms that have runs, in the order of the plan. */
export function runArmsOf({ runs }: Results): RunArm[] {
  const byLabel = new Map<string, RunLine[]>();
  for (const run of runs) {
    const own = byLabel.get(run.arm.label);
    if (own === undefined) byLabel.set(run.arm.label, [run]);
    else own.push(run);
  }
  return [...byLabel].flatMap(([label, own]) => {
    const [first] = own;
    if (first === undefined) return [];
    const { values } = first.arm;
    return [{ label, name: nameOf(values), values, k: first.scenario.user.K, runs: own }];
  });
}

/** Fields with their values, as people read them. */
export function nameOf(values: ArmValues): string {
  const parts = Object.entries(values).map(([field, value]) => `${fieldName(field)} = ${String(value)}`);
  return parts.length === 0 ? 'as written' : parts.join(', ');
}

/** The user's fields are those that most is said of. */
export const fieldName = (field: string): string => field.replace(/^user\./, '');

/** What is set in both, to the same. */
export function commonOf(a: RunArm, b: RunArm): ArmValues {
  return Object.fromEntries(Object.entries(a.values).filter(([field, value]) => b.values[field] === value));
}

const without = (values: ArmValues, common: ArmValues): ArmValues =>
  Object.fromEntries(Object.entries(values).filter(([field]) => !(field in common)));

/** Which of them are compared: where K is swept, each with the first K, all else being the same. */
export function pairingsOf(results: Results, arms: readonly RunArm[]): Pairing[] {
  const byLabel = new Map(arms.map((arm) => [arm.label, arm]));
  return armPairs(results).flatMap(({ base: { label }, other }) => {
    const [base, arm] = [byLabel.get(label), byLabel.get(other.label)];
    if (base === undefined || arm === undefined) return [];
    const common = commonOf(arm, base);
    const also = Object.keys(common).length === 0 ? '' : ` (${nameOf(common)})`;
    const than = nameOf(without(base.values, common));
    return [{ arm, base, name: `${nameOf(without(arm.values, common))}${also}`, than }];
  });
}
