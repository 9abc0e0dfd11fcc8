import { type Millis, millis } from '../../core/base/ids.ts';

/** Most connections at a time. */
const MAX_PLACES = 128;
/** Most connections of one address without a session, not counting those that have just come. */
const MAX_OF_ADDRESS = 16;
/** For this long a connection counts as just come: even a browser that opens many tabs at once has sent its cookie by then. */
export const JUST_COME = millis(1000);

/** What decides whether a connection keeps its place. */
export interface Place {
  /** Address of the client. */
  readonly address: string;
  /** Its last request had one of our sessions. */
  readonly session: boolean;
  /** A request is being answered, or it is a window. */
  readonly busy: boolean;
  readonly since: Millis;
}

/**
 * Which of these connections, oldest first, have to go so that the others have room. Connections without a session never keep out
 * one with a session: the oldest of an address that has many have to go; where all places are taken, the oldest of the address that
 * has most without a session; and then idle ones. The newest stay longest, so that strangers cannot hold places for long.
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
