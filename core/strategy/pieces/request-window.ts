import type { BytesPerSecond, Millis } from '../../base/ids.ts';

export interface RequestWindowInput {
  /** Payload that the peer sends us. */
  readonly rate: BytesPerSecond | number;
  /** Time from a request to its block while few requests are out; 0: not known. */
  readonly latency: Millis;
  /** How many requests the peer says that it keeps (BEP 10, `reqq`); undefined: not known. */
  readonly reqq?: number | undefined;
  /** Bytes of a request. */
  readonly blockLength: number;
  /** The window until now, which at most doubles in one step. */
  readonly window?: number | undefined;
  /** Seconds of requests that wait at the peer (`ahead.ts`); undefined: one. */
  readonly ahead?: number | undefined;
  /** The rate is still growing: aim at twice the rate. */
  readonly slowStart?: boolean | undefined;
}

/** Never fewer, so that a slow peer's link is not idle between two blocks. */
const LEAST = 2;
/** Never fewer while a peer's rate is not known. */
const LEAST_AT_START = 4;
const MOST = 2000;
/** What common clients keep that do not say how much. */
const DEFAULT_REQQ = 250;
/** Seconds of requests that wait at the peer, over what is on the way: covers the gaps between our decisions and lets the rate grow. */
const AHEAD = 1;
/** A latency above this comes from our own requests waiting in line. */
const MAX_LATENCY = 3000;

/** How many requests to keep at a peer (B14): what its link holds on the way (rate x latency) and a second more. */
export function requestWindow(input: RequestWindowInput): number {
  const { rate, latency, blockLength, slowStart = false } = input;
  const ahead = Math.min(latency, MAX_LATENCY) / 1000 + (input.ahead ?? AHEAD);
  const wanted = Math.ceil((rate * ahead * (slowStart ? 2 : 1)) / blockLength);
  const grown = input.window === undefined ? wanted : Math.min(wanted, 2 * Math.max(input.window, LEAST));
  const least = slowStart || rate === 0 ? LEAST_AT_START : LEAST;
  const most = Math.min(MOST, Math.max(1, input.reqq ?? DEFAULT_REQQ));
  return Math.min(Math.max(grown, least), most);
}
