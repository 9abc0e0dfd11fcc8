import { EnsembleError } from '../../base/errors.ts';
import { type InfoHash, type Millis, piece as pieceIndex } from '../../base/ids.ts';
import type { DownloadOptions } from '../../engine/engine.ts';
import { MAX_TORRENT_BYTES } from '../../base/bounds.ts';
import { parseTorrent } from '../../metainfo/parse-torrent.ts';
import type { Info } from '../../metainfo/torrent.ts';
import { Staging } from '../../assembly/staging.ts';
import { recordLost } from '../../store/records/journal.ts';
import { type Disk, diskCode } from '../../ports/disk.ts';
import { folderMoved } from '../../ports/within.ts';
import { confined, whereTheyLie } from '../../store/confined.ts';
import type { ChosenFolder } from '../../store/layouts/layout.ts';
import type { Lock } from '../../store/records/lock.ts';
import { readSiblings } from '../../claims/sibling-files.ts';
import { isFree, meetingFolder } from '../../store/records/manifest.ts';
import { filesUnderOwnNames } from '../../store/own-names.ts';
import { removeHalves } from '../../store/own-files.ts';
import type { DownloadEnv } from '../download-env.ts';
import type { Figures } from '../download/figures.ts';
import { folderBegun, lockFolder } from './folder-claim.ts';
import { isBlocked, occupied } from '../download/prepare.ts';
import { chosenFor, withDisk } from './confined-env.ts';
import { checkRoots } from './roots.ts';
import type { RunPlan } from '../run/run-plan.ts';
import { inspectTarget } from './target.ts';
import { defaultWorkFolder, emptyWorkFolder, namesGiven, removeResult, saveProgress } from './work-folder.ts';

/** What a working folder belongs to. */
interface Working {
  readonly torrent: { readonly infoHash: InfoHash; readonly name: string; readonly info: Info | undefined };
  readonly options: DownloadOptions;
  readonly figures: Pick<Figures, 'fetched'>;
}

/** Hears of the lock on a working folder. */
export interface CopyListener {
  /** Another process has taken the folder over. */
  lost(message: string): void;
  /** The folder is ours to write in until `lease` (time of day). */
  renewed(): void;
}

/** The working folder of one download, and the lock on it. */
export class WorkingCopy {
  /** The environment of the download: its disk follows no link below the folders that were chosen for it. */
  readonly env: DownloadEnv;
  readonly #whole: DownloadEnv;
  readonly #download: Working;
  readonly #listener: CopyListener;
  #disk: Disk;
  #chosen: readonly ChosenFolder[] | undefined;
  #lock: Lock | undefined;
  /** The folder, once it is known. */
  #folder: string | undefined;
  /** The identities of the chosen folders when they were first used. */
  readonly #kept = new Map<string, string>();

  constructor(env: DownloadEnv, download: Working, listener: CopyListener) {
    this.#whole = env;
    this.#download = download;
    this.#disk = this.#view();
    this.env = withDisk(env, () => this.#disk);
    this.#listener = listener;
  }

  /** Absolute path. Final once `locate` was called with the metadata there. */
  get folder(): string {
    const { options } = this.#download;
    return this.#folder ?? options.common ?? this.#own;
  }

  /** The folder, and the chosen folders that it may not leave, with where they lay at their first use. */
  get place(): Pick<RunPlan, 'workFolder' | 'chosen'> {
    return { workFolder: this.folder, chosen: this.#chosen };
  }

  /** Throws EnsembleError('usage') where the program was told to stay elsewhere. */
  expectPermitted(): void {
    checkRoots(this.env.roots, this.#download.options);
  }

  /** Finds out where it is: if the common directory holds anything else, a folder of its own in it. Rejects as `expectPermitted` throws. */
  async locate(): Promise<void> {
    const { options, torrent } = this.#download;
    await this.#settle();
    if (this.#folder !== undefined || torrent.info === undefined) return;
    this.#folder =
      options.common === undefined ? this.#own : await meetingFolder(this.#disk, options.common, this.#own);
    await this.#keep();
  }

  /** Rejects with EnsembleError('disk') if a chosen folder is not the same as at its first use: nothing may be renamed or removed there. */
  async expectSame(): Promise<void> {
    for (const [folder, id] of this.#kept) {
      const now = await this.#disk.info(folder);
      if (now !== undefined && now.id !== id) throw folderMoved(folder);
    }
    await this.#keep();
  }

  /** The user wants to go on with what is there now. */
  forget(): void {
    this.#kept.clear();
    this.#chosen = undefined;
    this.#disk = this.#view();
  }

  #view(): Disk {
    const { output, common = output } = this.#download.options;
    const { disk } = this.#whole.ports;
    if (this.#chosen !== undefined) return confined(disk, { workFolder: common, output, chosen: this.#chosen });
    return chosenFor(this.#whole, this.#download.options).reduce((view, folder) => view.within(folder), disk);
  }

  async #settle(): Promise<void> {
    this.expectPermitted();
    if (this.#chosen !== undefined) return;
    this.#chosen = await whereTheyLie(this.#whole.ports.disk, chosenFor(this.#whole, this.#download.options));
    this.#disk = this.#view();
  }

  get #own(): string {
    const { torrent, options } = this.#download;
    const { infoHash, name } = torrent;
    return defaultWorkFolder(options.common ?? options.output, name, infoHash);
  }

  async #keep(): Promise<void> {
    const { output, common } = this.#download.options;
    for (const folder of common === undefined ? [output] : [output, common]) {
      const info = this.#kept.has(folder) ? undefined : await this.#disk.info(folder);
      if (info !== undefined) this.#kept.set(folder, info.id);
    }
  }

  /** The metadata that an earlier run left here, so that a magnet link need not ask peers again. */
  async torrentThere(infoHash: InfoHash): Promise<Info | undefined> {
    const { output, common } = this.#download.options;
    const above = common ?? output;
    await this.#settle();
    const ending = `.${infoHash.slice(0, 8)}.ensemble`;
    const below = (await this.#disk.list(above)).filter((name) => name.endsWith(ending));
    const folders = [...(common === undefined ? [] : [common]), ...below.map((name) => `${above}/${name}`)];
    for (const folder of folders) {
      const data = await this.#disk.readFile(`${folder}/torrent`, MAX_TORRENT_BYTES).catch(() => undefined);
      try {
        const info = data && parseTorrent(data).info;
        if (info?.infoHash === infoHash) return info;
      } catch {
        // It is damaged, and fetched again.
      }
    }
    return undefined;
  }

  /** Which files another client left here under the torrent's own names. In a common directory all go by ours. `placed`: see `Places`. */
  async filesUnderOwnNames(info: Info, placed: readonly string[] | undefined): Promise<number[]> {
    const { output, common } = this.#download.options;
    if (common !== undefined || !info.files.some(({ own }) => own !== undefined)) return [];
    await this.locate();
    const folders = [output, `${this.folder}/files`];
    return filesUnderOwnNames(this.#disk, info, { folders, ...(placed !== undefined && { placed }) });
  }

  /** Looks at what is there, and takes the lock. Rejects with EnsembleError('exists' or 'in-use'). */
  async open(info: Info, options: DownloadOptions): Promise<void> {
    await this.locate();
    const { kind, blocked } = await inspectTarget(this.#disk, info, options);
    // A whole download may be seeded from a place where nothing can be written.
    if (kind === 'whole') return;
    if (blocked !== undefined) throw isBlocked(info, blocked);
    if (kind !== 'none' && !options.reuse && !(await folderBegun(this.#disk, this.folder, info.infoHash))) {
      throw occupied(info, options);
    }
    // If everything is gone, nothing is made in its place: the check reports it.
    const gone =
      kind === 'none' && this.#download.figures.fetched && (await this.#disk.info(this.folder)) === undefined;
    if (!gone) await this.lock();
  }

  /** Takes the lock, unless it is held already. */
  async lock(): Promise<void> {
    const lost = (): void => {
      if (this.#lock === undefined) return;
      this.#lock = undefined;
      this.#listener.lost(this.#takenOver);
    };
    const renewed = (): void => this.#listener.renewed();
    this.#lock ??= await lockFolder(this.env.ports, this.folder, { lost, renewed });
    await this.#keep();
  }

  /** Time of day until which nobody else takes the folder over; undefined: it is not locked. */
  get lease(): Millis | undefined {
    return this.#lock?.lease;
  }

  /** To be called once a second, so that after a sleep it is soon known whether the folder is still ours. */
  tick(): void {
    this.#lock?.sure().catch(() => undefined);
  }

  get #takenOver(): string {
    return `Another process has taken over ${this.folder}: this one stops.`;
  }

  /** Whether we hold its lock, even after a sleep longer than the lock's lease. */
  async #isOurs(): Promise<boolean> {
    return (await this.#lock?.sure()) === true;
  }

  /** Unlocks it. A folder of ours in which nothing was begun is removed, too. */
  async unlock(): Promise<void> {
    const lock = this.#lock;
    this.#lock = undefined;
    if (lock === undefined) return;
    await lock.release().catch((error: unknown) => {
      // Something else is where the folder was, which is reported elsewhere: there is no lock to give up.
      if (diskCode(error) !== 'ELOOP') throw error;
    });
    if (this.folder === this.#download.options.common) return;
    // A folder that is no longer ours stays as it is.
    await this.#disk.removeDirectory(this.folder).catch(() => false);
  }

  /** Writes the resume record, if the folder is locked by us. */
  async save(plan: RunPlan, totals: { readonly downloaded: number; readonly uploaded: number }): Promise<void> {
    const { infoHash } = this.#download.torrent;
    // A folder that is gone is not made again.
    if (!(await this.#isOurs()) || !(await folderBegun(this.#disk, this.folder, infoHash))) return;
    const clean = plan.members.every((member) => member.phase === 'left');
    await saveProgress(this.#disk, plan, totals, clean);
  }

  /**
   * Identities are about to write: from now on the last run's record would be wrong if this run ended before it writes its own
   * (invariant 7).
   */
  async begin(plan: RunPlan, totals: { readonly downloaded: number; readonly uploaded: number }): Promise<void> {
    if (await this.#isOurs()) await saveProgress(this.#disk, plan, totals, false);
  }

  /**
   * These pieces were found wrong on disk: makes sure that no record says that they are there, however this run ends (invariants 4
   * and 7).
   */
  async takeBack({ infoHash, pieceCount }: Info, pieces: Uint32Array): Promise<void> {
    if (!(await this.#isOurs())) return;
    await recordLost(this.#disk, this.folder, infoHash, pieceCount, Array.from(pieces, pieceIndex));
  }

  /** Removes our files in it, unlocks it, and removes the folder too if it is empty and the user did not name it. */
  async clear(): Promise<void> {
    await this.expectSame();
    if (this.#lock !== undefined && !(await this.#isOurs())) throw new EnsembleError('in-use', this.#takenOver);
    const { infoHash, info } = this.#download.torrent;
    if (await folderBegun(this.#disk, this.folder, infoHash)) {
      await this.lock();
      await emptyWorkFolder(this.#disk, this.folder, infoHash, info);
    }
    await this.#leave();
  }

  /**
   * All files have their final names, but an earlier run ended before it removed its working folder, or the folder in which files
   * were assembled: removes these now. Resolves to whether there was anything.
   */
  async clearLeft(): Promise<boolean> {
    const staged = await this.clearStaging();
    return (await this.#clearFolderLeft()) || staged;
  }

  /** Removes what an assembly that was cut short left beside the files; resolves to whether there was anything. */
  async clearStaging(): Promise<boolean> {
    const { torrent, options } = this.#download;
    const { info } = torrent;
    return info !== undefined && new Staging(this.#disk, options.output, info).remove();
  }

  async #clearFolderLeft(): Promise<boolean> {
    const { infoHash } = this.#download.torrent;
    const names = await this.#disk.list(this.folder);
    // In a directory with registered identities, these may be at work without a coordinator.
    if ((await readSiblings(this.#disk, this.folder)).length > 0) return false;
    // If its removal was cut short at the end, only the lock may be left.
    const left = names.length > 0 && (await isFree(this.#disk, this.folder, names));
    if (left || (await folderBegun(this.#disk, this.folder, infoHash))) {
      try {
        await this.lock();
      } catch (error) {
        // Somebody else is at work there.
        if (error instanceof EnsembleError && error.code === 'in-use') return false;
        throw error;
      }
      await this.clear();
      return true;
    }
    return this.#leave();
  }

  /** Removes the assembled files too. */
  async removeAll(info: Info | undefined, options: DownloadOptions, result: readonly string[]): Promise<void> {
    await this.locate();
    const given = info === undefined ? [] : await namesGiven(this.#disk, this.folder, info, options.output);
    await this.clear();
    await this.clearStaging();
    if (info !== undefined) await removeResult(this.#disk, info, options, [...result, ...given]);
  }

  /** Whether the folder is gone. */
  async #leave(): Promise<boolean> {
    if (this.#lock !== undefined) await removeHalves(this.#disk, this.folder);
    await this.unlock();
    return this.folder !== this.#download.options.common && (await this.#disk.removeDirectory(this.folder));
  }
}
