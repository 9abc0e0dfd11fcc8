import { identityIndex, type IdentityIndex, type TorrentKey } from '../../base/ids.ts';
import type { DhtSettings } from '../../engine/statuses.ts';
import type { Interfaces } from '../../ports/interfaces.ts';
import { linksOf } from '../run/links.ts';
import type { IdentityPool } from './identity-pool.ts';

/** Stands for no download. */
const NOTHING = '0'.repeat(40) as TorrentKey;
const FIRST = identityIndex(0);

/** Keeps the first process running, with nodes of the DHT, while no download needs it (the setting `dhtAlways`). */
export class DhtAlways {
  readonly #pool: Pick<IdentityPool, 'acquire' | 'release' | 'post'>;
  readonly #interfaces: Interfaces;
  #settings: DhtSettings | undefined;

  constructor(pool: Pick<IdentityPool, 'acquire' | 'release' | 'post'>, interfaces: Interfaces) {
    this.#pool = pool;
    this.#interfaces = interfaces;
  }

  set(settings: DhtSettings): void {
    const was = this.#settings?.dhtAlways === true && this.#settings.dht;
    this.#settings = settings;
    if (settings.dhtAlways && settings.dht) {
      if (this.#pool.acquire(FIRST, NOTHING)) this.#tell(true);
    } else if (was) {
      this.#tell(false);
      this.#pool.release(FIRST, NOTHING);
    }
  }

  /** A process is ready. */
  up(index: IdentityIndex): void {
    if (index === FIRST && this.#settings?.dhtAlways === true && this.#settings.dht) this.#tell(true);
  }

  #tell(on: boolean): void {
    const { bind = [], proxies = [], port = 0 } = this.#settings ?? {};
    const { address, proxy } = linksOf(this.#interfaces, { bind, proxies }, 1, false)[0] ?? {};
    this.#pool.post(FIRST, {
      type: 'dht-always',
      on,
      port,
      ...(address === undefined ? {} : { address }),
      ...(proxy === undefined ? {} : { proxy }),
    });
  }
}
