import type { Endpoint } from '../base/endpoint.ts';
import type { DatagramHandler } from '../ports/datagram.ts';
import type { DhtNodeOptions, DhtSearch, DhtSibling, DhtStatus, SavedDht, SearchOptions } from './contract.ts';

/**
 * One node of the DHT (BEP 5) for one local address. It has no socket and one timer: datagrams come in by `received` and go out by
 * `send`. Nothing happens before `start` and after `stop`; it may be started again, with its table.
 */
export class DhtNode implements DatagramHandler, DhtSibling {
  constructor(_options: DhtNodeOptions) {}

  start(): void {}

  /** Ends all searches. */
  stop(): void {}

  received(_data: Uint8Array, _host: string, _port: number): void {}

  failed(_code: string, _host: string, _port: number): void {}

  /** Looks for peers of the torrent with this hash of 20 bytes. A few searches run at a time; others wait for their turn. */
  search(_infoHash: Uint8Array, _options: SearchOptions): DhtSearch {
    return { cancel() {}, done: Promise.resolve({ peers: 0, nodes: 0, announced: 0, queries: 0 }) };
  }

  /** There may be a node here, by a peer's `port` message or a torrent's `nodes`. Names and other families are left out. */
  heardOf(_endpoint: Endpoint): void {}

  /**
   * Whether others reach us unasked, where somebody else knows: a port mapping holds, or a peer came in. Undefined: the node finds
   * out by itself (which takes half an hour) whether it has to be read-only.
   */
  reachable(_known: boolean | undefined): void {}

  /** The local address or the way to the internet has changed: what others said about our address is forgotten, and the table asked anew. */
  moved(): void {}

  closestNodes(_target: Uint8Array): Uint8Array {
    return new Uint8Array(0);
  }

  status(): DhtStatus {
    throw new Error('not there yet');
  }

  save(): SavedDht {
    throw new Error('not there yet');
  }
}
