const AHEAD_FOR = 0.5;
const LEAST = 32 * 1024;
const MOST = 512 * 1024;

/**
 * Bytes of blocks that may wait in the socket of a peer that takes so many bytes a second (B15): what it takes in half a
 * second. Whatever we tell it stands in line behind them, our own requests too, and they leave even if we choke it.
 */
export function sendAhead(upRate: number): number {
  return Math.min(MOST, Math.max(LEAST, upRate * AHEAD_FOR));
}
