import { type Endpoint, formatEndpoint } from '../base/endpoint.ts';
import { canonicalIp } from '../base/ip.ts';
import { type FoundPeer, isChosen, type PeerSourceKind } from '../base/peer-source.ts';
import type { Net } from '../ports/net.ts';

/** Most names of peers that are looked up for a download. */
const MOST_NAMES = 256;

export interface NamedPeersOptions {
  readonly net: Pick<Net, 'resolve'>;
  /** The address that the download is bound to. */
  readonly address: string | undefined;
  found(source: PeerSourceKind, endpoints: readonly Endpoint[]): void;
}

/** The addresses of peers that the user or a link names. Each name is looked up once; one that failed again when it is dealt again. */
export class NamedPeers {
  readonly #o: NamedPeersOptions;
  /** Names that were looked up, or are being. */
  readonly #known = new Set<string>();

  constructor(options: NamedPeersOptions) {
    this.#o = options;
  }

  /** Looks up those of these peers that have a name. Strangers' peers are addresses, and never looked up. */
  dealt(peers: readonly FoundPeer[]): void {
    for (const { host, port, source } of peers.filter((peer) => isChosen(peer.source))) {
      if (canonicalIp(host) !== undefined || this.#known.size >= MOST_NAMES) continue;
      const name = formatEndpoint({ host, port });
      if (this.#known.has(name)) continue;
      this.#known.add(name);
      void this.#o.net.resolve(host, this.#o.address).then(
        (addresses) =>
          this.#o.found(
            source,
            addresses.map(({ address }) => ({ host: address, port })),
          ),
        () => this.#known.delete(name),
      );
    }
  }
}
