import * as v from 'valibot';
import { EnsembleError, ERROR_CODES, type Failure, failureOf } from '../base/errors.ts';
import { outcomeSchema } from './results.ts';
import type { Outcome } from './world.ts';

/** What a process that does runs says of one. */
export type RunAnswer = { readonly outcome: Outcome } | { readonly failure: Failure };

export const answerOf = (run: Promise<Outcome>): Promise<RunAnswer> =>
  run.then(
    (outcome) => ({ outcome }),
    (error: unknown) => ({ failure: failureOf(error) }),
  );

const failed = v.object({ failure: v.object({ code: v.picklist(ERROR_CODES), message: v.string() }) });
const done = v.object({ outcome: outcomeSchema });
const isDone = (answer: unknown): answer is { readonly outcome: Outcome } => v.is(done, answer);

/** What a run came to, by what such a process said. Throws what went wrong there, and EnsembleError('fault') for what is no answer. */
export function outcomeIn(answer: unknown): Outcome {
  if (v.is(failed, answer)) throw new EnsembleError(answer.failure.code, answer.failure.message);
  if (isDone(answer)) return answer.outcome;
  throw new EnsembleError('fault', 'The process of a run said something else than what came of it.');
}
