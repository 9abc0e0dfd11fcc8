import { EnsembleError } from '../../base/errors.ts';
import { type InfoHash, type Millis, piece as pieceIndex } from '../../base/ids.ts';
import type { DownloadOptions } from '../../engine/engine.ts';
import type { Info } from '../../metainfo/torrent.ts';
import { Staging } from '../../assembly/staging.ts';
import { recordLost } from '../../store/records/journal.ts';
import { type Disk, diskCode } from '../../ports/disk.ts';
import type { Lock } from '../../store/records/lock.ts';
import { readSiblings } from '../../claims/sibling-files.ts';
import { isFree } from '../../store/records/manifest.ts';
import { removeHalves } from '../../store/own-files.ts';
import type { DownloadStats } from '../download/download-stats.ts';
import type { DownloadFolders } from './download-folders.ts';
import { folderBegun, lockFolder } from './folder-claim.ts';
import type { RunPlan } from '../run/run-plan.ts';
import { inspectTarget, targetBlocked, targetOccupied } from './target.ts';
import { emptyWorkFolder, namesGiven, removeResult, saveProgress } from './work-folder.ts';

/** The download that a working folder belongs to. */
interface Working {
  readonly torrent: { readonly infoHash: InfoHash; readonly info: Info | undefined };
  readonly options: Pick<DownloadOptions, 'output' | 'common'>;
  readonly stats: Pick<DownloadStats, 'fetched'>;
  readonly files: { readonly others: object | undefined };
}

/** Hears of the lock on a working folder. */
export interface CopyListener {
  /** Another process has taken the folder over. */
  lost(message: string): void;
  /** The folder is ours to write in until `lease` (time of day). */
  renewed(): void;
}

/** What lies in the working folder of one download, and the lock on it. */
export class WorkingCopy {
  readonly #folders: DownloadFolders;
  readonly #download: Working;
  readonly #listener: CopyListener;
  #lock: Lock | undefined;

  constructor(folders: DownloadFolders, download: Working, listener: CopyListener) {
    this.#folders = folders;
    this.#download = download;
    this.#listener = listener;
  }

  get #folder(): string {
    return this.#folders.work;
  }

  get #disk(): Disk {
    return this.#folders.env.ports.disk;
  }

  /** Looks at what is there, and takes the lock. Rejects with EnsembleError('exists' or 'in-use'). */
  async open(info: Info, options: DownloadOptions): Promise<void> {
    await this.#folders.locate();
    const { kind, blocked } = await inspectTarget(this.#disk, info, options);
    // A whole download may be seeded from a place where nothing can be written.
    if (kind === 'whole') return;
    if (blocked !== undefined) throw targetBlocked(info, blocked);
    if (kind !== 'none' && !options.reuse && !(await folderBegun(this.#disk, this.#folder, info.infoHash))) {
      throw targetOccupied(info, options);
    }
    // If everything is gone, nothing is made in its place: the check reports it.
    const { stats, files } = this.#download;
    const wasThere = stats.fetched || files.others !== undefined;
    const gone = kind === 'none' && wasThere && (await this.#disk.info(this.#folder)) === undefined;
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
    this.#lock ??= await lockFolder(this.#folders.env.ports, this.#folder, { lost, renewed });
    await this.#folders.remember();
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
    return `Another process has taken over ${this.#folder}: this one stops.`;
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
    if (this.#folder === this.#download.options.common) return;
    // A folder that is no longer ours stays as it is.
    await this.#disk.removeDirectory(this.#folder).catch(() => false);
  }

  /** Writes the resume record, if the folder is locked by us. */
  async save(plan: RunPlan, totals: { readonly downloaded: number; readonly uploaded: number }): Promise<void> {
    const { infoHash } = this.#download.torrent;
    // A folder that is gone is not made again.
    if (!(await this.#isOurs()) || !(await folderBegun(this.#disk, this.#folder, infoHash))) return;
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
    await recordLost(this.#disk, this.#folder, infoHash, pieceCount, Array.from(pieces, pieceIndex));
  }

  /** Removes our files in it, unlocks it, and removes the folder too if it is empty and the user did not name it. */
  async clear(): Promise<void> {
    await this.#folders.expectSame();
    if (this.#lock !== undefined && !(await this.#isOurs())) throw new EnsembleError('in-use', this.#takenOver);
    const { infoHash, info } = this.#download.torrent;
    if (await folderBegun(this.#disk, this.#folder, infoHash)) {
      await this.lock();
      await emptyWorkFolder(this.#disk, this.#folder, infoHash, info);
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
    if (this.#lock === undefined && (await this.#disk.info(this.#folder)) === undefined) return false;
    const { infoHash } = this.#download.torrent;
    const names = await this.#disk.list(this.#folder);
    // In a directory with registered identities, these may be at work without a coordinator.
    if ((await readSiblings(this.#disk, this.#folder)).length > 0) return false;
    // If its removal was cut short at the end, only the lock may be left.
    const left = names.length > 0 && (await isFree(this.#disk, this.#folder, names));
    if (left || (await folderBegun(this.#disk, this.#folder, infoHash))) {
      if (!(await this.#mayLock())) return false;
      await this.clear();
      return true;
    }
    return this.#leave();
  }

  /** Removes the assembled files too. */
  async removeAll(info: Info | undefined, options: DownloadOptions, result: readonly string[]): Promise<void> {
    await this.#folders.locate();
    const given = info === undefined ? [] : await namesGiven(this.#disk, this.#folder, info, options.output);
    await this.clear();
    await this.clearStaging();
    if (info !== undefined) await removeResult(this.#disk, info, options, [...result, ...given]);
  }

  /**
   * All in it was moved away: what dead processes left of its lock goes, and the folder with it if nothing else is there. Durable when it
   * resolves.
   */
  async leave(): Promise<void> {
    if ((await this.#disk.info(this.#folder)) !== undefined && (await this.#mayLock())) await this.#leave();
    await this.#disk.syncDirectory(this.#download.options.output);
  }

  /** False: somebody else is at work there. */
  async #mayLock(): Promise<boolean> {
    try {
      await this.lock();
      return true;
    } catch (error) {
      if (error instanceof EnsembleError && error.code === 'in-use') return false;
      throw error;
    }
  }

  /** Whether the folder is gone. */
  async #leave(): Promise<boolean> {
    if (this.#lock !== undefined) await removeHalves(this.#disk, this.#folder);
    await this.unlock();
    return this.#folder !== this.#download.options.common && (await this.#disk.removeDirectory(this.#folder));
  }
}
