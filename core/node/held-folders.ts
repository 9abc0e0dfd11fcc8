import { closeSync, readlinkSync } from 'node:fs';

/** A folder that nobody uses is held for this long at most, in ms: what is done with a torrent mostly comes together. */
const KEEP = 1000;
/** Most folders that are held unused. */
const MOST_UNUSED = 64;

interface Held {
  readonly key: string;
  readonly opened: Promise<number>;
  /** Once it is open, with where it lay then. */
  found: { readonly descriptor: number; readonly place: Buffer } | undefined;
  users: number;
  /** Nobody gets it any more. */
  dropped: boolean;
  usedAt: number;
}

/**
 * Descriptors of folders, for all downloads of a process. One that is there is used again as long as the system says that its folder
 * still lies where it lay when it was opened: that takes no look at the disk, while each opening costs a turn of a thread.
 */
export class HeldFolders {
  readonly #held = new Map<string, Held>();
  /** Those that nobody uses now, in the order in which they were used last. */
  readonly #unused = new Set<Held>();
  #sweep: NodeJS.Timeout | undefined;
  #prefixes = 0;

  /** For names that mean a folder to one who asks only; no path begins like it. */
  prefix(): string {
    return `${++this.#prefixes}:`;
  }

  /** Runs `task` with the folder of this name, which `open` opens. */
  async use<T>(key: string, open: () => Promise<number>, task: (descriptor: number) => T | Promise<T>): Promise<T> {
    const held = await this.#hold(key, open);
    try {
      return await task(await held.opened);
    } finally {
      this.#left(held);
    }
  }

  /** Closes what nobody uses: descriptors are scarce. */
  closeUnused(): void {
    for (const held of this.#unused) this.#drop(held);
  }

  async #hold(key: string, open: () => Promise<number>): Promise<Held> {
    const known = this.#held.get(key);
    if (known !== undefined) {
      known.users++;
      this.#unused.delete(known);
      // It may have been begun before this call: a folder that it did not find may exist by now.
      const there = known.found !== undefined || (await succeeds(known.opened));
      if (there && !known.dropped && liesThere(known)) return known;
      this.#drop(known);
      this.#left(known);
    }
    const held: Held = { key, opened: open(), found: undefined, users: 1, dropped: false, usedAt: 0 };
    this.#held.set(key, held);
    try {
      const descriptor = await held.opened;
      held.found = { descriptor, place: whereabouts(descriptor) };
      return held;
    } catch (error) {
      this.#drop(held);
      throw error;
    }
  }

  #left(held: Held): void {
    held.users--;
    held.usedAt = performance.now();
    if (held.users > 0) return;
    if (held.dropped) return close(held);
    this.#unused.add(held);
    if (this.#sweep === undefined) this.#sweepSoon();
    for (const oldest of this.#unused) {
      if (this.#unused.size <= MOST_UNUSED) return;
      this.#drop(oldest);
    }
  }

  #sweepUp(): void {
    this.#sweep = undefined;
    const before = performance.now() - KEEP / 2;
    for (const held of this.#unused) if (held.usedAt <= before) this.#drop(held);
    if (this.#unused.size > 0) this.#sweepSoon();
  }

  #sweepSoon(): void {
    this.#sweep = setTimeout(() => this.#sweepUp(), KEEP / 2).unref();
  }

  #drop(held: Held): void {
    if (this.#held.get(held.key) === held) this.#held.delete(held.key);
    this.#unused.delete(held);
    if (held.dropped) return;
    held.dropped = true;
    if (held.users === 0) close(held);
  }
}

/** The real path of a descriptor, which the system has in memory. */
export function whereabouts(descriptor: number): Buffer {
  return readlinkSync(`/proc/self/fd/${descriptor}`, { encoding: 'buffer' });
}

/** Whether the folder is where it was when it was opened: neither moved nor removed, nor anything above it. */
function liesThere({ found }: Held): boolean {
  return found !== undefined && whereabouts(found.descriptor).equals(found.place);
}

function close({ found }: Held): void {
  // It was only used as a name: closing it writes nothing and waits for nothing.
  if (found !== undefined) closeSync(found.descriptor);
}

function succeeds(work: Promise<unknown>): Promise<boolean> {
  return work.then(
    () => true,
    () => false,
  );
}
