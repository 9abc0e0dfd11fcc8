import type { Endpoint } from '../../base/endpoint.ts';
import { type IdentityIndex, millis } from '../../base/ids.ts';
import { NowAndThen } from '../../base/now-and-then.ts';
import type { DhtNodeStatus, DhtSettings } from '../../engine/statuses.ts';
import type { AboutDownloads, DhtFromIdentity, ToIdentity } from '../../identity/messages.ts';
import type { Ports } from '../../ports/ports.ts';
import { DhtKept } from './dht-kept.ts';

/** What nodes know changes slowly, and is written at the end in any case. */
const WRITE_EVERY = millis(900_000);

/** Well-known nodes of the DHT, from which one that knows nobody starts. */
export const ROUTERS: readonly Endpoint[] = [
  { host: 'dht.libtorrent.org', port: 25401 },
  { host: 'router.bittorrent.com', port: 6881 },
  { host: 'dht.transmissionbt.com', port: 6881 },
  { host: 'router.utorrent.com', port: 6881 },
];

interface Place {
  readonly address: string;
  readonly port: number;
}

/** A search of one process at the node of another. */
interface Errand {
  readonly from: IdentityIndex;
  readonly id: number;
  readonly at: IdentityIndex;
}

export interface DhtHostsOptions {
  readonly ports: Pick<Ports, 'disk' | 'random' | 'clock'>;
  /** Absolute folder where what nodes know is kept; undefined: nowhere. */
  readonly folder: string | undefined;
  /** Whether that folder is still ours alone. */
  readonly held: (() => Promise<boolean>) | undefined;
  /** Nodes to start from, whatever the settings say. */
  readonly bootstrap: readonly Endpoint[] | undefined;
  /** False where the process is not there. */
  post(index: IdentityIndex, message: ToIdentity): boolean;
}

/**
 * Which process runs the node of each local address (the first one that has a socket there, until it has none any more), and what
 * the others want of it.
 */
export class DhtHosts {
  readonly #o: DhtHostsOptions;
  readonly #kept: DhtKept;
  readonly #writes: NowAndThen;
  /** Where each process has sockets. */
  readonly #places = new Map<IdentityIndex, readonly Place[]>();
  readonly #hosts = new Map<string, IdentityIndex>();
  readonly #errands = new Map<string, Errand>();
  readonly #status = new Map<IdentityIndex, readonly DhtNodeStatus[]>();
  /** What each process was told last. */
  readonly #told = new Map<IdentityIndex, string>();
  #bootstrap: readonly Endpoint[];

  constructor(options: DhtHostsOptions) {
    const { ports, folder, held, bootstrap } = options;
    this.#o = options;
    this.#kept = new DhtKept({ ...ports, folder, ...(held === undefined ? {} : { held }) });
    this.#writes = new NowAndThen(WRITE_EVERY, ports.clock.now());
    this.#bootstrap = bootstrap ?? ROUTERS;
  }

  /** Reads what earlier runs kept. Never rejects. */
  start(): Promise<void> {
    return this.#kept.read();
  }

  /** Once a second. */
  tick(): void {
    if (this.#writes.due(this.#o.ports.clock.now())) void this.#kept.write();
  }

  /** To be called when all processes have ended, and their nodes told what they know. Never rejects. */
  close(): Promise<void> {
    return this.#kept.write();
  }

  /** All nodes, with the identity in whose process each runs. */
  get nodes(): readonly (DhtNodeStatus & { readonly identity: IdentityIndex })[] {
    return [...this.#status].flatMap(([identity, nodes]) => nodes.map((node) => ({ ...node, identity })));
  }

  set({ dhtBootstrap }: Pick<DhtSettings, 'dhtBootstrap'>): void {
    if (this.#o.bootstrap === undefined) this.#bootstrap = dhtBootstrap.length > 0 ? dhtBootstrap : ROUTERS;
    this.#assign();
  }

  /** The process is gone, and all that it had. */
  down(index: IdentityIndex): void {
    this.#places.delete(index);
    this.#status.delete(index);
    this.#told.delete(index);
    for (const [key, { from, id, at }] of this.#errands) {
      if (from !== index && at !== index) continue;
      this.#errands.delete(key);
      if (at === index) this.#o.post(from, { type: 'dht-searched', id, nodes: 0, announced: 0 });
      else this.#o.post(at, { type: 'dht-cancel', from, id });
    }
    this.#assign();
  }

  /** Takes what processes say of the DHT; false for anything else. */
  heard(index: IdentityIndex, message: AboutDownloads | DhtFromIdentity): message is DhtFromIdentity {
    switch (message.type) {
      case 'dht-addresses':
        this.#places.set(index, message.addresses);
        this.#assign();
        return true;
      case 'dht-search':
        this.#search(index, message);
        return true;
      case 'dht-cancel': {
        const errand = this.#errands.get(errandKey(index, message.id));
        if (errand !== undefined) this.#o.post(errand.at, { ...message, from: index });
        return true;
      }
      case 'dht-found':
        if (this.#isOn(index, message))
          this.#o.post(message.to, { type: 'dht-found', id: message.id, peers: message.peers });
        return true;
      case 'dht-searched': {
        const { to, ...answer } = message;
        if (!this.#isOn(index, message)) return true;
        this.#errands.delete(errandKey(to, message.id));
        this.#o.post(to, answer);
        return true;
      }
      case 'dht-heard': {
        const at = this.#hosts.get(message.address);
        if (at !== undefined && at !== index) this.#o.post(at, message);
        return true;
      }
      case 'dht-kept':
        this.#kept.keep(message.address, message.kept);
        return true;
      case 'dht-status':
        if (message.nodes.length > 0) this.#status.set(index, message.nodes);
        else this.#status.delete(index);
        return true;
      default:
        return false;
    }
  }

  #search(from: IdentityIndex, { id, ...what }: Extract<DhtFromIdentity, { readonly type: 'dht-search' }>): void {
    const at = this.#hosts.get(what.address);
    // The node has just gone, or come to the one who asks: it asks again soon.
    if (at === undefined || at === from || this.#o.post(at, { ...what, from, id }) === false) {
      this.#o.post(from, { type: 'dht-searched', id, nodes: 0, announced: 0 });
    } else this.#errands.set(errandKey(from, id), { from, id, at });
  }

  /** Whether a process speaks of a search that it makes. */
  #isOn(index: IdentityIndex, { to, id }: { readonly to: IdentityIndex; readonly id: number }): boolean {
    return this.#errands.get(errandKey(to, id))?.at === index;
  }

  /** Gives each address to the process that has its node already, or else to the first one; tells those for whom that is new. */
  #assign(): void {
    const byIndex = [...this.#places].sort(([a], [b]) => a - b);
    const ports = new Map<string, number>();
    const before = new Map(this.#hosts);
    this.#hosts.clear();
    for (const [index, places] of byIndex) {
      for (const { address, port } of places) {
        if (this.#hosts.has(address) && before.get(address) !== index) continue;
        this.#hosts.set(address, index);
        ports.set(address, port);
      }
    }
    for (const [index, places] of byIndex) {
      const here = places.filter(({ address }) => this.#hosts.get(address) === index).map(({ address }) => address);
      const elsewhere = places
        .filter(({ address }) => this.#hosts.get(address) !== index)
        .map(({ address }) => ({ address, port: ports.get(address) ?? 0 }));
      const bootstrap = this.#bootstrap;
      const now = JSON.stringify({ here, elsewhere, bootstrap });
      if (this.#told.get(index) === now) continue;
      this.#told.set(index, now);
      const nodes = here.map((address) => {
        const kept = this.#kept.of(address);
        return { address, ...(kept === undefined ? {} : { kept }) };
      });
      this.#o.post(index, { type: 'dht-nodes', here: nodes, elsewhere, bootstrap });
    }
  }
}

function errandKey(from: IdentityIndex, id: number): string {
  return `${from} ${id}`;
}
