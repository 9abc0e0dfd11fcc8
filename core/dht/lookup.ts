import { sameBytes } from '../base/bytes.ts';
import type { Endpoint } from '../base/endpoint.ts';
import { type Contact, subnetOf } from './compact.ts';
import { type NodeId, compareDistance } from './node-id.ts';

/** So many of the nearest nodes have to answer, and get an announce (BEP 5). */
export const NEAREST = 8;
/** Questions under way at a time among the nearest; slow ones do not count. */
const AT_ONCE = 5;
/** Candidates that are remembered, the nearest ones. */
const MAX_CANDIDATES = 100;
/** After so many candidates of one node of which none answered, its others are passed over: it makes them up. */
const MAX_MISLED = 4;

/** A node that may be asked. */
export interface Candidate {
  /** Undefined until it answers: a well-known or kept node. */
  id: NodeId | undefined;
  readonly host: string;
  readonly port: number;
  state: 'new' | 'asked' | 'slow' | 'answered' | 'failed';
  /** What allows us to announce to it. */
  token: Uint8Array | undefined;
  /** Who told of it; undefined: our own table, or several. */
  from: Candidate | undefined;
  /** Of those that it told of: how many did not answer (yet), and how many did. */
  misled: number;
  led: number;
}

/**
 * One iterative look-up: which nodes to ask next, nearer and nearer to the target, until the eight nearest that answer have answered
 * (BEP 5). It holds no socket and no clock.
 */
export class Lookup {
  readonly target: NodeId;
  /** By distance. */
  #sorted: Candidate[] = [];
  #unknown: Candidate[] = [];
  readonly #subnets = new Set<string>();

  constructor(target: NodeId) {
    this.target = target;
  }

  /** Nodes that answered, nearest first. */
  answered(): Candidate[] {
    return this.#sorted.filter(({ state }) => state === 'answered');
  }

  /** A node of our own table. */
  begin(contact: Contact): void {
    this.#subnets.add(subnetOf(contact.host));
    this.#insert(candidate(contact, contact.id));
  }

  /** Places where there may be nodes: well known, kept from an earlier run, or named by a peer. The latest are asked first. */
  beginAt(endpoints: readonly Endpoint[]): void {
    const known = [...this.#unknown, ...this.#sorted];
    const fresh = endpoints.filter(({ host, port }) => !known.some((one) => one.host === host && one.port === port));
    this.#unknown = [...fresh.map((one) => candidate(one, undefined)), ...this.#unknown].slice(0, MAX_CANDIDATES);
  }

  /** A node that another one told of. One of a /24 (IPv6: /64) takes part. */
  told(contact: Contact, from: Candidate): void {
    const at = this.#placeOf(contact.id);
    const there = this.#sorted[at];
    if (there?.id !== undefined && sameBytes(there.id, contact.id)) {
      if (there.host === contact.host && there.from !== from) this.#vouch(there);
      return;
    }
    if (at >= MAX_CANDIDATES) return;
    const subnet = subnetOf(contact.host);
    if (this.#subnets.has(subnet)) return;
    this.#subnets.add(subnet);
    const one = candidate(contact, contact.id);
    one.from = from;
    this.#insert(one);
  }

  /** The next one to ask; undefined: wait for answers, or it is done. */
  next(): Candidate | undefined {
    let left = NEAREST;
    let underWay = 0;
    for (const one of this.#sorted) {
      if (one.state === 'answered' && --left === 0) return undefined;
      if (one.state === 'asked' && ++underWay >= AT_ONCE) return undefined;
      if (one.state === 'new' && !isMade(one)) return one;
    }
    for (const one of this.#unknown) {
      if (one.state === 'asked' && ++underWay >= AT_ONCE) return undefined;
      if (one.state === 'new') return one;
    }
    return undefined;
  }

  /** Whether the nearest ones have answered, or nobody is left to ask. */
  get done(): boolean {
    let left = NEAREST;
    for (const one of this.#sorted) {
      if (one.state === 'answered' && --left === 0) return true;
      if (isOpen(one)) return false;
    }
    return !this.#unknown.some(isOpen);
  }

  asked(one: Candidate): void {
    one.state = 'asked';
  }

  slow(one: Candidate): void {
    if (one.state !== 'asked') return;
    one.state = 'slow';
    if (one.from !== undefined) one.from.misled++;
  }

  failed(one: Candidate): void {
    if (one.from !== undefined && one.state !== 'slow') one.from.misled++;
    one.state = 'failed';
  }

  /** It answered, as `id`: where it was told of with another one, its own counts, and not for who told of it. */
  answers(one: Candidate, id: NodeId): void {
    const right = one.id !== undefined && sameBytes(one.id, id);
    if (one.from !== undefined) {
      if (one.state === 'slow') one.from.misled--;
      if (right) one.from.led++;
      else one.from.misled++;
    }
    one.state = 'answered';
    if (right) return;
    one.id = id;
    this.#unknown = this.#unknown.filter((other) => other !== one);
    this.#sorted = this.#sorted.filter((other) => other !== one);
    this.#subnets.add(subnetOf(one.host));
    this.#insert(one);
  }

  /** Two tell of the same node: neither has made it up alone. */
  #vouch(one: Candidate): void {
    if (one.from !== undefined && one.state !== 'answered' && (one.state === 'slow' || one.state === 'failed'))
      one.from.misled--;
    one.from = undefined;
  }

  #insert(one: Candidate): void {
    if (one.id === undefined) return;
    const at = this.#placeOf(one.id);
    const there = this.#sorted[at];
    if (there?.id !== undefined && sameBytes(there.id, one.id)) return;
    this.#sorted.splice(at, 0, one);
    if (this.#sorted.length > MAX_CANDIDATES) this.#sorted.length = MAX_CANDIDATES;
  }

  /** Where this id stands, or would. */
  #placeOf(id: NodeId): number {
    let low = 0;
    let high = this.#sorted.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = this.#sorted[middle]?.id;
      if (other !== undefined && compareDistance(this.target, other, id) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function candidate({ host, port }: Endpoint, id: NodeId | undefined): Candidate {
  return { id, host, port, state: 'new', token: undefined, from: undefined, misled: 0, led: 0 };
}

function isMade({ from }: Candidate): boolean {
  return from !== undefined && from.led === 0 && from.misled >= MAX_MISLED;
}

function isOpen(one: Candidate): boolean {
  return one.state === 'asked' || one.state === 'slow' || (one.state === 'new' && !isMade(one));
}
