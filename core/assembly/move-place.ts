import { inLanes } from '../base/lanes.ts';
import type { Info } from '../metainfo/torrent.ts';
import type { Disk } from '../ports/disk.ts';
import { confined } from '../store/confined.ts';
import type { StoreLocation } from '../store/layouts/layout.ts';
import { foldersAbove, ownPaths, removePayload, removeRecords, removeTorrentFiles } from '../store/own-files.ts';
import { MarkedFolder } from './marked-folder.ts';

/** How many files are looked at, linked or renamed at a time: a torrent may have 100,000. */
export const WIDTH = 8;

/** What is to be moved, and where. */
export interface MoveInput {
  readonly info: Info;
  /** Where it lies; `chosen` are the folders of both places. */
  readonly location: StoreLocation;
  /** The new output folder, absolute. */
  readonly to: string;
  /** Name of the working folder in both; undefined: there is none, or it stays where it is. */
  readonly work?: string | undefined;
  /** 1 for files that have their final names. */
  readonly placed: Uint8Array;
}

/** Paths below an output folder. */
export interface MovedPaths {
  readonly payload: readonly string[];
  /** To be written after the payload, as their times say when that was written last. */
  readonly records: readonly string[];
}

/** The two places of a download that is moved, and a folder in the new one where all is kept until it is whole. */
export class MovePlaces {
  /** Follows no link below the chosen folders. */
  readonly disk: Disk;
  readonly input: MoveInput;
  readonly #half: MarkedFolder;

  constructor(disk: Disk, input: MoveInput) {
    this.disk = confined(disk, input.location);
    this.input = input;
    this.#half = new MarkedFolder(this.disk, input.to, 'moving', input.info);
  }

  get halfFolder(): string {
    return this.#half.folder;
  }

  from(path: string): string {
    return `${this.input.location.output}/${path}`;
  }

  half(path: string): string {
    return `${this.#half.folder}/${path}`;
  }

  to(path: string): string {
    return `${this.input.to}/${path}`;
  }

  /** The files that have their final names. */
  get #placed(): (readonly string[])[] {
    const { info, placed } = this.input;
    return info.files.flatMap(({ path, padding }, i) => (placed[i] === 1 && !padding ? [path] : []));
  }

  /** False: something of somebody else's has its name. */
  openHalf(): Promise<boolean> {
    return this.#half.open();
  }

  /** What is ours below a folder that stands for the output. Not all of it need be there. */
  async paths(below = this.input.location.output): Promise<MovedPaths> {
    const { info, location, work } = this.input;
    const files = this.#placed.map((path) => path.join('/'));
    if (work === undefined) return { payload: files, records: [] };
    const own = await ownPaths(this.disk, `${below}/${work}`, { info, layout: location.layout });
    const inWork = (path: string): string => `${work}/${path}`;
    return { payload: [...files, ...own.payload.map(inWork)], records: own.records.map(inWork) };
  }

  /** Removes what was kept in the new place; nothing there has its name in the end yet, and all of it is in the old one still. */
  async takeBack(): Promise<void> {
    await this.#half.remove(async () => {
      // By the names of the old place: a part that came without its index could not be told for ours in the new one.
      const { payload, records } = await this.paths();
      const paths = [...payload, ...records].map((path) => path.split('/'));
      await removeTorrentFiles(this.disk, this.halfFolder, paths);
      await this.#removePayload(this.halfFolder);
      await this.#removeRecords(this.halfFolder);
    });
  }

  /** Removes the names that everything had before, once it has its new ones: payload first, see `MovedPaths`. Durable when it resolves. */
  async removeOld(): Promise<void> {
    const { output } = this.input.location;
    const { payload } = await this.paths();
    await this.#removePayload(this.halfFolder);
    await this.#removePayload(output);
    await this.#removeRecords(output);
    await this.#half.remove(() => this.#removeRecords(this.halfFolder));
    const above = foldersAbove(payload.map((path) => path.split('/')));
    for (const folder of [this.input.to, output, ...above.map((one) => `${output}/${one}`)]) {
      if ((await this.disk.info(folder)) !== undefined) await this.disk.syncDirectory(folder);
    }
  }

  async #removePayload(below: string): Promise<void> {
    const { info, location, work } = this.input;
    await removeTorrentFiles(this.disk, below, this.#placed);
    if (work !== undefined) await removePayload(this.disk, `${below}/${work}`, { info, layout: location.layout });
  }

  /** With the working folder, if nothing else is in it. */
  async #removeRecords(below: string): Promise<void> {
    const { info, work } = this.input;
    if (work === undefined) return;
    await removeRecords(this.disk, `${below}/${work}`, info.pieceCount);
    await this.disk.removeDirectory(`${below}/${work}`);
  }

  /** The first of these that is there and not, with its size, in the new place. */
  async notThere(): Promise<string | undefined> {
    const { payload, records } = await this.paths();
    let missing: string | undefined;
    await inLanes([...payload, ...records], WIDTH, async (path) => {
      const old = await this.disk.info(this.from(path));
      if (old === undefined) return;
      const now = await this.disk.info(this.to(path));
      if (now?.kind !== 'file' || now.size !== old.size) missing = this.to(path);
    });
    return missing;
  }
}
