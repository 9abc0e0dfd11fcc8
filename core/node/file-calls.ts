import { close, closeSync, fstat, fstatSync, open, openSync, read, readSync } from 'node:fs';
import type { Stats } from 'node:fs';

type Done<T> = (error: NodeJS.ErrnoException | null, value: T) => void;

/** How files are opened, looked at, read and closed. Others of a disk's calls are made on threads in any case. */
export interface FileCalls {
  open(path: string | Buffer, flags: number, mode: number, done: Done<number>): void;
  stat(descriptor: number, done: Done<Stats>): void;
  read(descriptor: number, into: Uint8Array, from: number, length: number, position: number, done: Done<number>): void;
  close(descriptor: number, done: (error: NodeJS.ErrnoException | null) => void): void;
}

/** On threads, so that a slow disk holds up nothing else. */
export const ON_THREADS: FileCalls = {
  open,
  stat: (descriptor, done) => fstat(descriptor, done),
  read,
  close: (descriptor, done) => close(descriptor, (error) => done(error ?? null)),
};

/** On the event loop, for a process that does nothing else meanwhile: to hand a short call to a thread costs ten times as much. */
export const AT_ONCE: FileCalls = {
  open: (path, flags, mode, done) => settle(() => openSync(path, flags, mode), done),
  stat: (descriptor, done) => settle(() => fstatSync(descriptor), done),
  read: (descriptor, into, from, length, position, done) =>
    settle(() => readSync(descriptor, into, from, length, position), done),
  close: (descriptor, done) => settle(() => closeSync(descriptor), done),
};

function settle<T>(call: () => T, done: Done<T>): void {
  let value: T;
  try {
    value = call();
  } catch (error) {
    return done(error as NodeJS.ErrnoException, undefined as T);
  }
  done(null, value);
}
