import type { PeerId } from '../base/ids.ts';
import { isLoopback, networkOf } from '../base/ip.ts';

/**
 * Identifies the machine that a peer is on: its address or, for IPv6, its /64, all of which one machine can use. Peers on loopback
 * count as a machine each.
 */
export function machineOf(host: string, peerId: PeerId): string {
  return isLoopback(host) ? `${host} ${peerId}` : networkOf(host);
}
