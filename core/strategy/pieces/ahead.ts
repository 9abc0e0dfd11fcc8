/** How far ahead to ask while there is plenty left, and the least, in seconds. */
const MOST = 1;
const LEAST = 0.15;
/** While somebody waits for pieces: what is asked for stands before what he asks for next. */
const HURRIED = 0.2;
/** Under a limit that holds peers have answered long before it is read: what is asked for further ahead only stands before what comes first. */
const LIMITED = 0.3;
/** Never further ahead than this part of the time that is left. */
const SHARE = 1 / 4;

/**
 * For how many seconds to keep requests waiting at peers, on top of what is on the way (A17). Towards the end it shrinks
 * with the time that is left: what waits at a slow peer cannot be moved to a fast one, and what is asked of both comes twice.
 */
export function secondsAhead(input: {
  /** Bytes that may be requested and were not yet, and this identity's part of what anyone may claim. */
  readonly unrequested: number;
  /** What this identity receives, bytes a second. */
  readonly rate: number;
  /** Some pieces are urgent. */
  readonly hurries?: boolean;
  /** It receives as much as its limits let it. */
  readonly limited?: boolean;
}): number {
  const most = input.hurries === true ? HURRIED : input.limited === true ? LIMITED : MOST;
  if (input.rate <= 0) return most;
  return Math.min(most, Math.max(LEAST, (input.unrequested / input.rate) * SHARE));
}
