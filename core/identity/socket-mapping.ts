import type { Endpoint } from '../base/endpoint.ts';
import { millis } from '../base/ids.ts';
import { defaultAddresses } from '../portmap/gateways.ts';
import { LinkMapping, type MappingState } from '../portmap/link-mapping.ts';
import type { MapPorts, Wanted } from '../portmap/mapping.ts';
import type { Timer } from '../ports/clock.ts';

/** A mapping that nobody needs stays so long, as the next torrent may want the same: a magnet link's, once its metadata is there. */
const LINGER = millis(5_000);
/** How often an unbound socket looks whether the machine's addresses are others. */
const LOOK_EVERY = millis(30_000);

/**
 * The mappings of one listen socket: of its address, or, where it listens on all, of those that the machine sends from by default (one
 * of each family).
 */
export class SocketMapping {
  readonly #ports: MapPorts;
  readonly #address: string | undefined;
  readonly #changed: () => void;
  readonly #links = new Map<string, LinkMapping>();
  #wanted: Wanted | undefined;
  #gateways: readonly string[] = [];
  #seen = '';
  #timer: Timer | undefined;
  #ended = false;

  constructor(ports: MapPorts, address: string | undefined, changed: () => void) {
    this.#ports = ports;
    this.#address = address;
    this.#changed = changed;
  }

  /** The state of the first address that has a mapping; otherwise why there is none. */
  get state(): MappingState {
    const all = [...this.#links.values()].map(({ state }) => state);
    return (
      all.find(({ kind }) => kind === 'mapped') ?? all.find(({ kind }) => kind === 'unmapped') ?? { kind: 'unknown' }
    );
  }

  /** Where others reach us; undefined: only where we listen. */
  get outer(): Endpoint | undefined {
    const { state } = this;
    return state.kind === 'mapped' ? { host: state.host ?? this.#address ?? '', port: state.port } : undefined;
  }

  /** Maps these ports from now on. `gateways`: see LinkMapping. */
  want(wanted: Wanted, gateways: readonly string[]): void {
    if (this.#ended) return;
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#wanted = wanted;
    this.#gateways = gateways;
    if (this.#address !== undefined) this.#link(this.#address).open(wanted);
    else void this.#followDefault();
  }

  /** Nobody needs it for now. */
  rest(): void {
    if (this.#wanted === undefined) return;
    this.#wanted = undefined;
    this.#timer?.cancel();
    this.#timer = this.#ports.clock.after(LINGER, () => void this.#end(true));
  }

  /** Its address is gone, and whatever the router keeps is of no use: nothing can be sent. */
  lose(): void {
    this.#wanted = undefined;
    void this.#end(false);
  }

  /** Gives back what there is, in bounded time, for good. */
  async close(): Promise<void> {
    this.#ended = true;
    this.#wanted = undefined;
    await this.#end(true);
  }

  /** Looks now: the machine slept, or its links changed. */
  nudge(): void {
    for (const link of this.#links.values()) link.again();
    this.#seen = '';
    if (this.#address === undefined && this.#wanted !== undefined) void this.#followDefault();
  }

  async #end(giveBack: boolean): Promise<void> {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#seen = '';
    await Promise.all([...this.#links.values()].map((link) => link.close(giveBack)));
  }

  #link(address: string): LinkMapping {
    let link = this.#links.get(address);
    if (link === undefined) {
      link = new LinkMapping(this.#ports, { address, gateways: this.#gateways, changed: this.#changed });
      this.#links.set(address, link);
    }
    return link;
  }

  /** Maps the addresses that the machine sends from by default, whichever these are, and looks again later. */
  async #followDefault(): Promise<void> {
    const { interfaces, clock } = this.#ports;
    try {
      const list = interfaces.list();
      const seen = JSON.stringify(list);
      if (seen !== this.#seen) {
        const routes = (await Promise.all(([4, 6] as const).map((family) => interfaces.routes(family)))).flat();
        this.#seen = seen;
        this.#keepLinks(
          defaultAddresses(list, routes).map(({ address }) => address),
          (address) => list.some((own) => own.address === address),
        );
      }
    } catch {
      // The system does not tell its addresses just now.
    }
    const wanted = this.#wanted;
    if (wanted === undefined) return;
    for (const link of this.#links.values()) link.open(wanted);
    this.#timer?.cancel();
    this.#timer = clock.after(LOOK_EVERY, () => void this.#followDefault());
  }

  /** Drops the links of other addresses, whose mappings are given back where they are `there`, and makes missing ones. */
  #keepLinks(addresses: readonly string[], there: (address: string) => boolean): void {
    for (const [address, link] of this.#links) {
      if (addresses.includes(address)) continue;
      void link.close(there(address));
      this.#links.delete(address);
    }
    for (const address of addresses) this.#link(address);
  }
}
