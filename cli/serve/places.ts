import { type Millis, millis } from '../../core/base/ids.ts';

/** Connections at a time, all told. */
const MAX_PLACES = 128;
/** Connections of one address that bear no session, besides those that have just come. */
const MAX_OF_ADDRESS = 16;
/** So long a connection has just come: a browser that opens many tabs at once has said by then who it is. */
export const JUST_COME = millis(1000);

/** A connection, as far as its place depends on it. */
export interface Place {
  /** Whose it is. */
  readonly address: string;
  /** What came over it last bore a session of ours. */
  readonly session: boolean;
  /** A request is being answered, or it is a window. */
  readonly busy: boolean;
  readonly since: Millis;
}

/**
 * Which of these connections, oldest first, have to go so that the others have room. Nobody without a session keeps one out:
 * of an address that has many the oldest go, where all places are taken the oldest of whoever has most without a session,
 * and then who rests. Whoever came last stays longest, so that a stranger who holds his places cannot hold them long.
 */
export function leaving<P extends Place>(places: Iterable<P>, now: Millis): ReadonlySet<P> {
  const gone = new Set<P>();
  const strangers = new Map<string, P[]>();
  const resting: P[] = [];
  let staying = 0;
  for (const place of places) {
    staying++;
    if (place.session) {
      if (!place.busy) resting.push(place);
      continue;
    }
    const before = strangers.get(place.address);
    if (before === undefined) strangers.set(place.address, [place]);
    else before.push(place);
  }
  const leave = (place: P | undefined): void => {
    if (place === undefined) return;
    gone.add(place);
    staying--;
  };
  for (const of of strangers.values()) {
    const settled = of.filter(({ since }) => now - since >= JUST_COME).length;
    for (const one of of.splice(0, Math.max(0, settled - MAX_OF_ADDRESS))) leave(one);
  }
  while (staying > MAX_PLACES) {
    let most: P[] = [];
    for (const of of strangers.values()) if (of.length > most.length) most = of;
    const next = most.length > 0 ? most : resting;
    if (next.length === 0) break;
    leave(next.shift());
  }
  return gone;
}
