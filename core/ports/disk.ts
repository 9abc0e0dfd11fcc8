/** What lies under a name. Links are reported as such, never followed. */
export interface FileInfo {
  readonly kind: 'file' | 'directory' | 'link' | 'other';
  readonly size: number;
  /** Bytes that it takes on the disk; less than `size` where it is sparse. */
  readonly allocated: number;
  /** When its content was last written, Unix milliseconds, as precisely as the system knows. */
  readonly modified: number;
  /** When anything about it last changed, including its names, owner and times. Only the system can set this. */
  readonly changed: number;
  /** Whether its owner may run it; undefined where the system does not know such files. */
  readonly executable?: boolean;
  /** Device and number; two names with the same `id` are one file. */
  readonly id: string;
}

/**
 * `read`: must exist. `write`: read and write, made where missing, content kept.
 * `create`: read and write, exclusive create (O_EXCL). `append`: write at the end, made where missing.
 */
export type OpenMode = 'read' | 'write' | 'create' | 'append';

export interface DiskFile {
  /** The system's descriptor while it is open, where other threads of this process may read through it. */
  readonly descriptor?: number;
  /** Reads up to `into.length` bytes at `position`; resolves to how many came (fewer only at the end of the file). */
  read(into: Uint8Array, position: number): Promise<number>;
  /** Writes all of `data` at `position` (ignored in `append` mode, where it goes to the end in one write). */
  write(data: Uint8Array, position: number): Promise<void>;
  /** Cuts or extends the file; an extension is sparse. */
  truncate(size: number): Promise<void>;
  size(): Promise<number>;
  /** On stable storage when it resolves. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/**
 * The file system. All paths are absolute. Rejects with EnsembleError('disk') whose cause has the system's `code`;
 * `diskCode(error)` gives it (ENOSPC, EACCES, ...). Opening never follows a link at the path's last component.
 */
export interface Disk {
  open(path: string, mode: OpenMode): Promise<DiskFile>;
  /** What is at `path`; undefined where there is nothing. */
  info(path: string): Promise<FileInfo | undefined>;
  /** Names in a directory, unsorted; empty where the directory is missing. */
  list(path: string): Promise<readonly string[]>;
  /** Makes a directory and those above it; one that is there already is fine. */
  makeDirectory(path: string): Promise<void>;
  /** Replaces a file at `to`; both on one file system. */
  rename(from: string, to: string): Promise<void>;
  /** Gives a file a second name; fails with EEXIST where `to` is there: a rename that never replaces. */
  link(from: string, to: string): Promise<void>;
  /** Removes a file or link; one that is missing is fine. */
  remove(path: string): Promise<void>;
  /** Removes an empty directory; false where it is not empty or missing. */
  removeDirectory(path: string): Promise<boolean>;
  /** When it resolves, directory entries made before are on stable storage. A no-op where the system cannot do this. */
  syncDirectory(path: string): Promise<void>;
  /** A small file as a whole; undefined where missing; EnsembleError('disk') beyond `maxBytes`. */
  readFile(path: string, maxBytes: number): Promise<Uint8Array | undefined>;
  /** Replaces a small file as a whole: readers see the old or the new content; synced. `owner`: nobody else may read it. */
  replaceFile(path: string, data: Uint8Array, readers?: 'owner'): Promise<void>;
  /** Bytes that may still be written below `path`. */
  freeSpace(path: string): Promise<number>;
  /** The path with every link in it resolved; undefined where it does not exist. */
  realPath(path: string): Promise<string | undefined>;
  /**
   * The same disk for what lies in `folder`, which may itself be a link. Below it no call ever follows a link, whatever changes
   * between two calls, and the folder has to stay where it was at the first call: otherwise EnsembleError('disk') names what is in
   * the way. `real`: where it really lay when that was found out earlier. A file with a second name only opens for reading
   * (EMLINK). Of views of views the innermost folder counts; paths in none of them are refused.
   */
  within(folder: string, real?: string): Disk;
}

/** The system's name of a disk error (ENOSPC, EEXIST, ...), where `error` is one. */
export function diskCode(error: unknown): string | undefined {
  for (let e: unknown = error; e instanceof Error; e = e.cause) {
    if ('code' in e && typeof e.code === 'string' && /^E[A-Z0-9]+$/.test(e.code)) return e.code;
  }
  return undefined;
}
