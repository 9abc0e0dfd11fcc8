import type { Rng } from '../../base/ids.ts';

/** Of the places that become free, so many are soon taken by other things in memory. */
const LOST = 0.45;
/** Seconds within which connections of clients that come together are made in any order. */
const TOGETHER = 1;

/** Whether what an address leaves is lost, drawn when it is asked for first: at all others alike, as they have much the same in memory. */
export function losses(rng: Rng): (address: string) => boolean {
  const drawn = new Map<string, boolean>();
  return (address) => {
    const lost = drawn.get(address) ?? rng() < LOST;
    drawn.set(address, lost);
    return lost;
  };
}

/**
 * The order of a client's connections, by which libtorrent decides between equals. It is that of their addresses in memory (`std::set` of pointers,
 * src/session_impl.cpp): a newcomer gets the place of one that has left, if that is still free, or comes after all others, at all seeds mostly alike. As
 * `get_peer_info` of eight seeds of libtorrent 2.0.8 lists them, 131 of 349 newcomers came where somebody had left last, 78 elsewhere among the others,
 * 140 at the end.
 */
export class Places {
  readonly #rng: Rng;
  readonly #isLost: (address: string) => boolean;
  readonly #free: number[] = [];

  constructor(rng: Rng, isLost: (address: string) => boolean) {
    this.#rng = rng;
    this.#isLost = isLost;
  }

  /** The place of who comes now, in seconds: the lower, the earlier. */
  take(now: number): number {
    return this.#free.pop() ?? now + this.#rng() * TOGETHER;
  }

  /** Whoever was there has left. */
  leave(address: string, place: number): void {
    if (!this.#isLost(address)) this.#free.push(place);
  }
}
