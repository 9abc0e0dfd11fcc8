import { EnsembleError } from '../../base/errors.ts';
import type { BucketServer } from '../../ports/buckets.ts';
import type { Clock } from '../../ports/clock.ts';
import { wait } from '../../ports/wait.ts';
import { type PlanLine, type ResultLine, type Results, runKey, type RunLine, sameExperiment } from '../results.ts';
import { type PlannedRun, runsOf } from '../runs.ts';
import { type Given, MOST_RUNS } from './order.ts';
import { type Codec, RENEWAL, type Room } from './room.ts';
import { inRooms } from './rooms.ts';

export interface CollectorOptions {
  readonly server: BucketServer;
  readonly name: string;
  readonly clock: Clock;
  readonly codec: Codec & { decodeGiven(value: Uint8Array): Given | undefined };
  /** What is there already. */
  readonly results: Results;
  /** Keeps a line; only then it counts as collected. */
  readonly add: (line: ResultLine) => Promise<void>;
  readonly collected: (run: RunLine) => void;
  /** Is told of which run something else than a result stood there: it is to be done again. */
  readonly refused: (run: PlannedRun) => void;
  readonly away: (why: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Puts the runs of a plan that are not there to a server, where workers do them (`workAt`), and adds what comes of each, once. Resolves, when all are
 * there, to those that came. Rejects with EnsembleError('exists') where another experiment is at the server under this name.
 */
export async function collectAt(options: CollectorOptions): Promise<readonly RunLine[]> {
  return new Collector(options).collect();
}

class Collector {
  readonly #o: CollectorOptions;
  readonly #runs;
  readonly #missing: Map<number, string>;
  readonly #sessions = new Map<string, number>();
  readonly #came: RunLine[] = [];
  /** Where something else than a result stands, and at which revision. */
  readonly #refused = new Map<number, number>();
  /** Lines are added one after the other. */
  #adding: Promise<void> = Promise.resolve();
  #changed: () => void = () => {};

  constructor(options: CollectorOptions) {
    this.#o = options;
    const { plan, runs } = options.results;
    this.#runs = runsOf(plan);
    const there = new Set(runs.map(runKey));
    const keys = this.#runs.map((run, place) => [place, runKey(run)] as const);
    this.#missing = new Map(keys.filter(([, key]) => !there.has(key)));
  }

  async collect(): Promise<readonly RunLine[]> {
    const onResult = (place: number, value: Uint8Array, revision: number): void => {
      this.#adding = this.#adding.then(() => this.#result(place, value, revision)).finally(() => this.#changed());
      this.#adding.catch(() => {}); // who waits for it hears it
    };
    await inRooms({ ...this.#o, onResult }, (room) => this.#inRoom(room));
    return this.#came;
  }

  async #inRoom(room: Room): Promise<void> {
    const { plan } = this.#o.results;
    if (this.#runs.length > MOST_RUNS)
      throw new EnsembleError(
        'usage',
        `These are ${this.#runs.length} runs; workers do at most ${MOST_RUNS} at a server.`,
      );
    while (!(await this.#order(room, plan))) this.#o.signal.throwIfAborted();
    for (;;) {
      const changed = new AbortController();
      this.#changed = () => changed.abort();
      await this.#adding;
      this.#o.signal.throwIfAborted();
      if (this.#missing.size === 0) return;
      for (const [place, revision] of this.#refused) {
        await room.refuse(place, revision);
        if (this.#refused.get(place) === revision) this.#refused.delete(place);
      }
      await wait(this.#o.clock, RENEWAL, this.#o.signal, room.over, changed.signal);
      await room.check();
    }
  }

  async #order(room: Room, plan: PlanLine): Promise<boolean> {
    const there = room.order?.plan;
    if (room.unreadable || (there !== undefined && !sameExperiment(there, plan))) {
      const what =
        there === undefined ? 'Something that this version does not read' : `Another experiment (${there.name})`;
      throw new EnsembleError('exists', `${what} is at ${this.#o.server.name}: choose another name.`);
    }
    return room.putOrder({ plan, left: [...this.#missing.keys()] });
  }

  async #result(place: number, value: Uint8Array, revision: number): Promise<void> {
    const planned = this.#runs[place];
    if (planned === undefined || !this.#missing.has(place)) return;
    const given = this.#o.codec.decodeGiven(value);
    // What is none, or of another run, was not written by a worker of this version, and nobody could give a result there.
    if (given === undefined || runKey(given.run) !== runKey(planned) || given.run.seed !== planned.seed) {
      this.#refused.set(place, revision);
      this.#o.refused(planned);
      return;
    }
    let session = this.#sessions.get(given.worker);
    if (session === undefined) {
      session = this.#o.results.sessions.length + this.#sessions.size;
      await this.#o.add({ ...given.session, session });
      this.#sessions.set(given.worker, session);
    }
    // Reports find a run by the values of its arm.
    const line: RunLine = { ...given.run, ...planned, session };
    await this.#o.add(line);
    this.#missing.delete(place);
    this.#came.push(line);
    this.#o.collected(line);
  }
}
