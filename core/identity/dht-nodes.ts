import type { Endpoint } from '../base/endpoint.ts';
import { millis } from '../base/ids.ts';
import { familyOf, isLoopback } from '../base/ip.ts';
import { isLinkStandIn } from '../base/stand-in.ts';
import { readSavedDht } from '../dht/saved.ts';
import type { DhtNodeStatus } from '../engine/statuses.ts';
import type { Ports } from '../ports/ports.ts';
import { DhtLocalNode, type MakeNode, realNode } from './dht-local-node.ts';
import type { DhtFromIdentity, DhtToIdentity } from './dht-messages.ts';
import type { ListenSocket } from './listen-socket.ts';
import type { LocalUdp } from './local-udp.ts';

/** Names of well-known nodes are looked up again after this time, sooner where that failed. */
const NAMES_HOLD = millis(10 * 60_000);

/** A socket, by way of whose address names are looked up. */
type NameAsker = Pick<ListenSocket, 'resolve'>;

export interface DhtNodesOptions {
  readonly ports: Pick<Ports, 'net' | 'clock' | 'random'>;
  /** See `DhtNodeOptions`. */
  readonly version: Uint8Array;
  readonly makeNode?: MakeNode;
  post(message: DhtFromIdentity): void;
  /** The other addresses of the sockets that have this one. */
  neighboursOf(address: string): readonly string[];
  /** The socket that is bound to it; undefined: names are asked as the system does it. */
  boundTo(address: string): NameAsker | undefined;
}

/** The nodes of the DHT that this process runs, at most one for each local address, and what they begin with. */
export class DhtNodes {
  readonly #o: DhtNodesOptions;
  readonly #nodes = new Map<string, DhtLocalNode>();
  #bootstrap: readonly Endpoint[] = [];

  constructor(options: DhtNodesOptions) {
    this.#o = options;
  }

  at(address: string): DhtLocalNode | undefined {
    return this.#nodes.get(address);
  }

  /** Whether somebody to begin with is on this machine. */
  get onLoopback(): boolean {
    return this.#bootstrap.some(({ host }) => isLoopback(host));
  }

  /** Has nodes at these addresses, and at no others. */
  assign({
    here,
    bootstrap,
  }: Pick<Extract<DhtToIdentity, { readonly type: 'dht-nodes' }>, 'here' | 'bootstrap'>): void {
    this.#bootstrap = bootstrap;
    const wanted = new Map(here.map(({ address, kept }) => [address, kept]));
    for (const [address, local] of this.#nodes) {
      if (wanted.has(address)) continue;
      this.#keep(address, local.node);
      local.attach(undefined);
      this.#nodes.delete(address);
    }
    for (const [address, kept] of wanted) {
      if (!this.#nodes.has(address)) this.#nodes.set(address, this.#make(address, kept));
    }
  }

  /** These are the sockets of the local addresses: a node runs where there is one. */
  attach(sockets: ReadonlyMap<string, LocalUdp>): void {
    for (const [address, node] of this.#nodes) node.attach(sockets.get(address));
  }

  /** The machine has slept, or is somewhere else: what the nodes know may hold no longer. */
  moved(): void {
    for (const { node } of this.#nodes.values()) node.moved();
  }

  /** Whether the world sees one of the nodes at this address. */
  isSeenAs(host: string): boolean {
    return [...this.#nodes.values()].some(({ node }) => node.status().externalAddress === host);
  }

  status(): DhtNodeStatus[] {
    return [...this.#nodes].map(([address, { node, port = 0, found }]) => {
      const { externalAddress, ...status } = node.status();
      return { address, port, found, ...status, ...(externalAddress === undefined ? {} : { externalAddress }) };
    });
  }

  /** Posts what is to be kept for the next run. */
  keep(): void {
    for (const [address, { node }] of this.#nodes) this.#keep(address, node);
  }

  /** Keeps what the nodes know, and stops them. */
  close(): void {
    this.keep();
    for (const node of this.#nodes.values()) node.attach(undefined);
    this.#nodes.clear();
  }

  /** The addresses of places that may have names, which are looked up by way of the address to which `socket` is bound. */
  async lookUp(places: readonly Endpoint[], family: 4 | 6, socket: NameAsker | undefined): Promise<Endpoint[]> {
    const found = await Promise.all(
      places.map(async ({ host, port }) => {
        const asking = socket?.resolve(host) ?? this.#o.ports.net.resolve(host);
        const addresses = await asking.catch(() => []);
        return addresses.filter((one) => one.family === family).map(({ address }) => ({ host: address, port }));
      }),
    );
    return found.flat();
  }

  #keep(address: string, node: DhtLocalNode['node']): void {
    const kept = node.save();
    if (kept.nodes.length > 0) this.#o.post({ type: 'dht-kept', address, kept });
  }

  #make(address: string, kept: unknown): DhtLocalNode {
    const { ports, version, makeNode = realNode } = this.#o;
    const family = familyOf(address);
    let names: { readonly until: number; readonly places: readonly Endpoint[] } | undefined;
    return new DhtLocalNode(
      {
        clock: ports.clock,
        random: ports.random,
        family,
        version,
        saved: kept === undefined ? undefined : readSavedDht(kept, family),
        bootstrap: async () => {
          const now = ports.clock.now();
          if (names !== undefined && now < names.until) return names.places;
          const socket = this.#o.boundTo(address);
          // Behind a proxy nobody else is asked for names.
          if (socket === undefined && isLinkStandIn(address)) return [];
          const found = await this.lookUp(this.#bootstrap, family, socket);
          const places = found.filter(({ host }) => mayBeNode(address, host));
          names = { until: now + (places.length > 0 ? NAMES_HOLD : 0), places };
          return places;
        },
        sibling: () => this.#siblingOf(address, family),
      },
      makeNode,
    );
  }

  /** The node of the other family at the same socket. */
  #siblingOf(address: string, family: 4 | 6): DhtLocalNode | undefined {
    for (const other of this.#o.neighboursOf(address)) {
      const node = this.#nodes.get(other);
      if (node !== undefined && familyOf(other) !== family) return node;
    }
    return undefined;
  }
}

/** Whether a node on this address can have something to say to that one: loopback and the world do not meet. */
function mayBeNode(address: string, host: string): boolean {
  return isLoopback(address) === isLoopback(host);
}
