import { EnsembleError } from '../../base/errors.ts';
import { millis } from '../../base/ids.ts';
import type { Bucket, BucketConnection, BucketEntry, BucketServer } from '../../ports/buckets.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Order } from './order.ts';

/** A run belongs to who took it for so long after he last said so. */
export const LEASE = millis(60_000);
/** How often he says so. */
export const RENEWAL = millis(20_000);

const MOST_BYTES = 1 << 28;
/** Of one message: servers take a MiB unless they are told otherwise, with what stands around the value. */
const MOST_MESSAGE = (1 << 20) - 4096;
const MOST_LEASES = 1 << 20;
const ORDER = 'order';
const NOTHING = new Uint8Array(0);
const keyOf = (run: number): string => `run.${run}`;

/** How an order and results are written at the server. `undefined`: what is there is none of ours. */
export interface Codec {
  encodeOrder(order: Order): Uint8Array;
  decodeOrder(value: Uint8Array): Order | undefined;
}

/**
 * What is at the server under one name, as long as a connection lasts: the order (which runs are to be), the result of each that is done, and who
 * is at which. A run is known by its place in the plan. Calls reject with BucketError.
 */
export class Room {
  order: Order | undefined;
  /** Whether something else than an order that we read stands in its place. */
  unreadable = false;
  /** Runs whose results are there. */
  readonly done = new Set<number>();
  readonly #over = new AbortController();
  readonly #clock: Clock;
  readonly #connection: BucketConnection;
  readonly #codec: Codec;
  readonly #onResult: NonNullable<RoomOptions['onResult']>;
  readonly #heard = new Map<number, number>();
  /** At which the order is, and places where results were refused. */
  #ordered = 0;
  readonly #refused = new Map<number, number>();
  #results: Bucket | undefined;
  #leases: Bucket | undefined;

  private constructor(connection: BucketConnection, { clock, codec, onResult }: RoomOptions) {
    this.#connection = connection;
    this.#clock = clock;
    this.#codec = codec;
    this.#onResult = onResult ?? (() => {});
    void connection.ended.then(() => this.#over.abort());
  }

  /** Aborted once the connection has ended. */
  get over(): AbortSignal {
    return this.#over.signal;
  }

  static async enter(server: BucketServer, name: string, options: RoomOptions): Promise<Room> {
    const connection = await server.connect();
    const room = new Room(connection, options);
    try {
      room.#leases = await connection.open(
        `ensemble-lab-${name}-leases`,
        { maxBytes: MOST_LEASES, ttl: LEASE },
        (entry) => room.#leased(entry),
      );
      room.#results = await connection.open(`ensemble-lab-${name}`, { maxBytes: MOST_BYTES }, (entry) =>
        room.#told(entry),
      );
      await room.#look();
      return room;
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  /** Puts the order there, where it is still as it is known here; false: somebody else was first. */
  async putOrder(order: Order): Promise<boolean> {
    const revision = await this.#results?.update(
      ORDER,
      sendable('The order', this.#codec.encodeOrder(order)),
      this.#ordered,
    );
    if (revision === undefined) await this.#look();
    else this.#order(order, revision);
    return revision !== undefined;
  }

  /** Takes the first of these runs that nobody is at; undefined: there is none. */
  async take(runs: readonly number[], me: Uint8Array): Promise<number | undefined> {
    const now = this.#clock.now();
    for (const run of runs) {
      if (this.done.has(run) || now - (this.#heard.get(run) ?? -Infinity) < LEASE) continue;
      // What was not renewed has gone by itself, so that it is missing.
      if ((await this.#leases?.update(keyOf(run), me, 0)) !== undefined) return run;
      this.#heard.set(run, now);
    }
    return undefined;
  }

  async renew(run: number, me: Uint8Array): Promise<void> {
    await this.#leases?.put(keyOf(run), me);
  }

  /** Gives a result; false: that of another one is there. */
  async give(run: number, result: Uint8Array): Promise<boolean> {
    const first =
      (await this.#results?.update(keyOf(run), sendable('The result', result), this.#refused.get(run) ?? 0)) !==
      undefined;
    this.done.add(run);
    return first;
  }

  /** Makes room for a result where something else stands, of this revision. */
  async refuse(run: number, revision: number): Promise<void> {
    await this.#results?.update(keyOf(run), NOTHING, revision);
  }

  /** Resolves once the server has answered. */
  check(): Promise<void> {
    return this.#connection.check();
  }

  close(): void {
    this.#connection.close();
  }

  #leased({ key, value }: BucketEntry): void {
    const run = runOf(key);
    if (run !== undefined && value.length > 0) this.#heard.set(run, this.#clock.now());
  }

  #told({ key, value, revision }: BucketEntry): void {
    if (key === ORDER) {
      if (revision <= this.#ordered) return;
      this.#order(value.length === 0 ? undefined : this.#codec.decodeOrder(value), revision);
      this.unreadable = this.order === undefined && value.length > 0;
      return;
    }
    const run = runOf(key);
    if (run === undefined) return;
    if (value.length === 0) {
      this.#refused.set(run, revision);
      this.done.delete(run);
      return;
    }
    this.done.add(run);
    this.#onResult(run, value, revision);
  }

  async #look(): Promise<void> {
    const there = await this.#results?.get(ORDER);
    if (there !== undefined) this.#told(there);
  }

  #order(order: Order | undefined, revision: number): void {
    this.order = order;
    this.#ordered = revision;
  }
}

export interface RoomOptions {
  readonly clock: Clock;
  readonly codec: Codec;
  /** Is told each result that is there, and each that comes. */
  readonly onResult?: (run: number, value: Uint8Array, revision: number) => void;
}

/** Throws EnsembleError('usage') for what no server takes in one message. */
function sendable(what: string, value: Uint8Array): Uint8Array {
  if (value.length <= MOST_MESSAGE) return value;
  const help = 'order fewer runs, peers or pieces, or say `measure: {pieces: false}` in the scenario';
  throw new EnsembleError('usage', `${what} is too long for the server (${value.length} bytes, packed): ${help}.`);
}

function runOf(key: string): number | undefined {
  const match = /^run\.(\d{1,9})$/.exec(key);
  return match === null ? undefined : Number(match[1]);
}
