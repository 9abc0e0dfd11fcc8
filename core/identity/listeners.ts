import type { Endpoint } from '../base/endpoint.ts';
import type { InfoHash } from '../base/ids.ts';
import type { Admission } from '../peer/half-open.ts';
import { PeerListener } from '../peer/listener.ts';
import type { Ports } from '../ports/ports.ts';

/** Who answers an incoming connection for a torrent; `crowded`: it needs the place of another. */
export type Admit = (remote: Endpoint, crowded: boolean) => Admission | undefined;

interface Shared {
  readonly listener: Promise<PeerListener>;
  readonly torrents: Map<InfoHash, Admit>;
}

/** One listener an address for all downloads of a process: an incoming connection is dispatched by its info-hash. */
export class Listeners {
  readonly #ports: Pick<Ports, 'net' | 'clock'>;
  readonly #byAddress = new Map<string, Shared>();
  /** Listeners that are being closed: who comes next on the address may want the same port. */
  readonly #closing = new Map<string, Promise<void>>();

  constructor(ports: Pick<Ports, 'net' | 'clock'>) {
    this.#ports = ports;
  }

  /** Listens for a torrent, on `port` where this is the first on the address and the port is free. Rejects with EnsembleError('network'). */
  async add(address: string | undefined, port: number, infoHash: InfoHash, admit: Admit): Promise<Endpoint> {
    const key = address ?? '';
    let shared = this.#byAddress.get(key);
    if (shared === undefined) {
      const torrents = new Map<InfoHash, Admit>();
      shared = {
        torrents,
        listener: (this.#closing.get(key) ?? Promise.resolve()).then(() =>
          PeerListener.open(
            this.#ports,
            { port, ...(address === undefined ? {} : { address }) },
            (hash, remote, crowded) => torrents.get(hash)?.(remote, crowded),
          ),
        ),
      };
      this.#byAddress.set(key, shared);
    }
    shared.torrents.set(infoHash, admit);
    try {
      return (await shared.listener).local;
    } catch (error) {
      if (this.#byAddress.get(key) === shared) this.#byAddress.delete(key);
      throw error;
    }
  }

  /** The torrent is not listened for any more; the last one closes the listener. */
  async remove(address: string | undefined, infoHash: InfoHash): Promise<void> {
    const key = address ?? '';
    const shared = this.#byAddress.get(key);
    if (shared === undefined || !shared.torrents.delete(infoHash) || shared.torrents.size > 0) return;
    this.#byAddress.delete(key);
    const closed = shared.listener.then(
      (listener) => listener.close(),
      () => {},
    );
    this.#closing.set(key, closed);
    await closed;
    if (this.#closing.get(key) === closed) this.#closing.delete(key);
  }
}
