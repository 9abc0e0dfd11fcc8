import { type Millis, millis } from '../base/ids.ts';
import {
  type Bucket,
  type BucketConnection,
  type BucketEntry,
  BucketError,
  type BucketOptions,
  type BucketServer,
} from '../ports/buckets.ts';
import type { Clock } from '../ports/clock.ts';
import type { Random } from '../ports/random.ts';

/** A call without an answer ends after this time. */
const ANSWER_WITHIN = millis(5000);
/** A connection over which nothing comes is given up after this time. */
const GIVEN_UP = millis(15_000);

interface Kept extends BucketEntry {
  readonly at: number;
}

/** A way to a server: from one machine. */
export interface ServerWay {
  readonly clock: Clock;
  readonly random: Random;
  /** Latency one way. */
  readonly latency: Millis;
  /** How many of a hundred answers are lost; what was asked is carried out all the same. */
  readonly lost: number;
}

/** A server of buckets whose process may end, lose what it has, run full, or be out of reach. For tests. */
export class SimBucketServer {
  /** How many entries were written, of all keys. */
  writes = 0;
  /** Whether it refuses whatever needs room. */
  full = false;
  readonly #clock: Clock;
  readonly #buckets = new Map<string, { ttl: number; revision: number; entries: Map<string, Kept> }>();
  readonly #connections = new Set<SimConnection>();
  /** Ways over which nothing comes at present. */
  readonly #cut = new Set<ServerWay>();
  #up = true;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Its process ends, and with it all connections. */
  kill(): void {
    this.#up = false;
    for (const one of this.#connections) one.finish();
  }

  /** It runs again; `empty`: with nothing in it. */
  start(empty: boolean): void {
    this.#up = true;
    if (empty) this.#buckets.clear();
  }

  /** Nothing passes on that way any more, in either direction, and nobody is told. */
  cut(way: ServerWay): void {
    this.#cut.add(way);
  }

  mend(way: ServerWay): void {
    this.#cut.delete(way);
    for (const one of this.#connections) one.mended(way);
  }

  /** All that is there, for looking at. */
  keys(bucket: string): string[] {
    return [...this.bucket(bucket).entries.keys()];
  }

  reaches(way: ServerWay): boolean {
    return this.#up && !this.#cut.has(way);
  }

  /** Writes without asking, as a stranger who has the credentials. */
  write(name: string, key: string, value: Uint8Array): number {
    const bucket = this.bucket(name);
    const entry = { key, value, revision: ++bucket.revision, at: this.#clock.now() };
    bucket.entries.delete(key);
    bucket.entries.set(key, entry);
    this.writes++;
    for (const one of this.#connections) one.deliver(name, entry);
    return entry.revision;
  }

  bucket(name: string, ttl = Infinity): { ttl: number; revision: number; entries: Map<string, Kept> } {
    let bucket = this.#buckets.get(name);
    if (bucket === undefined) this.#buckets.set(name, (bucket = { ttl, revision: 0, entries: new Map() }));
    for (const [key, { at }] of bucket.entries) if (this.#clock.now() - at >= bucket.ttl) bucket.entries.delete(key);
    return bucket;
  }

  /** The server as it is seen over a way. */
  over(way: ServerWay): BucketServer {
    return {
      name: 'nats://server/test',
      connect: async () => {
        await wait(way.clock, millis(2 * way.latency));
        if (!this.reaches(way)) throw new BucketError('away', 'connection refused');
        const connection = new SimConnection(this, way, () => this.#connections.delete(connection));
        this.#connections.add(connection);
        return connection;
      },
    };
  }
}

class SimConnection implements BucketConnection {
  readonly ended: Promise<void>;
  readonly #server: SimBucketServer;
  readonly #way: ServerWay;
  readonly #gone: () => void;
  readonly #told = new Map<string, (entry: BucketEntry) => void>();
  /** What was sent into a cut: it is sent again once that is mended, if the connection lasts so long. */
  readonly #unsent: (() => void)[] = [];
  #end: () => void = () => {};
  #over = false;

  constructor(server: SimBucketServer, way: ServerWay, gone: () => void) {
    this.#server = server;
    this.#way = way;
    this.#gone = gone;
    this.ended = new Promise((resolve) => (this.#end = resolve));
    this.#beat(0);
  }

  async open(name: string, { ttl }: BucketOptions, told: (entry: BucketEntry) => void): Promise<Bucket> {
    const ask = <T>(task: () => T): Promise<T> => this.#ask(task);
    await ask(() => {
      this.#told.set(name, told);
      for (const entry of this.#server.bucket(name, ttl).entries.values()) this.deliver(name, entry);
    });
    const entries = (): Map<string, Kept> => this.#server.bucket(name, ttl).entries;
    const write = (key: string, value: Uint8Array): number => {
      if (this.#server.full) throw new BucketError('full', 'maximum bytes exceeded');
      return this.#server.write(name, key, value);
    };
    return {
      update: (key, value, revision) =>
        ask(() => ((entries().get(key)?.revision ?? 0) === revision ? write(key, value) : undefined)),
      put: (key, value) => ask(() => write(key, value)),
      get: (key) => ask(() => entries().get(key)),
      remove: (key) => ask(() => void write(key, new Uint8Array(0))),
    };
  }

  check(): Promise<void> {
    return this.#ask(() => {});
  }

  close(): void {
    this.finish();
  }

  deliver(name: string, entry: BucketEntry): void {
    const told = this.#told.get(name);
    if (told === undefined) return;
    const send = (): void => void this.#way.clock.after(this.#way.latency, () => !this.#over && told(entry));
    if (this.#server.reaches(this.#way)) send();
    else this.#unsent.push(send);
  }

  /** Nothing is in the way any more. */
  mended(way: ServerWay): void {
    if (way === this.#way) for (const send of this.#unsent.splice(0)) send();
  }

  finish(): void {
    if (this.#over) return;
    this.#over = true;
    this.#gone();
    this.#way.clock.after(this.#way.latency, () => this.#end());
  }

  async #ask<T>(task: () => T): Promise<T> {
    const { clock, random, latency, lost } = this.#way;
    await wait(clock, latency);
    if (this.#over) throw new BucketError('away', 'connection closed');
    if (!this.#server.reaches(this.#way)) {
      await wait(clock, ANSWER_WITHIN);
      throw new BucketError('away', 'timeout');
    }
    const answer = task();
    const isLost = random.uniform() * 100 < lost;
    await wait(clock, isLost ? ANSWER_WITHIN : latency);
    if (isLost || !this.#server.reaches(this.#way)) throw new BucketError('away', 'timeout');
    return answer;
  }

  /** Notices that nothing comes any more. */
  #beat(silent: number): void {
    const period = millis(GIVEN_UP / 3);
    this.#way.clock.after(period, () => {
      if (this.#over) return;
      const now = this.#server.reaches(this.#way) ? 0 : silent + period;
      if (now >= GIVEN_UP) this.finish();
      else this.#beat(now);
    });
  }
}

function wait(clock: Clock, span: Millis): Promise<void> {
  return new Promise((resolve) => clock.after(span, resolve));
}
