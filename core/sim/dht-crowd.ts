import { createHash } from 'node:crypto';
import { formatIp } from '../base/ip.ts';
import { compactNodes } from '../dht/compact.ts';
import { type NodeId, compareDistance, sharedBits } from '../dht/node-id.ts';
import { secureId } from '../dht/secure-id.ts';
import type { SeededRandom } from './random.ts';

/** What a node of the crowd does to whoever asks it. */
export type Manner = 'honest' | 'other-id' | 'bad-token' | 'flood' | 'poison' | 'made-up' | 'lies-about-you';
const HOSTILE: readonly Manner[] = ['other-id', 'bad-token', 'flood', 'poison', 'made-up', 'lies-about-you'];

const STALE = 15 * 60_000;
const SLOT = 30 * 60_000;
const K = 8;
/** How many of a distance a node of the crowd knows, whether they are there or not. */
const CHOICE = 24;
/** More bits than two of the crowd have in common. */
const MOST_SHARED = 24;

export interface Member {
  readonly id: NodeId;
  readonly host: string;
  readonly port: number;
  readonly manner: Manner;
  /** It is there for `on` of each `period` milliseconds. */
  readonly period: number;
  readonly on: number;
  readonly offset: number;
}

/** Thousands of nodes that answer as if they had routing tables: each knows a few of every distance, some of them gone. */
export class DhtCrowd {
  readonly members: readonly Member[];
  /** By id. */
  readonly #sorted: readonly Member[];
  readonly #byHost: ReadonlyMap<string, Member>;
  readonly #holders = new Map<string, readonly Member[]>();

  constructor(random: SeededRandom, count: number, hostile: number) {
    this.members = Array.from({ length: count }, (_, i): Member => {
      const host = `31.${i >> 8}.${i & 255}.7`;
      const period = (4 + random.uniform() * 20) * 3_600_000;
      return {
        id: secureId(random, Uint8Array.of(31, i >> 8, i & 255, 7)),
        host,
        port: 6881,
        manner: random.uniform() < hostile ? (HOSTILE[i % HOSTILE.length] as Manner) : 'honest',
        period,
        on: period * (0.5 + random.uniform() * 0.5),
        offset: random.uniform() * period,
      };
    });
    this.#sorted = [...this.members].sort((a, b) => compareDistance(ZERO, a.id, b.id));
    this.#byHost = new Map(this.members.map((member) => [member.host, member]));
  }

  at(host: string): Member | undefined {
    return this.#byHost.get(host);
  }

  isThere(member: Member, now: number): boolean {
    return (now + member.offset) % member.period < member.on;
  }

  /** What a node gives when asked for a target: the nearest of those that it knows, one in a few of which may be gone. */
  known(member: Member, target: NodeId, now: number): Uint8Array {
    const [from, to] = this.#sharing(target, sharedBits(member.id, target) + 1);
    const wasThere = (one: Member): boolean => this.isThere(one, now - STALE);
    // A table has a few of each distance, not all: some of its own, spread over the range.
    const step = Math.max(1, Math.floor((to - from) / CHOICE));
    const start = from + ((member.id[19] ?? 0) % step);
    const some: Member[] = [];
    for (let at = start; at < to; at += step) some.push(this.#sorted[at] as Member);
    const fresh = some.filter(wasThere);
    return compactNodes(fresh.length > 0 ? nearestOf(fresh, target, K) : this.nearest(target, K, now - STALE), 4);
  }

  /** The nearest nodes to a target that are there. */
  nearest(target: NodeId, most: number, now: number): Member[] {
    for (let bits = MOST_SHARED; bits >= 0; bits--) {
      const there = this.#sorted.slice(...this.#sharing(target, bits)).filter((one) => this.isThere(one, now));
      if (there.length >= most || bits === 0) return nearestOf(there, target, most);
    }
    return [];
  }

  /** Whether a node has peers of a torrent: all torrents are announced every half hour to the nodes that are nearest then. */
  holds(member: Member, target: NodeId, now: number): boolean {
    const slot = Math.floor(now / SLOT) * SLOT;
    const key = `${target.join('.')} ${slot}`;
    let holders = this.#holders.get(key);
    if (holders === undefined) {
      if (this.#holders.size > 2000) this.#holders.clear();
      holders = this.nearest(target, K, slot);
      this.#holders.set(key, holders);
    }
    return holders.includes(member);
  }

  /** All whose ids begin with the first `bits` bits of `target` lie side by side: from where to where. */
  #sharing(target: NodeId, bits: number): [number, number] {
    const from = this.#search((id) => sharedBits(id, target) >= bits || compareDistance(ZERO, id, target) > 0);
    const to = this.#search((id) => sharedBits(id, target) < bits && compareDistance(ZERO, id, target) > 0);
    return [from, to];
  }

  #search(holds: (id: NodeId) => boolean): number {
    let low = 0;
    let high = this.#sorted.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (holds((this.#sorted[middle] as Member).id)) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

const ZERO = new Uint8Array(20) as NodeId;

function nearestOf(members: readonly Member[], target: NodeId, most: number): Member[] {
  return [...members].sort((a, b) => compareDistance(target, a.id, b.id)).slice(0, most);
}

/** The hash of the torrent with this number. */
export function torrentHash(number: number): NodeId {
  return new Uint8Array(createHash('sha1').update(`torrent ${number}`).digest()) as NodeId;
}

/** Nodes close to a target that nobody has. */
export function madeUpNodes(random: SeededRandom, target: NodeId): Uint8Array {
  const nodes = Array.from({ length: 16 }, () => {
    const id = Uint8Array.from([...target.subarray(0, 10), ...random.bytes(10)]) as NodeId;
    return {
      id,
      host: formatIp(Uint8Array.from([77, ...random.bytes(3)])),
      port: 1 + Math.floor(random.uniform() * 65_535),
    };
  });
  return compactNodes(nodes, 4);
}
