import type { Millis } from '../base/ids.ts';
import { BLOCK_LENGTH } from '../metainfo/geometry.ts';
import { secondsAhead } from '../strategy/pieces/ahead.ts';
import { requestWindow } from '../strategy/pieces/request-window.ts';
import { PieceShare } from '../strategy/pieces/share-map.ts';
import type { BlockSource } from './block-source.ts';
import type { SwarmState } from './state.ts';

const LOOK_PERIOD = 100;

/** How many requests may wait at each source, from how fast it is, how long it takes to answer, and how much is left (B14). */
export class RequestWindows {
  readonly #state: SwarmState;
  readonly #limited: () => boolean;
  /** What stands before the next request counts more than whether a source could send faster. */
  hurries = false;
  #lookedAt = -Infinity as Millis;

  /** `limited`: whether as much comes as the limits let. */
  constructor(state: SwarmState, limited: () => boolean) {
    this.#state = state;
    this.#limited = limited;
  }

  /** What is fetched first has changed: works out at the next chance how far ahead to ask. */
  lookAgain(): void {
    this.#lookedAt = -Infinity as Millis;
  }

  /** Its rate is another one: adapts its window. */
  resize(source: BlockSource, now: Millis): void {
    const rate = source.rateAt(now);
    source.slowStart = rate > source.rate;
    source.rate = rate;
    this.#lookAhead(now);
    // How long it takes to answer is then how long its answers wait to be read.
    const tight = this.hurries || this.#limited();
    source.window = requestWindow({
      rate,
      latency: tight ? wayOf(source, rate) : (source.latency ?? (0 as Millis)),
      reqq: source.requestQueue,
      blockLength: BLOCK_LENGTH,
      window: source.window,
      slowStart: source.slowStart && !tight,
      ahead: this.#state.ahead,
    });
  }

  /** Now and then works out how far ahead to ask, from how much is left and how fast it comes. */
  #lookAhead(now: Millis): void {
    if (now - this.#lookedAt < LOOK_PERIOD) return;
    this.#lookedAt = now;
    const { share, picker, sources, geometry, self } = this.#state;
    const own = share.count(PieceShare.mine) + share.count(PieceShare.both) - picker.begun.size;
    const pieces = Math.max(0, own) + share.count(PieceShare.open) / self.count;
    let rate = 0;
    for (const source of sources) rate += source.rate;
    const unrequested = pieces * geometry.pieceLength;
    this.#state.ahead = secondsAhead({ unrequested, rate, hurries: this.hurries, limited: this.#limited() });
  }

  /** A block that it was asked for at `sentAt` has come. */
  measure(source: BlockSource, sentAt: Millis): void {
    const sample = this.#state.ports.clock.now() - sentAt;
    if (sample < (source.quickest ?? Infinity)) source.quickest = sample as Millis;
    if (source.requests.size > 0 && source.latency !== undefined) return;
    source.latency = (source.latency === undefined ? sample : 0.75 * source.latency + 0.25 * sample) as Millis;
  }
}

/** How long the way to a source and back takes at most, without the time in which the block itself comes. */
function wayOf({ quickest = 0 as Millis }: BlockSource, rate: number): Millis {
  return Math.max(0, quickest - (rate > 0 ? (1000 * BLOCK_LENGTH) / rate : 0)) as Millis;
}
