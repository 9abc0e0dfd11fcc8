/** Connections at a time, all told. */
const MAX_PLACES = 128;
/** Connections of one address that bear no session. */
const MAX_OF_ADDRESS = 16;

/** A connection, as far as its place depends on it. */
export interface Place {
  /** Whose it is. */
  readonly address: string;
  /** What came over it last bore a session of ours. */
  readonly session: boolean;
  /** A request is being answered, or it is a window. */
  readonly busy: boolean;
}

/**
 * Which of these connections, oldest first, have to go so that the others have room. Nobody without a session keeps one out:
 * of an address that has many the oldest go, where all places are taken the oldest of whoever has most without a session,
 * and then who rests. Whoever came last stays longest, so that a stranger who holds his places cannot hold them long.
 */
export function leaving<P extends Place>(places: Iterable<P>): ReadonlySet<P> {
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
  for (const of of strangers.values()) for (const one of of.splice(0, of.length - MAX_OF_ADDRESS)) leave(one);
  while (staying > MAX_PLACES) {
    let most: P[] = [];
    for (const of of strangers.values()) if (of.length > most.length) most = of;
    const next = most.length > 0 ? most : resting;
    if (next.length === 0) break;
    leave(next.shift());
  }
  return gone;
}
