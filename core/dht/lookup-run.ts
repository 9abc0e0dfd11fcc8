import { sameBytes } from '../base/bytes.ts';
import type { Endpoint } from '../base/endpoint.ts';
import { type Millis, millis } from '../base/ids.ts';
import { readNodes } from './compact.ts';
import type { Fields } from './krpc-encode.ts';
import { type KrpcReply, bytesIn, tokenIn } from './krpc.ts';
import { type Candidate, Lookup } from './lookup.ts';
import type { NodeId } from './node-id.ts';
import type { Query, QueryOwner } from './queries.ts';
import type { Self } from './self.ts';

/** A look-up that is not through by then ends with what it has. */
const MOST_TIME = millis(60_000);
/** How many nodes of our table a look-up begins with. */
const FROM_TABLE = 16;

/** A look-up at work by `get_peers`: asks, and takes in what is answered. */
export class LookupRun implements QueryOwner {
  readonly lookup: Lookup;
  readonly #self: Self;
  readonly #extra: Fields;
  readonly #heard: (reply: KrpcReply, host: string) => void;
  readonly #asked = new Map<Query['transaction'], Candidate>();
  readonly #startedAt: Millis;
  queries = 0;
  replies = 0;

  /** `extra`: further arguments of each question; `heard` gets each answer. */
  constructor(self: Self, target: NodeId, extra: Fields, heard: (reply: KrpcReply, host: string) => void) {
    this.#self = self;
    this.#extra = extra;
    this.#heard = heard;
    this.#startedAt = self.now();
    this.lookup = new Lookup(target);
    for (const node of self.table.closest(target, FROM_TABLE)) this.lookup.begin(node);
  }

  get done(): boolean {
    return this.lookup.done || this.#self.now() - this.#startedAt >= MOST_TIME;
  }

  get ageMs(): number {
    return this.#self.now() - this.#startedAt;
  }

  beginAt(endpoints: readonly Endpoint[]): void {
    this.lookup.beginAt(endpoints);
  }

  /** Asks whom it may ask now. */
  pump(): void {
    if (this.done) return;
    for (let one = this.lookup.next(); one !== undefined; one = this.lookup.next()) {
      // Of a node without an id we know nothing but where it is: it is told that we are new (as libtorrent does).
      const args = { info_hash: this.lookup.target, ...this.#extra, ...(one.id === undefined ? { bs: 1 } : {}) };
      const { host, port } = one;
      const transaction = this.#self.ask({ method: 'get_peers', args, host, port }, this);
      if (transaction === undefined) return;
      this.#asked.set(transaction, one);
      this.queries++;
      this.lookup.asked(one);
    }
  }

  /** Hears no more answers. */
  end(): void {
    this.#self.rpc.queries.drop(this);
    this.#asked.clear();
  }

  answered(query: Query, reply: KrpcReply): void {
    const one = this.#take(query);
    if (one === undefined) return;
    this.replies++;
    this.lookup.answers(one, reply.id);
    one.token = tokenIn(reply.body);
    const { family, table } = this.#self;
    const now = this.#self.now();
    const nodes = bytesIn(reply.body, family === 4 ? 'nodes' : 'nodes6');
    for (const contact of nodes ? readNodes(nodes, family, query.host) : []) {
      if (sameBytes(contact.id, table.id)) continue;
      table.heard(contact, false, now);
      this.lookup.told(contact, one);
    }
    this.#heard(reply, query.host);
    this.pump();
  }

  slow(query: Query): void {
    const one = this.#asked.get(query.transaction);
    if (one === undefined) return;
    this.lookup.slow(one);
    this.pump();
  }

  failed(query: Query): void {
    const one = this.#take(query);
    if (one === undefined) return;
    this.lookup.failed(one);
    this.pump();
  }

  #take(query: Query): Candidate | undefined {
    const one = this.#asked.get(query.transaction);
    this.#asked.delete(query.transaction);
    return one;
  }
}
