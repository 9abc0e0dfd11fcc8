import { fromHex } from '../base/bytes.ts';
import type { Endpoint } from '../base/endpoint.ts';
import { type InfoHash, millis } from '../base/ids.ts';
import type { DhtNodeOptions, DhtSibling, SearchOptions, SearchResult } from '../dht/contract.ts';
import { DhtNode } from '../dht/dht-node.ts';
import type { DatagramHandler } from '../ports/datagram.ts';
import type { LocalUdp } from './local-udp.ts';

/** Siblings behind one address announce the same torrent this long after each other: nobody needs them all at once. */
const BETWEEN = millis(10_000);

/** A node as it is used here; tests have simpler ones. */
export type Node = Pick<
  DhtNode,
  'start' | 'stop' | 'search' | 'heardOf' | 'reachable' | 'moved' | 'status' | 'save' | 'closestNodes'
> &
  DatagramHandler;
export type MakeNode = (options: DhtNodeOptions) => Node;
export const realNode: MakeNode = (options) => new DhtNode(options);

const NOBODY: SearchResult = { peers: 0, nodes: 0, announced: 0, queries: 0 };

/** The node of one local address: it lives as long as this process answers for the address, and runs while there is a socket. */
export class DhtLocalNode implements DhtSibling {
  readonly node: Node;
  readonly #clock: DhtNodeOptions['clock'];
  /** The end of the last search of each torrent, and of the pause after it. */
  readonly #turns = new Map<InfoHash, Promise<void>>();
  #udp: LocalUdp | undefined;
  #ran = false;
  #found = 0;

  constructor(options: Omit<DhtNodeOptions, 'send'>, make: MakeNode) {
    this.#clock = options.clock;
    this.node = make({ ...options, send: (data, host, port) => this.#udp?.send(data, host, port) });
  }

  /** Its UDP port; undefined while it does not run. */
  get port(): number | undefined {
    return this.#udp?.local.port;
  }

  /** Peers that its searches found; one that several searches found counts several times. */
  get found(): number {
    return this.#found;
  }

  /** Runs on this socket from now on; undefined: not at all. */
  attach(udp: LocalUdp | undefined): void {
    if (udp === this.#udp) return;
    this.#udp?.handle('dht', undefined);
    const had = this.#udp !== undefined;
    this.#udp = udp;
    udp?.handle('dht', this.node);
    if (udp === undefined) this.node.stop();
    else if (!had) this.node.start();
    // Where it was away, what it knew of others and of itself may hold no longer.
    if (udp !== undefined && this.#ran) this.node.moved();
    this.#ran = true;
  }

  /** As the node's, but searches for one torrent follow each other. */
  search(infoHash: InfoHash, options: SearchOptions): { cancel(): void; readonly done: Promise<SearchResult> } {
    const before = this.#turns.get(infoHash);
    let cancelled = false;
    let cancel = (): void => {};
    const search = (): Promise<SearchResult> => {
      const hash = fromHex(infoHash.slice(0, 40));
      if (cancelled || hash === undefined || this.#udp === undefined) return Promise.resolve(NOBODY);
      const begun = this.node.search(hash, {
        ...options,
        found: (peers) => {
          this.#found += peers.length;
          options.found(peers);
        },
      });
      cancel = () => begun.cancel();
      return begun.done;
    };
    // The first one begins now, so that nothing waits for it in vain.
    const done = before === undefined ? search() : before.then(search);
    const turn = done
      .then(({ nodes }) => (nodes === 0 ? undefined : new Promise<void>((pass) => this.#clock.after(BETWEEN, pass))))
      .then(() => {
        if (this.#turns.get(infoHash) === turn) this.#turns.delete(infoHash);
      });
    this.#turns.set(infoHash, turn);
    return {
      cancel: () => {
        cancelled = true;
        cancel();
      },
      done,
    };
  }

  closestNodes(target: Uint8Array): Uint8Array {
    return this.node.closestNodes(target);
  }

  heardOf(endpoint: Endpoint): void {
    this.node.heardOf(endpoint);
  }
}
