import { performance } from 'node:perf_hooks';
import { fsync, ftruncate, readSync, write, writeSync } from 'node:fs';
import type { Stats } from 'node:fs';
import type { DiskFile } from '../ports/disk.ts';
import { diskError, systemError } from '../ports/system-error.ts';
import { type FileCalls, ON_THREADS } from './file-calls.ts';
import { named } from './named-error.ts';
import { type Millis, millis } from '../base/ids.ts';
import type { PromptReads } from './prompt-reads.ts';
import type { PromptWrites } from './prompt-writes.ts';

/** Decide what is done on the event loop. */
export interface Prompt {
  readonly reads: PromptReads;
  readonly writes: PromptWrites;
}

/** As the system has it: a write that holds up the loop for long is no sleep. */
const now = () => millis(performance.now());

type Callback<T> = (error: NodeJS.ErrnoException | null, value: T) => void;

/**
 * An open file. Uses plain descriptors: by measurement a 16 KiB read costs a quarter less CPU than through `FileHandle`. A
 * descriptor is closed only when all work begun on it is done, so that its number cannot belong to another file by then.
 */
export class NodeDiskFile implements DiskFile {
  readonly descriptor: number;
  readonly #path: string;
  readonly #append: boolean;
  readonly #prompt: Prompt | undefined;
  readonly #calls: FileCalls;
  #busy = 0;
  #closing: (() => void) | undefined;
  #closed: Promise<void> | undefined;

  /** `prompt`: decides when to read and write on the event loop; undefined: never. */
  constructor(fd: number, path: string, append: boolean, prompt?: Prompt, calls = ON_THREADS) {
    this.#calls = calls;
    this.descriptor = fd;
    this.#path = path;
    this.#append = append;
    this.#prompt = prompt;
  }

  /** Fails where it is a directory (that Linux opens for reading), a pipe or a device; with `alone` where it has a second name. */
  async expectPlain(alone: boolean): Promise<void> {
    const stats = await this.#stat();
    if (!stats.isFile()) throw diskError('open', this.#path, systemError(stats.isDirectory() ? 'EISDIR' : 'EINVAL'));
    if (alone && stats.nlink > 1) throw diskError('open', this.#path, systemError('EMLINK'));
  }

  async read(into: Uint8Array, position: number): Promise<number> {
    let done = 0;
    while (done < into.length) {
      const left = into.length - done;
      const at = position + done;
      const reads = this.#prompt?.reads;
      const count =
        reads?.mayRead(left, now()) === true
          ? this.#callNow(
              'read',
              () => readSync(this.descriptor, into, done, left, at),
              (begun, over) => reads.took(left, begun, over),
            )
          : await this.#call<number>('read', (callback) =>
              this.#calls.read(this.descriptor, into, done, left, at, callback),
            );
      if (count === 0) break;
      done += count;
    }
    return done;
  }

  async write(data: Uint8Array, position: number): Promise<void> {
    let done = 0;
    while (done < data.length) {
      const left = data.length - done;
      const at = this.#append ? null : position + done;
      const writes = this.#prompt?.writes;
      const count =
        writes?.mayWrite(left, now()) === true
          ? this.#callNow(
              'write',
              () => writeSync(this.descriptor, data, done, left, at),
              (begun, over) => writes.took(begun, over),
            )
          : await this.#call<number>('write', (callback) => write(this.descriptor, data, done, left, at, callback));
      // If the system takes nothing and reports no error, there is no room.
      if (count === 0) throw diskError('write', this.#path, systemError('ENOSPC'));
      done += count;
    }
  }

  /** Does it on the event loop; `took` hears when that began and when it was over. */
  #callNow(action: string, call: () => number, took: (begun: Millis, over: Millis) => void): number {
    if (this.#closed) throw diskError(action, this.#path, systemError('EBADF'));
    const begun = now();
    try {
      return call();
    } catch (error) {
      throw diskError(action, this.#path, named(error));
    } finally {
      took(begun, now());
    }
  }

  truncate(size: number): Promise<void> {
    return this.#call<void>('change the size of', (callback) =>
      ftruncate(this.descriptor, size, (error) => callback(error)),
    );
  }

  async size(): Promise<number> {
    return (await this.#stat()).size;
  }

  sync(): Promise<void> {
    return this.#call<void>('sync', (callback) => fsync(this.descriptor, (error) => callback(error)));
  }

  close(): Promise<void> {
    this.#closed ??= new Promise((resolve, reject) => {
      this.#closing = () =>
        this.#calls.close(this.descriptor, (error) =>
          error ? reject(diskError('close', this.#path, named(error))) : resolve(),
        );
      if (this.#busy === 0) this.#closing();
    });
    return this.#closed;
  }

  #stat(): Promise<Stats> {
    return this.#call<Stats>('look at', (callback) => this.#calls.stat(this.descriptor, callback));
  }

  #call<T>(action: string, start: (callback: Callback<T>) => void): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.#closed) return reject(diskError(action, this.#path, systemError('EBADF')));
      this.#busy++;
      start((error, value) => {
        this.#busy--;
        if (error) reject(diskError(action, this.#path, named(error)));
        else resolve(value);
        if (this.#busy === 0) this.#closing?.();
      });
    });
  }
}
