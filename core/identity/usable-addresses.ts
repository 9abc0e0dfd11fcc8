import { networkOf } from '../base/ip.ts';
import { scopeOf } from '../base/ip-scope.ts';
import type { LocalAddress } from '../ports/interfaces.ts';

/** Most addresses that an identity uses which is bound to none. */
const MOST = 16;

/**
 * The addresses that an identity uses which is bound to none: those of the machine by which others can reach it. The loopback
 * device counts only where nothing else is, or where `loopback` says that somebody to talk to is there. Of the IPv6 addresses of
 * one network there is one, as the system would choose it: not a deprecated one, rather a temporary one (RFC 6724).
 */
export function usableAddresses(local: readonly LocalAddress[], loopback: boolean): string[] {
  const alive = local.filter(({ address }) => scopeOf(address) !== 'link');
  const outside = alive.filter(({ internal }) => !internal);
  const inside = alive.filter(({ internal }) => internal);
  // Laboratories give the loopback device addresses of other networks.
  const lent = inside.filter(({ address }) => scopeOf(address) !== 'loopback');
  const own = inside.filter(({ address }) => scopeOf(address) === 'loopback');
  const usual = outside.length > 0 ? outside : lent;
  const chosen = usual.length === 0 ? own : loopback ? [...usual, ...own] : usual;
  const fresh = chosen.filter((one) => one.deprecated !== true);
  const out = new Map<string, LocalAddress>();
  for (const one of [...fresh, ...chosen.filter(({ family }) => !fresh.some((other) => other.family === family))]) {
    const key = one.family === 4 ? one.address : `${one.interfaceName} ${networkOf(one.address)}`;
    const known = out.get(key);
    if (known === undefined || (known.temporary !== true && one.temporary === true)) out.set(key, one);
  }
  return [...out.values()].slice(0, MOST).map(({ address }) => address);
}
