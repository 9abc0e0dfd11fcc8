/** Seconds. */
const AHEAD_FOR = 0.5;
/** Bytes: two blocks, so that one is under way while the next is read. */
const LEAST = 32 * 1024;
/** Bytes: what a peer on the fastest line has in a few milliseconds. */
const MOST = 512 * 1024;

/**
 * Bytes of blocks that may wait in the socket of a peer that takes `upRate` bytes a second (B15): what it takes in half a second.
 * Whatever we tell it has to wait behind them, our own requests too, and they leave even if we choke it.
 */
export function sendAhead(upRate: number): number {
  return Math.min(MOST, Math.max(LEAST, upRate * AHEAD_FOR));
}
