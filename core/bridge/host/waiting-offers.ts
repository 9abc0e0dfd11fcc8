import type { Events } from '../contract.ts';

type Offer = Events['offer'];

/** Bytes that are kept: those of hundreds of torrents. */
const MOST = 256 * 1024 * 1024;
/** What each costs besides its content. */
const COST = 4096;

/** What was opened while there was no window that could show it. */
export class WaitingOffers {
  #kept: Offer[] = [];
  #bytes = 0;
  #leftOut = 0;

  keep(offer: Offer): void {
    const { source } = offer;
    const bytes = COST + (source.kind === 'torrent' ? source.data.length : source.link.length);
    if (this.#bytes + bytes > MOST) {
      this.#leftOut++;
      return;
    }
    this.#bytes += bytes;
    this.#kept.push(offer);
  }

  /** All that was kept, in the order in which it came, and how many found no room. They are not kept any more. */
  take(): { readonly offers: readonly Offer[]; readonly leftOut: number } {
    const taken = { offers: this.#kept, leftOut: this.#leftOut };
    this.#kept = [];
    this.#bytes = 0;
    this.#leftOut = 0;
    return taken;
  }
}
