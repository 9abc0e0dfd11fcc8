import { type Endpoint, formatEndpoint } from '../base/endpoint.ts';

/** Known peers of one download; beyond it the one that a tracker named longest ago and nobody is connected to makes room. */
const MAX_KNOWN = 2000;

/** The peers that a download may dial, by `formatEndpoint`: as many as strangers may make it remember. */
export class KnownPeers {
  readonly #all = new Map<string, Endpoint>();
  /** Those of them that the user did not name, the oldest first. */
  readonly #strangers = new Set<string>();
  readonly #isConnected: (key: string) => boolean;

  constructor(isConnected: (key: string) => boolean) {
    this.#isConnected = isConnected;
  }

  get size(): number {
    return this.#all.size;
  }

  has(key: string): boolean {
    return this.#all.has(key);
  }

  get endpoints(): Iterable<Endpoint> {
    return this.#all.values();
  }

  [Symbol.iterator](): Iterator<[string, Endpoint]> {
    return this.#all[Symbol.iterator]();
  }

  /** `stranger`: named by a tracker or another peer. False where it is known already, or there is no room. */
  add(endpoint: Endpoint, stranger: boolean, forgotten?: (key: string) => void): boolean {
    const key = formatEndpoint(endpoint);
    if (this.#all.has(key)) return false;
    if (this.#all.size >= MAX_KNOWN) {
      const oldest = this.#oldest();
      if (oldest === undefined) return false;
      this.delete(oldest);
      forgotten?.(oldest);
    }
    this.#all.set(key, endpoint);
    if (stranger) this.#strangers.add(key);
    return true;
  }

  delete(key: string): void {
    this.#all.delete(key);
    this.#strangers.delete(key);
  }

  #oldest(): string | undefined {
    for (const key of this.#strangers) if (!this.#isConnected(key)) return key;
    return undefined;
  }
}
