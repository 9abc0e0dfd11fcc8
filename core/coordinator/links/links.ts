import { bytes, bytesPerSecond, type Millis } from '../../base/ids.ts';
import { parseProxyUrl, shownProxy } from '../../base/proxy-url.ts';
import type { LinkProfile, LinkSnapshot } from '../../engine/link-profiles.ts';
import type { RateLimits } from '../../engine/statuses.ts';
import type { CoordinatorOptions } from '../coordinator-options.ts';
import { addressOf, isHere } from '../run/bind-addresses.ts';
import { type Bound, followLinks } from '../run/follow-links.ts';
import type { Member } from '../run/member.ts';
import { LinkBook } from './link-book.ts';
import { LinkMeter, linkKey } from './link-meter.ts';
import { utcCalendar } from './utc-calendar.ts';

/** What metered links carried is kept so often, in seconds: a program that is killed loses no more of it. */
const KEEP_EVERY = 10;

type LinksOptions = Pick<CoordinatorOptions, 'calendar' | 'stateFolder' | 'dhtFolder' | 'ports'>;

/** The links of this machine that downloads use: which have names, what each carries, and why it waits. */
export class Links {
  readonly book: LinkBook;
  readonly meter: LinkMeter;
  readonly #downloads: ReadonlyMap<unknown, Bound>;
  readonly #ports: LinksOptions['ports'];
  #seconds = 0;

  constructor(downloads: ReadonlyMap<unknown, Bound>, options: LinksOptions, failed: (message: string) => void) {
    const { ports, calendar = utcCalendar, stateFolder, dhtFolder } = options;
    const { clock, disk, interfaces } = ports;
    const month = (link: string): string | undefined => this.book.month(link);
    this.meter = new LinkMeter({ disk, folder: stateFolder ?? dhtFolder, month, failed });
    this.book = new LinkBook({ interfaces, clock, calendar, meter: this.meter });
    this.#downloads = downloads;
    this.#ports = ports;
  }

  set(profiles: readonly LinkProfile[]): void {
    this.book.set(profiles);
    this.#follow();
  }

  everySecond(): void {
    if (++this.#seconds % KEEP_EVERY === 0) void this.meter.write();
    if (this.book.look()) this.#follow();
  }

  /** Keeps what was counted; all identities have left. */
  async close(): Promise<void> {
    for (const { members } of this.#downloads.values()) this.meter.look(members);
    await this.meter.write();
  }

  /** Counts what went by the links that its identities had, and gives each what its choice stands for now. */
  follow(download: Bound): void {
    this.meter.look(download.members);
    followLinks(download, this.#ports.interfaces, this.book);
  }

  /** Also for downloads at rest. */
  #follow(): void {
    for (const download of this.#downloads.values()) this.follow(download);
  }

  /** Links with names first, in the order of the settings. */
  get states(): readonly LinkSnapshot[] {
    const now = this.#ports.clock.now();
    const used = new Map<string, Use>();
    for (const { members } of this.#downloads.values()) for (const member of members) addUse(used, member, now);
    const named = this.book.profiles.map((profile) => {
      const key = linkKey(profile);
      const use = used.get(key);
      used.delete(key);
      return { ...this.#named(profile), ...this.meter.carried(key), ...useOf(use) };
    });
    return [
      ...named,
      ...[...used].map(([key, use]) => ({ ...plain(use.member), ...this.meter.carried(key), ...useOf(use) })),
    ];
  }

  #named(profile: LinkProfile): Pick<LinkSnapshot, 'name' | 'at' | 'address' | 'role' | 'wait' | 'month'> {
    const { name, bind, proxy, role, metered } = profile;
    const isGone = bind !== undefined && !isHere(this.#ports.interfaces, bind);
    const wait = this.book.link(name)?.wait ?? (isGone ? { kind: 'gone' as const, at: bind } : undefined);
    const way = shownUrl(proxy);
    return {
      name,
      at: [bind, way].filter((one) => one !== undefined).join(', '),
      ...(bind === undefined || isGone ? {} : { address: addressOf(this.#ports.interfaces, bind, false) }),
      role,
      ...(wait === undefined ? {} : { wait }),
      ...(metered === undefined
        ? {}
        : { month: { used: bytes(this.book.used(profile)), allowance: metered.allowance } }),
    };
  }
}

const NONE: RateLimits = { down: bytesPerSecond(0), up: bytesPerSecond(0) };

/** What uses a link: how many identities, and who of them was first. */
interface Use {
  readonly member: Member;
  readonly identities: number;
  readonly rate: RateLimits;
  readonly outside?: string;
}

function addUse(used: Map<string, Use>, member: Member, now: Millis): void {
  const key = linkKey(member.link);
  const so = used.get(key);
  if (so === undefined && !member.taking) return;
  const { down, up } = member.recent(now);
  const outside = so?.outside ?? (member.taking ? member.seenAs : undefined);
  used.set(key, {
    member: so?.member ?? member,
    ...(outside === undefined ? {} : { outside }),
    identities: (so?.identities ?? 0) + (member.taking ? 1 : 0),
    rate: { down: bytesPerSecond((so?.rate.down ?? 0) + down), up: bytesPerSecond((so?.rate.up ?? 0) + up) },
  });
}

function useOf(use: Use | undefined): Pick<LinkSnapshot, 'identities' | 'rate' | 'outside'> {
  const { identities = 0, rate = NONE, outside } = use ?? {};
  return { identities, rate, ...(outside === undefined ? {} : { outside }) };
}

/** A link that the settings do not have, by one who uses it. */
function plain({ link, address }: Member): Pick<LinkSnapshot, 'name' | 'at' | 'address' | 'role' | 'wait'> {
  const { name, proxy, wait, role = 'both' } = link;
  return {
    ...(name === undefined ? {} : { name }),
    at: shownUrl(proxy?.url) ?? address ?? '',
    ...(proxy === undefined && wait === undefined && address !== undefined ? { address } : {}),
    role,
    ...(wait === undefined ? {} : { wait }),
  };
}

/** Without its password. */
function shownUrl(url: string | undefined): string | undefined {
  const place = parseProxyUrl(url ?? '');
  return place && shownProxy(place);
}
