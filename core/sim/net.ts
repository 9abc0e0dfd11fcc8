import type { Clock } from '../ports/clock.ts';
import type { Random } from '../ports/random.ts';
import { Lan } from './lan.ts';
import type { Fabric } from './net-host.ts';

/** A network of simulated machines: the internet, with NAT boxes and what is behind them. */
export class SimNet extends Lan {
  readonly #fabric: Fabric;

  constructor(clock: Clock, random: Random) {
    const fabric: Fabric = { clock, random, hosts: new Set(), names: new Map() };
    super(fabric);
    this.#fabric = fabric;
  }

  /** Gives a name to addresses. */
  name(name: string, addresses: readonly string[]): void {
    this.#fabric.names.set(name, addresses);
  }
}
