import { type Endpoint, formatEndpoint } from '../base/endpoint.ts';
import { canonicalIp } from '../base/ip.ts';
import { type FoundPeer, isChosen, type PeerSourceKind } from '../base/peer-source.ts';
import { standsForName } from '../base/stand-in.ts';
import type { Net } from '../ports/net.ts';
import type { SourceParts } from './torrent-sources.ts';

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

/** Those of a download, which are told to its coordinator. */
export function namedPeersOf({ setup: { key, address }, host }: Pick<SourceParts, 'setup' | 'host'>): NamedPeers {
  return new NamedPeers({
    net: host.ports.net,
    address,
    found: (source, endpoints) => {
      // The tables of peers hold addresses, and the proxy alone knows theirs.
      if (endpoints.some((one) => standsForName(one.host))) {
        const message = 'Peers named by a host name are not dialled through a proxy: give their addresses.';
        host.post({ type: 'tracker-warning', key, message });
      } else host.post({ type: 'peers-found', key, source, endpoints });
    },
  });
}
