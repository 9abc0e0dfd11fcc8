import { inLanes } from '../base/lanes.ts';
import { foldPath } from '../metainfo/safe-path.ts';
import type { Disk } from '../ports/disk.ts';
import { confined } from '../store/confined.ts';
import type { StoreLocation } from '../store/layouts/layout.ts';
import { foldersAbove, removeFile, removeFoldersAbove, removeTorrentFiles } from '../store/own-files.ts';
import { Targets } from './targets.ts';

const WIDTH = 8;

/** A file with its final name that is to have another: paths below the output folder. */
export interface NewName {
  readonly from: readonly string[];
  readonly to: readonly string[];
}

/** Gives finished files other final names: first all have both, then the old ones go. Whoever is killed in between does both again. */
export class FileRenaming {
  readonly #disk: Disk;
  readonly #output: string;
  readonly #names: readonly NewName[];
  readonly #targets: Targets;
  /** Files whose two names are one to the file system, as they differ by case alone. */
  readonly #turned: NewName[] = [];

  constructor(disk: Disk, location: StoreLocation, names: readonly NewName[]) {
    this.#disk = confined(disk, location);
    this.#output = location.output;
    this.#names = names;
    const files = names.map(({ to }) => ({ path: to, length: 0, offset: 0, padding: false }));
    this.#targets = new Targets(this.#disk, location.output, { files }, false);
  }

  /**
   * Gives all their new names, durable when it resolves to how many are there at all; what has one by an earlier attempt keeps it. Where
   * something else has one, nothing keeps any, and it rejects with EnsembleError('exists').
   */
  async give(): Promise<number> {
    const named: number[] = [];
    try {
      await inLanes(this.#names.entries(), WIDTH, async ([file, { from, to }]) => {
        const old = await this.#disk.info(this.#path(from));
        const now = await this.#disk.info(this.#path(to));
        if (old === undefined && now === undefined) return;
        named.push(file);
        if (old === undefined || old.kind !== 'file') return;
        if (now === undefined) return this.#targets.give(this.#path(from), file);
        if (now.id !== old.id) throw this.#targets.taken(file);
        if (!(await this.#isOneEntry({ from, to }))) return;
        await this.#disk.rename(this.#path(from), this.#path(to));
        this.#turned.push({ from, to });
      });
      await this.#targets.sync(named);
    } catch (error) {
      await inLanes(this.#turned, WIDTH, ({ from, to }) => this.#disk.rename(this.#path(to), this.#path(from)));
      await this.#targets.withdraw();
      throw error;
    }
    return named.length;
  }

  /** Takes back what an earlier attempt gave, as far as the files have their old names, too. */
  async takeBack(): Promise<void> {
    const back = await this.#withBoth();
    await removeTorrentFiles(
      this.#disk,
      this.#output,
      back.map(({ to }) => to),
    );
  }

  /** Removes the old names, and folders that are empty then. Durable when it resolves. */
  async clear(): Promise<void> {
    await inLanes(await this.#withBoth(), WIDTH, ({ from }) => removeFile(this.#disk, this.#path(from)));
    // Also those that an earlier attempt emptied.
    const old = this.#names.map(({ from }) => from);
    await removeFoldersAbove(this.#disk, this.#output, old);
    for (const folder of foldersAbove(old)) {
      const path = `${this.#output}/${folder}`;
      if ((await this.#disk.info(path))?.kind === 'directory') await this.#disk.syncDirectory(path);
    }
    await this.#disk.syncDirectory(this.#output);
  }

  /** Those that have two names now. */
  async #withBoth(): Promise<NewName[]> {
    const both: NewName[] = [];
    await inLanes(this.#names, WIDTH, async (name) => {
      const old = await this.#disk.info(this.#path(name.from));
      const now = await this.#disk.info(this.#path(name.to));
      if (old !== undefined && old.id === now?.id && !(await this.#isOneEntry(name))) both.push(name);
    });
    return both;
  }

  /** Whether both names are one to the file system, which takes no notice of case. */
  async #isOneEntry({ from, to }: NewName): Promise<boolean> {
    if (foldPath(from.join('/')) !== foldPath(to.join('/'))) return false;
    const folder = this.#path(to.slice(0, -1));
    const [before, now] = [await this.#disk.info(this.#path(from.slice(0, -1))), await this.#disk.info(folder)];
    if (before?.id !== now?.id) return false;
    const names = await this.#disk.list(folder);
    return !(from.at(-1) !== to.at(-1) && names.includes(from.at(-1) ?? '') && names.includes(to.at(-1) ?? ''));
  }

  #path(path: readonly string[]): string {
    return path.length === 0 ? this.#output : `${this.#output}/${path.join('/')}`;
  }
}
