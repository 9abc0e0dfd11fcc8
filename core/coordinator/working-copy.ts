import { EnsembleError } from '../base/errors.ts';
import { type InfoHash, piece as pieceIndex } from '../base/ids.ts';
import type { DownloadOptions } from '../engine/engine.ts';
import { MAX_TORRENT_BYTES } from '../base/bounds.ts';
import { parseTorrent } from '../metainfo/parse-torrent.ts';
import type { Info } from '../metainfo/torrent.ts';
import { Staging } from '../assembly/staging.ts';
import { recordLost } from '../store/journal.ts';
import type { Lock } from '../store/lock.ts';
import { readSiblings } from '../claims/sibling-files.ts';
import type { DownloadEnv } from './download-env.ts';
import type { Figures } from './figures.ts';
import { folderBegun, lockFolder } from './folder-claim.ts';
import { isBlocked, occupied } from './prepare.ts';
import type { RunPlan } from './run-plan.ts';
import { inspectTarget } from './target.ts';
import { defaultWorkFolder, removeResult, removeWorkFolder, saveProgress } from './work-folder.ts';

/** What a working folder belongs to. */
interface Working {
  readonly infoHash: InfoHash;
  readonly name: string;
  readonly info: Info | undefined;
  readonly options: DownloadOptions;
  readonly figures: Pick<Figures, 'fetched'>;
}

/** The working folder of one download, and the lock on it. */
export class WorkingCopy {
  readonly #env: DownloadEnv;
  readonly #download: Working;
  readonly #lost: (message: string) => void;
  #lock: Lock | undefined;

  /** `lost`: another process has taken the folder over. */
  constructor(env: DownloadEnv, download: Working, lost: (message: string) => void) {
    this.#env = env;
    this.#download = download;
    this.#lost = lost;
  }

  /** Absolute. Final as soon as the metadata is there. */
  get folder(): string {
    const { infoHash, name, options } = this.#download;
    return options.common ?? defaultWorkFolder(options.output, name, infoHash);
  }

  /** The metadata that an earlier run left here: a magnet link goes on with it without asking peers again. */
  async torrentThere(infoHash: InfoHash): Promise<Info | undefined> {
    const { output, common } = this.#download.options;
    const { disk } = this.#env.ports;
    const ending = `.${infoHash.slice(0, 8)}.ensemble`;
    const names = common === undefined ? (await disk.list(output)).filter((name) => name.endsWith(ending)) : [];
    const folders = common === undefined ? names.map((name) => `${output}/${name}`) : [common];
    for (const folder of folders) {
      const data = await disk.readFile(`${folder}/torrent`, MAX_TORRENT_BYTES).catch(() => undefined);
      try {
        const info = data && parseTorrent(data).info;
        if (info?.infoHash === infoHash) return info;
      } catch {
        // Damaged: it is fetched again.
      }
    }
    return undefined;
  }

  /** Looks at what is there, and takes the lock. Rejects with EnsembleError('exists' or 'in-use'). */
  async open(info: Info, options: DownloadOptions): Promise<void> {
    const { disk } = this.#env.ports;
    const { kind, blocked } = await inspectTarget(disk, info, options);
    // What is all there may be seeded from where nothing can be written.
    if (kind === 'whole') return;
    if (blocked !== undefined) throw isBlocked(info, blocked);
    if (kind !== 'none' && !options.reuse && !(await folderBegun(disk, this.folder, info.infoHash))) {
      throw occupied(info, options);
    }
    // Where all is gone nothing is made in its place: the check says so.
    const gone = kind === 'none' && this.#download.figures.fetched && (await disk.info(this.folder)) === undefined;
    if (!gone) await this.lock();
  }

  /** Fine where it is held already. */
  async lock(): Promise<void> {
    this.#lock ??= await lockFolder(this.#env.ports, this.folder, () => {
      if (this.#lock === undefined) return;
      this.#lock = undefined;
      this.#lost(`Another process has taken over ${this.folder}: this one stops.`);
    });
  }

  async unlock(): Promise<void> {
    const lock = this.#lock;
    this.#lock = undefined;
    await lock?.release();
  }

  /** Writes the resume record, where the folder is ours to write. */
  async save(plan: RunPlan, totals: { readonly downloaded: number; readonly uploaded: number }): Promise<void> {
    const { infoHash } = this.#download;
    // Nothing is made anew where it lay before.
    if (this.#lock === undefined || !(await folderBegun(this.#env.ports.disk, this.folder, infoHash))) return;
    const clean = plan.members.every((member) => member.phase === 'left');
    await saveProgress(this.#env.ports.disk, plan, totals, clean);
  }

  /**
   * Identities are about to write: what the last run left behind no longer tells how things stand, should this one end
   * before it writes a record of its own (invariant 7).
   */
  async begin(plan: RunPlan, totals: { readonly downloaded: number; readonly uploaded: number }): Promise<void> {
    if (this.#lock !== undefined) await saveProgress(this.#env.ports.disk, plan, totals, false);
  }

  /** These were found wrong on disk: no record vouches for them any more, however this run ends (invariants 4 and 7). */
  async takeBack({ infoHash, pieceCount }: Info, pieces: Uint32Array): Promise<void> {
    if (this.#lock === undefined) return;
    await recordLost(this.#env.ports.disk, this.folder, infoHash, pieceCount, Array.from(pieces, pieceIndex));
  }

  /** Unlocks it and removes what is ours in it. */
  async clear(): Promise<void> {
    await this.unlock();
    await removeWorkFolder(this.#env.ports.disk, this.folder, this.#download.options.common !== undefined);
  }

  /**
   * Everything bears its final name, but an earlier run was cut short before its working folder, or the folder that the
   * files were put together in, was gone: they go now. Whether anything of them was there.
   */
  async clearLeft(): Promise<boolean> {
    const staged = await this.clearStaging();
    return (await this.#clearFolderLeft()) || staged;
  }

  /** Removes what an assembly that was cut short left beside the files; whether there was anything. */
  async clearStaging(): Promise<boolean> {
    const { info, options } = this.#download;
    return info !== undefined && new Staging(this.#env.ports.disk, options.output, info).remove();
  }

  async #clearFolderLeft(): Promise<boolean> {
    const { disk } = this.#env.ports;
    const { infoHash, options } = this.#download;
    // In a directory that identities without a coordinator registered in they may be at work.
    if (options.common !== undefined && (await readSiblings(disk, options.common)).length > 0) return false;
    if (await folderBegun(disk, this.folder, infoHash)) {
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
    await this.unlock();
    return options.common === undefined && (await disk.removeDirectory(this.folder));
  }

  /** Removes the assembled files too. */
  async removeAll(info: Info | undefined, options: DownloadOptions, result: readonly string[]): Promise<void> {
    await this.clear();
    await this.clearStaging();
    if (info !== undefined) await removeResult(this.#env.ports.disk, info, options, result);
  }
}
