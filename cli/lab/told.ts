import { VERSION } from '../../core/entry/version.ts';
import type { RunLine, SessionLine } from '../../core/lab/results.ts';
import { machineFacts } from '../../core/node/machine-facts.ts';

/** Programs and machine of the runs that are made here. */
export function sessionFacts(): Omit<SessionLine, 'session'> {
  return { type: 'session', software: { ensemble: VERSION, node: process.version }, machine: machineFacts() };
}

/** What is told of a run, as JSON and for people. */
export function runText({
  arm,
  repeat,
  seed,
  outcome,
}: RunLine): [fields: Readonly<Record<string, unknown>>, text: string] {
  const { user, end } = outcome;
  const { seconds } = user;
  const told = { event: 'run', arm: arm.label, repeat, seed, end, seconds };
  return [told, `${arm.label}, repeat ${repeat + 1}: ${seconds === null ? 'not done' : `${seconds} s`}`];
}
