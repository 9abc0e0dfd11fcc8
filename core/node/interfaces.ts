import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { messageOf } from '../base/errors.ts';
import { canonicalIp } from '../base/ip.ts';
import type { Scope } from '../base/ip-scope.ts';
import { scopeOf } from '../base/ip-scope.ts';
import type { InterfaceFacts, Interfaces, LocalAddress, Route } from '../ports/interfaces.ts';
import { networkError } from '../ports/system-error.ts';
import { Ipv6Flags } from './ipv6-flags.ts';
import { readIpLinks } from './links-linux.ts';
import { readRoutes } from './routes.ts';
import { spare } from './spare-descriptors.ts';
import { systemCommand } from './system-command.ts';

type Listed = ReturnType<typeof networkInterfaces>;

/** The addresses as the system last listed them. */
let known: Listed | undefined;

/** The machine's addresses except IPv6 link-local ones: without a zone nothing can be sent from them, and no swarm is there. */
export class NodeInterfaces implements Interfaces {
  readonly #flags = new Ipv6Flags();
  #last: { readonly listed: Listed; readonly flags: object; readonly list: readonly LocalAddress[] } | undefined;

  /**
   * Lists the addresses, or those of the last time if the system cannot tell; the same list as before where nothing changed. Throws
   * EnsembleError('network') where it never could.
   */
  list(): readonly LocalAddress[] {
    const now = listed();
    const flags = this.#flags.now();
    const last = this.#last;
    if (last !== undefined && last.flags === flags && sameListed(last.listed, now)) return last.list;
    const list = addressesOf(now, flags);
    this.#last = { listed: now, flags, list };
    return list;
  }

  async routes(family: 4 | 6): Promise<readonly Route[]> {
    return readRoutes(family, family === 6 && process.platform === 'win32' ? interfaceNames() : new Map());
  }

  async describe(): Promise<ReadonlyMap<string, InterfaceFacts>> {
    if (process.platform !== 'linux') return new Map();
    const answer = await systemCommand(['ip', '-j', '-d', 'link', 'show']);
    return readIpLinks('output' in answer ? answer.output : '');
  }

  longestPacket(interfaceName: string): number | undefined {
    if (process.platform !== 'linux' || /[/.]{2}|\//.test(interfaceName)) return undefined;
    try {
      return Number.parseInt(readFileSync(`/sys/class/net/${interfaceName}/mtu`, 'latin1'), 10) || undefined;
    } catch {
      return undefined;
    }
  }
}

function addressesOf(all: Listed, flags: ReadonlyMap<string, number>): readonly LocalAddress[] {
  const out: LocalAddress[] = [];
  for (const [interfaceName, addresses] of Object.entries(all)) {
    for (const { address, family, internal, cidr } of addresses ?? []) {
      if (/^fe[89ab]/i.test(address)) continue;
      const flag = flags.get(address);
      const deprecated = ((flag ?? 0) & DEPRECATED) !== 0;
      const prefix = cidr === null ? {} : { prefix: Number(cidr.slice(cidr.indexOf('/') + 1)) };
      const its = {
        ...(deprecated && { deprecated }),
        ...(flag !== undefined && { temporary: (flag & TEMPORARY) !== 0 }),
      };
      out.push({ interfaceName, address, family: family === 'IPv6' ? 6 : 4, internal, ...prefix, ...its });
    }
  }
  return out;
}

function sameListed(one: Listed, other: Listed): boolean {
  const names = Object.keys(one);
  if (names.length !== Object.keys(other).length) return false;
  for (const name of names) {
    const [some, others] = [one[name] ?? [], other[name] ?? []];
    if (other[name] === undefined || some.length !== others.length) return false;
    for (let i = 0; i < some.length; i++) {
      const [a, b] = [some[i], others[i]];
      if (a?.address !== b?.address || a?.cidr !== b?.cidr || a?.internal !== b?.internal) return false;
    }
  }
  return true;
}

/** The names of the interfaces by their numbers, which Windows writes in their stead. */
function interfaceNames(): ReadonlyMap<string, string> {
  const out = new Map<string, string>();
  for (const [name, addresses] of Object.entries(listed())) {
    for (const one of addresses ?? []) if (one.family === 'IPv6' && one.scopeid > 0) out.set(String(one.scopeid), name);
  }
  return out;
}

/** Flags of an address in Linux (`ifa_flags`). */
const TEMPORARY = 0x01;
const DEPRECATED = 0x20;

/** Whether this machine has a local address now. It has every one of loopback's 127.0.0.0/8, though the system lists only one. */
export function hasAddress(address: string): boolean {
  if (address.startsWith('127.')) return true;
  const wanted = canonical(address);
  return Object.values(listed()).some((list) => list?.some((own) => own.address === wanted));
}

/** Listing opens a socket, and throws where that fails. */
function listed(): Listed {
  try {
    known = spare.lend(networkInterfaces);
  } catch (error) {
    if (known === undefined) throw networkError('list the addresses of this machine', new Error(messageOf(error)));
  }
  return known;
}

/**
 * How far in an address lies, seen from this machine: each of its own is loopback, whatever network it is of, as what is sent
 * there passes no other machine. Undefined for what is no IP literal, and where the system does not tell its addresses.
 */
export function scopeFromHere(address: string): Scope | undefined {
  const plain = canonicalIp(address);
  const scope = plain === undefined ? undefined : scopeOf(plain);
  if (plain === undefined || scope === undefined) return undefined;
  try {
    return hasAddress(plain) ? 'loopback' : scope;
  } catch {
    return undefined;
  }
}

/** The zone, as written after the `%` of an IPv6 address, of the interface that has `address`: its name, or its number on Windows. */
export function zoneOf(address: string): string {
  const wanted = canonical(address);
  for (const [name, own] of Object.entries(listed())) {
    if (own?.some((one) => one.address === wanted) !== true) continue;
    // Only link-local addresses come with the number.
    const scope = own.find((one) => one.family === 'IPv6' && one.scopeid > 0);
    return process.platform === 'win32' && scope?.family === 'IPv6' ? String(scope.scopeid) : name;
  }
  return '';
}

/** An IPv6 address in its canonical form, as the system lists it; any other text unchanged. */
function canonical(address: string): string {
  if (!address.includes(':') || !URL.canParse(`http://[${address}]`)) return address;
  return new URL(`http://[${address}]`).hostname.slice(1, -1);
}
