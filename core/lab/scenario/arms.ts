import { EnsembleError } from '../../base/errors.ts';
import type { ArmValues, FieldValue } from './values.ts';

/** One of the things that an experiment compares: the scenario with some fields set. */
export interface Arm {
  /** Such as `user.K=4 seeds.up=8`; `as written` where nothing is set. */
  readonly label: string;
  readonly values: ArmValues;
}

/** Fields that are swept together, and the values that they go through. */
export interface Sweep {
  readonly fields: readonly string[];
  /** One for each field, in their order. */
  readonly values: readonly (readonly FieldValue[])[];
}

const MOST_ARMS = 10_000;

/**
 * `user.K=1,2,4,8`; `seeds.up=4..32` doubles from 4 to 32; `seeds.slots=2..12+2` goes by steps of 2; `seeds.up/leechers.up=2/8,4/6` sets two
 * fields together. Throws EnsembleError('usage').
 */
export function parseSweep(text: string): Sweep {
  const equals = text.indexOf('=');
  const fields = text
    .slice(0, Math.max(0, equals))
    .split('/')
    .map((field) => field.trim());
  const refuse = (why: string): never => {
    throw new EnsembleError('usage', `--sweep ${text}: ${why}.`);
  };
  if (equals < 1 || fields.some((field) => !/^[A-Za-z][\w.]*$/.test(field)))
    refuse('write a field, = and its values, such as user.K=1,2,4,8 or seeds.up=4..32');
  const values = text
    .slice(equals + 1)
    .split(',')
    .flatMap((part) => {
      const range = fields.length === 1 ? rangeOf(part.trim()) : undefined;
      if (range !== undefined) return range.map((value) => [value]);
      const each = (fields.length === 1 ? [part] : part.split('/')).map((one) => valueOf(one.trim()));
      if (each.length !== fields.length) refuse(`each value needs ${fields.length} parts with / between them`);
      if (each.includes('')) refuse('a value is empty');
      return [each];
    });
  if (new Set(values.map((one) => JSON.stringify(one))).size < values.length) refuse('a value is there twice');
  return { fields, values };
}

function rangeOf(part: string): FieldValue[] | undefined {
  const match = /^(\d+(?:\.\d+)?)\.\.(\d+(?:\.\d+)?)(?:\+(\d+(?:\.\d+)?))?$/.exec(part);
  if (match === null) return undefined;
  const [first, last, step] = [
    Number(match[1]),
    Number(match[2]),
    match[3] === undefined ? undefined : Number(match[3]),
  ];
  const out: number[] = [];
  if (last < first || (step === undefined ? first <= 0 : step <= 0)) return undefined;
  for (let i = 0; out.length <= MOST_ARMS; i++) {
    const value = step === undefined ? first * 2 ** i : Number((first + i * step).toFixed(9));
    if (value > last) break;
    out.push(value);
  }
  return out;
}

function valueOf(text: string): FieldValue {
  if (text === 'true' || text === 'false') return text === 'true';
  return /^\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}

/** Every combination of the swept values, the last sweep going round first. Throws EnsembleError('usage'). */
export function armsOf(sweeps: readonly Sweep[]): readonly Arm[] {
  const fields = sweeps.flatMap((sweep) => sweep.fields);
  const twice = fields.find((field, i) => fields.indexOf(field) !== i);
  if (twice !== undefined) throw new EnsembleError('usage', `${twice} is swept twice.`);
  const count = sweeps.reduce((product, { values }) => product * values.length, 1);
  if (count > MOST_ARMS)
    throw new EnsembleError('usage', `The sweeps make ${count} arms; at most ${MOST_ARMS} are run.`);
  let arms: ArmValues[] = [{}];
  for (const sweep of sweeps) {
    arms = arms.flatMap((arm) =>
      sweep.values.map((values) => ({
        ...arm,
        ...Object.fromEntries(sweep.fields.map((field, i) => [field, values[i] ?? ''])),
      })),
    );
  }
  return arms.map((values) => ({ label: labelOf(values), values }));
}

/** What people and files call an arm. */
export function labelOf(values: ArmValues): string {
  const parts = Object.entries(values).map(([field, value]) => `${field}=${value}`);
  return parts.length === 0 ? 'as written' : parts.join(' ');
}
