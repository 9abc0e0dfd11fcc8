import type { Endpoint } from '../base/endpoint.ts';
import { ROUTERS } from '../coordinator/processes/dht-hosts.ts';
import { DhtKept } from '../coordinator/processes/dht-kept.ts';
import { DhtDesk } from '../identity/dht-desk.ts';
import type { Ports } from '../ports/ports.ts';
import { dhtVersion } from '../wire/peer-id.ts';

/** How a process without a coordinator uses the DHT. */
export interface LoneDhtOptions {
  /** Nodes to start from, in place of the well-known ones. */
  readonly bootstrap?: readonly Endpoint[];
  /** Absolute folder where what its nodes know is kept; undefined: nowhere. */
  readonly folder?: string;
}

/** The DHT of a process without a coordinator: it runs the nodes of all its addresses by itself. */
export class LoneDht {
  readonly #ports: Pick<Ports, 'net' | 'clock' | 'random' | 'disk'>;
  readonly #bootstrap: readonly Endpoint[];
  readonly #kept: DhtKept;

  constructor(ports: Pick<Ports, 'net' | 'clock' | 'random' | 'disk'>, options: LoneDhtOptions = {}) {
    this.#ports = ports;
    this.#bootstrap = options.bootstrap ?? ROUTERS;
    this.#kept = new DhtKept({ ...ports, folder: options.folder });
  }

  /** Reads what earlier runs kept. Never rejects. */
  start(): Promise<void> {
    return this.#kept.read();
  }

  /** Writes it. Never rejects. */
  close(): Promise<void> {
    return this.#kept.write();
  }

  /** `client`: name and version. */
  desk(client: string): DhtDesk {
    const desk = new DhtDesk({
      ports: this.#ports,
      version: dhtVersion(client),
      post: (message) => {
        if (message.type === 'dht-kept') this.#kept.keep(message.address, message.kept);
        if (message.type !== 'dht-addresses') return;
        const here = message.addresses.map(({ address }) => {
          const kept = this.#kept.of(address);
          return { address, ...(kept === undefined ? {} : { kept }) };
        });
        desk.heard({ type: 'dht-nodes', here, elsewhere: [], bootstrap: this.#bootstrap });
      },
    });
    return desk;
  }
}
