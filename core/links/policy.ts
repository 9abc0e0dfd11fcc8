import { formatIp, leadingBits, parseIp } from '../base/ip.ts';
import { deviceOf } from '../ports/interfaces.ts';
import { withoutZone } from '../portmap/gateways.ts';
import type { Link } from './link.ts';
import type { Rule } from './read-linux.ts';

/** The mark that our rules and routes bear as their `protocol`, so that they and nothing else can be taken back. */
export const OUR_PROTOCOL = '177';
const FIRST_TABLE = 17_700;
/** Before the rules of the main table (32766), and behind those that VPN programs put first. */
const FIRST_PRIORITY = 17_700;
const RULES_A_LINK = 3;
/** The last resort of a table: while a link is down, the kernel drops its routes, and packets would leave by the routes of the main table. */
const LAST_METRIC = '4278198272';
/** Routes that lead everywhere have at most this many bits: VPNs write the default route as two halves. */
const EVERYWHERE = '1';

/** A command as words, for a shell or for the system. */
export type CommandLine = readonly string[];

/** What is there already. */
export interface Taken {
  readonly rules: readonly Rule[];
  readonly tables: ReadonlySet<string>;
}

export interface Plan {
  /** The routing table that the link gets. */
  readonly table: string;
  readonly make: readonly CommandLine[];
  readonly undo: readonly CommandLine[];
}

/**
 * Commands that make packets from a link's address leave by it. What is near by its own network or by a more special route (to containers, to other
 * sites) goes as before: only the way to everywhere is another.
 */
export function setRight(link: Link, taken: Taken): Plan {
  const { own, gateway } = link;
  const ip = ['ip', own.family === 6 ? '-6' : '-4'];
  const source = sourceOf(link);
  // Of an earlier time, when the link had a way: what is left of that stands before what would be added.
  const stale = taken.rules.filter(
    (rule) => rule.protocol === OUR_PROTOCOL && rule.source === asRule(source, own.family),
  );
  const kept = taken.rules.filter((rule) => !stale.includes(rule));
  const staleTables = new Set(stale.map((rule) => rule.table));
  const { table, priority } = free({
    rules: kept,
    tables: new Set([...taken.tables].filter((one) => !staleTables.has(one))),
  });
  const of = ['protocol', OUR_PROTOCOL];
  const device = ['dev', deviceOf(own), 'table', table, ...of];
  const nearby = linkNetwork(own.address, own.prefix);
  const rule = (place: number, into: string, ...more: string[]): CommandLine => [
    ...ip,
    'rule',
    'add',
    'from',
    source,
    'lookup',
    into,
    'priority',
    String(priority + place),
    ...more,
    ...of,
  ];
  const default_ = gateway === undefined ? ['default'] : ['default', 'via', withoutZone(gateway)];
  const make = [
    ...takeBack(stale, own.family),
    ...(nearby === undefined ? [] : [[...ip, 'route', 'add', nearby, 'src', own.address, ...device]]),
    [...ip, 'route', 'add', ...default_, ...(own.family === 4 ? ['src', own.address] : []), ...device],
    [...ip, 'route', 'add', 'unreachable', 'default', 'metric', LAST_METRIC, 'table', table, ...of],
    rule(0, table, 'suppress_prefixlength', EVERYWHERE),
    rule(1, 'main', 'suppress_prefixlength', EVERYWHERE),
    rule(2, table),
  ];
  const undo = [
    ...Array.from({ length: RULES_A_LINK }, (_, i) => [...ip, 'rule', 'del', 'priority', String(priority + i)]),
    [...ip, 'route', 'flush', 'table', table],
  ];
  return { table, make, undo };
}

/** Commands that take all of ours back, of one family; none: there is nothing of ours. */
export function takeBack(rules: readonly Rule[], family: 4 | 6): readonly CommandLine[] {
  const ip = ['ip', family === 6 ? '-6' : '-4'];
  const ours = rules.filter((rule) => rule.protocol === OUR_PROTOCOL);
  const tables = new Set(ours.map((rule) => rule.table).filter((table) => table !== 'main'));
  return [
    ...ours.map(({ priority }) => [...ip, 'rule', 'del', 'priority', String(priority), 'protocol', OUR_PROTOCOL]),
    ...[...tables].map((table) => [...ip, 'route', 'flush', 'table', table, 'protocol', OUR_PROTOCOL]),
  ];
}

/** Whose packets a link's rules are for. Temporary IPv6 addresses change daily, so that it is their network, where the system tells how long it is. */
export function sourceOf({ own }: Link): string {
  if (own.family === 6 && own.prefix === 64) return linkNetwork(own.address, 64) ?? own.address;
  return own.address;
}

/** A source as `ip rule` tells it. */
function asRule(source: string, family: 4 | 6): string {
  return source.includes('/') ? source : `${source}/${family === 6 ? 128 : 32}`;
}

/** A table that has no routes, with as many priorities as a link needs that no rule has. */
function free({ rules, tables }: Taken): { readonly table: string; readonly priority: number } {
  const priorities = new Set(rules.map((rule) => rule.priority));
  const used = new Set([...tables, ...rules.map((rule) => rule.table)]);
  for (let i = 0; ; i++) {
    const table = String(FIRST_TABLE + i);
    const priority = FIRST_PRIORITY + i * RULES_A_LINK;
    const isFree = Array.from({ length: RULES_A_LINK }, (_, place) => priority + place).every(
      (one) => !priorities.has(one),
    );
    if (isFree && !used.has(table)) return { table, priority };
  }
}

/** The network of an address in CIDR notation; undefined where it has none but itself. */
function linkNetwork(address: string, prefix: number | undefined): string | undefined {
  const bytes = parseIp(address);
  if (bytes === undefined || prefix === undefined || prefix >= bytes.length * 8) return undefined;
  return `${formatIp(leadingBits(bytes, prefix))}/${prefix}`;
}
