/** A router's time, in seconds since it last forgot its mappings, and ours (milliseconds) when it told us. */
export interface EpochSeen {
  readonly epoch: number;
  readonly at: number;
}

/**
 * Whether a router forgot its mappings between two answers: its time went back, or is too far from ours. Routers' clocks may be off by
 * a sixteenth (RFC 6887, section 8.5) or an eighth (RFC 6886, section 3.6); this takes the eighth, both ways.
 */
export function forgotMappings(before: EpochSeen, now: EpochSeen): boolean {
  const passed = Math.max(0, now.at - before.at) / 1000;
  const theirs = now.epoch - before.epoch;
  // Answers may overtake each other, and a lost second is rounding.
  if (theirs < -1) return true;
  return theirs + 2 < passed * (7 / 8) || passed + 2 < theirs * (7 / 8);
}
