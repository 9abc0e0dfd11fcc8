import type { Clock } from './clock.ts';
import type { InterfaceFacts, Interfaces, LocalAddress, Route } from './interfaces.ts';

/** How long an answer holds (ms): less than a second, so that who looks every second sees what is. */
const HOLDS = 900;

/** The machine's interfaces, of which the system is asked about once a second, however many torrents want to know. */
export class RecentInterfaces implements Interfaces {
  readonly #interfaces: Interfaces;
  readonly #clock: Pick<Clock, 'now'>;
  #known: { readonly at: number; readonly list: readonly LocalAddress[] } | undefined;

  constructor(interfaces: Interfaces, clock: Pick<Clock, 'now'>) {
    this.#interfaces = interfaces;
    this.#clock = clock;
  }

  list(): readonly LocalAddress[] {
    const now = this.#clock.now();
    if (this.#known === undefined || now - this.#known.at >= HOLDS) {
      this.#known = { at: now, list: this.#interfaces.list() };
    }
    return this.#known.list;
  }

  routes(family: 4 | 6): Promise<readonly Route[]> {
    return this.#interfaces.routes(family);
  }

  async describe(): Promise<ReadonlyMap<string, InterfaceFacts>> {
    return (await this.#interfaces.describe?.()) ?? new Map();
  }

  longestPacket(interfaceName: string): number | undefined {
    return this.#interfaces.longestPacket?.(interfaceName);
  }
}
