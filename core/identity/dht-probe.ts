import { fromHex } from '../base/bytes.ts';
import type { Endpoint } from '../base/endpoint.ts';
import { EnsembleError, messageOf } from '../base/errors.ts';
import { type InfoHash, type Millis, millis } from '../base/ids.ts';
import { canonicalIp, familyOf, isLoopback } from '../base/ip.ts';
import { isLinkStandIn, linkStandIn } from '../base/stand-in.ts';
import type { DhtStatus } from '../dht/contract.ts';
import { DhtNode } from '../dht/dht-node.ts';
import type { DatagramHandler, DatagramSocket } from '../ports/datagram.ts';
import type { LocalAddress } from '../ports/interfaces.ts';
import type { Ports } from '../ports/ports.ts';
import { ProxyLink } from '../proxy/proxy-link.ts';
import { portsThrough } from './links.ts';
import { usableAddresses } from './usable-addresses.ts';

/** How often it is looked how the nodes fare. */
const LOOK_EVERY = millis(250);
/** A node that has joined is given this time to hear from others how they see its address. */
const OPINIONS = millis(3_000);

type ProbePorts = Pick<Ports, 'net' | 'http' | 'clock' | 'random' | 'interfaces'>;

export interface DhtProbeOptions {
  /** Addresses or names of interfaces; empty: one of each network by which others can reach this machine. */
  readonly bind: readonly string[];
  /** URLs of proxies: a node of each family by way of each, and of the addresses of `bind` in turn; nothing passes beside them. Empty: no proxy. */
  readonly proxies: readonly string[];
  /** Nodes to start from; names are looked up for each address. */
  readonly bootstrap: readonly Endpoint[];
  /** What to look for; undefined: nothing, the nodes only join. */
  readonly infoHash?: InfoHash;
  /** How long all of it may take. */
  readonly patience: Millis;
  /** See `DhtNodeOptions`. */
  readonly version: Uint8Array;
  readonly signal: AbortSignal;
  /** Peers that the node of this address found. */
  found(address: string, peers: readonly Endpoint[]): void;
}

/** How the node of one address fared. */
export interface ProbedNode extends Pick<
  DhtStatus,
  'family' | 'state' | 'nodes' | 'externalAddress' | 'sent' | 'received'
> {
  readonly address: string;
  readonly interfaceName: string;
  readonly port: number;
  /** How many other nodes asked it something though it had sent them nothing: others reach it from outside. */
  readonly strangers: number;
  /** How many nodes answered its search; undefined: there was none. */
  readonly answered?: number;
  /** It could not even begin: why. */
  readonly message?: string;
}

/** Runs a node at each address until it knows its way, searches if it is asked to, and tells how that went. Rejects with EnsembleError. */
export async function probeDht(ports: ProbePorts, options: DhtProbeOptions): Promise<readonly ProbedNode[]> {
  if (options.proxies.length === 0) return probe(ports, options);
  const links = options.proxies.map((url, i) => {
    const from = options.bind[i % options.bind.length];
    return new ProxyLink({ ports, url, from, address: linkStandIn(JSON.stringify([url, from])) });
  });
  try {
    const nodes = links.map((link) => probe(portsThrough(ports, link), { ...options, bind: [] }));
    return (await Promise.all(nodes)).flat();
  } finally {
    for (const link of links) link.close();
  }
}

async function probe(ports: ProbePorts, options: DhtProbeOptions): Promise<readonly ProbedNode[]> {
  const nodes = await Promise.all(addressesOf(ports, options).map((own) => Node.open(ports, options, own)));
  try {
    await new Promise<void>((resolve) => {
      const end = (): void => {
        timer.cancel();
        options.signal.removeEventListener('abort', end);
        resolve();
      };
      const until = ports.clock.now() + options.patience;
      const timer = ports.clock.every(LOOK_EVERY, () => {
        const now = ports.clock.now();
        for (const node of nodes) node.look(now);
        if (now >= until || nodes.every((node) => node.done)) end();
      });
      options.signal.addEventListener('abort', end);
      if (options.signal.aborted) end();
    });
    return await Promise.all(nodes.map((node) => node.result()));
  } finally {
    for (const node of nodes) node.close();
  }
}

function addressesOf(ports: ProbePorts, { bind, bootstrap }: DhtProbeOptions): LocalAddress[] {
  const all = ports.interfaces.list();
  if (bind.length === 0) {
    const usable = new Set(
      usableAddresses(
        all,
        bootstrap.some(({ host }) => isLoopback(host)),
      ),
    );
    return all.filter((own) => usable.has(own.address) && (!isLinkStandIn(own.address) || mayBegin(own, bootstrap)));
  }
  const isOneOf = (names: readonly string[], { address, interfaceName }: LocalAddress): boolean =>
    names.some((name) => name === interfaceName || (canonicalIp(name) ?? name) === address);
  const missing = bind.find((name) => !all.some((own) => isOneOf([name], own)));
  if (missing !== undefined) throw new EnsembleError('usage', `This machine has no address or interface ${missing}.`);
  return all.filter((own) => isOneOf(bind, own));
}

/** Whether a proxy's node of this family may hear of others at all: the proxy looks names up, and tells nobody what it finds. */
function mayBegin({ family }: LocalAddress, bootstrap: readonly Endpoint[]): boolean {
  return bootstrap.some(({ host }) => (canonicalIp(host) === undefined ? 4 : familyOf(host)) === family);
}

interface Search {
  over: boolean;
  answered: number;
  cancel(): void;
  readonly done: Promise<void>;
}

/** One node at one address. */
class Node implements DatagramHandler {
  readonly #own: LocalAddress;
  readonly #options: DhtProbeOptions;
  readonly #node: DhtNode;
  readonly #asked = new Set<string>();
  readonly #strangers = new Set<string>();
  #socket: DatagramSocket | undefined;
  #message: string | undefined;
  #joinedAt: number | undefined;
  #search: Search | undefined;
  #settled = false;

  static async open(ports: ProbePorts, options: DhtProbeOptions, own: LocalAddress): Promise<Node> {
    const node = new Node(ports, options, own);
    try {
      node.#socket = await ports.net.datagram({ family: own.family, localAddress: own.address, port: 0 }, node);
      node.#node.start();
    } catch (error) {
      node.#message = messageOf(error);
    }
    return node;
  }

  private constructor(ports: ProbePorts, options: DhtProbeOptions, own: LocalAddress) {
    this.#own = own;
    this.#options = options;
    this.#node = new DhtNode({
      clock: ports.clock,
      random: ports.random,
      family: own.family,
      version: options.version,
      send: (data, host, port) => {
        this.#asked.add(host);
        this.#socket?.send(data, host, port);
      },
      bootstrap: () => startingPoints(ports, options.bootstrap, own),
    });
  }

  received(data: Uint8Array, host: string, port: number): void {
    if (!this.#asked.has(host)) this.#strangers.add(host);
    this.#node.received(data, host, port);
  }

  failed(code: string, host: string, port: number): void {
    this.#node.failed(code, host, port);
  }

  /** Nothing more will come of it. */
  get done(): boolean {
    return this.#message !== undefined || this.#settled;
  }

  look(now: number): void {
    const { state, externalAddress } = this.#node.status();
    if (state !== 'joined') return;
    this.#joinedAt ??= now;
    const hash = this.#options.infoHash === undefined ? undefined : fromHex(this.#options.infoHash.slice(0, 40));
    if (hash !== undefined) this.#search ??= this.#begin(hash);
    const known = externalAddress !== undefined || now - this.#joinedAt >= OPINIONS;
    this.#settled = known && this.#search?.over !== false;
  }

  #begin(hash: Uint8Array): Search {
    const begun = this.#node.search(hash, { found: (peers) => this.#options.found(this.#own.address, peers) });
    const search: Search = {
      over: false,
      answered: 0,
      cancel: () => begun.cancel(),
      done: begun.done.then(({ nodes }) => {
        search.over = true;
        search.answered = nodes;
      }),
    };
    return search;
  }

  /** What its search has by now counts. */
  async result(): Promise<ProbedNode> {
    this.#search?.cancel();
    await this.#search?.done;
    const { family, state, nodes, externalAddress, sent, received } = this.#node.status();
    return {
      address: this.#own.address,
      interfaceName: this.#own.interfaceName,
      port: this.#socket?.local.port ?? 0,
      family,
      state,
      nodes,
      ...(externalAddress === undefined ? {} : { externalAddress }),
      sent,
      received,
      strangers: this.#strangers.size,
      ...(this.#search === undefined ? {} : { answered: this.#search.answered }),
      ...(this.#message === undefined ? {} : { message: this.#message }),
    };
  }

  close(): void {
    this.#node.stop();
    this.#socket?.close();
  }
}

/** Where the node of an address may begin: loopback and the world do not meet. */
async function startingPoints(
  { net }: Pick<ProbePorts, 'net'>,
  bootstrap: readonly Endpoint[],
  { address, family }: LocalAddress,
): Promise<Endpoint[]> {
  const found = await Promise.all(
    bootstrap.map(async ({ host, port }) => {
      const all = await net.resolve(host, address).catch(() => []);
      return all.filter((one) => one.family === family).map((one) => ({ host: one.address, port }));
    }),
  );
  return found.flat().filter(({ host }) => isLoopback(host) === isLoopback(address));
}
