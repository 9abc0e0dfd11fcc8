import { type Millis, bytesPerSecond } from '../base/ids.ts';
import { TokenBucket } from '../base/token-bucket.ts';
import type { Random } from '../ports/random.ts';
import type { DhtTraffic } from './contract.ts';
import { type Fields, type Method, encodeQuery } from './krpc-encode.ts';
import type { NodeId } from './node-id.ts';
import { Queries, type QueryOwner, transactionBytes } from './queries.ts';

/** What a node sends at most, on average. */
const MAX_RATE = bytesPerSecond(8_000);
/** Answers leave this much of what may be sent at once to our own questions. */
const RESERVE = 8 * 1024;
/** About what a question of ours takes. */
const QUERY_BYTES = 150;

export interface RpcOptions {
  readonly random: Random;
  readonly now: Millis;
  readonly version: Uint8Array;
  send(data: Uint8Array, host: string, port: number): void;
}

/** Sends questions and answers within the limit, and counts them. */
export class Rpc {
  readonly queries: Queries;
  readonly version: Uint8Array;
  readonly #send: (data: Uint8Array, host: string, port: number) => void;
  readonly #rate: TokenBucket;
  #messages = 0;
  #bytes = 0;

  constructor({ random, now, version, send }: RpcOptions) {
    this.queries = new Queries(random);
    this.version = version;
    this.#send = send;
    this.#rate = new TokenBucket(MAX_RATE, now);
  }

  get sent(): DhtTraffic {
    return { messages: this.#messages, bytes: this.#bytes };
  }

  /** Asks a node, and gives the transaction; undefined: not now, as too much was sent lately. */
  ask(question: Question, owner: QueryOwner, now: Millis): number | undefined {
    if (this.queries.full || this.#rate.wait(QUERY_BYTES, now) > 0) return undefined;
    const { method, args, host, port, self, readOnly } = question;
    const query = this.queries.open(host, port, owner, now);
    const transaction = transactionBytes(query.transaction);
    this.#out(encodeQuery(method, args, { transaction, id: self, version: this.version, readOnly }), host, port, now);
    return query.transaction;
  }

  /** Answers a node, or drops the answer where too much was sent lately. */
  answer(data: Uint8Array, host: string, port: number, now: Millis): void {
    if (this.#rate.wait(data.length + RESERVE, now) === 0) this.#out(data, host, port, now);
  }

  #out(data: Uint8Array, host: string, port: number, now: Millis): void {
    this.#rate.spend(data.length, now);
    this.#messages++;
    this.#bytes += data.length;
    this.#send(data, host, port);
  }
}

export interface Question {
  readonly method: Method;
  readonly args: Fields;
  readonly host: string;
  readonly port: number;
  /** Our own id. */
  readonly self: NodeId;
  readonly readOnly: boolean;
}
