import { sameBytes } from '../base/bytes.ts';
import { leadingBits, parseIp } from '../base/ip.ts';
import type { LocalAddress } from '../ports/interfaces.ts';

/**
 * Addresses of a machine, those first that are in a network of our own: by any other it may be reached over a slow link, or a dear one. An address
 * that is ours, too, such as that of a bridge for containers, leads there least of all.
 */
export function nearFirst(hosts: readonly string[], own: readonly LocalAddress[]): readonly string[] {
  const ours = hosts.filter((host) => own.some(({ address }) => address === host));
  const others = hosts.filter((host) => !ours.includes(host));
  const near = others.filter((host) => own.some((address) => sharesNetwork(address, host)));
  return [...near, ...others.filter((host) => !near.includes(host)), ...ours];
}

function sharesNetwork({ address, prefix }: LocalAddress, host: string): boolean {
  const [one, other] = [parseIp(address), parseIp(host)];
  if (one === undefined || other === undefined || prefix === undefined || one.length !== other.length) return false;
  return sameBytes(leadingBits(one, prefix), leadingBits(other, prefix));
}
