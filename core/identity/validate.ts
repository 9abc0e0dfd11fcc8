import * as v from 'valibot';
import { EnsembleError } from '../base/errors.ts';
import { type FromIdentity, fromIdentity, type ToIdentity, toIdentity } from './messages.ts';
import { type FromWorker, fromWorker, type ToWorker, toWorker } from './worker-messages.ts';

/** Checks a message from the coordinator. Throws EnsembleError('invalid-message'). */
export function parseToIdentity(message: unknown): ToIdentity {
  return parse(toIdentity, message, 'message to an identity');
}

/** Checks a message from an identity. Throws EnsembleError('invalid-message'). */
export function parseFromIdentity(message: unknown): FromIdentity {
  return parse(fromIdentity, message, 'message from an identity');
}

/** Checks a message to a worker. Throws EnsembleError('invalid-message'). */
export function parseToWorker(message: unknown): ToWorker {
  return parse(toWorker, message, 'message to a worker');
}

/** Checks a message from a worker. Throws EnsembleError('invalid-message'). */
export function parseFromWorker(message: unknown): FromWorker {
  return parse(fromWorker, message, 'message from a worker');
}

function parse<T>(schema: v.GenericSchema<unknown, T>, message: unknown, what: string): T {
  const result = v.safeParse(schema, message, { abortEarly: true });
  if (result.success) return result.output;
  const issue = result.issues[0];
  const type = typeof message === 'object' && message !== null && 'type' in message ? String(message.type) : 'none';
  const where = v.getDotPath(issue) ?? 'the message';
  throw new EnsembleError(
    'invalid-message',
    `A ${what} is malformed (type ${type.slice(0, 40)}): ${where}: ${issue.message.slice(0, 200)}`,
  );
}
