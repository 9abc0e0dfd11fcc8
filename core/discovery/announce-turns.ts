import type { StopSignal } from '../base/stopper.ts';
/** Most announces under way in one process. */
const MOST = 100;
/** At one tracker. */
const MOST_AT_ONE = 8;

/** Who goes first at a tracker: what it has to hear in time, then who wants peers, then seeds. */
export type AnnounceRank = 0 | 1 | 2;

interface Place {
  running: number;
  /** Its last announce was answered. Before that, one at a time finds out whether it is there. */
  answers: boolean;
  readonly waiting: readonly [Set<() => void>, Set<() => void>, Set<() => void>];
}

const turns = new WeakMap<object, AnnounceTurns>();

/** The turns of the process whose clock this is. */
export function announceTurnsOf(clock: object): AnnounceTurns {
  let own = turns.get(clock);
  if (own === undefined) turns.set(clock, (own = new AnnounceTurns()));
  return own;
}

/**
 * Lets thousands of torrents announce a few at a time: at each tracker few, and at one that does not answer a single one, so that it
 * keeps nobody from the others. Trackers have their turns in a ring. Pure.
 */
export class AnnounceTurns {
  /** Whose turn comes next stands first. */
  readonly #places = new Map<string, Place>();
  #running = 0;

  get running(): number {
    return this.#running;
  }

  /** Resolves when an announce may begin, with what to call at its end; with undefined where `signal` came first. */
  enter(name: string, rank: AnnounceRank, signal: StopSignal): Promise<((worked: boolean) => void) | undefined> {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve(undefined);
      const place = this.#place(name);
      const row = place.waiting[rank];
      const withdraw = (): void => {
        row.delete(begin);
        this.#tidy(name, place);
        resolve(undefined);
      };
      let begun = false;
      const begin = (): void => {
        begun = true;
        signal.removeEventListener('abort', withdraw);
        this.#running++;
        place.running++;
        resolve((worked) => this.#left(name, place, worked));
      };
      row.add(begin);
      this.#next();
      if (!begun) signal.addEventListener('abort', withdraw, { once: true });
    });
  }

  #place(name: string): Place {
    let place = this.#places.get(name);
    if (place === undefined) {
      place = { running: 0, answers: false, waiting: [new Set(), new Set(), new Set()] };
      this.#places.set(name, place);
    }
    return place;
  }

  #left(name: string, place: Place, worked: boolean): void {
    this.#running--;
    place.running--;
    place.answers = worked;
    this.#tidy(name, place);
    this.#next();
  }

  #tidy(name: string, place: Place): void {
    if (place.running === 0 && firstOf(place) === undefined) this.#places.delete(name);
  }

  #next(): void {
    // As it is now: whoever has had a turn goes to the end.
    const ring = [...this.#places];
    for (const [name, place] of ring) {
      if (this.#running >= MOST) return;
      const most = place.answers ? MOST_AT_ONE : 1;
      let begun = 0;
      for (let first = firstOf(place); first !== undefined; first = firstOf(place)) {
        if (place.running >= most || this.#running >= MOST) break;
        first.row.delete(first.begin);
        first.begin();
        begun++;
      }
      if (begun === 0) continue;
      this.#places.delete(name);
      this.#places.set(name, place);
    }
  }
}

function firstOf({ waiting }: Place): { readonly row: Set<() => void>; readonly begin: () => void } | undefined {
  for (const row of waiting) for (const begin of row) return { row, begin };
  return undefined;
}
