import { toHex } from '../base/bytes.ts';
import { LocalDiscovery, type LocalPorts } from '../discovery/local-discovery.ts';
import type { Random } from '../ports/random.ts';

/** Local discovery of a process: one for each local address, shared by all downloads that are bound to it. */
export class LocalDiscoveries {
  /** By it the identities of this program know each other's announces. */
  cookie: string;
  readonly #ports: LocalPorts;
  readonly #byAddress = new Map<string | undefined, LocalDiscovery>();

  constructor(ports: LocalPorts & { readonly random: Random }) {
    this.#ports = ports;
    this.cookie = toHex(ports.random.bytes(4));
  }

  /** For identity `identity`, which is bound to `address`; undefined: to none. */
  at(address: string | undefined, identity: number): LocalDiscovery {
    let discovery = this.#byAddress.get(address);
    if (discovery === undefined) {
      discovery = new LocalDiscovery(this.#ports, { address, identity, cookie: () => this.cookie });
      this.#byAddress.set(address, discovery);
    }
    return discovery;
  }
}
