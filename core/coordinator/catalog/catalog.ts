import * as v from 'valibot';
import { fromHex, toHex } from '../../base/bytes.ts';
import { EnsembleError } from '../../base/errors.ts';
import { type InfoHash, type Millis, millis } from '../../base/ids.ts';
import { type DownloadOptions, downloadOptions, keptOptions } from '../../engine/download-options.ts';
import { count, infoHash, listOf, span, text } from '../../engine/values.ts';
import { MAX_FILES, MAX_IDENTITIES } from '../../base/bounds.ts';
import type { Disk } from '../../ports/disk.ts';
import type { FileTimes } from '../../store/records/foreign-changes.ts';
import type { Origin } from '../download/source.ts';
import { type MoveRecord, moveRecord } from './move-record.ts';
import { type RenameRecord, renameRecord } from './rename-record.ts';
import { TorrentFiles } from './torrent-files.ts';
import { readVersioned, writeVersioned } from './versioned-file.ts';

const VERSION = 2;
/** The last one that a program reads that does not know of packs of torrent files. */
const WITHOUT_PACKS = 1;
const OWNERS_VERSION = 1;

/** A download as it is stored while the program does not run. */
export interface CatalogEntry {
  readonly infoHash: InfoHash;
  /** The magnet link, as long as its metadata is not there; afterwards the torrent file is stored beside the catalog. */
  readonly magnet?: string;
  readonly options: DownloadOptions;
  readonly paused: boolean;
  /** Unix milliseconds. */
  readonly added?: Millis;
  readonly finished?: Millis;
  /** Paths of all wanted files, if they have their final names. */
  readonly result?: readonly string[];
  /** Paths of the files that have their final names, if other files were chosen later and are not there yet. */
  readonly placed?: readonly string[];
  /** Newest times of these files: files that are newer at the next start were changed by somebody else. */
  readonly times?: FileTimes;
  /** See `PlacedFiles.others`. */
  readonly others?: readonly string[];
  /** Its trackers, where the user chose others than the torrent names. */
  readonly trackers?: Origin['trackers'];
  /** It is being moved. */
  readonly moving?: MoveRecord;
  /** Some of its files are being renamed. */
  readonly renaming?: RenameRecord;
  /** Files that lie under the torrent's own names, where some were renamed: with such it is not looked for them any more. */
  readonly keep?: readonly number[];
  /** Payload bytes so far, for the seed rule. */
  readonly downloaded: number;
  readonly uploaded: number;
  /** How long it has seeded, and how long of that since a byte was taken of it last, milliseconds. */
  readonly seeded?: Millis;
  readonly untaken?: Millis;
  /** For each identity how long it took part, milliseconds. */
  readonly active?: readonly Millis[];
}

/** What to store of a download. */
export function catalogEntry({
  torrent,
  options,
  paused,
  added,
  finished,
  files,
  stats,
  relocation,
}: CatalogInput): CatalogEntry {
  const { infoHash, info, origin } = torrent;
  const { link } = origin;
  const { result, placed, times, others } = files;
  const { record: moving } = relocation;
  const { renaming, fixedKeep: keep } = torrent;
  const { downloaded, uploaded } = stats;
  const active = stats.activeEach;
  // Each field by its name: thousands are written at once, and what spreading puts together of so many V8 keeps as a dictionary.
  const entry: { -readonly [K in keyof CatalogEntry]: CatalogEntry[K] } = {
    infoHash,
    options,
    paused,
    added,
    downloaded,
    uploaded,
    seeded: stats.seeding.seeded,
    untaken: stats.seeding.untaken,
    active,
  };
  if (info === undefined && link !== undefined) entry.magnet = link;
  if (finished !== undefined) entry.finished = finished;
  if (result !== undefined) entry.result = result;
  else if (placed !== undefined) entry.placed = placed;
  if (times !== undefined) entry.times = times;
  if (others !== undefined) entry.others = others;
  if (moving !== undefined) entry.moving = moving;
  if (renaming !== undefined) entry.renaming = renaming;
  if (keep !== undefined) entry.keep = keep;
  if (origin.edited === true) entry.trackers = origin.trackers;
  return entry;
}

type CatalogInput = Pick<CatalogEntry, 'options' | 'paused'> & {
  readonly torrent: {
    readonly infoHash: InfoHash;
    readonly info: object | undefined;
    readonly renaming: RenameRecord | undefined;
    readonly fixedKeep: readonly number[] | undefined;
    /** With the magnet link that it came from. */
    readonly origin: Pick<Origin, 'link' | 'trackers' | 'edited'>;
  };
  readonly added: Millis;
  readonly finished: Millis | undefined;
  readonly relocation: { readonly record: MoveRecord | undefined };
  readonly files: {
    readonly result: readonly string[] | undefined;
    readonly placed: readonly string[] | undefined;
    readonly times: FileTimes | undefined;
    readonly others: readonly string[] | undefined;
  };
  readonly stats: {
    readonly downloaded: number;
    readonly uploaded: number;
    readonly activeEach: readonly Millis[];
    readonly seeding: { readonly seeded: Millis; readonly untaken: Millis };
  };
};

/** Throws EnsembleError('usage') for impossible choices. */
export function checkOptions(options: DownloadOptions): void {
  checkTogether(options);
  const checked = v.safeParse(downloadOptions, options, { abortEarly: true });
  if (checked.success) return;
  const [issue] = checked.issues;
  const where = v.getDotPath(issue) ?? 'options';
  throw new EnsembleError('usage', `The choice of ${where} is not possible: ${issue.message}.`);
}

function checkTogether({ together, identities, selection, common }: DownloadOptions): void {
  if (together === undefined) return;
  const wrong =
    identities > 1 ? 'one identity' : selection === 'fixed' ? 'another choice of pieces than fixed ranges' : undefined;
  if (wrong !== undefined) throw new EnsembleError('usage', `With other machines each takes part with ${wrong}.`);
  if (common !== undefined) throw new EnsembleError('usage', 'With other machines there is no common directory.');
}

const entry: v.GenericSchema<unknown, CatalogEntry> = v.object({
  infoHash,
  magnet: v.exactOptional(v.string()),
  options: keptOptions,
  paused: v.boolean(),
  added: v.exactOptional(v.pipe(count, v.transform(millis))),
  finished: v.exactOptional(v.pipe(count, v.transform(millis))),
  result: v.exactOptional(v.array(v.string())),
  placed: v.exactOptional(v.array(v.string())),
  times: v.exactOptional(v.object({ modified: v.number(), changed: v.number() })),
  others: v.exactOptional(v.pipe(v.array(text), v.maxLength(MAX_FILES))),
  trackers: v.exactOptional(listOf(listOf(text))),
  moving: v.exactOptional(moveRecord),
  renaming: v.exactOptional(renameRecord),
  keep: v.exactOptional(v.pipe(v.array(count), v.maxLength(MAX_FILES))),
  downloaded: v.number(),
  uploaded: v.number(),
  seeded: v.exactOptional(span),
  untaken: v.exactOptional(span),
  active: v.exactOptional(v.pipe(v.array(span), v.maxLength(MAX_IDENTITIES))),
});

/** The list of downloads in the state folder: `catalog.json`, with their torrent files in `torrents` beside it. */
export class Catalog {
  readonly torrents: TorrentFiles;
  readonly #disk: Disk;
  readonly #folder: string;
  #writing: Promise<void> = Promise.resolve();

  constructor(disk: Disk, stateFolder: string) {
    this.#disk = disk;
    this.#folder = stateFolder;
    this.torrents = new TorrentFiles(disk, stateFolder);
  }

  /** Rejects for a catalog that is newer or damaged, which is then never overwritten. */
  async read(): Promise<readonly CatalogEntry[]> {
    const content = await readVersioned(
      this.#disk,
      `${this.#folder}/catalog.json`,
      VERSION,
      v.object({ downloads: v.array(entry) }),
    );
    return content?.downloads ?? [];
  }

  /** Writes follow each other; each replaces the whole. */
  write(downloads: readonly CatalogEntry[]): Promise<void> {
    const next = this.#writing
      .catch(() => undefined)
      .then(() => {
        const version = this.torrents.packed ? VERSION : WITHOUT_PACKS;
        return writeVersioned(this.#disk, `${this.#folder}/catalog.json`, version, { downloads });
      });
    this.#writing = next;
    return next;
  }

  /** The names of the files beside the catalog. */
  names(): Promise<readonly string[]> {
    return this.#disk.list(`${this.#folder}/torrents`);
  }

  /** Who fetched which piece of an assembled download; undefined: that is not known. `names`: what is there, if known. Rejects as `read`. */
  async owners(infoHash: InfoHash, names?: ReadonlySet<string>): Promise<Uint8Array | undefined> {
    if (names?.has(`${infoHash}.owners.json`) === false) return undefined;
    const kept = await readVersioned(
      this.#disk,
      this.#ownersPath(infoHash),
      OWNERS_VERSION,
      v.object({ owners: v.string() }),
    );
    return kept && fromHex(kept.owners);
  }

  async keepOwners(infoHash: InfoHash, owners: Uint8Array): Promise<void> {
    await writeVersioned(this.#disk, this.#ownersPath(infoHash), OWNERS_VERSION, { owners: toHex(owners) });
  }

  async forgetTorrent(infoHash: InfoHash): Promise<void> {
    await this.#disk.remove(this.#ownersPath(infoHash));
    await this.torrents.forget(infoHash);
  }

  #ownersPath(infoHash: InfoHash): string {
    return `${this.#folder}/torrents/${infoHash}.owners.json`;
  }
}
