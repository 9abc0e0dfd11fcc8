import { EnsembleError } from '../../base/errors.ts';
import { canonicalIp as readIp, isWildcard } from '../../base/ip.ts';
import { remembered } from '../../base/remembered.ts';
import type { Interfaces, LocalAddress } from '../../ports/interfaces.ts';

/** Of the machine's own addresses, and of those that were chosen: thousands of downloads ask for the same. */
const canonicalIp = remembered(256, readIp);

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
  const resolved = bind.map((name) => addressOf(interfaces, name, strict));
  return Array.from({ length: count }, (_, i) => resolved[i % resolved.length]);
}

/** The local address that an address or interface name stands for: `kept`, where the interface still has that. See `bindAddresses`. */
export function addressOf(interfaces: Pick<Interfaces, 'list'>, name: string, strict: boolean, kept?: string): string {
  const local = interfaces.list();
  const ip = canonicalIp(name);
  if (ip !== undefined) {
    if (!strict || local.some((one) => canonicalIp(one.address) === ip)) return ip;
  } else {
    const own = local.filter((one) => one.interfaceName === name);
    const best = own.find((one) => one.address === kept) ?? bestOf(own);
    if (best !== undefined) return best.address;
    if (!strict) return name;
  }
  const known = [...new Set(local.map((one) => `${one.address} (${one.interfaceName})`))].join(', ');
  throw new EnsembleError('usage', `"${name}" is no address or interface of this machine. It has: ${known || 'none'}.`);
}

/** Of an interface's addresses one by which others can be reached, and that lasts. */
function bestOf(own: readonly LocalAddress[]): LocalAddress | undefined {
  const far = own.filter((one) => !one.address.startsWith('fe80'));
  return own.find((one) => one.family === 4) ?? far.find((one) => one.deprecated !== true) ?? far[0] ?? own[0];
}

/** Whether this machine has such an address or interface. */
export function isHere(interfaces: Pick<Interfaces, 'list'>, name: string): boolean {
  const ip = canonicalIp(name);
  return interfaces
    .list()
    .some((one) => one.interfaceName === name || (ip !== undefined && canonicalIp(one.address) === ip));
}

/** Where a listener can be reached from this machine: all of its addresses for one that listens on all of them. */
export function localEndpoints(
  interfaces: Pick<Interfaces, 'list'>,
  listening: { readonly host: string; readonly port: number },
): { host: string; port: number }[] {
  if (!isWildcard(listening.host)) return [{ ...listening }];
  return interfaces.list().map((one) => ({ host: one.address, port: listening.port }));
}
