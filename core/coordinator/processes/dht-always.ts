import { identityIndex, type IdentityIndex, type TorrentKey } from '../../base/ids.ts';
import type { DhtSettings } from '../../engine/statuses.ts';
import type { Interfaces } from '../../ports/interfaces.ts';
import { linksOf, type MemberLink, type NamedLinks, sameLink } from '../run/links.ts';
import type { IdentityPool } from './identity-pool.ts';

/** Stands for no download. */
const NOTHING = '0'.repeat(40) as TorrentKey;
const FIRST = identityIndex(0);

/** Keeps the first process running, with nodes of the DHT, while no download needs it (the setting `dhtAlways`). */
export class DhtAlways {
  readonly #pool: Pick<IdentityPool, 'acquire' | 'release' | 'post'>;
  readonly #interfaces: Pick<Interfaces, 'list'>;
  readonly #named: NamedLinks;
  #settings: DhtSettings | undefined;

  /** How the nodes leave. */
  #link: MemberLink | undefined;

  constructor(
    pool: Pick<IdentityPool, 'acquire' | 'release' | 'post'>,
    interfaces: Pick<Interfaces, 'list'>,
    named: NamedLinks,
  ) {
    this.#pool = pool;
    this.#interfaces = interfaces;
    this.#named = named;
  }

  set(settings: DhtSettings): void {
    const was = this.#on;
    this.#settings = settings;
    if (this.#on) {
      if (this.#pool.acquire(FIRST, NOTHING)) this.#tell(true);
    } else if (was) {
      this.#tell(false);
      this.#pool.release(FIRST, NOTHING);
    }
  }

  /** What its link stands for may be something else now. */
  everySecond(): void {
    if (this.#on && !sameLink(this.#now(), this.#link)) this.#tell(true);
  }

  /** A process is ready. */
  up(index: IdentityIndex): void {
    if (index === FIRST && this.#on) this.#tell(true);
  }

  get #on(): boolean {
    return this.#settings?.dhtAlways === true && this.#settings.dht;
  }

  #tell(on: boolean): void {
    const { port = 0 } = this.#settings ?? {};
    this.#link = this.#now();
    const { address, proxy } = this.#link ?? {};
    this.#pool.post(FIRST, {
      type: 'dht-always',
      on,
      port,
      ...(address === undefined ? {} : { address }),
      ...(proxy === undefined ? {} : { proxy }),
    });
  }

  #now(): MemberLink | undefined {
    const { links = [], bind = [], proxies = [] } = this.#settings ?? {};
    const working = { interfaces: this.#interfaces, named: this.#named, strict: false };
    return linksOf(working, { links, bind, proxies }, 1, this.#link === undefined ? [] : [this.#link])[0];
  }
}
