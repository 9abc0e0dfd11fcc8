import os from 'node:os';
import { VERSION } from '../../core/entry/version.ts';
import type { RunLine, SessionLine } from '../../core/lab/results.ts';

/** Programs and machine of the runs that are made here. */
export function sessionFacts(): Omit<SessionLine, 'session'> {
  const cores = os.cpus();
  return {
    type: 'session',
    software: { ensemble: VERSION, node: process.version },
    machine: {
      system: `${os.type()} ${os.release()} ${os.arch()}`,
      cpu: cores[0]?.model ?? 'unknown',
      cores: cores.length,
      memory: os.totalmem(),
    },
  };
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
