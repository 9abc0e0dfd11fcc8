import { arrivalTimes } from '../arrivals.ts';
import type { ClientName, Group, Scenario } from '../scenario/scenario.ts';
import type { Seconds } from '../seconds.ts';
import type { Link } from './shaped-net.ts';

/** One of the others: where and when it is there, and as which program. */
export interface PlannedPeer {
  readonly role: 'seed' | 'leecher';
  readonly group: number;
  readonly index: number;
  /** Of its host. */
  readonly name: string;
  readonly link: Link;
  readonly client: ClientName;
  readonly slots: number;
  readonly severalPerAddress: boolean;
  readonly choking: Group['choking'];
  readonly comes: Seconds;
  readonly leave: Group['leave'];
}

/** The user's host. */
export interface PlannedUser {
  readonly comes: Seconds;
  readonly links: readonly Link[];
  /** Further addresses on the first link. */
  readonly addresses: readonly string[];
  /** The addresses that identities are dealt to in turn. */
  readonly bind: readonly string[];
}

export interface Plan {
  readonly peers: readonly PlannedPeer[];
  readonly user: PlannedUser;
}

/** Most peers of a role: for each a network namespace and a process. */
export const MOST_OF_ROLE = 500;

const ROLES = ['seed', 'leecher', 'user'] as const;

/** Address `index` of a role; which role an address belongs to is told by its third byte. */
export function addressOf(role: (typeof ROLES)[number], index: number): string {
  return `10.78.${(ROLES.indexOf(role) + 1) * 16 + (index >> 7)}.${(index & 127) + 1}`;
}

/** Whose address that is. */
export function roleOf(address: string): (typeof ROLES)[number] | undefined {
  return ROLES[Math.floor(Number(address.split('.')[2]) / 16) - 1];
}

const mbit = (bytesPerSecond: number): number | undefined =>
  bytesPerSecond === 0 ? undefined : (bytesPerSecond * 8) / 1_000_000;

function linkOf(address: string, { up, down }: { readonly up: number; readonly down: number }): Link {
  const rates = { up: mbit(up), down: mbit(down) };
  return {
    address,
    ...(rates.up === undefined ? {} : { up: rates.up }),
    ...(rates.down === undefined ? {} : { down: rates.down }),
  };
}

/** Hosts, links and times of a run. */
export function planOf(scenario: Scenario, seed: number): Plan {
  const times = arrivalTimes(scenario, seed);
  const place = (role: 'seed' | 'leecher', groups: readonly Group[]): PlannedPeer[] => {
    let at = 0;
    return groups.flatMap((each, group) =>
      Array.from({ length: each.count }, (_, index): PlannedPeer => ({
        role,
        group,
        index,
        name: `${role[0]}${at}`,
        link: linkOf(addressOf(role, at++), each),
        client: each.client,
        slots: each.slots,
        severalPerAddress: each.severalPerAddress,
        choking: each.choking,
        comes: times[role === 'seed' ? 'seeds' : 'leechers'][group]?.[index] ?? (0 as Seconds),
        leave: each.leave,
      })),
    );
  };
  return {
    peers: [...place('seed', scenario.seeds), ...place('leecher', scenario.leechers)],
    user: { comes: times.user, ...userLinks(scenario) },
  };
}

function userLinks({ user }: Scenario): Omit<PlannedUser, 'comes'> {
  if (user.addresses === 'links') {
    const links = user.links.map((link, i) => linkOf(addressOf('user', i), link));
    return { links, addresses: [], bind: links.map(({ address }) => address) };
  }
  const count = user.addresses === 'own' ? user.K : 1;
  const [first = '', ...addresses] = Array.from({ length: count }, (_, i) => addressOf('user', i));
  return { links: [linkOf(first, user)], addresses, bind: [first, ...addresses] };
}
