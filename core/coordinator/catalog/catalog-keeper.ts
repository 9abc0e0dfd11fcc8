import { type InfoHash, millis, type Millis, type TorrentKey, UNKNOWN_OWNER } from '../../base/ids.ts';
import { inLanes } from '../../base/lanes.ts';
import type { Clock, Timer } from '../../ports/clock.ts';
import type { Disk } from '../../ports/disk.ts';
import { isCheckable } from '../../metainfo/piece-check.ts';
import { Catalog, type CatalogEntry } from './catalog.ts';
import { type KeptOrigin, keptOrigin } from './kept-origin.ts';
import { DistinctWarnings } from '../download/distinct-warnings.ts';

/** Torrents that are read or written at the same time. */
const AT_ONCE = 16;
/** Writes that nobody waits for take at most this part of the time: with thousands of downloads each is some megabytes. */
const SHARE = 1 / 20;
/** But they come within this: a disk that was slow once is not waited for. */
const AT_LATEST = 60_000;
/** How often growing totals are stored: a program that dies loses at most this much of a ratio. */
const TOTALS_EVERY = millis(300_000);

/** What is stored of a download. */
interface KeptDownload {
  readonly entry: CatalogEntry;
  readonly torrent: {
    readonly infoHash: InfoHash;
    /** Undefined while the metadata is not there; each access may make it anew. */
    readonly file: Uint8Array | undefined;
    /** All of it is known. */
    readonly info: object | undefined;
  };
  readonly stats: { readonly totals: CatalogTotals };
  /** Who fetched which piece, once it is assembled. */
  readonly owners: Uint8Array | undefined;
}

type CatalogTotals = Pick<CatalogEntry, 'downloaded' | 'uploaded'>;

/** The place of a stored download among the others. */
export interface Turn {
  readonly before: Promise<unknown>;
  /** It is in the list. */
  entered(): void;
}

interface CatalogKeeperOptions {
  readonly disk: Disk;
  readonly clock: Clock;
  readonly stateFolder: string;
  /** Whether that is still ours alone, also after a long sleep. */
  readonly stateHeld: (() => Promise<boolean>) | undefined;
  readonly downloads: ReadonlyMap<TorrentKey, KeptDownload>;
  failed(message: string): void;
}

/** Keeps the catalog in step with the downloads of this program. */
export class CatalogKeeper {
  readonly #catalog: Catalog;
  readonly #o: CatalogKeeperOptions;
  readonly #troubles: DistinctWarnings;
  /** Torrent files that are in the state folder. */
  readonly #torrents = new Set<InfoHash>();
  /** Those of which it is in the state folder who fetched which piece. */
  readonly #owners = new Set<InfoHash>();
  /** Whether the whole catalog was restored: before that, writing it would lose entries. */
  #restored = false;
  #lookedAt: Millis;
  #writing: Promise<void> = Promise.resolve();
  #waiting: Promise<void> | undefined;
  #soon: Timer | undefined;
  /** When it was written last, or read, and how long that took, in ms. */
  #wroteAt = -Infinity;
  #took = 0;
  /** The names beside the catalog, while it is restored. */
  #known: ReadonlySet<string> | undefined;
  /** Payload bytes over all downloads, as the catalog has them. */
  #moved = 0;

  constructor(options: CatalogKeeperOptions) {
    this.#o = options;
    this.#catalog = new Catalog(options.disk, options.stateFolder);
    this.#troubles = new DistinctWarnings(options.failed);
    this.#lookedAt = options.clock.now();
  }

  /**
   * Calls `one` for each stored download, for several at a time; `turn` resolves when those before it were entered in the list, and is
   * to be awaited before this one is. Rejects where the catalog is newer or damaged.
   */
  async restore(one: (entry: CatalogEntry, turn: Turn) => Promise<void>): Promise<void> {
    const { clock } = this.#o;
    const began = clock.now();
    const entries = await this.#catalog.read();
    const names = await this.#catalog.names();
    this.#known = new Set(names);
    const { torrents } = this.#catalog;
    await torrents.look(names);
    this.#took = clock.now() - began;
    torrents.retain(new Set(entries.map(({ infoHash }) => infoHash)));
    let last: Promise<unknown> = Promise.resolve();
    await inLanes(entries, AT_ONCE, async (entry) => {
      const before = last;
      let entered = (): void => {};
      last = new Promise<void>((resolve) => (entered = resolve));
      try {
        await one(entry, { before, entered });
      } finally {
        entered();
      }
    });
    this.#known = undefined;
    torrents.rest();
    const { scattered } = torrents;
    for (const infoHash of scattered) this.#torrents.delete(infoHash);
    this.#restored = true;
    if (scattered.length > 0) return this.write();
    // It is as it was read: what thousands change as they begin is written together.
    this.#wroteAt = clock.now();
    this.writeSoon();
  }

  async origin(entry: CatalogEntry): Promise<KeptOrigin> {
    const kept = await keptOrigin(entry, this.#catalog);
    const { data, info } = kept.origin;
    if (data !== undefined && (info === undefined || isCheckable(info))) this.#torrents.add(entry.infoHash);
    const owners = await this.#catalog.owners(entry.infoHash, this.#known).catch(() => undefined);
    if (owners === undefined) return kept;
    this.#owners.add(entry.infoHash);
    return { ...kept, owners };
  }

  /** A failure is reported, and the downloads go on. One write that waits is for all who ask meanwhile: it takes what is there when it begins. */
  write(): Promise<void> {
    return (this.#waiting ??= this.#writing.then(() => {
      this.#waiting = undefined;
      return (this.#writing = this.#write());
    }));
  }

  /** As `write`, soon: nobody waits for it, and there may be thousands of changes in a second. */
  writeSoon(): void {
    const { clock } = this.#o;
    const wait = Math.min(this.#took / SHARE, AT_LATEST) - (clock.now() - this.#wroteAt);
    if (wait <= 0) void this.write();
    else this.#soon ??= clock.after(millis(wait), () => void this.write());
  }

  async #write(): Promise<void> {
    if (!this.#restored) return;
    const { clock, downloads } = this.#o;
    this.#soon?.cancel();
    this.#soon = undefined;
    try {
      if (!(await this.#isHeld())) return;
      const began = clock.now();
      const all = [...downloads.values()];
      await this.#keepTorrents(all.filter((one) => !this.#torrents.has(one.torrent.infoHash)));
      await inLanes(
        all.filter((one) => !this.#owners.has(one.torrent.infoHash)),
        AT_ONCE,
        (one) => this.#keepOwners(one),
      );
      const entries = [...downloads.values()].map((download) => download.entry);
      await this.#catalog.write(entries);
      this.#moved = sum(entries);
      this.#wroteAt = clock.now();
      this.#took = this.#wroteAt - began;
    } catch (error) {
      this.#o.failed(`The list of downloads could not be kept: ${String(error)}`);
    }
  }

  /** Once a second. */
  tick(): void {
    const now = this.#o.clock.now();
    if (now - this.#lookedAt < TOTALS_EVERY) return;
    this.#lookedAt = now;
    if (sum([...this.#o.downloads.values()].map(({ stats }) => stats.totals)) !== this.#moved) void this.write();
  }

  async forget(infoHash: InfoHash): Promise<void> {
    this.#torrents.delete(infoHash);
    this.#owners.delete(infoHash);
    // Its torrent file may just be kept.
    await this.#writing;
    if (await this.#isHeld()) await this.#catalog.forgetTorrent(infoHash);
  }

  /** Nothing is written over what another program keeps there now. */
  async #isHeld(): Promise<boolean> {
    const { stateHeld, stateFolder } = this.#o;
    if ((await stateHeld?.()) ?? true) return true;
    this.#troubles.say(`Another program has taken over ${stateFolder}: nothing is kept there any more. End this one.`);
    return false;
  }

  /** Once, as it is not fetched again. */
  async #keepOwners({ torrent: { infoHash }, owners }: KeptDownload): Promise<void> {
    if (owners === undefined || owners.every((owner) => owner === UNKNOWN_OWNER)) return;
    await this.#catalog.keepOwners(infoHash, owners);
    this.#owners.add(infoHash);
  }

  async #keepTorrents(downloads: readonly KeptDownload[]): Promise<void> {
    const torrents = downloads.flatMap(({ torrent: { infoHash, file, info } }) =>
      file === undefined ? [] : [{ infoHash, data: file, whole: info !== undefined }],
    );
    // Piece layers that are still to come will be kept with it.
    const whole = new Set(torrents.filter((one) => one.whole).map(({ infoHash }) => infoHash));
    await this.#catalog.torrents.keep(torrents, (infoHash) => {
      if (whole.has(infoHash)) this.#torrents.add(infoHash);
    });
  }
}

function sum(totals: readonly CatalogTotals[]): number {
  return totals.reduce((all, { downloaded, uploaded }) => all + downloaded + uploaded, 0);
}
