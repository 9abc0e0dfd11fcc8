import type { Endpoint } from '../../base/endpoint.ts';
import { isLoopback, networkOf } from '../../base/ip.ts';

/** Most connections with one machine: several clients may share an address, but none may take every place. */
export const MAX_PER_MACHINE = 16;

/** The first `most` endpoints of each machine (an address, or a /64 of IPv6; those on loopback count as one each): more are somebody who is to be dialled by everybody. */
export function fewOfAMachine<T extends Endpoint>(endpoints: readonly T[], most: number): T[] {
  const counts = new Map<string, number>();
  return endpoints.filter(({ host }) => {
    if (isLoopback(host)) return true;
    const machine = networkOf(host);
    const count = (counts.get(machine) ?? 0) + 1;
    counts.set(machine, count);
    return count <= most;
  });
}
