import type { InfoHash } from '../base/ids.ts';
import type { DownloadOptions } from '../bridge/engine.ts';
import type { Info } from '../metainfo/torrent.ts';
import type { Lock } from '../store/lock.ts';
import type { DownloadEnv } from './download-env.ts';
import { folderBegun, lockFolder } from './folder-claim.ts';
import { occupied } from './prepare.ts';
import type { RunPlan } from './run-plan.ts';
import { inspectTarget } from './target.ts';
import { defaultWorkFolder, removeResult, removeWorkFolder, saveProgress } from './work-folder.ts';

/** The working folder of one download, and the lock on it. */
export class WorkingCopy {
  /** Absolute. */
  readonly folder: string;
  readonly #env: DownloadEnv;
  readonly #named: boolean;
  readonly #lost: (message: string) => void;
  #lock: Lock | undefined;

  /** `lost`: another process has taken the folder over. */
  constructor(
    env: DownloadEnv,
    download: { readonly infoHash: InfoHash; readonly name: string; readonly options: DownloadOptions },
    lost: (message: string) => void,
  ) {
    const { infoHash, name, options } = download;
    this.#env = env;
    this.#named = options.common !== undefined;
    this.#lost = lost;
    this.folder = options.common ?? defaultWorkFolder(options.output, name, infoHash);
  }

  /** Looks at what is there, and takes the lock. Rejects with EnsembleError('exists' or 'in-use'). */
  async open(info: Info, options: DownloadOptions): Promise<void> {
    const { disk } = this.#env.ports;
    const target = await inspectTarget(disk, info, options);
    // What is all there may be seeded from where nothing can be written.
    if (target === 'whole') return;
    if (target === 'other' && !options.reuse && !(await folderBegun(disk, this.folder, info.infoHash))) {
      throw occupied(info, options);
    }
    await this.lock();
  }

  /** Fine where it is held already. */
  async lock(): Promise<void> {
    this.#lock ??= await lockFolder(this.#env.ports, this.folder, () => {
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
    if (this.#lock === undefined) return;
    const clean = plan.members.every((member) => member.phase === 'left');
    await saveProgress(this.#env.ports.disk, plan, totals, clean);
  }

  /** Unlocks it and removes what is ours in it. */
  async clear(): Promise<void> {
    await this.unlock();
    await removeWorkFolder(this.#env.ports.disk, this.folder, this.#named);
  }

  /** Removes the assembled files too. */
  async removeAll(info: Info | undefined, options: DownloadOptions, result: readonly string[]): Promise<void> {
    await this.clear();
    if (info !== undefined) await removeResult(this.#env.ports.disk, info, options, result);
  }
}
