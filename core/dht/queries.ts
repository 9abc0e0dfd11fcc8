import { readU16, writeU16 } from '../base/bytes.ts';
import { type Millis, millis } from '../base/ids.ts';
import type { Random } from '../ports/random.ts';
import type { KrpcReply } from './krpc.ts';

/** After this another node is asked as well. */
const SLOW_AFTER = millis(1000);
const LOST_AFTER = millis(15_000);
const MAX_QUERIES = 512;

/** Whoever asked something hears how it went, `answered` or `failed` once, and `slow` at most once before. */
export interface QueryOwner {
  answered(query: Query, reply: KrpcReply): void;
  /** No answer for a second; it may still come. */
  slow?(query: Query): void;
  /** No answer, a refusal, or an answer that is not to be believed. */
  failed(query: Query): void;
}

/** A question of ours that is not answered yet. */
export interface Query {
  readonly transaction: number;
  readonly host: string;
  readonly port: number;
  readonly owner: QueryOwner;
  readonly sentAt: Millis;
  isSlow: boolean;
}

/** All questions under way, each known by two random bytes and the endpoint that it went to. */
export class Queries {
  readonly #random: Random;
  readonly #open = new Map<number, Query>();
  /** How many there are for each endpoint. */
  readonly #asked = new Map<string, number>();

  constructor(random: Random) {
    this.#random = random;
  }

  get size(): number {
    return this.#open.size;
  }

  get full(): boolean {
    return this.#open.size >= MAX_QUERIES;
  }

  /** Whether something from there may be an answer. */
  expects(host: string, port: number): boolean {
    return this.#open.size > 0 && this.#asked.has(keyOf(host, port));
  }

  open(host: string, port: number, owner: QueryOwner, now: Millis): Query {
    let transaction: number;
    do transaction = readU16(this.#random.bytes(2), 0);
    while (this.#open.has(transaction));
    const query: Query = { transaction, host, port, owner, sentAt: now, isSlow: false };
    this.#open.set(transaction, query);
    const key = keyOf(host, port);
    this.#asked.set(key, (this.#asked.get(key) ?? 0) + 1);
    return query;
  }

  /** The question that an answer with this transaction id from there is for; it is then no longer open. */
  take(transaction: Uint8Array, host: string, port: number): Query | undefined {
    const query = transaction.length === 2 ? this.#open.get(readU16(transaction, 0)) : undefined;
    if (query === undefined || query.host !== host || query.port !== port) return undefined;
    this.#close(query);
    return query;
  }

  /** The system says that nothing can be sent there. */
  unreachable(host: string, port: number): Query[] {
    return this.expects(host, port) ? this.#remove((query) => query.host === host && query.port === port) : [];
  }

  /** Drops all that this owner asked, which hears no more of it. */
  drop(owner: QueryOwner): void {
    this.#remove((query) => query.owner === owner);
  }

  /** Tells owners of slow questions, and gives those that are lost. */
  sweep(now: Millis): Query[] {
    const lost: Query[] = [];
    const slow: Query[] = [];
    // In the order in which they were sent.
    for (const query of this.#open.values()) {
      if (now - query.sentAt < SLOW_AFTER) break;
      if (now - query.sentAt >= LOST_AFTER) lost.push(query);
      else if (!query.isSlow) slow.push(query);
    }
    for (const query of lost) this.#close(query);
    for (const query of slow) {
      query.isSlow = true;
      query.owner.slow?.(query);
    }
    return lost;
  }

  #remove(matches: (query: Query) => boolean): Query[] {
    const out = [...this.#open.values()].filter(matches);
    for (const query of out) this.#close(query);
    return out;
  }

  #close(query: Query): void {
    this.#open.delete(query.transaction);
    const key = keyOf(query.host, query.port);
    const left = (this.#asked.get(key) ?? 1) - 1;
    if (left > 0) this.#asked.set(key, left);
    else this.#asked.delete(key);
  }
}

const keyOf = (host: string, port: number): string => `${host} ${port}`;

/** A transaction id as it is sent. */
export function transactionBytes(transaction: number): Uint8Array {
  const out = new Uint8Array(2);
  writeU16(out, 0, transaction);
  return out;
}
