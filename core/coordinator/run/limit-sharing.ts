import type { IdentityIndex, TorrentKey } from '../../base/ids.ts';
import type { RateLimits } from '../../engine/statuses.ts';
import type { IdentityPool } from '../processes/identity-pool.ts';
import { type Limited, Limits, UNLIMITED } from './limits.ts';
import type { Member } from './member.ts';
import type { Tuning } from './tuning.ts';

/** A download whose identities share its limits. */
interface Sharing extends Limited {
  readonly members: readonly Member[];
  readonly crew: { readonly atWork: { readonly tuning: Pick<Tuning, 'retune'> } | undefined };
}

/** Divides every limit among those who share it, about once a second, and tells those for whom it is another now (B16). */
export class LimitSharing {
  readonly #limits = new Limits();
  readonly #downloads: ReadonlyMap<TorrentKey, Limited>;
  readonly #pool: IdentityPool;
  /** Over all downloads. */
  #total = UNLIMITED;

  constructor(downloads: ReadonlyMap<TorrentKey, Limited>, pool: IdentityPool) {
    this.#downloads = downloads;
    this.#pool = pool;
  }

  /** What an identity may use in a download at present. */
  limitOf(key: TorrentKey, index: IdentityIndex): RateLimits {
    return this.#limits.limitOf(key, index);
  }

  setTotal(limits: RateLimits): void {
    this.#total = limits;
    this.divideTotal();
  }

  /** Divides the limits of one download among its identities. */
  divide(download: Sharing): void {
    for (const index of this.#limits.divide(download)) {
      const member = download.members[index];
      if (member !== undefined) download.crew.atWork?.tuning.retune(member);
    }
  }

  forget(key: TorrentKey): void {
    this.#limits.forget(key);
  }

  /** Divides the limits over all downloads among the processes. */
  divideTotal(): void {
    const running = this.#pool.running();
    this.#limits.divideProcesses(this.#total, running, this.#downloads.values());
    for (const index of running) this.#pool.slot(index)?.setLimits(this.#limits.ofProcess(index));
  }
}
