import { toHex } from '../base/bytes.ts';
import { type Endpoint, formatEndpoint } from '../base/endpoint.ts';
import { millis } from '../base/ids.ts';
import { encode } from '../bencode/bencode.ts';
import { compactEndpoint } from '../dht/compact.ts';
import type { SavedDht, SearchResult } from '../dht/contract.ts';
import { DhtNode } from '../dht/dht-node.ts';
import { type KrpcMessage, type KrpcQuery, bytesIn, decodeKrpc } from '../dht/krpc.ts';
import { encodeError, encodeReply } from '../dht/krpc-encode.ts';
import { type NodeId, asNodeId } from '../dht/node-id.ts';
import { VirtualClock } from './clock.ts';
import { DhtCrowd, type Member, madeUpNodes, torrentHash } from './dht-crowd.ts';
import { SeededRandom } from './random.ts';

const VERSION = Uint8Array.of(0x45, 0x4e, 0, 1);
const FLOOD = 80;
const LOSS = 0.02;
const PORT = 6881;

/** A node of ours in full. */
export interface OwnNode {
  readonly node: DhtNode;
  readonly host: string;
}

/** A DHT of thousands: a few nodes are ours in full, the others are a crowd that comes, goes and partly lies. */
export class DhtWorld {
  readonly clock = new VirtualClock();
  readonly random: SeededRandom;
  readonly crowd: DhtCrowd;
  readonly own = new Map<string, DhtNode>();
  /** What our nodes announced to honest nodes: `hash` to endpoints, as long as it is kept. */
  readonly #announced = new Map<string, Map<string, { readonly at: number; readonly endpoint: Endpoint }>>();
  /** Well-known nodes; undefined: some of the crowd. */
  routers: readonly Endpoint[] | undefined;
  /** Nothing arrives anywhere. */
  cut = false;
  /** The largest message that a node of ours sent. */
  largest = 0;

  constructor(seed: number, count: number, hostile = 0.2) {
    this.random = new SeededRandom(seed);
    this.crowd = new DhtCrowd(this.random, count, hostile);
  }

  add(host: string, saved?: SavedDht): OwnNode {
    const node = new DhtNode({
      clock: this.clock,
      random: new SeededRandom(this.random.bytes(4).reduce((sum, byte) => sum * 256 + byte, 0)),
      family: 4,
      version: VERSION,
      saved,
      send: (data, to, port) => this.#send(data, host, { host: to, port }),
      bootstrap: () => {
        const now = this.clock.now();
        const there = this.crowd.members.filter((one) => one.manner === 'honest' && this.crowd.isThere(one, now));
        return Promise.resolve(this.routers ?? there.slice(0, 3));
      },
    });
    this.own.set(host, node);
    node.start();
    return { node, host };
  }

  /** One search, to its end. */
  async search(
    node: DhtNode,
    hash: NodeId,
    port?: number,
  ): Promise<SearchResult & { readonly found: ReadonlySet<string> }> {
    const found = new Set<string>();
    const announce = port === undefined ? undefined : { port };
    const search = node.search(hash, {
      announce,
      found: (peers) => peers.forEach((one) => found.add(formatEndpoint(one))),
    });
    return { ...(await this.clock.resolve(search.done)), found };
  }

  /** Somebody of the crowd asks a node of ours what others ask, and may announce the torrent there afterwards. */
  ask(host: string, torrent: number): void {
    const members = this.crowd.members;
    const member = members[Math.floor(this.random.uniform() * members.length)] as Member;
    if (!this.crowd.isThere(member, this.clock.now())) return;
    const pick = this.random.uniform();
    const [q, a] =
      pick < 0.3
        ? ['ping', {}]
        : pick < 0.6
          ? ['find_node', { target: this.random.bytes(20) }]
          : ['get_peers', { info_hash: torrentHash(torrent) }];
    this.#deliver(encode({ a: { id: member.id, ...a }, q, t: String(torrent), y: 'q' }), member, host);
  }

  #send(data: Uint8Array, from: string, to: Endpoint): void {
    this.largest = Math.max(this.largest, data.length);
    if (this.cut || this.random.uniform() < LOSS) return;
    const arrive = (): void => {
      const own = this.own.get(to.host);
      if (own !== undefined) return own.received(data, from, PORT);
      const member = this.crowd.at(to.host);
      if (member !== undefined && this.crowd.isThere(member, this.clock.now()))
        this.#crowdGets(decodeKrpc(data), member, from);
    };
    this.clock.after(millis(20 + this.random.uniform() * 150), arrive);
  }

  #deliver(data: Uint8Array, from: Member, to: string): void {
    if (this.cut || this.random.uniform() < LOSS) return;
    this.clock.after(millis(20 + this.random.uniform() * 150), () =>
      this.own.get(to)?.received(data, from.host, from.port),
    );
  }

  #crowdGets(message: KrpcMessage, member: Member, from: string): void {
    if (message.kind === 'reply' && bytesIn(message.body, 'token') !== undefined)
      return this.#announceTo(message, member, from);
    if (message.kind !== 'query' || message.id === undefined) return;
    if (member.manner === 'flood') {
      const noise = encode({ a: { id: member.id, target: this.random.bytes(20) }, q: 'find_node', t: 'xx', y: 'q' });
      for (let i = 0; i < FLOOD; i++) this.#deliver(noise.slice(), member, from);
    }
    this.#deliver(this.#answer(message, member, from), member, from);
  }

  /** Who got a token of ours announces itself: some with a wrong one. */
  #announceTo(message: KrpcMessage, member: Member, from: string): void {
    if (message.kind !== 'reply') return;
    const token = member.manner === 'bad-token' ? this.random.bytes(8) : bytesIn(message.body, 'token');
    const info_hash = torrentHash(Number(new TextDecoder().decode(message.transaction)));
    const a = { id: member.id, info_hash, port: 5000, token };
    this.#deliver(encode({ a, q: 'announce_peer', t: 'an', y: 'q' }), member, from);
  }

  #answer(query: KrpcQuery, member: Member, from: string): Uint8Array {
    const { manner } = member;
    const said = manner === 'lies-about-you' ? '88.7.6.5' : from;
    const ip = compactEndpoint(said, PORT) ?? new Uint8Array(6);
    const head = { transaction: query.transaction, version: VERSION, ip };
    const id = manner === 'other-id' ? (this.random.bytes(20) as NodeId) : member.id;
    const target = asNodeId(bytesIn(query.args, 'info_hash') ?? bytesIn(query.args, 'target'));
    if (query.method === 'announce_peer' && target !== undefined) {
      const good = toHex(bytesIn(query.args, 'token') ?? new Uint8Array(0)) === toHex(tokenOf(member, from));
      if (manner === 'bad-token' || !good) return encodeError(203, 'bad token', head);
      this.#keep(target, from, Number(query.args['port']));
      return encodeReply(id, {}, head);
    }
    if (target === undefined) return encodeReply(id, {}, head);
    const now = this.clock.now();
    const nodes = manner === 'made-up' ? madeUpNodes(this.random, target) : this.crowd.known(member, target, now);
    const token = tokenOf(member, from);
    if (manner === 'poison') {
      const values = [
        [127, 0, 0, 1, 26, 225],
        [10, 0, 0, 1, 26, 225],
        [224, 0, 0, 1, 0, 9],
        [9, 9, 9, 9, 0, 0],
        [0, 0, 0, 0, 0, 80],
      ];
      return encodeReply(id, { nodes, token, values: values.map((one) => Uint8Array.from(one)) }, head);
    }
    const values = this.crowd.holds(member, target, now) ? this.#peersOf(target) : [];
    return encodeReply(id, { nodes, token, values: values.length > 0 ? values : undefined }, head);
  }

  #keep(target: NodeId, host: string, port: number): void {
    const key = toHex(target);
    const kept = this.#announced.get(key) ?? new Map<string, { at: number; endpoint: Endpoint }>();
    kept.set(host, { at: this.clock.now(), endpoint: { host, port } });
    this.#announced.set(key, kept);
  }

  /** Three that are always there, and those of ours that announced themselves in the last 45 minutes. */
  #peersOf(target: NodeId): Uint8Array[] {
    const ours = [...(this.#announced.get(toHex(target))?.values() ?? [])]
      .filter(({ at }) => this.clock.now() - at < 45 * 60_000)
      .map(({ endpoint }) => compactEndpoint(endpoint.host, endpoint.port) as Uint8Array);
    return [...[1, 2, 3].map((n) => Uint8Array.of(60, target[0] ?? 0, target[1] ?? 0, n, 26, 225)), ...ours];
  }
}

function tokenOf(member: Member, from: string): Uint8Array {
  return Uint8Array.from([...member.id.subarray(0, 4), ...new TextEncoder().encode(from).subarray(0, 12)]);
}
