import * as v from 'valibot';
import { EnsembleError, type ErrorCode, type Failure, failureOf } from '../../base/errors.ts';
import type { BridgeTransport } from '../contract.ts';

// Transports carry the requests and answers of birpc. Both are checked here before birpc sees them, and an error is sent as a
// value, since an Error loses its code (structured clone) or its message (JSON) on the way.

const request = v.strictObject({
  t: v.literal('q'),
  m: v.pipe(v.string(), v.maxLength(64)),
  a: v.pipe(v.array(v.unknown()), v.maxLength(2)),
  i: v.exactOptional(v.pipe(v.string(), v.minLength(1), v.maxLength(64))),
});
const answer = v.strictObject({
  t: v.literal('s'),
  i: v.pipe(v.string(), v.minLength(1), v.maxLength(64)),
  r: v.exactOptional(v.unknown()),
  e: v.exactOptional(v.unknown()),
});

/** How a command ended, in the form in which it is sent. */
export type CallOutcome = { readonly ok: true; readonly value: unknown } | ({ readonly ok: false } & Failure);

/** Any thrown value in the form in which it is sent. */
export function failure(error: unknown): CallOutcome {
  return { ok: false, ...failureOf(error) };
}

const outcome = v.union([
  v.object({ ok: v.literal(true), value: v.unknown() }),
  v.object({ ok: v.literal(false), code: v.string(), message: v.string() }),
]);

/** The value of an outcome that came over a transport; throws its error. */
export function valueOf(received: unknown): unknown {
  const checked = v.safeParse(outcome, received);
  if (!checked.success) throw new EnsembleError('invalid-message', 'The answer of the program cannot be understood.');
  if (checked.output.ok) return checked.output.value;
  throw new EnsembleError(checked.output.code as ErrorCode, checked.output.message);
}

/** What birpc needs of a transport, with a check of each message. */
export interface CheckedChannel {
  readonly post: (message: unknown) => void;
  readonly on: (listener: (message: unknown) => unknown) => void;
}

/** A host only gets requests, a window gets both kinds. `refused` is called for messages that are neither. */
export function checkedChannel(transport: BridgeTransport, refused: (id: string | undefined) => void): CheckedChannel {
  return {
    post: (message) => transport.post(message),
    on: (listener) =>
      transport.onMessage((message) => {
        if (v.is(request, message) || v.is(answer, message)) return listener(message);
        refused(idOf(message));
        return undefined;
      }),
  };
}

/** The id of a malformed request, so that whoever waits for its answer gets an error. */
function idOf(message: unknown): string | undefined {
  if (typeof message !== 'object' || message === null || !('i' in message)) return undefined;
  return typeof message.i === 'string' && message.i.length <= 64 ? message.i : undefined;
}
