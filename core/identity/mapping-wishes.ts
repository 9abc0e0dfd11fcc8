import { Tally } from '../base/tally.ts';

/** Who of thousands of torrents wants the port of a socket mapped, and at which routers. */
export class MappingWishes<Key> {
  readonly #wishes = new Map<Key, readonly string[]>();
  /** How many name each router. */
  readonly #gateways = new Tally<string>();

  /** `gateways`: see `ListenUser.mapAt`. */
  set(key: Key, gateways: readonly string[] | undefined): void {
    for (const gateway of this.#wishes.get(key) ?? []) this.#gateways.count(gateway, -1);
    for (const gateway of gateways ?? []) this.#gateways.count(gateway, 1);
    if (gateways === undefined) this.#wishes.delete(key);
    else this.#wishes.set(key, gateways);
  }

  get any(): boolean {
    return this.#wishes.size > 0;
  }

  /** Each once. */
  get gateways(): readonly string[] {
    return [...this.#gateways.kinds];
  }
}
