import type { LinkKind } from '../base/choices.ts';
import { keepNewest } from '../base/keep-newest.ts';
import { deviceOf, type Interfaces, type LocalAddress } from './interfaces.ts';

/** Interfaces whose kind is remembered: containers have new ones each time. */
const MOST = 256;

/** What the links of this machine's addresses are made of. The system is asked when an interface is there that was not before. */
export class LinkKinds {
  readonly #interfaces: Pick<Interfaces, 'describe'>;
  readonly #known = new Map<string, LinkKind>();
  #asking = false;

  constructor(interfaces: Pick<Interfaces, 'describe'>) {
    this.#interfaces = interfaces;
  }

  /** Of the link of an address; `unknown` also where that is not told yet. */
  of(own: Pick<LocalAddress, 'interfaceName'>): LinkKind {
    const device = deviceOf(own);
    const kind = this.#known.get(device);
    if (kind === undefined) void this.#ask(device);
    return kind ?? 'unknown';
  }

  async #ask(device: string): Promise<void> {
    if (this.#asking) return;
    this.#asking = true;
    const facts = await this.#interfaces.describe?.();
    this.#asking = false;
    for (const [name, { kind }] of facts ?? []) this.#learn(name, kind);
    this.#learn(device, facts?.get(device)?.kind ?? 'unknown');
    keepNewest(this.#known, MOST);
  }

  /** As the newest, so that it is kept. */
  #learn(device: string, kind: LinkKind): void {
    this.#known.delete(device);
    this.#known.set(device, kind);
  }
}
