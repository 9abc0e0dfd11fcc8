import type { Endpoint } from '../base/endpoint.ts';
import type { Clock } from '../ports/clock.ts';
import type { Random } from '../ports/random.ts';

/** IPv4 or IPv6: each has a DHT of its own (BEP 32). */
export type Family = 4 | 6;

/** What a node keeps from one run to the next: plain JSON. Read it back with `readSavedDht`. */
export interface SavedDht {
  readonly version: 1;
  readonly family: Family;
  /** The node's id, 40 hex digits. */
  readonly id: string;
  /** Nodes that answered, `host:port`, the nearest to the id first; at most MAX_SAVED_NODES. */
  readonly nodes: readonly string[];
}

export interface DhtNodeOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly family: Family;
  /** Sends one datagram from the address that this node stands for. The memory is the receiver's from then on. */
  send(data: Uint8Array, host: string, port: number): void;
  /** What an earlier run kept. */
  readonly saved?: SavedDht | undefined;
  /**
   * Addresses of well-known nodes, their names looked up from the address that this node stands for. Asked when the node knows too
   * few others, at first every few seconds, then less and less often. May reject or give nothing.
   */
  bootstrap(): Promise<readonly Endpoint[]>;
  /** Four bytes that name the program and its version in each message (`v`, BEP 5). */
  readonly version: Uint8Array;
  /** The node of the other family at the same place, if one runs: asked for its nodes where somebody wants those too (BEP 32). */
  sibling?(): DhtSibling | undefined;
}

/** What the nodes of two families of one machine do for each other. */
export interface DhtSibling {
  /** Compact node infos (26 or 38 bytes each) of the good nodes closest to a target of 20 bytes, at most eight. */
  closestNodes(target: Uint8Array): Uint8Array;
  /** See `DhtNode.heardOf`. */
  heardOf(endpoint: Endpoint): void;
}

export interface SearchOptions {
  /** Tell the nodes closest to the hash that we have this torrent: at which port peers reach us, and whether we have all of it (BEP 33). */
  readonly announce?: { readonly port: number; readonly seed?: boolean } | undefined;
  /** Peers that this search had not found before; may come many times, also after `cancel` never. */
  found(peers: readonly Endpoint[]): void;
}

/** A look-up under way. */
export interface DhtSearch {
  /** Ends it; `done` resolves with what it has by then. Harmless afterwards. */
  cancel(): void;
  /** Never rejects. Resolves within about a minute after the search has begun; one that waits for its turn begins later. */
  readonly done: Promise<SearchResult>;
}

export interface SearchResult {
  /** Different peers found. */
  readonly peers: number;
  /** Nodes that answered. None: nobody is reachable, or the node knows nobody yet. */
  readonly nodes: number;
  /** Nodes that took our announce. */
  readonly announced: number;
  /** Queries sent, announces included. */
  readonly queries: number;
}

export interface DhtStatus {
  readonly family: Family;
  /** 40 hex digits. */
  readonly id: string;
  /** `stopped`; `joining`: looks for nodes; `joined`: its table serves. */
  readonly state: 'stopped' | 'joining' | 'joined';
  /** Nodes in the routing table: those that answered lately, those that have to be asked again, those in reserve. */
  readonly nodes: { readonly good: number; readonly questionable: number; readonly spare: number };
  /** Torrents, and peers of them, that we keep for others. */
  readonly kept: { readonly torrents: number; readonly peers: number };
  /** How others see our address, where enough of them agree. */
  readonly externalAddress?: string | undefined;
  /** We ask, but answer nobody, since nobody reaches us unasked (BEP 43). */
  readonly readOnly: boolean;
  readonly sent: DhtTraffic;
  readonly received: DhtTraffic;
  /** Senders that are not heard for some minutes, as they sent too much. */
  readonly muted: number;
  /** Searches under way, and waiting for their turn. */
  readonly searches: number;
}

/** Since the node was made. */
export interface DhtTraffic {
  readonly messages: number;
  readonly bytes: number;
}
