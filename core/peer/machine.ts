import type { PeerId } from '../base/ids.ts';
import { isLoopback, networkOf } from '../base/ip.ts';

/**
 * What stands for the machine that a peer is on: its address, or its /64 of IPv6, which one machine has all of.
 * Each peer of this machine counts as one of its own.
 */
export function machineOf(host: string, peerId: PeerId): string {
  return isLoopback(host) ? `${host} ${peerId}` : networkOf(host);
}
