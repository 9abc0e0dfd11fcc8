import type { Endpoint } from '../base/endpoint.ts';
import type { IdentityIndex, InfoHash } from '../base/ids.ts';
import type { DhtOutcome } from '../discovery/dht-source.ts';
import type { DhtFromIdentity, DhtToIdentity } from './dht-messages.ts';

/** What a search also does, and whom it tells. */
export interface DhtWish {
  readonly announce: { readonly port: number; readonly seed: boolean } | undefined;
  found(peers: readonly Endpoint[]): void;
}

/** A search under way at one node. */
export interface DhtRun {
  cancel(): void;
  readonly done: Promise<DhtOutcome>;
}

/** Most peers in one message; a node gives no more at a time. */
export const MOST_PEERS = 200;
const NOTHING: DhtOutcome = { nodes: 0, announced: 0 };

type Asked = Extract<DhtToIdentity, { readonly type: 'dht-search' }>;

export interface DhtRelayOptions {
  post(message: DhtFromIdentity): void;
  /** Begins a search at our node of this address; undefined: we have none there. */
  search(address: string, infoHash: InfoHash, wish: DhtWish): DhtRun | undefined;
}

/** Searches from one process at a node of another, by way of the coordinator: those that we ask for, and those that we are asked for. */
export class DhtRelay {
  readonly #o: DhtRelayOptions;
  /** Searches of ours at nodes of other processes. */
  readonly #asked = new Map<
    number,
    { readonly found: DhtWish['found']; readonly end: (outcome: DhtOutcome) => void }
  >();
  /** Searches of other processes at nodes of ours, by process and number. */
  readonly #served = new Map<string, DhtRun>();
  #ids = 0;

  constructor(options: DhtRelayOptions) {
    this.#o = options;
  }

  /** A search at the node that another process has at this address. */
  ask(address: string, infoHash: InfoHash, { announce, found }: DhtWish): DhtRun {
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

  /** What became of a search that we asked for. */
  answered(message: Extract<DhtToIdentity, { readonly type: 'dht-found' | 'dht-searched' }>): void {
    const search = this.#asked.get(message.id);
    if (message.type === 'dht-found') search?.found(message.peers);
    else search?.end({ nodes: message.nodes, announced: message.announced });
  }

  /** Another process asks a node of ours. */
  serve(message: Asked): void {
    const { from: to, id, address, infoHash, announce } = message;
    const { post } = this.#o;
    const tell = ({ nodes, announced }: DhtOutcome): void => post({ type: 'dht-searched', to, id, nodes, announced });
    const search = this.#o.search(address, infoHash, {
      announce,
      found: (peers) => post({ type: 'dht-found', to, id, peers: peers.slice(0, MOST_PEERS) }),
    });
    if (search === undefined) return tell(NOTHING);
    const key = servedKey(message);
    this.#served.set(key, search);
    void search.done.then((outcome) => {
      this.#served.delete(key);
      tell(outcome);
    });
  }

  /** It no longer wants to know. */
  cancel(message: Pick<Asked, 'from' | 'id'>): void {
    this.#served.get(servedKey(message))?.cancel();
  }
}

function servedKey({ from, id }: { readonly from: IdentityIndex; readonly id: number }): string {
  return `${from} ${id}`;
}
