import * as v from 'valibot';
import { EnsembleError } from '../base/errors.ts';
import type { Arm, Sweep } from './scenario/arms.ts';
import type { Scenario } from './scenario/scenario.ts';
import { type Outcome, type WorldName, WORLDS } from './world.ts';

// What an experiment leaves: JSON Lines. The first says what was planned, a `session` line each time that runs began on a machine, and
// a `run` line what came of each. Everything that a figure shows can be drawn from these lines alone.

/** Version of these lines. A newer one is refused by name. */
export const RESULTS_VERSION = 1;
export const RESULTS_FILE = 'results.jsonl';

/** What was planned: the first line. Where more repeats were asked for later, the last such line holds. */
export interface PlanLine {
  readonly type: 'plan';
  readonly version: typeof RESULTS_VERSION;
  readonly world: WorldName;
  /** Name of the scenario, and its text as it was written. */
  readonly name: string;
  readonly text: string;
  readonly sweeps: readonly Sweep[];
  readonly repeats: number;
  /** Repeat r of each arm has the seed `seed + r`. */
  readonly seed: number;
}

/** Programs and machine of the runs that refer to it. */
export interface SessionLine {
  readonly type: 'session';
  /** From 0. */
  readonly session: number;
  readonly software: { readonly ensemble: string; readonly node: string };
  readonly machine: { readonly system: string; readonly cpu: string; readonly cores: number; readonly memory: number };
}

/** What came of one run. */
export interface RunLine {
  readonly type: 'run';
  readonly session: number;
  readonly arm: Arm;
  readonly repeat: number;
  readonly seed: number;
  /** With the arm's values. */
  readonly scenario: Scenario;
  readonly outcome: Outcome;
}

export type ResultLine = PlanLine | SessionLine | RunLine;

/** An experiment's results, as far as they are there. */
export interface Results {
  readonly plan: PlanLine;
  readonly sessions: readonly SessionLine[];
  /** In the order of the plan: arm by arm, each with its repeats. */
  readonly runs: readonly RunLine[];
}

/** By what a run is known: each is in the results once. */
export const runKey = ({ arm, repeat }: Pick<RunLine, 'arm' | 'repeat'>): string => `${arm.label}#${repeat}`;

/** A line with its end. */
export const lineOf = (line: ResultLine): string => `${JSON.stringify(line)}\n`;

/** Whether runs of both plans may be in the same results: one of them may have more repeats. */
export function sameExperiment(one: PlanLine, other: PlanLine): boolean {
  const { repeats } = one;
  return lineOf(one) === lineOf({ ...other, repeats });
}

const amount = v.pipe(v.number(), v.finite());
const orNull = v.nullable(amount);
const text = v.string();
const value = v.union([text, amount, v.boolean()]);
const arm = v.object({ label: text, values: v.record(text, value) });
/** What came of a run, as it is written. */
export const outcomeSchema = v.object({
  end: v.picklist(['done', 'limit']),
  lasted: amount,
  user: v.object({
    came: amount,
    seconds: orNull,
    down: amount,
    up: amount,
    wasted: amount,
    twice: amount,
    identities: v.array(
      v.object({
        index: amount,
        address: text,
        seconds: orNull,
        down: amount,
        up: amount,
        fromSeeds: orNull,
        fromLeechers: orNull,
        pieces: v.array(v.tuple([amount, amount])),
      }),
    ),
  }),
  peers: v.array(
    v.object({
      role: v.picklist(['seed', 'leecher']),
      group: amount,
      index: amount,
      came: orNull,
      seconds: orNull,
      left: orNull,
      down: amount,
      up: amount,
      toUser: orNull,
      fromUser: orNull,
    }),
  ),
  programs: v.record(text, text),
  notes: v.record(text, v.union([amount, text])),
});
const link = v.looseObject({ up: amount });
const groups = v.array(v.looseObject({ count: amount, up: amount }));
const line = v.variant('type', [
  v.object({
    type: v.literal('plan'),
    version: v.literal(RESULTS_VERSION),
    world: v.picklist(WORLDS),
    name: text,
    text,
    sweeps: v.array(v.object({ fields: v.array(text), values: v.array(v.array(value)) })),
    repeats: amount,
    seed: amount,
  }),
  v.object({
    type: v.literal('session'),
    session: amount,
    software: v.object({ ensemble: text, node: text }),
    machine: v.object({ system: text, cpu: text, cores: amount, memory: amount }),
  }),
  v.object({
    type: v.literal('run'),
    session: amount,
    arm,
    repeat: amount,
    seed: amount,
    scenario: v.looseObject({
      name: text,
      about: text,
      seeds: groups,
      leechers: groups,
      user: v.looseObject({ K: amount, addresses: text, up: amount, limit: amount, links: v.array(link) }),
    }),
    outcome: outcomeSchema,
  }),
]);

/**
 * Reads results, of which the last line may be torn: it is left out, and `whole` says how much of the text is good. Throws
 * EnsembleError('usage') for anything else that is not of their form, and EnsembleError('newer-version').
 */
export function readResults(file: string, data: string): Results & { readonly whole: number } {
  const whole = data.lastIndexOf('\n') + 1;
  const sessions: SessionLine[] = [];
  const runs = new Map<string, RunLine>();
  let plan: PlanLine | undefined;
  const lines = data.slice(0, whole).split('\n');
  lines.pop();
  lines.forEach((written, i) => {
    const read = resultLineOf(`${file}:${i + 1}`, parsed(`${file}:${i + 1}`, written));
    if (read.type === 'plan') plan = read;
    else if (read.type === 'session') sessions.push(read);
    else runs.set(runKey(read), read);
  });
  if (plan === undefined || lines[0]?.includes('"plan"') !== true)
    throw new EnsembleError(
      'usage',
      `${file} does not begin with the plan of an experiment: name a folder that \`ensemble lab run\` made.`,
    );
  return { plan, sessions, runs: inOrder(plan, [...runs.values()]), whole };
}

function parsed(place: string, written: string): unknown {
  try {
    return JSON.parse(written);
  } catch {
    throw new EnsembleError(
      'usage',
      `${place} is no JSON: the file was changed by something else than \`ensemble lab\`.`,
    );
  }
}

/** What stands at `place`, as a line of results. Throws as `readResults` does. */
export function resultLineOf(place: string, json: unknown): ResultLine {
  const { version } = (json ?? {}) as { readonly version?: unknown };
  if (typeof version === 'number' && version > RESULTS_VERSION)
    throw new EnsembleError(
      'newer-version',
      `${place} was written by a newer Ensemble (version ${version} of results, this one knows ${RESULTS_VERSION}).`,
    );
  const read = v.safeParse(line, json);
  if (!read.success)
    throw new EnsembleError(
      'usage',
      `${place} is no line of results: ${v.getDotPath(read.issues[0]) ?? 'it'} ${read.issues[0].message}`,
    );
  // Of the scenario that is looked at of which reports tell: whoever wrote the line had checked it.
  return json as ResultLine;
}

/** Arm by arm as they were planned, each with its repeats. */
function inOrder({ sweeps }: PlanLine, runs: readonly RunLine[]): RunLine[] {
  const places = new Map<string, number>();
  const place = ({ arm: { label, values } }: RunLine): number => {
    let found = places.get(label);
    if (found === undefined) {
      found = sweeps.reduce((sum, { fields, values: each }) => {
        const at = each.findIndex((one) => one.every((part, i) => values[fields[i] ?? ''] === part));
        return sum * each.length + at;
      }, 0);
      places.set(label, found);
    }
    return found;
  };
  return [...runs].sort((a, b) => place(a) - place(b) || a.repeat - b.repeat);
}
