import { EnsembleError } from '../../base/errors.ts';
import { canonicalIp, isWildcard } from '../../base/ip.ts';
import type { Interfaces } from '../../ports/interfaces.ts';

/**
 * The local address of each of `count` identities: addresses or interface names, dealt in turn; undefined: the system
 * chooses. With `strict`, what this machine does not have now is refused with EnsembleError('usage'). Otherwise such an address or
 * interface name is returned as it is, and the identity that is bound to it waits.
 */
export function bindAddresses(
  interfaces: Pick<Interfaces, 'list'>,
  bind: readonly string[],
  count: number,
  strict: boolean,
): (string | undefined)[] {
  const resolved = bind.map((name) => resolve(interfaces, name, strict));
  return Array.from({ length: count }, (_, i) => resolved[i % resolved.length]);
}

function resolve(interfaces: Pick<Interfaces, 'list'>, name: string, strict: boolean): string {
  const local = interfaces.list();
  const ip = canonicalIp(name);
  if (ip !== undefined) {
    if (!strict || local.some((one) => canonicalIp(one.address) === ip)) return ip;
  } else {
    const own = local.filter((one) => one.interfaceName === name);
    const best = own.find((one) => one.family === 4) ?? own.find((one) => !one.address.startsWith('fe80')) ?? own[0];
    if (best !== undefined) return best.address;
    if (!strict) return name;
  }
  const known = [...new Set(local.map((one) => `${one.address} (${one.interfaceName})`))].join(', ');
  throw new EnsembleError('usage', `"${name}" is no address or interface of this machine. It has: ${known || 'none'}.`);
}

/** Where a listener can be reached from this machine: all of its addresses for one that listens on all of them. */
export function localEndpoints(
  interfaces: Pick<Interfaces, 'list'>,
  listening: { readonly host: string; readonly port: number },
): { host: string; port: number }[] {
  if (!isWildcard(listening.host)) return [{ ...listening }];
  return interfaces.list().map((one) => ({ host: one.address, port: listening.port }));
}
