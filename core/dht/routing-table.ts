import { sameBytes } from '../base/bytes.ts';
import type { Millis } from '../base/ids.ts';
import { Bucket } from './bucket.ts';
import type { Contact } from './compact.ts';
import { type NodeId, compareDistance, sharedBits } from './node-id.ts';
import { type TableNode, isGood, newNode, seenAt } from './table-node.ts';

/** Deeper tables come from made-up ids alone. */
const MAX_BUCKETS = 50;
/** Questions in a row without an answer after which a node that nobody can take the place of is forgotten. */
const MAX_FAILS = 5;
/** Nodes that were seen so lately are not asked whether they are there. */
const FRESH = 15 * 60_000;
/** In a bucket with room each node is asked so often, as it may know more. */
const WITH_ROOM = 5 * 60_000;
/** One that failed is asked again so soon. */
const AFTER_FAILURE = 60_000;

/** Which node to ask next to keep the table good; `bits`: how many bits its bucket has in common with our id. */
export interface Upkeep {
  readonly node: TableNode;
  readonly bits: number;
  /** It is the last bucket, for all ids that have at least so many. */
  readonly last: boolean;
  /** Its bucket has all the nodes that it can have. */
  readonly full: boolean;
}

/**
 * The nodes that we know, more of them the nearer to our own id (BEP 5). One node an address, and one of a /24 (IPv6: /64) a bucket,
 * so that nobody fills it from one network.
 */
export class RoutingTable {
  #id: NodeId;
  #buckets: Bucket[] = [new Bucket(0)];
  #byHost = new Map<string, TableNode>();

  constructor(id: NodeId) {
    this.#id = id;
  }

  get id(): NodeId {
    return this.#id;
  }

  /** Whether there is a node at this address. */
  knows(host: string): boolean {
    return this.#byHost.has(host);
  }

  /** Takes another id: all nodes are sorted in anew. */
  setId(id: NodeId): void {
    const nodes = this.#buckets.flatMap((bucket) => bucket.nodes);
    this.#id = id;
    this.#buckets = [new Bucket(0)];
    this.#byHost = new Map();
    for (const node of nodes.sort((a, b) => b.answeredAt - a.answeredAt)) this.#place(node);
  }

  /** Somebody told of a node, or, with `itself`, the node asked us something. Nothing proves yet that it is there. */
  heard(contact: Contact, itself: boolean, now: Millis): void {
    const known = this.#byHost.get(contact.host);
    if (known !== undefined) {
      if (itself && known.port === contact.port && sameBytes(known.id, contact.id)) known.heardAt = now;
      return;
    }
    const node = newNode(contact);
    if (itself) node.heardAt = now;
    this.#place(node);
  }

  /** A node answered a question of ours, so that it is at this address. False: it had another id before, and is not to be believed. */
  answered(contact: Contact, rtt: number, now: Millis): boolean {
    let node = this.#byHost.get(contact.host);
    if (node !== undefined && node.port !== contact.port) {
      // One node an address: the older one stays while it answers.
      if (node.answeredAt >= 0 && node.fails === 0) return true;
      this.#remove(node);
      node = undefined;
    }
    if (node !== undefined && !sameBytes(node.id, contact.id)) {
      const proven = node.answeredAt >= 0;
      this.#remove(node);
      // Who changes its id may want to be everywhere; of whom we only heard, somebody else was wrong.
      if (proven) return false;
      node = undefined;
    }
    if (node === undefined) {
      node = newNode(contact);
      node.askedAt = now;
    } else this.#remove(node);
    node.rtt = Number.isFinite(node.rtt) ? Math.round(node.rtt * 0.7 + rtt * 0.3) : rtt;
    node.fails = 0;
    node.answeredAt = now;
    this.#place(node);
    return true;
  }

  /** A node did not answer; `ours`: nobody does, so that it says nothing of a node that was there before. */
  failed(host: string, port: number, ours: boolean): void {
    const node = this.#byHost.get(host);
    if (node === undefined || node.port !== port) return;
    if (ours && node.answeredAt >= 0) return;
    node.fails++;
    const bucket = this.#bucketOf(node.id);
    const replaced = bucket.spare.some((one) => one.answeredAt >= 0 && one.fails === 0);
    if (node.answeredAt >= 0 && node.fails < MAX_FAILS && !replaced) return;
    this.#remove(node);
    bucket.fill();
  }

  /** Our own way out was gone: failures say nothing of the nodes. */
  pardon(): void {
    for (const node of this.#byHost.values()) node.fails = 0;
  }

  /** The nodes nearest to a target, up to `most`; those in reserve and those that `fits` refuses are left out. */
  closest(target: NodeId, most: number, fits: (node: TableNode) => boolean = () => true): TableNode[] {
    const out: TableNode[] = [];
    for (const { live } of this.#buckets) {
      for (const node of live) {
        const last = out.at(-1);
        if (out.length >= most && last !== undefined && compareDistance(target, node.id, last.id) >= 0) continue;
        if (!fits(node)) continue;
        let at = out.length;
        while (at > 0 && compareDistance(target, node.id, (out[at - 1] as TableNode).id) < 0) at--;
        out.splice(at, 0, node);
        if (out.length > most) out.pop();
      }
    }
    return out;
  }

  /** A node that was not seen for longest, or one in reserve of which we only heard and for which there is room. */
  nextUpkeep(now: Millis): Upkeep | undefined {
    let found: Upkeep | undefined;
    for (let bits = this.#buckets.length - 1; bits >= 0; bits--) {
      const bucket = this.#buckets[bits] as Bucket;
      const last = bits === this.#buckets.length - 1;
      const full = bucket.full && !last;
      for (const node of bucket.live) {
        const rest = full ? now - Math.max(seenAt(node), node.askedAt) - FRESH : now - node.askedAt - WITH_ROOM;
        const due = node.fails > 0 ? now - node.askedAt >= AFTER_FAILURE : rest >= 0;
        if (due && (found === undefined || node.askedAt < found.node.askedAt)) found = { node, bits, last, full };
      }
      if (full) continue;
      const unproven = bucket.spare.find((node) => node.answeredAt < 0 && node.askedAt < 0);
      if (unproven !== undefined) return { node: unproven, bits, last, full };
    }
    return found;
  }

  counts(now: Millis): { readonly good: number; readonly questionable: number; readonly spare: number } {
    let good = 0;
    let live = 0;
    let spare = 0;
    for (const bucket of this.#buckets) {
      live += bucket.live.length;
      spare += bucket.spare.length;
      for (const node of bucket.live) if (isGood(node, now)) good++;
    }
    return { good, questionable: live - good, spare };
  }

  #bucketOf(id: NodeId): Bucket {
    return this.#buckets[Math.min(sharedBits(this.#id, id), this.#buckets.length - 1)] as Bucket;
  }

  /** Puts a node where it belongs, if it may be in the table at all. */
  #place(node: TableNode): void {
    if (sameBytes(this.#id, node.id)) return;
    let bucket = this.#bucketOf(node.id);
    const proven = node.answeredAt >= 0;
    for (const other of bucket.nodes) {
      if (other.subnet !== node.subnet && !sameBytes(node.id, other.id)) continue;
      // What answers is more than what was heard of.
      if (!proven || other.answeredAt >= 0) return;
      this.#remove(other);
    }
    while (proven && bucket.full && this.#splits(bucket, node)) {
      this.#split(bucket);
      bucket = this.#bucketOf(node.id);
    }
    if (proven && bucket.full) {
      const worse = bucket.worseThan(node, bucket === this.#buckets.at(-1));
      if (worse !== undefined) {
        this.#remove(worse);
        if (worse.fails === 0) this.#keepSpare(bucket, worse);
      }
    }
    if (!proven || bucket.full) return this.#keepSpare(bucket, node);
    bucket.live.push(node);
    this.#byHost.set(node.host, node);
  }

  #keepSpare(bucket: Bucket, node: TableNode): void {
    if (bucket.spare.length >= bucket.limit) {
      const worst = bucket.spare.find((one) => one.answeredAt < 0) ?? bucket.spare.find((one) => one.fails > 0);
      if (worst === undefined) return;
      this.#remove(worst);
    }
    bucket.spare.push(node);
    this.#byHost.set(node.host, node);
  }

  #splits(bucket: Bucket, node: TableNode): boolean {
    return bucket === this.#buckets.at(-1) && this.#buckets.length < MAX_BUCKETS && bucket.splits(node.id);
  }

  #split(bucket: Bucket): void {
    const moved = bucket.split(this.#id);
    this.#buckets.push(new Bucket(this.#buckets.length));
    for (const node of moved) this.#byHost.delete(node.host);
    for (const node of moved) this.#place(node);
  }

  #remove(node: TableNode): void {
    this.#bucketOf(node.id).remove(node);
    this.#byHost.delete(node.host);
  }
}
