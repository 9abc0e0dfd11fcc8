import {
  type BytesPerSecond,
  bytesPerSecond,
  type IdentityIndex,
  type Millis,
  type TorrentKey,
} from '../../base/ids.ts';
import { TokenBucket } from '../../base/token-bucket.ts';
import type { ListRules } from '../../engine/list-rules.ts';
import type { RateLimits } from '../../engine/statuses.ts';
import type { Clock } from '../../ports/clock.ts';
import type { IdentityPool } from '../processes/identity-pool.ts';
import { LinkLimits } from '../links/link-limits.ts';
import { type Limited, Limits, limitsIn, UNLIMITED } from './limits.ts';
import type { Member } from './member.ts';
import type { Tuning } from './tuning.ts';
import type { WebUploads } from './web-uploads.ts';

/** A download whose identities, and what it uploads by HTTP, share its limits. */
interface Sharing extends Limited {
  readonly web: Pick<WebUploads, 'demand' | 'setLimit' | 'recent' | 'limited'>;
  readonly members: readonly Member[];
  readonly crew: { readonly atWork: { readonly tuning: Pick<Tuning, 'retune'> } | undefined };
}

/** Divides every limit among those who share it, about once a second, and tells those for whom it is another now (B16). */
export class LimitSharing {
  readonly #limits = new Limits();
  readonly #downloads: ReadonlyMap<TorrentKey, Sharing>;
  readonly #pool: IdentityPool;
  readonly #rules: () => ListRules;
  readonly #clock: Clock;
  readonly #links = new LinkLimits();
  /** What all downloads together may upload by HTTP. */
  readonly web: TokenBucket;
  /** Over all downloads. */
  #total = UNLIMITED;

  constructor(downloads: ReadonlyMap<TorrentKey, Sharing>, pool: IdentityPool, rules: () => ListRules, clock: Clock) {
    this.#rules = rules;
    this.#clock = clock;
    this.web = new TokenBucket(UNLIMITED.up, clock.now());
    this.#downloads = downloads;
    this.#pool = pool;
  }

  /** What an identity may use in a download at present. */
  limitOf(key: TorrentKey, index: IdentityIndex): RateLimits {
    return this.#limits.limitOf(key, index);
  }

  setTotal(limits: RateLimits, now: Millis): void {
    this.#total = limits;
    this.divideTotal();
    this.#cut(now);
  }

  /** The lowest limit of all that hold for what a download receives; 0: none. */
  mostDown({ key, options, members }: Limited): BytesPerSecond {
    const taking = members.filter((member) => member.taking);
    const each = options.identityDown * taking.length;
    const byLink = taking.map(({ index }) => this.#links.of(key, index).down);
    const links = byLink.every((limit) => limit > 0) ? byLink.reduce((all, limit) => all + limit, 0) : 0;
    const { down } = limitsIn(options, this.#rules().categories);
    const limits = [down, each, links, this.#total.down].filter((limit) => limit > 0);
    return bytesPerSecond(limits.length === 0 ? 0 : Math.min(...limits));
  }

  /** What is shown of all downloads together is within the limit over all at once. */
  #cut(now: Millis): void {
    const all = [...this.#downloads.values()].flatMap(({ members, web }) => [...members, web]);
    const rates = all.map((one) => one.recent(now));
    const part = (way: 'down' | 'up'): number => {
      const sum = rates.reduce((all, rate) => all + rate[way], 0);
      return this.#total[way] === 0 || sum === 0 ? Infinity : this.#total[way] / sum;
    };
    const [down, up] = [part('down'), part('up')];
    all.forEach((one, i) => {
      const rate = rates[i] ?? UNLIMITED;
      const cut = (now: number, by: number): BytesPerSecond => bytesPerSecond(by < 1 ? now * by : 0);
      one.limited({ down: cut(rate.down, down), up: cut(rate.up, up) }, now);
    });
  }

  /** Divides the limits of one download among its identities. */
  divide(download: Sharing): void {
    const linkOf = (index: IdentityIndex): RateLimits => this.#links.of(download.key, index);
    for (const index of this.#limits.divide(download, this.#rules().categories, linkOf)) {
      const member = download.members[index];
      if (member !== undefined) download.crew.atWork?.tuning.retune(member);
    }
    download.web.setLimit(this.#limits.ofWeb(download.key));
  }

  /** Divides the limits of links among all that leave by them: `divide` tells each. */
  divideLinks(profiles: Parameters<LinkLimits['divide']>[0]): void {
    this.#links.divide(profiles, this.#downloads.values());
  }

  /** Somebody begins to fetch of it by HTTP: that has to have its parts of the limits. */
  servedOf(download: Sharing): void {
    this.divide(download);
    this.divideTotal();
  }

  forget(key: TorrentKey): void {
    this.#limits.forget(key);
  }

  /** Divides the limits over all downloads among the processes. */
  divideTotal(): void {
    const running = this.#pool.running();
    // Without a limit nobody's rate matters.
    const limited = this.#total.down > 0 || this.#total.up > 0;
    this.#limits.divideProcesses(this.#total, running, limited ? this.#downloads.values() : []);
    for (const index of running) this.#pool.slot(index)?.setLimits(this.#limits.ofProcess(index));
    this.web.setRate(this.#limits.ofWeb(), this.#clock.now());
  }
}
