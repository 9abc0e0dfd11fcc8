/** Microseconds of queue that our packets may make (BEP 29, "CCONTROL_TARGET"). */
export const TARGET = 100_000;
/** From this part of the target on a window gives a part of itself back, and at the target this part. */
const YIELDS = 0.6;
const AT_TARGET = 0.1;
/** The most bytes by which a window grows in a round trip once the start is over (BEP 29, "MAX_CWND_INCREASE_PACKETS_PER_RTT"). */
export const GAIN = 3_000;
/** From this much queue on the quick start is over: what it sent last is still to come, and doubles it. */
const START_ENDS = TARGET * 0.3;
/** Bytes: no window grows beyond what others have room for. */
export const MOST_WINDOW = 1024 * 1024;

/** What an acknowledgement says of the way. */
export interface Acked {
  /** Bytes under way that are allowed, before. */
  readonly window: number;
  /** Bytes that it acknowledges. */
  readonly bytes: number;
  /** Microseconds for which packets wait in queues; undefined: not known yet. */
  readonly delay: number | undefined;
  /** Whether the window was what held us back; one that is not used does not grow. */
  readonly limited: boolean;
  /** Bytes of a packet: no window gets smaller. */
  readonly packet: number;
}

/**
 * The next window by LEDBAT (RFC 6817, section 2.4.2), with the changes of LEDBAT++ that make flows beside each other equal
 * (draft-irtf-iccrg-ledbat-plus-plus, section 4.2): in a round trip it grows by the gain, and where queues come near the target it gives a
 * part of itself back, so that those that have more give more. It shrinks by no more than its half.
 */
export function ledbat({ window, bytes, delay, limited, packet }: Acked): number {
  if (delay === undefined || bytes <= 0) return window;
  const share = Math.min(bytes, window) / Math.max(bytes, window);
  const back = window * partBack(delay / TARGET);
  const change = Math.max(GAIN - back, -window / 2);
  return change > 0 && !limited ? window : clamp(window + share * change, packet);
}

/**
 * Which part of a window is given back in a round trip, by the queue as a part of the target. Two that measure the same queue a
 * millisecond apart settle at the less different windows the gentler the slope is where they settle; beyond the target it is steep.
 */
function partBack(queue: number): number {
  if (queue > 1) return AT_TARGET + queue - 1;
  return AT_TARGET * (Math.max(0, queue - YIELDS) / (1 - YIELDS)) ** 2;
}

/**
 * The next window at the start, or after a time-out, until the window that was `threshold`: doubled each round trip. `over`: the way
 * begins to fill, or the threshold is reached. Then what was sent too much of in the last round trip is taken back.
 */
export function start(acked: Acked, threshold: number): { readonly window: number; readonly over: boolean } {
  const { window, bytes, delay, limited, packet } = acked;
  if (delay !== undefined && delay > START_ENDS) return { window: clamp(window / 2, packet), over: true };
  if (!limited) return { window, over: false };
  const next = window + bytes;
  if (next >= threshold) return { window: clamp(threshold, packet), over: true };
  return { window: clamp(next, packet), over: false };
}

/** The next window after a loss. */
export function afterLoss(window: number, packet: number): number {
  return clamp(window / 2, packet);
}

function clamp(window: number, packet: number): number {
  return Math.min(MOST_WINDOW, Math.max(packet, window));
}
