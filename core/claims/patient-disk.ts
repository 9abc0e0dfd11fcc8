import { EnsembleError } from '../base/errors.ts';
import { type Millis, millis } from '../base/ids.ts';
import type { Clock } from '../ports/clock.ts';
import { type Disk, diskCode, type DiskFile, type FileInfo, type OpenMode } from '../ports/disk.ts';

/** Errors that pass when a network disk or its device is back. A full disk or a lack of permission is reported at once. */
const PASSING: ReadonlySet<string> = new Set(
  (
    'EIO ESTALE ENODEV ENXIO ENOLINK EREMOTEIO EAGAIN EINTR EBUSY ETIMEDOUT ENOTCONN ECONNRESET ECONNREFUSED ' +
    'ECONNABORTED EHOSTDOWN EHOSTUNREACH ENETDOWN ENETUNREACH'
  ).split(' '),
);
/** Errors of every path below a folder that is gone. */
const GONE: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR']);
const FIRST_WAIT = 500;
const LONGEST_WAIT = 10_000;
/** After this time it is assumed not to come back. */
const GIVE_UP = millis(15 * 60_000);

export interface PatientDiskOptions {
  readonly disk: Disk;
  readonly clock: Clock;
  /** Operations outside this folder never wait. */
  readonly folder: string;
  /** The folder went away, or is back: a sentence for people. */
  onTrouble(text: string): void;
}

/**
 * A disk with a common directory that may go away for a while, as a network disk does: operations wait meanwhile, and are tried
 * again with growing pauses. A folder that looks empty because it is not mounted counts as away.
 */
export class PatientDisk implements Disk {
  readonly #disk: Disk;
  readonly #patience: Patience;

  /** `patience`: that of the disk of which this is a view. */
  constructor(options: PatientDiskOptions, patience: Patience = new Patience(options)) {
    this.#disk = options.disk;
    this.#patience = patience;
  }

  /** From now on the folder counts as away where `name` is not in it. */
  expect(name: string): void {
    this.#patience.expect(name);
  }

  /** From now on no operation waits. */
  hurry(): void {
    this.#patience.hurry();
  }

  within(folder: string, real?: string): Disk {
    return new PatientDisk({ ...this.#patience.options, disk: this.#disk.within(folder, real) }, this.#patience);
  }

  async open(path: string, mode: OpenMode): Promise<DiskFile> {
    const file = await this.#do(path, () => this.#disk.open(path, mode));
    return this.#patience.concerns(path) ? this.#patientFile(path, mode, file) : file;
  }

  info(path: string): Promise<FileInfo | undefined> {
    return this.#do(path, () => this.#disk.info(path), isMissing);
  }

  list(path: string): Promise<readonly string[]> {
    return this.#do(
      path,
      () => this.#disk.list(path),
      (names) => names.length === 0,
    );
  }

  makeDirectory(path: string): Promise<void> {
    // Not in the place of a folder that is only away.
    return this.#do(path, async () => {
      if (this.#patience.concerns(path) && !(await this.#patience.isThere())) throw this.#patience.away();
      await this.#disk.makeDirectory(path);
    });
  }

  rename(from: string, to: string): Promise<void> {
    return this.#do(to, () => this.#disk.rename(from, to));
  }

  link(from: string, to: string): Promise<void> {
    return this.#do(to, () => this.#disk.link(from, to));
  }

  remove(path: string): Promise<void> {
    return this.#do(path, () => this.#disk.remove(path));
  }

  removeDirectory(path: string): Promise<boolean> {
    return this.#do(path, () => this.#disk.removeDirectory(path));
  }

  syncDirectory(path: string): Promise<void> {
    return this.#do(path, () => this.#disk.syncDirectory(path));
  }

  readFile(path: string, maxBytes: number): Promise<Uint8Array | undefined> {
    return this.#do(path, () => this.#disk.readFile(path, maxBytes), isMissing);
  }

  replaceFile(path: string, data: Uint8Array, readers?: 'owner'): Promise<void> {
    return this.#do(path, () => this.#disk.replaceFile(path, data, readers));
  }

  freeSpace(path: string): Promise<number> {
    return this.#do(path, () => this.#disk.freeSpace(path));
  }

  realPath(path: string): Promise<string | undefined> {
    return this.#do(path, () => this.#disk.realPath(path), isMissing);
  }

  /** A file that is opened anew where its handle went stale. */
  #patientFile(path: string, mode: OpenMode, first: DiskFile): DiskFile {
    let file = first;
    let stale = false;
    const use = <T>(task: (file: DiskFile) => Promise<T>): Promise<T> =>
      this.#do(path, async () => {
        if (stale) {
          await file.close().catch(() => undefined);
          file = await this.#disk.open(path, mode === 'create' ? 'write' : mode);
          stale = false;
        }
        try {
          return await task(file);
        } catch (error) {
          stale = true;
          throw error;
        }
      });
    return {
      read: (into, position) => use((it) => it.read(into, position)),
      write: (data, position) => (mode === 'append' ? this.#append(use, data) : use((it) => it.write(data, position))),
      truncate: (size) => use((it) => it.truncate(size)),
      size: () => use((it) => it.size()),
      sync: () => use((it) => it.sync()),
      close: () => file.close(),
    };
  }

  /** Appends `data`. What a failed attempt left at the end is cut off before the next one. */
  async #append(use: <T>(task: (file: DiskFile) => Promise<T>) => Promise<T>, data: Uint8Array): Promise<void> {
    const before = await use((file) => file.size());
    await use(async (file) => {
      if ((await file.size()) > before) await file.truncate(before);
      await file.write(data, 0);
    });
  }

  #do<T>(path: string, task: () => Promise<T>, looksAway?: (result: T) => boolean): Promise<T> {
    return this.#patience.do(path, task, looksAway);
  }
}

/** Whether the folder is away, and for how long to wait for it: shared by all views of a disk. */
class Patience {
  readonly options: PatientDiskOptions;
  readonly #wakers = new Set<() => void>();
  /** A name that is in the folder whenever the folder is there; undefined: none is known yet. */
  #marker: string | undefined;
  #awaySince: Millis | undefined;
  #impatient = false;

  constructor(options: PatientDiskOptions) {
    this.options = options;
  }

  expect(name: string): void {
    this.#marker = `${this.options.folder}/${name}`;
  }

  hurry(): void {
    this.#impatient = true;
    for (const wake of this.#wakers) wake();
  }

  async do<T>(path: string, task: () => Promise<T>, looksAway?: (result: T) => boolean): Promise<T> {
    if (!this.concerns(path)) return task();
    for (let wait = FIRST_WAIT; ; wait = Math.min(2 * wait, LONGEST_WAIT)) {
      try {
        const result = await task();
        if (looksAway?.(result) === true && !(await this.isThere())) throw this.away();
        this.#isBack();
        return result;
      } catch (error) {
        if (!(await this.#passes(error))) throw error;
      }
      await this.#pause(wait);
    }
  }

  /** Whether waiting may help against this error. */
  async #passes(error: unknown): Promise<boolean> {
    const code = diskCode(error) ?? '';
    const away = PASSING.has(code) || (GONE.has(code) && !(await this.isThere().catch(() => false)));
    if (!away || this.#impatient) return false;
    const now = this.options.clock.now();
    if (this.#awaySince === undefined) {
      this.#awaySince = now;
      this.options.onTrouble(
        `The common directory "${this.options.folder}" cannot be reached (${code}): waiting for it to come back.`,
      );
    }
    return now - this.#awaySince < GIVE_UP;
  }

  #isBack(): void {
    if (this.#awaySince === undefined) return;
    this.#awaySince = undefined;
    this.options.onTrouble(`The common directory "${this.options.folder}" is back.`);
  }

  async isThere(): Promise<boolean> {
    return this.#marker === undefined || (await this.options.disk.info(this.#marker)) !== undefined;
  }

  away(): EnsembleError {
    return new EnsembleError('disk', `The common directory "${this.options.folder}" is gone: attach its disk again.`, {
      cause: Object.assign(new Error('ENODEV'), { code: 'ENODEV' }),
    });
  }

  concerns(path: string): boolean {
    return path === this.options.folder || path.startsWith(`${this.options.folder}/`);
  }

  #pause(span: number): Promise<void> {
    if (this.#impatient) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#wakers.delete(wake);
        timer.cancel();
        resolve();
      };
      const timer = this.options.clock.after(millis(span), wake);
      this.#wakers.add(wake);
    });
  }
}

function isMissing(result: unknown): boolean {
  return result === undefined;
}
