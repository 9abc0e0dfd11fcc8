import type { Millis } from '../../base/ids.ts';

/** What decides how soon a peer hears of a piece that we got. */
export interface HaveInput {
  /** It has the piece, and hears of it because it counts who has what. */
  readonly has: boolean;
  /** It wants something of us already. */
  readonly interested: boolean;
  /** Blocks flow between us, or may: one side wants something and is not choked. */
  readonly trades: boolean;
  /** How long it has not been told at once. */
  readonly since: Millis;
}

/** A peer to which news makes a difference is told at once, but not oftener than this (ms). */
const GAP = 2000;
/** To others it makes none before they are unchoked (ms). */
const LAZY = 10_000;

/**
 * How long a `have` may wait for company (ms). Telling hundreds of peers of each piece is most of what they cost, and to most of them it
 * makes no difference: who has the piece, or wants something anyway and is choked. With any other message it leaves at once.
 */
export function haveDelay({ has, interested, trades, since }: HaveInput): Millis {
  if (has) return LAZY as Millis;
  if (trades) return 0 as Millis;
  return (interested ? LAZY : Math.max(0, GAP - since)) as Millis;
}
