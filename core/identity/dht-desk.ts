import type { Endpoint } from '../base/endpoint.ts';
import { type IdentityIndex, type InfoHash, millis } from '../base/ids.ts';
import { canonicalIp, isLoopback, parseIp, familyOf } from '../base/ip.ts';
import { isWithin, scopeOf } from '../base/ip-scope.ts';
import { isLinkStandIn } from '../base/stand-in.ts';
import type { DhtAccess, DhtOutcome } from '../discovery/dht-source.ts';
import { readSavedDht } from '../dht/saved.ts';
import type { DhtNodeStatus } from '../engine/statuses.ts';
import type { Ports } from '../ports/ports.ts';
import { DhtLocalNode, type MakeNode, realNode } from './dht-local-node.ts';
import type { DhtFromIdentity, DhtToIdentity } from './dht-messages.ts';
import type { ListenSocket } from './listen-socket.ts';
import type { LocalUdp } from './local-udp.ts';

type Assignment = Extract<DhtToIdentity, { readonly type: 'dht-nodes' }>;
type Announce = { readonly port: number; readonly seed: boolean } | undefined;
type Found = (peers: readonly Endpoint[]) => void;
/** A search at one node. */
interface AtNode {
  cancel(): void;
  readonly done: Promise<DhtOutcome>;
}

/** Most peers in one message; a node gives no more at a time. */
const MOST_PEERS = 200;
const NOTHING: DhtOutcome = { nodes: 0, announced: 0 };
/** Names of well-known nodes are looked up again after this time, sooner where that failed. */
const NAMES_HOLD = millis(10 * 60_000);

export interface DhtDeskOptions {
  readonly ports: Pick<Ports, 'net' | 'clock' | 'random'>;
  /** See `DhtNodeOptions`. */
  readonly version: Uint8Array;
  post(message: DhtFromIdentity): void;
  readonly makeNode?: MakeNode;
}

/**
 * The DHT for the torrents of one process. It says at which addresses they want nodes, runs those that are assigned to this process,
 * and makes searches at these or, by way of the coordinator, at those of other processes.
 */
export class DhtDesk {
  readonly #o: DhtDeskOptions;
  /** How many torrents use each socket, and what ends listening to it. */
  readonly #sockets = new Map<ListenSocket, { count: number; readonly unlisten: () => void }>();
  readonly #nodes = new Map<string, DhtLocalNode>();
  readonly #listeners = new Set<() => void>();
  /** Searches of ours at nodes of other processes. */
  readonly #asked = new Map<number, { readonly found: Found; readonly end: (outcome: DhtOutcome) => void }>();
  /** Searches of other processes at nodes of ours, by process and number. */
  readonly #served = new Map<string, AtNode>();
  #elsewhere: ReadonlyMap<string, number> = new Map();
  #bootstrap: readonly Endpoint[] = [];
  #told = '';
  #ids = 0;

  constructor(options: DhtDeskOptions) {
    this.#o = options;
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
    if (this.#onLoopback) socket.udp.useLoopback();
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
      search: ({ announce, found }) => this.#search(socket, infoHash, announce, found),
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
    return this.#nodes.get(address)?.port ?? this.#elsewhere.get(address);
  }

  /** There may be nodes at these places, which the one at this address is told. */
  heardOf(local: string, nodes: readonly Endpoint[]): void {
    const address = canonicalIp(local) ?? local;
    const own = this.#nodes.get(address);
    if (own !== undefined) for (const node of nodes) own.heardOf(node);
    else if (this.#elsewhere.has(address)) this.#o.post({ type: 'dht-heard', address, nodes });
  }

  /** Others reach this address unasked. */
  reachedAt(local: string): void {
    this.#nodes.get(canonicalIp(local) ?? local)?.node.reachable(true);
  }

  /** The machine has slept, or is somewhere else: what the nodes know may hold no longer. */
  moved(): void {
    for (const { node } of this.#nodes.values()) node.moved();
  }

  /** A message of the coordinator about the DHT. */
  heard(message: DhtToIdentity): void {
    switch (message.type) {
      case 'dht-nodes':
        this.#assign(message);
        return;
      case 'dht-search':
        this.#serve(message);
        return;
      case 'dht-cancel':
        this.#served.get(servedKey(message))?.cancel();
        return;
      case 'dht-found':
        this.#asked.get(message.id)?.found(message.peers);
        return;
      case 'dht-searched':
        this.#asked.get(message.id)?.end({ nodes: message.nodes, announced: message.announced });
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

  #keep(address: string, node: DhtLocalNode['node']): void {
    const kept = node.save();
    if (kept.nodes.length > 0) this.#o.post({ type: 'dht-kept', address, kept });
  }

  /** Sockets came or went. */
  #arrange(): void {
    const sockets = this.#locals();
    for (const [address, node] of this.#nodes) node.attach(sockets.get(address));
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

  #assign({ here, elsewhere, bootstrap }: Assignment): void {
    this.#bootstrap = bootstrap;
    this.#elsewhere = new Map(elsewhere.map(({ address, port }) => [address, port]));
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
    if (this.#onLoopback) for (const { udp } of this.#sockets.keys()) udp.useLoopback();
    this.#arrange();
  }

  /** Whether somebody to begin with is on this machine. */
  get #onLoopback(): boolean {
    return this.#bootstrap.some(({ host }) => isLoopback(host));
  }

  async #tell(socket: ListenSocket, nodes: readonly Endpoint[]): Promise<void> {
    for (const family of [4, 6] as const) {
      const places = await this.#lookUp(nodes, family, socket);
      for (const address of socket.udp.locals.keys()) {
        if (familyOf(address) === family && places.length > 0) this.heardOf(address, places);
      }
    }
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
          const socket = this.#boundTo(address);
          // Behind a proxy nobody else is asked for names.
          if (socket === undefined && isLinkStandIn(address)) return [];
          const places = (await this.#lookUp(this.#bootstrap, family, socket)).filter(({ host }) =>
            mayBeNode(address, host),
          );
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
    for (const { udp } of this.#sockets.keys()) {
      if (!udp.locals.has(address)) continue;
      for (const other of udp.locals.keys()) {
        const node = this.#nodes.get(other);
        if (node !== undefined && familyOf(other) !== family) return node;
      }
    }
    return undefined;
  }

  /** The socket that is bound to it; undefined: names are asked as the system does it. */
  #boundTo(address: string): ListenSocket | undefined {
    return [...this.#sockets.keys()].find(({ udp }) => udp.address === address);
  }

  /** Names are looked up by way of the address to which `socket` is bound. */
  async #lookUp(places: readonly Endpoint[], family: 4 | 6, socket: ListenSocket | undefined): Promise<Endpoint[]> {
    const found = await Promise.all(
      places.map(async ({ host, port }) => {
        const asking = socket?.resolve(host) ?? this.#o.ports.net.resolve(host);
        const addresses = await asking.catch(() => []);
        return addresses.filter((one) => one.family === family).map(({ address }) => ({ host: address, port }));
      }),
    );
    return found.flat();
  }

  #search(socket: ListenSocket, infoHash: InfoHash, announce: Announce, found: Found): AtNode {
    const begun: AtNode[] = [];
    for (const address of socket.udp.locals.keys()) {
      const own = this.#nodes.get(address);
      const passed = (peers: readonly Endpoint[]): void => {
        const usable = peers.filter((peer) => mayBePeer(address, peer) && !this.#isOwn(socket, peer));
        if (usable.length > 0) found(usable.slice(0, MOST_PEERS));
      };
      if (own !== undefined) begun.push(own.search(infoHash, { announce, found: passed }));
      else if (this.#elsewhere.has(address)) begun.push(this.#ask(address, infoHash, announce, passed));
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
    return [...this.#nodes.values()].some(({ node }) => node.status().externalAddress === host);
  }

  /** A search at the node of another process. */
  #ask(address: string, infoHash: InfoHash, announce: Announce, found: Found): AtNode {
    const id = this.#ids++;
    let end: (outcome: DhtOutcome) => void = () => {};
    const done = new Promise<DhtOutcome>((resolve) => (end = resolve)).finally(() => this.#asked.delete(id));
    this.#asked.set(id, { found, end });
    this.#o.post({ type: 'dht-search', id, address, infoHash, ...(announce === undefined ? {} : { announce }) });
    return {
      cancel: () => {
        if (this.#asked.has(id)) this.#o.post({ type: 'dht-cancel', id });
        end(NOTHING);
      },
      done,
    };
  }

  /** Another process asks the node of ours. */
  #serve(message: Extract<DhtToIdentity, { readonly type: 'dht-search' }>): void {
    const { from: to, id, address, infoHash, announce } = message;
    const tell = ({ nodes, announced }: DhtOutcome): void =>
      this.#o.post({ type: 'dht-searched', to, id, nodes, announced });
    const node = this.#nodes.get(address);
    if (node === undefined) return tell(NOTHING);
    const search = node.search(infoHash, {
      announce,
      found: (peers) => this.#o.post({ type: 'dht-found', to, id, peers: peers.slice(0, MOST_PEERS) }),
    });
    const key = servedKey(message);
    this.#served.set(key, search);
    void search.done.then((outcome) => {
      this.#served.delete(key);
      tell(outcome);
    });
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}

function servedKey({ from, id }: { readonly from: IdentityIndex; readonly id: number }): string {
  return `${from} ${id}`;
}

/** Whether a node on this address can have something to say to that one: loopback and the world do not meet. */
function mayBeNode(address: string, host: string): boolean {
  return isLoopback(address) === isLoopback(host);
}

/** A peer that strangers name. What only this machine can reach is nobody's peer, unless we speak to this machine alone. */
function mayBePeer(address: string, { host }: Endpoint): boolean {
  const ip = parseIp(host);
  const scope = ip === undefined ? undefined : scopeOf(host);
  return scope !== undefined && (isWithin(scope, 'private') || isLoopback(address));
}
