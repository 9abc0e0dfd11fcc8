import type { Millis } from '../../base/ids.ts';

const SNUBBED_AFTER = 60_000;

/**
 * Whether a peer snubs us: it owes blocks and has sent none for a minute. `lastBlockAt`: when its last block came or, where that is
 * later, when it was first asked.
 */
export function isSnubbed(peer: {
  readonly lastBlockAt: Millis;
  /** Requests that it has not answered. */
  readonly outstanding: number;
  readonly now: Millis;
}): boolean {
  return peer.outstanding > 0 && peer.now - peer.lastBlockAt >= SNUBBED_AFTER;
}
