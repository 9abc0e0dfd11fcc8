import { Allowance } from '../base/allowance.ts';
import { type Millis, millis } from '../base/ids.ts';
import { familyOf } from '../base/ip.ts';
import type { Ports } from '../ports/ports.ts';

/** How often it is told: each time all who could not be reached are asked and dialled again, and a route may come and go for hours. */
const NEWS = { rate: 1 / 60, most: 4 };

/**
 * Whether the system knows a way from an address (undefined: from any) to the world. A route may come later than its address, or go and
 * come back, and no event tells of it: so it is asked again and again, which sends nothing.
 */
export class WayWatch {
  readonly #ports: Pick<Ports, 'net' | 'clock'>;
  readonly #address: string | undefined;
  readonly #came: (since: Millis) => void;
  /** Since when there is none, of each family. */
  readonly #lacking = new Map<4 | 6, Millis>();
  /** Since when there was none of those that are there again, and were not told yet. */
  readonly #untold = new Map<4 | 6, Millis>();
  readonly #news: Allowance;
  #asking = false;

  /** `came`: there is a way again, or at last; `since`: from then on there was none, at least at times. */
  constructor(ports: Pick<Ports, 'net' | 'clock'>, address: string | undefined, came: (since: Millis) => void) {
    this.#ports = ports;
    this.#address = address;
    this.#came = came;
    this.#news = new Allowance(NEWS, ports.clock.now());
  }

  /** To be called once a second, and before anything is sent. Never throws. */
  look(): void {
    if (this.#asking) return;
    this.#asking = true;
    const families = this.#address === undefined ? ([4, 6] as const) : [familyOf(this.#address)];
    void Promise.all(families.map((family) => this.#ask(family))).finally(() => (this.#asking = false));
  }

  /** The address is gone, or nobody needs it: what comes next is a beginning. */
  forget(): void {
    this.#lacking.clear();
    this.#untold.clear();
  }

  async #ask(family: 4 | 6): Promise<void> {
    const { net, clock } = this.#ports;
    const began = clock.now();
    const leads = await net.leadsOut(family, this.#address);
    if (leads === false && !this.#lacking.has(family)) this.#lacking.set(family, millis(began));
    if (leads !== true) return;
    const since = this.#untold.get(family) ?? this.#lacking.get(family);
    this.#lacking.delete(family);
    if (since === undefined) return;
    this.#untold.set(family, since);
    if (!this.#news.take(clock.now())) return;
    this.#untold.delete(family);
    this.#came(since);
  }
}
