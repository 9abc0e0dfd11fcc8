import type { Endpoint } from '../base/endpoint.ts';
import type { InfoHash } from '../base/ids.ts';
import { canonicalIp, familyOf, isLoopback, parseIp } from '../base/ip.ts';
import { isWithin, scopeOf } from '../base/ip-scope.ts';
import type { DhtAccess } from '../discovery/dht-source.ts';
import type { DhtNodeStatus } from '../engine/statuses.ts';
import type { DhtToIdentity } from './dht-messages.ts';
import { DhtNodes, type DhtNodesOptions } from './dht-nodes.ts';
import { DhtRelay, type DhtRun, type DhtWish, MOST_PEERS } from './dht-relay.ts';
import type { ListenSocket } from './listen-socket.ts';
import type { LocalUdp } from './local-udp.ts';

export type DhtDeskOptions = Omit<DhtNodesOptions, 'neighboursOf' | 'boundTo'>;

/**
 * The DHT for the torrents of one process. It says at which addresses they want nodes, and makes searches at those that run here or,
 * by way of the coordinator, in other processes.
 */
export class DhtDesk {
  readonly #o: DhtDeskOptions;
  /** How many torrents use each socket, and what ends listening to it. */
  readonly #sockets = new Map<ListenSocket, { count: number; readonly unlisten: () => void }>();
  readonly #nodes: DhtNodes;
  readonly #relay: DhtRelay;
  readonly #listeners = new Set<() => void>();
  /** UDP ports of the nodes of other processes, by address. */
  #elsewhere: ReadonlyMap<string, number> = new Map();
  #told = '';

  constructor(options: DhtDeskOptions) {
    this.#o = options;
    this.#nodes = new DhtNodes({
      ...options,
      neighboursOf: (address) => this.#neighboursOf(address),
      boundTo: (address) =>
        [...this.#sockets.keys()].find(
          ({ udp }) => udp.address === address || (udp.address !== undefined && udp.locals.has(address)),
        ),
    });
    this.#relay = new DhtRelay({
      post: options.post,
      search: (address, infoHash, wish) => this.#nodes.at(address)?.search(infoHash, wish),
    });
  }

  /** Nodes at all addresses of this socket serve a torrent, until that is closed. `nodes`: places that the torrent names, perhaps by names. */
  open(
    socket: ListenSocket,
    { infoHash, nodes }: { readonly infoHash: InfoHash; readonly nodes: readonly Endpoint[] },
    changed: () => void,
  ): DhtAccess {
    const known = this.#sockets.get(socket);
    const use = known ?? { count: 0, unlisten: socket.udp.onChange(() => this.#arrange()) };
    use.count++;
    this.#sockets.set(socket, use);
    if (this.#nodes.onLoopback) socket.udp.useLoopback();
    const isReady = (): boolean => [...socket.udp.locals.keys()].some((address) => this.portAt(address) !== undefined);
    let toTell = nodes.length > 0;
    const hear = (): void => {
      if (toTell && isReady()) {
        toTell = false;
        void this.#tell(socket, nodes);
      }
      changed();
    };
    this.#listeners.add(hear);
    // A further torrent at the same socket is no news to the others, of which there may be thousands.
    if (known === undefined) this.#arrange();
    else hear();
    let closed = false;
    return {
      get ready() {
        return isReady();
      },
      search: (wish) => this.#search(socket, infoHash, wish),
      close: () => {
        if (closed) return;
        closed = true;
        this.#listeners.delete(hear);
        if (--use.count > 0) return;
        use.unlisten();
        this.#sockets.delete(socket);
        this.#arrange();
      },
    };
  }

  /** The UDP port of our node at this local address, in whichever process. */
  portAt(local: string): number | undefined {
    const address = canonicalIp(local) ?? local;
    return this.#nodes.at(address)?.port ?? this.#elsewhere.get(address);
  }

  /** There may be nodes at these places, which the one at this address is told. */
  heardOf(local: string, nodes: readonly Endpoint[]): void {
    const address = canonicalIp(local) ?? local;
    const own = this.#nodes.at(address);
    if (own !== undefined) for (const node of nodes) own.heardOf(node);
    else if (this.#elsewhere.has(address)) this.#o.post({ type: 'dht-heard', address, nodes });
  }

  /** Others reach this address unasked. */
  reachedAt(local: string): void {
    this.#nodes.at(canonicalIp(local) ?? local)?.node.reachable(true);
  }

  /** The machine has slept, or is somewhere else: what the nodes know may hold no longer. */
  moved(): void {
    this.#nodes.moved();
  }

  /** There is a way to the world again from this socket: its nodes look for others at once. */
  wayCame({ udp }: ListenSocket): void {
    for (const address of udp.locals.keys()) this.#nodes.at(address)?.node.moved();
  }

  /** A message of the coordinator about the DHT. */
  heard(message: DhtToIdentity): void {
    switch (message.type) {
      case 'dht-nodes':
        this.#assign(message);
        return;
      case 'dht-search':
        this.#relay.serve(message);
        return;
      case 'dht-cancel':
        this.#relay.cancel(message);
        return;
      case 'dht-found':
      case 'dht-searched':
        this.#relay.answered(message);
        return;
      case 'dht-heard':
        this.heardOf(message.address, message.nodes);
        return;
      case 'dht-always':
        // Of sockets, which are not the desk's.
        return;
    }
  }

  status(): DhtNodeStatus[] {
    return this.#nodes.status();
  }

  /** Posts what is to be kept for the next run. */
  keep(): void {
    this.#nodes.keep();
  }

  /** Keeps what the nodes know, and stops them. */
  close(): void {
    this.#nodes.close();
  }

  /** Sockets came or went. */
  #arrange(): void {
    const sockets = this.#locals();
    this.#nodes.attach(sockets);
    const addresses = [...sockets].map(([address, udp]) => ({ address, port: udp.local.port }));
    const now = JSON.stringify(addresses);
    // The first time there is nothing to tell.
    if (now !== (this.#told === '' ? '[]' : this.#told)) {
      this.#told = now;
      this.#o.post({ type: 'dht-addresses', addresses });
    }
    this.#changed();
  }

  /** One socket for each address. */
  #locals(): ReadonlyMap<string, LocalUdp> {
    const out = new Map<string, LocalUdp>();
    for (const { udp } of this.#sockets.keys()) {
      for (const [address, local] of udp.locals) if (!out.has(address)) out.set(address, local);
    }
    return out;
  }

  #assign(message: Extract<DhtToIdentity, { readonly type: 'dht-nodes' }>): void {
    this.#elsewhere = new Map(message.elsewhere.map(({ address, port }) => [address, port]));
    this.#nodes.assign(message);
    if (this.#nodes.onLoopback) for (const { udp } of this.#sockets.keys()) udp.useLoopback();
    this.#arrange();
  }

  async #tell(socket: ListenSocket, nodes: readonly Endpoint[]): Promise<void> {
    for (const family of [4, 6] as const) {
      const places = await this.#nodes.lookUp(nodes, family, socket);
      for (const address of socket.udp.locals.keys()) {
        if (familyOf(address) === family && places.length > 0) this.heardOf(address, places);
      }
    }
  }

  #socketsOf(address: string): ListenSocket[] {
    return [...this.#sockets.keys()].filter(({ udp }) => udp.locals.has(address));
  }

  #neighboursOf(address: string): string[] {
    return this.#socketsOf(address).flatMap(({ udp }) => [...udp.locals.keys()]);
  }

  #search(socket: ListenSocket, infoHash: InfoHash, { announce, found }: DhtWish): DhtRun {
    const begun: DhtRun[] = [];
    for (const address of socket.udp.locals.keys()) {
      const passed = (peers: readonly Endpoint[]): void => {
        const usable = peers.filter((peer) => mayBePeer(address, peer) && !this.#isOwn(socket, peer));
        if (usable.length > 0) found(usable.slice(0, MOST_PEERS));
      };
      const wish = { announce, found: passed };
      const own = this.#nodes.at(address);
      if (own !== undefined) begun.push(own.search(infoHash, wish));
      else if (this.#elsewhere.has(address)) begun.push(this.#relay.ask(address, infoHash, wish));
    }
    return {
      cancel: () => begun.forEach((one) => one.cancel()),
      done: Promise.all(begun.map(({ done }) => done)).then((outcomes) => ({
        nodes: outcomes.reduce((sum, { nodes }) => sum + nodes, 0),
        announced: outcomes.reduce((sum, { announced }) => sum + announced, 0),
      })),
    };
  }

  /** Whether that is where this very socket is announced. */
  #isOwn(socket: ListenSocket, { host, port }: Endpoint): boolean {
    if (port !== socket.announced?.port) return false;
    if (socket.udp.locals.has(host) || socket.announced.host === host) return true;
    return this.#nodes.isSeenAs(host);
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}

/** A peer that strangers name. What only this machine can reach is nobody's peer, unless we speak to this machine alone. */
function mayBePeer(address: string, { host }: Endpoint): boolean {
  const ip = parseIp(host);
  const scope = ip === undefined ? undefined : scopeOf(host);
  return scope !== undefined && (isWithin(scope, 'private') || isLoopback(address));
}
