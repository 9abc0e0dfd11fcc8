import { readU32, writeU32 } from '../../base/bytes.ts';
import { Bitfield } from '../../base/bitfield.ts';
import {
  type IdentityIndex,
  type InfoHash,
  identityIndex,
  type PieceIndex,
  piece as pieceIndex,
} from '../../base/ids.ts';
import type { Disk } from '../../ports/disk.ts';
import { openOwn } from '../open-own.ts';
import { readRecords, type RecordFormat, RecordWriter, sealRecord } from './record-log.ts';

/**
 * `have-<i>`: what became of the pieces that identity i wrote. One record is appended for each event: kind (1 byte), 3 unused,
 * piece, checksum. Whichever process is killed at whatever moment, only pieces in flight are lost (architecture, invariant 7).
 */
const JOURNAL: RecordFormat = { magic: 'ENSH', version: 1, what: 'journal', recordBytes: 12 };

/** What a record says of its piece. */
export const JournalKind = {
  /** Its hash matched and its bytes were written. */
  verified: 1,
  /** Those bytes are on stable storage. */
  synced: 2,
  /** It was found wrong later: it is missing again. */
  lost: 3,
} as const;
export type JournalKind = (typeof JournalKind)[keyof typeof JournalKind];

/** The result of reading an identity's journal. */
export interface JournalRead {
  readonly records: readonly { readonly kind: JournalKind; readonly piece: PieceIndex }[];
  /** Where to go on reading next time. */
  readonly end: number;
  /** More records are missing from it than a crash explains. */
  readonly damaged: boolean;
}

/** Where an identity's journal lies. */
export function journalPath(workFolder: string, identity: IdentityIndex): string {
  return `${workFolder}/have-${identity}`;
}

/** The identities that have a journal in a working folder, ascending. */
export async function journalsIn(disk: Disk, workFolder: string): Promise<IdentityIndex[]> {
  return (await disk.list(workFolder))
    .map((name) => /^have-(0|[1-9]\d{0,2})$/.exec(name)?.[1])
    .filter((digits) => digits !== undefined && Number(digits) < 255)
    .map((digits) => identityIndex(Number(digits)))
    .sort((a, b) => a - b);
}

/**
 * Reads a journal from byte `from` on (0: all), also while its identity goes on writing it; undefined where there is none.
 * Rejects with EnsembleError('newer-version').
 */
export async function readJournal(
  disk: Disk,
  path: string,
  infoHash: InfoHash,
  pieceCount: number,
  from = 0,
): Promise<JournalRead | undefined> {
  const read = await readRecords(disk, path, JOURNAL, infoHash, from);
  if (read === undefined) return undefined;
  const records: { kind: JournalKind; piece: PieceIndex }[] = [];
  let damaged = read.damaged;
  for (let at = 0; at < read.records.length; at += JOURNAL.recordBytes) {
    const kind = read.records[at] ?? 0;
    const piece = readU32(read.records, at + 4);
    if (kind < 1 || kind > 3 || piece >= pieceCount) damaged = true;
    else records.push({ kind: kind as JournalKind, piece: pieceIndex(piece) });
  }
  return { records, end: read.end, damaged };
}

/** What the records of one journal add up to. */
export class JournalState {
  readonly verified: Bitfield;
  readonly synced: Bitfield;
  /** Pieces that it says last are lost. */
  readonly lost: Bitfield;

  constructor(pieceCount: number) {
    this.verified = new Bitfield(pieceCount);
    this.synced = new Bitfield(pieceCount);
    this.lost = new Bitfield(pieceCount);
  }

  take(records: JournalRead['records']): void {
    for (const { kind, piece } of records) {
      if (kind === JournalKind.verified) {
        this.verified.add(piece);
        this.synced.delete(piece);
        this.lost.delete(piece);
      } else if (kind === JournalKind.synced) {
        if (this.verified.has(piece)) this.synced.add(piece);
      } else {
        this.verified.delete(piece);
        this.synced.delete(piece);
        this.lost.add(piece);
      }
    }
  }
}

/** The writer of a journal. The file is made with the first record. */
export class Journal {
  readonly #disk: Disk;
  readonly #path: string;
  readonly #infoHash: InfoHash;
  #log: Promise<RecordWriter> | undefined;

  constructor(disk: Disk, path: string, infoHash: InfoHash) {
    this.#disk = disk;
    this.#path = path;
    this.#infoHash = infoHash;
  }

  /** When it resolves the records are in the file: the end of this process does not undo that. */
  async append(kind: JournalKind, pieces: readonly PieceIndex[]): Promise<void> {
    if (pieces.length === 0) return;
    const log = await this.#open();
    await log.append(encodeRecords(kind, pieces));
  }

  /** When it resolves the records are on stable storage. */
  async sync(): Promise<void> {
    if (this.#log !== undefined) await (await this.#log).sync();
  }

  async close(): Promise<void> {
    await (await this.#log?.catch(() => undefined))?.close();
    this.#log = undefined;
  }

  #open(): Promise<RecordWriter> {
    this.#log ??= RecordWriter.open(this.#disk, this.#path, JOURNAL, this.#infoHash, 0).then(
      ({ writer }) => writer,
      (error: unknown) => {
        this.#log = undefined;
        throw error;
      },
    );
    return this.#log;
  }
}

/**
 * Durably takes back what all journals of a working folder say of these pieces, which were found wrong on disk. Identities may be
 * appending to their journals meanwhile.
 */
export async function recordLost(
  disk: Disk,
  workFolder: string,
  infoHash: InfoHash,
  pieceCount: number,
  pieces: readonly PieceIndex[],
): Promise<void> {
  const known = await journalsIn(disk, workFolder);
  // Without a journal only the resume record says that they are there: an entry in identity 0's overrules it.
  for (const identity of known.length === 0 ? [identityIndex(0)] : known) {
    const path = journalPath(workFolder, identity);
    const state = new JournalState(pieceCount);
    const read = await readJournal(disk, path, infoHash, pieceCount);
    if (read !== undefined) state.take(read.records);
    const concerned = identity === (known[0] ?? 0) ? pieces : pieces.filter((piece) => state.verified.has(piece));
    if (read === undefined || read.end === 0) {
      const journal = new Journal(disk, path, infoHash);
      await journal.append(JournalKind.lost, concerned);
      await journal.sync();
    } else if (concerned.length > 0) {
      // Not through `Journal`: the identity may be writing, so that nothing may be cut off here.
      const file = await openOwn(disk, path, 'append');
      try {
        await file.write(encodeRecords(JournalKind.lost, concerned), 0);
        await file.sync();
      } finally {
        await file.close();
      }
    }
  }
}

function encodeRecords(kind: JournalKind, pieces: readonly PieceIndex[]): Uint8Array {
  const out = new Uint8Array(pieces.length * JOURNAL.recordBytes);
  pieces.forEach((piece, i) => {
    const record = out.subarray(i * JOURNAL.recordBytes, (i + 1) * JOURNAL.recordBytes);
    record[0] = kind;
    writeU32(record, 4, piece);
    sealRecord(record);
  });
  return out;
}
