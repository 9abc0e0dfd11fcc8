import { EnsembleError } from '../base/errors.ts';
import type { CommandLine } from './policy.ts';
import type { Repair, RunCommand } from './survey.ts';

/**
 * Sets links right, one after the other. Rejects with EnsembleError('network') where the system refuses a command; what was made for that link
 * is then taken back, and the links before it stay set right.
 */
export async function apply(run: RunCommand, repairs: readonly Repair[]): Promise<void> {
  for (const { make, undo } of repairs) {
    for (const command of make) {
      const answer = await run(command);
      if ('output' in answer) continue;
      // Some of them have nothing to take back yet.
      for (const back of undo) await run(back);
      throw refused(command, answer.failure);
    }
  }
}

/** Runs all these commands. Rejects with EnsembleError('network') with the first that the system refuses, after the others were run. */
export async function undo(run: RunCommand, commands: readonly CommandLine[]): Promise<void> {
  let fault: EnsembleError | undefined;
  for (const command of commands) {
    const answer = await run(command);
    if ('failure' in answer) fault ??= refused(command, answer.failure);
  }
  if (fault !== undefined) throw fault;
}

function refused(command: CommandLine, failure: string): EnsembleError {
  const why = failure.trim().split('\n')[0] ?? '';
  const root = /permitted|permission|denied/i.test(failure) ? ' Run it as root, for example by sudo.' : '';
  return new EnsembleError('network', `The system refuses "${command.join(' ')}": ${why}.${root}`);
}
