import type { BytesPerSecond } from '../../base/ids.ts';

export interface ClaimDemandInput {
  /** What this identity receives. */
  readonly rate: BytesPerSecond | number;
  /** In bytes. */
  readonly pieceLength: number;
  /** Number of pieces claimed, or asked for, of which no block was requested yet. */
  readonly unbegun: number;
  /** Number of pieces begun. */
  readonly begun: number;
  /** Seconds of work that are claimed before it is begun; undefined: 2.5. */
  readonly ahead?: number | undefined;
  /** Number of peers that would send now. */
  readonly able: number;
}

/** An answer to a claim takes far less; claiming more would leave pieces idle here while siblings run out of work. */
const SECONDS_AHEAD = 2.5;
/** What a peer is asked for before its rate is known. */
const FIRST_REQUESTS = 64 * 1024;
const MOST = 1000;

/** How many more pieces to claim (A7, A17): what this identity begins within the next seconds, and something for each peer that waits. */
export function claimDemand(input: ClaimDemandInput): number {
  const { rate, pieceLength, unbegun, begun, able } = input;
  if (able === 0 && rate === 0) return 0;
  const bytesAhead = rate * (input.ahead ?? SECONDS_AHEAD);
  const bytesToStart = Math.max(0, able * FIRST_REQUESTS - begun * pieceLength);
  const ahead = Math.max(1, Math.ceil(Math.max(bytesAhead, bytesToStart) / pieceLength));
  return Math.max(0, Math.min(ahead, MOST) - unbegun);
}
