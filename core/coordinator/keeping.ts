import { type InfoHash, millis, type Millis, type TorrentKey } from '../base/ids.ts';
import type { Clock } from '../ports/clock.ts';
import type { Catalog, CatalogEntry } from './catalog.ts';
import { type KeptOrigin, keptOrigin } from './kept-origin.ts';

/** How often growing totals are stored: a program that dies loses at most this much of a ratio. */
const TOTALS_EVERY = millis(300_000);

/** What is stored of a download. */
interface Kept {
  readonly infoHash: InfoHash;
  readonly entry: CatalogEntry;
  /** Undefined while the metadata is not there; each access may make it anew. */
  readonly torrentFile: Uint8Array | undefined;
  readonly figures: { readonly totals: Totals };
}

type Totals = Pick<CatalogEntry, 'downloaded' | 'uploaded'>;

/** Keeps the catalog in step with the downloads of this program. */
export class Keeping {
  readonly #catalog: Catalog;
  readonly #clock: Clock;
  readonly #downloads: ReadonlyMap<TorrentKey, Kept>;
  readonly #failed: (message: string) => void;
  /** Torrent files that are in the state folder. */
  readonly #torrents = new Set<InfoHash>();
  /** Whether the whole catalog was restored: before that, writing it would lose entries. */
  #restored = false;
  #lookedAt: Millis;
  /** Payload bytes over all downloads, as the catalog has them. */
  #moved = 0;

  constructor(
    catalog: Catalog,
    clock: Clock,
    downloads: ReadonlyMap<TorrentKey, Kept>,
    failed: (message: string) => void,
  ) {
    this.#catalog = catalog;
    this.#clock = clock;
    this.#downloads = downloads;
    this.#failed = failed;
    this.#lookedAt = clock.now();
  }

  /** Calls `one` for each stored download. Rejects where the catalog is newer or damaged. */
  async restore(one: (entry: CatalogEntry) => Promise<void>): Promise<void> {
    for (const entry of await this.#catalog.read()) await one(entry);
    this.#restored = true;
    await this.write();
  }

  async origin(entry: CatalogEntry): Promise<KeptOrigin> {
    const kept = await keptOrigin(entry, this.#catalog);
    if (kept.origin.data !== undefined) this.#torrents.add(entry.infoHash);
    return kept;
  }

  /** A failure is reported, and the downloads go on. */
  async write(): Promise<void> {
    if (!this.#restored) return;
    try {
      for (const download of this.#downloads.values()) await this.#keepTorrent(download);
      const entries = [...this.#downloads.values()].map((download) => download.entry);
      await this.#catalog.write(entries);
      this.#moved = sum(entries);
    } catch (error) {
      this.#failed(`The list of downloads could not be kept: ${String(error)}`);
    }
  }

  /** Once a second. */
  tick(): void {
    const now = this.#clock.now();
    if (now - this.#lookedAt < TOTALS_EVERY) return;
    this.#lookedAt = now;
    if (sum([...this.#downloads.values()].map(({ figures }) => figures.totals)) !== this.#moved) void this.write();
  }

  async forget(infoHash: InfoHash): Promise<void> {
    this.#torrents.delete(infoHash);
    await this.#catalog.forgetTorrent(infoHash);
  }

  async #keepTorrent(download: Kept): Promise<void> {
    const { infoHash } = download;
    if (this.#torrents.has(infoHash)) return;
    const data = download.torrentFile;
    if (data === undefined) return;
    this.#torrents.add(infoHash);
    try {
      await this.#catalog.keepTorrent(infoHash, data);
    } catch (error) {
      // It is written the next time.
      this.#torrents.delete(infoHash);
      throw error;
    }
  }
}

function sum(totals: readonly Totals[]): number {
  return totals.reduce((all, { downloaded, uploaded }) => all + downloaded + uploaded, 0);
}
