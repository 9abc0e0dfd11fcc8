import type { LinkProfile, LinkWait } from '../../engine/link-profiles.ts';
import { type CalendarTime, meteredMonth, waitOf } from '../../engine/link-rules.ts';
import type { Millis } from '../../base/ids.ts';
import { lowerLimit } from '../../base/lower-limit.ts';
import type { Interfaces } from '../../ports/interfaces.ts';
import { isHere } from '../run/bind-addresses.ts';
import type { NamedLink, NamedLinks } from '../run/links.ts';
import type { LinkMeter } from './link-meter.ts';

/** What is moved is known after so long at the latest, in seconds, and counts twice at most, as it goes both ways. */
const COUNTED_WITHIN = 6;
/** Slower than this (bytes/s) the end of an allowance would never come. */
const LEAST = 16_384;

interface LinkBookOptions {
  readonly interfaces: Pick<Interfaces, 'list'>;
  readonly clock: { wall(): Millis };
  /** What the machine's calendar shows. `wall`: Unix milliseconds. */
  readonly calendar: (wall: Millis) => CalendarTime;
  readonly meter: Pick<LinkMeter, 'used'>;
}

/** The links that have names, each with why it is not to be used now. */
export class LinkBook implements NamedLinks {
  readonly #o: LinkBookOptions;
  #profiles: readonly LinkProfile[] = [];
  #links: ReadonlyMap<string, NamedLink> = new Map();
  /** The machine's addresses and what waits, when it was looked at last. */
  #seen = '';

  constructor(options: LinkBookOptions) {
    this.#o = options;
  }

  get profiles(): readonly LinkProfile[] {
    return this.#profiles;
  }

  link(name: string): NamedLink | undefined {
    return this.#links.get(name);
  }

  set(profiles: readonly LinkProfile[]): void {
    this.#profiles = profiles;
    this.look();
  }

  /** Those with limits, as they hold now: what is left of an allowance is not used up faster than it can be counted. */
  get limited(): readonly Pick<LinkProfile, 'name' | 'down' | 'up'>[] {
    return this.#profiles.flatMap((profile) => {
      const { name, down, up, metered } = profile;
      if (metered === undefined) return down > 0 || up > 0 ? [{ name, down, up }] : [];
      const most = Math.max(LEAST, (metered.allowance - this.used(profile)) / COUNTED_WITHIN);
      return [{ name, down: lowerLimit(down, most), up: lowerLimit(up, most) }];
    });
  }

  /** Bytes that a metered link carried in this month. */
  used({ name, metered }: LinkProfile): number {
    return metered === undefined ? 0 : this.#o.meter.used(name, this.#month(metered.day));
  }

  /** Once a second. True where some download may have to leave by another way now. */
  look(): boolean {
    const { interfaces, clock, calendar } = this.#o;
    const now = calendar(clock.wall());
    const waits: (LinkWait | undefined)[] = [];
    this.#links = new Map(
      this.#profiles.map((profile) => {
        const facts = { now, used: this.used(profile), has: (at: string) => isHere(interfaces, at) };
        const wait = waitOf(profile, facts);
        waits.push(wait);
        return [profile.name, wait === undefined ? { profile } : { profile, wait }];
      }),
    );
    const addresses = interfaces.list().map(({ interfaceName, address }) => [interfaceName, address]);
    const seen = JSON.stringify([addresses, this.#profiles, waits]);
    const changed = seen !== this.#seen;
    this.#seen = seen;
    return changed;
  }

  /** The month in which its bytes count now. */
  month(name: string): string | undefined {
    const metered = this.#links.get(name)?.profile.metered;
    return metered && this.#month(metered.day);
  }

  #month(day: number): string {
    const { clock, calendar } = this.#o;
    return meteredMonth(calendar(clock.wall()), day);
  }
}
