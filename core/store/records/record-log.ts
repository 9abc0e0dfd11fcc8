import { crc32 } from 'node:zlib';
import { fromHex, readU32, writeU32 } from '../../base/bytes.ts';
import { EnsembleError } from '../../base/errors.ts';
import type { InfoHash } from '../../base/ids.ts';
import { type Disk, type DiskFile, diskCode } from '../../ports/disk.ts';

import { isStale } from '../file-pool.ts';
import { openOwn } from '../open-own.ts';

/**
 * Append-only files of small records, each with a checksum: journals and part indexes. A header holds format, version, info-hash
 * and one number that depends on the format; whatever a crash leaves of the last append is recognised and dropped.
 */
export interface RecordFormat {
  /** Four ASCII characters. */
  readonly magic: string;
  readonly version: number;
  /** For messages: "journal", "part index". */
  readonly what: string;
  /** Bytes of a record, its checksum of 4 included. */
  readonly recordBytes: number;
}

export const RECORD_HEADER = 52;
/** Enough for 500,000 pieces with several records each; a longer file is not ours. */
const MAX_BYTES = 64 * 1024 * 1024;

export interface RecordsRead {
  /** The header's number, whose meaning depends on the format. */
  readonly tag: number;
  /** Complete records one after the other, without a torn tail. */
  readonly records: Uint8Array;
  /** Where the next whole record will be. */
  readonly end: number;
  /** More than a torn tail is wrong: the file does not contain all that was written to it. */
  readonly damaged: boolean;
}

const DAMAGED: RecordsRead = { tag: 0, records: new Uint8Array(0), end: 0, damaged: true };

/** The header of a new file. */
export function recordHeader(format: RecordFormat, infoHash: InfoHash, tag: number): Uint8Array {
  const out = new Uint8Array(RECORD_HEADER);
  for (let i = 0; i < 4; i++) out[i] = format.magic.charCodeAt(i);
  writeU32(out, 4, format.version);
  // The version has a checksum of its own, in all versions to come too, so that damage is not taken for a newer version.
  writeU32(out, 8, crc32(out.subarray(0, 8)));
  out.set(fromHex(infoHash) ?? [], 12);
  writeU32(out, 44, tag);
  writeU32(out, 48, crc32(out.subarray(0, 48)));
  return out;
}

/** Puts the checksum at the end of a record. */
export function sealRecord(record: Uint8Array): Uint8Array {
  writeU32(record, record.length - 4, crc32(record.subarray(0, record.length - 4)));
  return record;
}

/**
 * Reads the records from byte `from` on (0: the start); undefined where the file is missing or only a torn header. Rejects with
 * EnsembleError('newer-version').
 */
export async function readRecords(
  disk: Disk,
  path: string,
  format: RecordFormat,
  infoHash: InfoHash,
  from = 0,
): Promise<RecordsRead | undefined> {
  const file = await disk.open(path, 'read').catch((error: unknown) => {
    if (diskCode(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (file === undefined) return undefined;
  try {
    const size = await file.size();
    if (size > MAX_BYTES) return DAMAGED;
    const header = new Uint8Array(RECORD_HEADER);
    if ((await file.read(header, 0)) < RECORD_HEADER) return undefined;
    const state = checkHeader(header, path, format, infoHash);
    if (state === 'torn') return size === RECORD_HEADER ? undefined : DAMAGED;
    if (state === 'damaged') return DAMAGED;
    const start = Math.max(from, RECORD_HEADER);
    const data = new Uint8Array(Math.max(0, size - start));
    const got = data.subarray(0, await file.read(data, start));
    const length = wholeRecords(got, format.recordBytes);
    const damaged = !isTornTail(got.subarray(length), format.recordBytes);
    return { tag: readU32(header, 44), records: got.subarray(0, length), end: start + length, damaged };
  } finally {
    await file.close();
  }
}

function checkHeader(
  header: Uint8Array,
  path: string,
  format: RecordFormat,
  infoHash: InfoHash,
): 'good' | 'torn' | 'damaged' {
  if (header.every((byte) => byte === 0)) return 'torn';
  const own = recordHeader(format, infoHash, readU32(header, 44));
  const magicIsOurs = header.subarray(0, 4).every((byte, i) => byte === own[i]);
  if (!magicIsOurs || readU32(header, 8) !== crc32(header.subarray(0, 8))) return 'damaged';
  const version = readU32(header, 4);
  if (version > format.version) {
    throw new EnsembleError(
      'newer-version',
      `The ${format.what} "${path}" has version ${version}; this program knows versions up to ${format.version}. Use a newer Ensemble.`,
    );
  }
  return header.every((byte, i) => byte === own[i]) ? 'good' : 'damaged';
}

/** Bytes of the whole records that `data` begins with. */
function wholeRecords(data: Uint8Array, recordBytes: number): number {
  let at = 0;
  for (; at + recordBytes <= data.length; at += recordBytes) {
    const body = data.subarray(at, at + recordBytes - 4);
    if (readU32(data, at + recordBytes - 4) !== crc32(body)) break;
  }
  return at;
}

/** A crash leaves part of one record, or space that was taken but not yet written. */
function isTornTail(tail: Uint8Array, recordBytes: number): boolean {
  return tail.length < recordBytes || tail.every((byte) => byte === 0);
}

/** Appends to a file of records. Records that come during an append are written together by the next one. */
export class RecordWriter {
  readonly #disk: Disk;
  readonly #path: string;
  readonly #format: RecordFormat;
  readonly #infoHash: InfoHash;
  /** An append failed and may have left part of a record, after which nothing could be read. */
  #torn = false;
  #waiting: Uint8Array[] = [];
  #next: Promise<void> | undefined;
  #running: Promise<void> = Promise.resolve();
  /** Open from an append to the next sync: records come in runs, and 200 quiet downloads keep no file open. */
  #file: DiskFile | undefined;

  private constructor(disk: Disk, path: string, format: RecordFormat, infoHash: InfoHash) {
    this.#disk = disk;
    this.#path = path;
    this.#format = format;
    this.#infoHash = infoHash;
  }

  /** Opens the file, cutting off what a crash left torn; makes it, with `tag` in its header, where it is missing or damaged from the start. */
  static async open(
    disk: Disk,
    path: string,
    format: RecordFormat,
    infoHash: InfoHash,
    tag: number,
  ): Promise<{ writer: RecordWriter; read: RecordsRead | undefined }> {
    const read = await readRecords(disk, path, format, infoHash);
    if (read === undefined || read.end === 0) {
      await disk.replaceFile(path, recordHeader(format, infoHash, tag));
    } else {
      await cut(disk, path, read.end);
    }
    return { writer: new RecordWriter(disk, path, format, infoHash), read };
  }

  /** Appends one or more sealed records; on disk, not yet durable, when it resolves. */
  append(records: Uint8Array): Promise<void> {
    this.#waiting.push(records);
    this.#next ??= this.#schedule();
    return this.#next;
  }

  /** Makes durable what was appended before, and closes the file until the next append. */
  sync(): Promise<void> {
    return this.#behind(async () => {
      await this.#use((file) => file.sync());
      await this.#closeFile();
    });
  }

  /** Resolves when the file is closed, after the appends before. It may be replaced then. */
  async close(): Promise<void> {
    await this.#next?.catch(() => undefined);
    await this.#behind(() => this.#closeFile());
  }

  #schedule(): Promise<void> {
    return this.#behind(() => {
      const batch = this.#waiting;
      this.#waiting = [];
      this.#next = undefined;
      return this.#write(join(batch));
    });
  }

  /** Runs work one after the other, whether or not the one before failed. */
  #behind(work: () => Promise<void>): Promise<void> {
    const own = this.#running.then(work);
    this.#running = own.catch(() => undefined);
    return own;
  }

  async #write(records: Uint8Array): Promise<void> {
    if (this.#torn) {
      const read = await readRecords(this.#disk, this.#path, this.#format, this.#infoHash);
      if (read !== undefined && read.end > 0) await cut(this.#disk, this.#path, read.end);
      this.#torn = false;
    }
    try {
      await this.#use((file) => file.write(records, 0));
    } catch (error) {
      this.#torn = true;
      await this.#closeFile();
      throw error;
    }
  }

  /** Runs `task` with the file, a second time with a new handle if the old one has gone stale (network file systems). */
  async #use(task: (file: DiskFile) => Promise<void>): Promise<void> {
    const kept = this.#file;
    if (kept !== undefined) {
      try {
        return await task(kept);
      } catch (error) {
        if (!isStale(error)) throw error;
        await this.#closeFile();
      }
    }
    this.#file = await openOwn(this.#disk, this.#path, 'append');
    return task(this.#file);
  }

  /** Errors that a close could report are also reported by a sync. */
  async #closeFile(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close().catch(() => undefined);
  }
}

async function cut(disk: Disk, path: string, end: number): Promise<void> {
  const file = await openOwn(disk, path, 'write');
  try {
    if ((await file.size()) > end) await file.truncate(end);
  } finally {
    await file.close();
  }
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const [first] = parts;
  if (parts.length === 1 && first !== undefined) return first;
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
