import * as v from 'valibot';
import { type PlanLine, type ResultLine, resultLineOf, type RunLine, type SessionLine } from '../results.ts';
import { armsOf } from '../scenario/arms.ts';
import { MOST_TEXT } from '../scenario/read-scenario.ts';
import { SCENARIO_NAME } from '../scenario/scenario.ts';
import { type Given, MOST_RUNS, type Order } from './order.ts';
import type { Codec } from './room.ts';

/** Makes bytes fewer, as a server takes no message beyond a MiB, and back; `unpack` throws for what is none. */
export interface Packing {
  pack(bytes: Uint8Array): Uint8Array;
  unpack(bytes: Uint8Array): Uint8Array;
}

/** Of an order's sweeps, so that a few bytes do not make arms that fill the memory. */
const sweeps = v.pipe(
  v.array(
    v.object({
      fields: v.pipe(v.array(v.pipe(v.string(), v.maxLength(100))), v.minLength(1), v.maxLength(20)),
      values: v.array(v.array(v.union([v.pipe(v.string(), v.maxLength(200)), v.number(), v.boolean()]))),
    }),
  ),
  v.maxLength(20),
);
const order = v.object({ plan: v.unknown(), left: v.array(v.pipe(v.number(), v.integer(), v.minValue(0))) });
const given = v.object({
  worker: v.pipe(v.string(), v.maxLength(100)),
  session: v.looseObject({}),
  run: v.looseObject({}),
});

export interface QueueCodec extends Codec {
  encodeGiven(one: Given): Uint8Array;
  decodeGiven(value: Uint8Array): Given | undefined;
}

/** Orders and results as packed JSON. Whoever has the credentials of the server can write anything: what is none of them is not there. */
export function queueCodec({ pack, unpack }: Packing): QueueCodec {
  const write = (value: unknown): Uint8Array => pack(new TextEncoder().encode(JSON.stringify(value)));
  const read = <T>(value: Uint8Array, as: (json: unknown) => T | undefined): T | undefined => {
    try {
      return as(JSON.parse(new TextDecoder().decode(unpack(value))));
    } catch {
      return undefined;
    }
  };
  return {
    encodeOrder: write,
    encodeGiven: write,
    decodeOrder: (value) =>
      read(value, (json): Order => {
        const { plan, left } = v.parse(order, json);
        return bounded({ plan: lineOfType<PlanLine>('plan', plan), left });
      }),
    decodeGiven: (value) =>
      read(value, (json): Given => {
        const { worker, session, run } = v.parse(given, json);
        return {
          worker,
          session: lineOfType<SessionLine>('session', { ...session, session: 0 }),
          run: lineOfType<RunLine>('run', { ...run, session: 0 }),
        };
      }),
  };
}

function lineOfType<L extends ResultLine>(type: L['type'], json: unknown): L {
  const line = resultLineOf('a result', json);
  if (line.type !== type) throw new TypeError(`is no ${type}`);
  return line as L;
}

/** An order whose runs may be counted, and its scenario read. Throws for another. */
function bounded(one: Order): Order {
  const { plan, left } = one;
  const each = v.parse(sweeps, plan.sweeps);
  const count = armsOf(plan.sweeps).length * plan.repeats;
  const fits =
    SCENARIO_NAME.test(plan.name) &&
    plan.text.length <= MOST_TEXT &&
    each.every(({ fields, values }) => values.every((set) => set.length === fields.length)) &&
    Number.isSafeInteger(plan.seed) &&
    Number.isInteger(plan.repeats) &&
    count >= 1 &&
    count <= MOST_RUNS &&
    left.every((place) => place < count);
  if (!fits) throw new RangeError('is no order');
  return one;
}
