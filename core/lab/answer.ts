import { EnsembleError, type Failure, failureOf } from '../base/errors.ts';
import type { Outcome } from './world.ts';

/** What a process that does runs says of one. */
export type RunAnswer = { readonly outcome: Outcome } | { readonly failure: Failure };

export const answerOf = (run: Promise<Outcome>): Promise<RunAnswer> =>
  run.then(
    (outcome) => ({ outcome }),
    (error: unknown) => ({ failure: failureOf(error) }),
  );

/** What it was about. Throws what went wrong there. */
export function outcomeIn(answer: RunAnswer): Outcome {
  if ('outcome' in answer) return answer.outcome;
  throw new EnsembleError(answer.failure.code, answer.failure.message);
}
