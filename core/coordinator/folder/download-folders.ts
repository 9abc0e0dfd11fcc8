import type { InfoHash } from '../../base/ids.ts';
import { MAX_TORRENT_BYTES } from '../../base/bounds.ts';
import { LateMap } from '../../base/late-map.ts';
import type { DownloadOptions } from '../../engine/engine.ts';
import { parseTorrent } from '../../metainfo/parse-torrent.ts';
import type { Info } from '../../metainfo/torrent.ts';
import type { Disk } from '../../ports/disk.ts';
import { folderMoved } from '../../ports/within.ts';
import { confined, whereTheyLie } from '../../store/confined.ts';
import type { ChosenFolder } from '../../store/layouts/layout.ts';
import { filesUnderOwnNames } from '../../store/own-names.ts';
import { meetingFolder } from '../../store/records/manifest.ts';
import type { DownloadEnv } from '../download-env.ts';
import type { RunPlan } from '../run/run-plan.ts';
import { chosenFor, withDiskOf } from './confined-env.ts';
import { checkRoots } from './roots.ts';
import { defaultWorkFolder } from './work-folder.ts';

/** The download that uses the folders. */
interface User {
  readonly torrent: { readonly infoHash: InfoHash; readonly workName: string; readonly info: Info | undefined };
  readonly options: Pick<DownloadOptions, 'output' | 'common'>;
}

/** The folders that were chosen for a download, and the working folder in them: where they lie, and whether they are still the same. */
export class DownloadFolders {
  /** The environment of the download: its disk follows no link below the folders that were chosen for it. */
  readonly env: DownloadEnv;
  readonly #whole: DownloadEnv;
  readonly #download: User;
  #disk: Disk;
  #chosen: readonly ChosenFolder[] | undefined;
  /** Folders that it is moved to, with where they lay at their first use. */
  readonly #others = new LateMap<string, readonly ChosenFolder[]>();
  /** The working folder, once it is known. */
  #work: string | undefined;
  /** The ids of the chosen folders when they were first used. */
  readonly #seen = new LateMap<string, string>();

  constructor(env: DownloadEnv, download: User) {
    this.#whole = env;
    this.#download = download;
    this.#disk = this.#view();
    this.env = withDiskOf(this, env);
  }

  /** As it is now: it follows no link below the chosen folders. */
  get disk(): Disk {
    return this.#disk;
  }

  /** Absolute path of the working folder. Final once `locate` was called with the metadata there. */
  get work(): string {
    const { options } = this.#download;
    return this.#work ?? options.common ?? this.#own;
  }

  /** The working folder, and the chosen folders that the download may not leave, with where they lay at their first use. */
  get place(): Pick<RunPlan, 'workFolder' | 'chosen'> {
    return { workFolder: this.work, chosen: this.#chosen };
  }

  /** Where files of other programs are read: anywhere, unless the program was told to stay below some folders. */
  get outside(): Disk {
    const { roots, ports } = this.#whole;
    return roots.strict ? roots.folders.reduce((view, folder) => view.within(folder), ports.disk) : ports.disk;
  }

  /** Throws EnsembleError('usage') where the program was told to stay elsewhere. */
  expectPermitted(): void {
    checkRoots(this.env.roots, this.#download.options);
  }

  /** Finds out where the working folder is: if the common directory holds anything else, a folder of its own in it. Rejects as `expectPermitted` throws. */
  async locate(): Promise<void> {
    const { options, torrent } = this.#download;
    await this.#confine();
    if (this.#work !== undefined || torrent.info === undefined) return;
    this.#work = options.common === undefined ? this.#own : await meetingFolder(this.#disk, options.common, this.#own);
    await this.remember();
  }

  /** The chosen folders with another output folder, and the disk confined to all of these. Rejects as `locate` does. */
  async withOther(output: string): Promise<{ readonly disk: Disk; readonly chosen: readonly ChosenFolder[] }> {
    await this.#confine();
    const { disk } = this.#whole.ports;
    const others = this.#others.get(output) ?? (await whereTheyLie(disk, chosenFor(this.#whole, { output })));
    this.#others.set(output, others);
    const chosen = [...(this.#chosen ?? [])];
    for (const one of others) if (!chosen.some(({ folder }) => folder === one.folder)) chosen.push(one);
    return { disk: confined(disk, { workFolder: output, output, chosen }), chosen };
  }

  /** Rejects with EnsembleError('disk') if a chosen folder is not the same as at its first use: nothing may be renamed or removed there. */
  async expectSame(): Promise<void> {
    for (const [folder, id] of this.#seen) {
      const now = await this.#disk.info(folder);
      if (now !== undefined && now.id !== id) throw folderMoved(folder);
    }
    await this.remember();
  }

  /**
   * Goes on in the folders that another object for the same download has used, where they lay then: nobody has chosen what may stand in
   * their place since.
   */
  asSeenBy({ folders }: { readonly folders: DownloadFolders }): void {
    const seen = [...(folders.#chosen ?? []), ...[...folders.#others.values()].flat()];
    const own = chosenFor(this.#whole, this.#download.options).map((name) => seen.find((one) => one.folder === name));
    const known = own.filter((one) => one !== undefined);
    if (known.length < own.length) return;
    this.#chosen = known;
    this.#disk = this.#view();
  }

  /** The user wants to go on with what is there now. */
  forget(): void {
    this.#seen.clear();
    this.#others.clear();
    this.#chosen = undefined;
    this.#disk = this.#view();
  }

  #view(): Disk {
    const { output, common = output } = this.#download.options;
    const { disk } = this.#whole.ports;
    if (this.#chosen !== undefined) return confined(disk, { workFolder: common, output, chosen: this.#chosen });
    return chosenFor(this.#whole, this.#download.options).reduce((view, folder) => view.within(folder), disk);
  }

  async #confine(): Promise<void> {
    this.expectPermitted();
    if (this.#chosen !== undefined) return;
    const { output, common } = this.#download.options;
    const seen = (folder: string, id: string): void => {
      if ((folder === output || folder === common) && !this.#seen.has(folder)) this.#seen.set(folder, id);
    };
    this.#chosen = await whereTheyLie(this.#whole.ports.disk, chosenFor(this.#whole, this.#download.options), seen);
    this.#disk = this.#view();
  }

  get #own(): string {
    const { torrent, options } = this.#download;
    const { infoHash, workName } = torrent;
    return defaultWorkFolder(options.common ?? options.output, workName, infoHash);
  }

  /** Notes chosen folders that were not there before. */
  async remember(): Promise<void> {
    const { output, common } = this.#download.options;
    for (const folder of common === undefined ? [output] : [output, common]) {
      const info = this.#seen.has(folder) ? undefined : await this.#disk.info(folder);
      if (info !== undefined) this.#seen.set(folder, info.id);
    }
  }

  /** Which files another client left here under the torrent's own names. In a common directory all go by ours. `placed`: see `NamePlaces`. */
  async filesUnderOwnNames(info: Info, placed: readonly string[] | undefined): Promise<number[]> {
    const { output, common } = this.#download.options;
    if (common !== undefined || !info.files.some(({ own }) => own !== undefined)) return [];
    await this.locate();
    const folders = [output, `${this.work}/files`];
    return filesUnderOwnNames(this.#disk, info, { folders, ...(placed !== undefined && { placed }) });
  }

  /** The metadata that an earlier run left in a chosen folder, so that a magnet link need not ask peers again. */
  async torrentThere(infoHash: InfoHash): Promise<Info | undefined> {
    const { output, common } = this.#download.options;
    const above = common ?? output;
    await this.#confine();
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
}
