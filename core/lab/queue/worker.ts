import { EnsembleError } from '../../base/errors.ts';
import type { BucketServer } from '../../ports/buckets.ts';
import type { Clock } from '../../ports/clock.ts';
import { wait } from '../../ports/wait.ts';
import { type PlannedRun, runsOf } from '../runs.ts';
import type { PlanLine } from '../results.ts';
import type { Given } from './order.ts';
import { type Codec, RENEWAL, type Room } from './room.ts';
import { inRooms } from './rooms.ts';

/** How often it is looked whether something is to be done, where nothing was. */
const LOOK = RENEWAL;

export interface WorkerOptions {
  readonly server: BucketServer;
  /** Where who orders and who works meet at the server. */
  readonly name: string;
  readonly clock: Clock;
  readonly codec: Codec & { encodeGiven(given: Given): Uint8Array };
  /** As nobody else is called. */
  readonly worker: string;
  readonly session: Given['session'];
  /** Whether an order may start programs here, as runs of the real world do. */
  readonly real: boolean;
  /** Does a run. What it rejects with ends the worker. */
  readonly play: (plan: PlanLine, run: PlannedRun) => Promise<Given['run']>;
  /** Is told each run that was done, and what is the matter with the server. */
  readonly tell: (what: Told) => void;
  readonly signal: AbortSignal;
}

export type Told =
  | { readonly kind: 'done'; readonly run: PlannedRun; readonly first: boolean }
  | { readonly kind: 'waits'; readonly why: 'no order' | 'no order that is understood' | 'others are at the rest' }
  | { readonly kind: 'away'; readonly why: string };

/** Does runs that nobody else is at, one after the other, until all are done. Resolves to how many it did. */
export async function workAt(options: WorkerOptions): Promise<number> {
  return new Worker(options).work();
}

class Worker {
  readonly #o: WorkerOptions;
  readonly #me: Uint8Array;
  /** What was done and is not at the server yet. */
  #held: { readonly run: PlannedRun; readonly place: number; readonly value: Uint8Array } | undefined;
  #room: Room | undefined;
  #count = 0;

  constructor(options: WorkerOptions) {
    this.#o = options;
    this.#me = new TextEncoder().encode(options.worker);
  }

  async work(): Promise<number> {
    await inRooms({ ...this.#o, away: (why) => this.#o.tell({ kind: 'away', why }) }, async (room) => {
      this.#room = room;
      while (!(await this.#next(room)));
    });
    return this.#count;
  }

  /** Does what is next; true: there is nothing left. */
  async #next(room: Room): Promise<boolean> {
    const { server, clock, signal, tell, codec, worker, session, play } = this.#o;
    signal.throwIfAborted();
    if (this.#held !== undefined) {
      const { run, place, value } = this.#held;
      const first = await room.give(place, value);
      this.#held = undefined;
      this.#count++;
      tell({ kind: 'done', run, first });
    }
    const { order } = room;
    if (order?.plan.world === 'real' && !this.#o.real)
      throw new EnsembleError(
        'usage',
        `${server.name} orders runs with real clients, which start programs here: say --world real if that is meant.`,
      );
    const left = order?.left.filter((place) => !room.done.has(place));
    if (order !== undefined && left?.length === 0) return true;
    const place = left === undefined ? undefined : await room.take(left, this.#me);
    const run = order === undefined || place === undefined ? undefined : runsOf(order.plan)[place];
    if (order === undefined || place === undefined || run === undefined) {
      const none = room.unreadable ? 'no order that is understood' : 'no order';
      tell({ kind: 'waits', why: order === undefined ? none : 'others are at the rest' });
      await wait(clock, LOOK, signal, room.over);
      await room.check();
      return false;
    }
    const stop = this.#renew(place);
    try {
      const line = await play(order.plan, run);
      this.#held = { run, place, value: codec.encodeGiven({ worker, session, run: line }) };
    } finally {
      stop();
    }
    return false;
  }

  /** Says again and again that the run is ours, by whatever connection there is. */
  #renew(place: number): () => void {
    const over = new AbortController();
    const again = async (): Promise<void> => {
      for (;;) {
        await wait(this.#o.clock, RENEWAL, over.signal);
        if (over.signal.aborted) return;
        // Without it another one does the run, too: the first result counts.
        await this.#room?.renew(place, this.#me).catch(() => {});
      }
    };
    void again();
    return () => over.abort();
  }
}
