import type { Endpoint } from '../base/endpoint.ts';
import { type Millis, millis } from '../base/ids.ts';
import { readNodes } from './compact.ts';
import { type KrpcReply, bytesIn } from './krpc.ts';
import { idNear } from './node-id.ts';
import type { Query, QueryOwner } from './queries.ts';
import type { Self } from './self.ts';

/** Places that we were told of and have not asked yet, one an address. */
const MAX_NAMED = 64;
/** One node is asked in this time. */
const PACE = millis(5_000);
/** The same while the table fills. */
const FILLING_PACE = millis(500);
const FILLED = 64;
const NEAR_BITS = 128;

/** Keeps the routing table good with few messages: asks one node now and then whether it is there, and takes in nodes it is told of. */
export class Upkeep implements QueryOwner {
  readonly #self: Self;
  readonly #named = new Map<string, Endpoint>();
  /** When it has something to do again. */
  nextAt = 0;

  constructor(self: Self) {
    this.#self = self;
  }

  /** Asks later whether there is a node here. */
  heardOf(endpoint: Endpoint): void {
    if (this.#named.size >= MAX_NAMED) return;
    this.#named.set(endpoint.host, endpoint);
    this.nextAt = Math.min(this.nextAt, this.#self.now() + FILLING_PACE);
  }

  pump(good: number, now: Millis): void {
    if (now < this.nextAt) return;
    if (!this.#askNamed() && !this.#askKnown(now)) {
      this.nextAt = now + PACE;
      return;
    }
    this.nextAt = now + (good < FILLED || this.#named.size > 0 ? FILLING_PACE : PACE);
  }

  answered(query: Query, reply: KrpcReply): void {
    const { family, table } = this.#self;
    const nodes = bytesIn(reply.body, family === 4 ? 'nodes' : 'nodes6');
    if (nodes === undefined) return;
    for (const contact of readNodes(nodes, family, query.host)) table.heard(contact, false, this.#self.now());
  }

  /** The table counts it. */
  failed(): void {}

  #askNamed(): boolean {
    const { random, table } = this.#self;
    for (const { host, port } of this.#named.values()) {
      if (table.knows(host)) {
        this.#named.delete(host);
        continue;
      }
      const args = { info_hash: idNear(random, table.id, NEAR_BITS, false) };
      if (this.#self.ask({ method: 'get_peers', args, host, port }, this) === undefined) return true;
      this.#named.delete(host);
      return true;
    }
    return false;
  }

  #askKnown(now: Millis): boolean {
    const { random, table } = this.#self;
    const next = table.nextUpkeep(now);
    if (next === undefined) return false;
    const { node, bits, last, full } = next;
    const { host, port } = node;
    // A bucket with room learns of more nodes by the same question.
    const asked = full
      ? this.#self.ask({ method: 'ping', args: {}, host, port }, this)
      : this.#self.ask(
          { method: 'get_peers', args: { info_hash: idNear(random, table.id, bits, !last) }, host, port },
          this,
        );
    if (asked !== undefined) node.askedAt = now;
    return true;
  }
}
