/** Who of thousands of torrents wants the port of a socket mapped, and at which routers. */
export class MappingWishes<Key> {
  readonly #wishes = new Map<Key, readonly string[]>();
  /** How many name each router. */
  readonly #gateways = new Map<string, number>();

  /** `gateways`: see `ListenUser.mapAt`. */
  set(key: Key, gateways: readonly string[] | undefined): void {
    for (const gateway of this.#wishes.get(key) ?? []) this.#count(gateway, -1);
    for (const gateway of gateways ?? []) this.#count(gateway, 1);
    if (gateways === undefined) this.#wishes.delete(key);
    else this.#wishes.set(key, gateways);
  }

  get any(): boolean {
    return this.#wishes.size > 0;
  }

  /** Each once. */
  get gateways(): readonly string[] {
    return [...this.#gateways.keys()];
  }

  #count(gateway: string, change: number): void {
    const count = (this.#gateways.get(gateway) ?? 0) + change;
    if (count > 0) this.#gateways.set(gateway, count);
    else this.#gateways.delete(gateway);
  }
}
