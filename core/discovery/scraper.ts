import { millis } from '../base/ids.ts';
import type { InfoHash } from '../base/ids.ts';
import type { Timer } from '../ports/clock.ts';
import type { ScrapeCounts, TrackerClient } from './announce.ts';
import { openTracker } from './tracker-client.ts';
import type { TrackerPorts } from './tracker-client.ts';

const EVERY = 30 * 60_000;
/** A torrent that is new is asked for after this time, together with those that come meanwhile. */
const SOON = 15_000;
/** The longest time between two, whatever fails and whatever the tracker asks. */
const SELDOM = 24 * 3_600_000;
const TIMEOUT = millis(30_000);

/** A torrent of which a tracker's announces do not tell how many peers it has. */
export interface ScrapeWish {
  readonly infoHash: InfoHash;
  /** Whether it is still so. */
  wanted(): boolean;
  told(counts: ScrapeCounts): void;
}

/**
 * Asks trackers for numbers of peers, every half hour, for all torrents of one local address: those that share a tracker are asked
 * for together (BEP 15, 48).
 */
export class Scraper {
  readonly #ports: TrackerPorts;
  readonly #address: string | undefined;
  readonly #rounds = new Map<string, Rounds>();

  /** `address`: ask from there, or not at all. */
  constructor(ports: TrackerPorts, address: string | undefined) {
    this.#ports = ports;
    this.#address = address;
  }

  /** Asks for a torrent from now on, until the result is called. A tracker that cannot be scraped is not. */
  join(url: string, wish: ScrapeWish): () => void {
    const rounds = this.#rounds.get(url) ?? new Rounds(this.#ports, openTracker(this.#ports, url, this.#address));
    this.#rounds.set(url, rounds);
    rounds.add(wish);
    return () => {
      if (rounds.remove(wish) && this.#rounds.get(url) === rounds) this.#rounds.delete(url);
    };
  }
}

/** The scrapes of one tracker. */
class Rounds {
  readonly #ports: TrackerPorts;
  readonly #client: TrackerClient;
  readonly #wishes = new Set<ScrapeWish>();
  /** Those of them that were not asked for yet. */
  readonly #fresh = new Set<ScrapeWish>();
  readonly #abort = new AbortController();
  /** Torrents in one scrape. */
  #size: number;
  /** When all are asked for again. */
  #next: number;
  #failures = 0;
  #asking = false;
  #timer: Timer | undefined;

  constructor(ports: TrackerPorts, client: TrackerClient) {
    this.#ports = ports;
    this.#client = client;
    this.#size = client.maxScraped;
    this.#next = ports.clock.now() + SOON;
  }

  add(wish: ScrapeWish): void {
    this.#wishes.add(wish);
    this.#fresh.add(wish);
    // Thousands come one after the other: the first of them has set the time.
    if (this.#fresh.size === 1) this.#schedule();
  }

  /** Whether that was the last one. */
  remove(wish: ScrapeWish): boolean {
    this.#wishes.delete(wish);
    this.#fresh.delete(wish);
    if (this.#wishes.size > 0) return false;
    this.#timer?.cancel();
    this.#abort.abort();
    this.#client.close();
    return true;
  }

  #schedule(): void {
    if (this.#asking || this.#size === 0 || this.#abort.signal.aborted) return;
    const now = this.#ports.clock.now();
    this.#timer?.cancel();
    // After a failure newcomers wait for their turn as well.
    const fresh = this.#failures === 0 && this.#fresh.size > 0;
    const wait = Math.max(0, Math.min(this.#next - now, fresh ? SOON : Infinity));
    this.#timer = this.#ports.clock.after(millis(wait), () => {
      this.#asking = true;
      void this.#round().finally(() => {
        this.#asking = false;
        this.#schedule();
      });
    });
  }

  async #round(): Promise<void> {
    const { clock } = this.#ports;
    const all = clock.now() >= this.#next;
    if (all) this.#next = clock.now() + EVERY;
    const due = [...(all ? this.#wishes : this.#fresh)].filter((wish) => wish.wanted());
    this.#fresh.clear();
    while (due.length > 0 && !this.#abort.signal.aborted) {
      const group = due.splice(0, this.#size);
      try {
        await this.#ask(group);
        this.#failures = 0;
      } catch {
        if (this.#abort.signal.aborted) return;
        // Perhaps it takes fewer at a time.
        this.#size = Math.max(1, Math.floor(Math.min(this.#size, group.length) / 2));
        this.#failures++;
        this.#next = clock.now() + Math.min(EVERY * 2 ** this.#failures, SELDOM);
        return;
      }
    }
  }

  async #ask(group: readonly ScrapeWish[]): Promise<void> {
    const hashes = group.map(({ infoHash }) => infoHash);
    const { counts, wait } = await this.#client.scrape(hashes, { total: TIMEOUT, signal: this.#abort.signal });
    if (wait !== undefined) this.#next = Math.max(this.#next, this.#ports.clock.now() + Math.min(wait, SELDOM));
    for (const [i, wish] of group.entries()) {
      const told = counts[i];
      if (told !== undefined && this.#wishes.has(wish)) wish.told(told);
    }
    // Some answer for one of them alone, whatever they are asked.
    if (group.length > 1 && counts.filter((one) => one !== undefined).length === 1) this.#size = 1;
  }
}
