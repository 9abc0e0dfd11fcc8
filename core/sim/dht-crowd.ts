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
    const shared = sharedBits(member.id, target);
    const range = this.#sharing(target, shared + 1);
    const fresh = range.filter((one) => this.isThere(one, now - STALE));
    if (fresh.length === 0) return compactNodes(this.nearest(target, K, now - STALE), 4);
    // Nearest of a choice that is its own: a table has eight of each distance, not all.
    const salt = member.id[19] ?? 0;
    const some =
      fresh.length <= 24
        ? fresh
        : fresh.filter((one) => ((one.id[18] ?? 0) ^ salt) % Math.ceil(fresh.length / 16) === 0);
    return compactNodes(nearestOf(some.length > 0 ? some : fresh.slice(0, K), target, K), 4);
  }

  /** The nearest nodes to a target that are there. */
  nearest(target: NodeId, most: number, now: number): Member[] {
    for (let bits = sharedBits(target, this.#closestOne(target).id); bits >= 0; bits--) {
      const there = this.#sharing(target, bits).filter((one) => this.isThere(one, now));
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

  #closestOne(target: NodeId): Member {
    return nearestOf(this.#sharing(target, 0), target, 1)[0] as Member;
  }

  /** All whose ids begin with the first `bits` bits of `target`: they lie side by side. */
  #sharing(target: NodeId, bits: number): readonly Member[] {
    const from = this.#search((id) => sharedBits(id, target) >= bits || compareDistance(ZERO, id, target) > 0);
    const to = this.#search((id) => sharedBits(id, target) < bits && compareDistance(ZERO, id, target) > 0);
    return this.#sorted.slice(from, to);
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
