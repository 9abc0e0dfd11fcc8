import { EnsembleError } from '../../base/errors.ts';
import { piece, type PieceIndex } from '../../base/ids.ts';
import type { FileReader } from '../../engine/content.ts';
import type { Reading } from '../../strategy/pieces/deadlines.ts';

/** Bytes of one file, as far as they are there. */
export interface ReadableFile {
  readonly name: string;
  readonly first: PieceIndex;
  readonly last: PieceIndex;
  /** The piece that holds a byte of the file. */
  pieceAt(offset: number): PieceIndex;
  /** How many bytes from `offset` on are verified and can be read now, at most `most`. */
  ready(offset: number, most: number): number;
  /** Throws EnsembleError where a byte will not come: it is not wanted, or the download is removed. */
  expect(offset: number): void;
  /** Undefined where they are not where they should be: files may just be getting their names. */
  load(offset: number, length: number): Promise<Uint8Array | undefined>;
}

/** How readers hear of changes, and are heard. */
export interface ReaderDesk {
  /** Resolves when something changed, or soon in any case. */
  changed(signal: AbortSignal | undefined): Promise<void>;
  moved(): void;
  closed(reader: OpenFileReader): void;
}

/** How often it is looked for bytes that should be there. */
const MAX_MISSES = 20;

/** One who reads a file of a download. */
export class OpenFileReader implements FileReader {
  readonly #file: ReadableFile;
  readonly #desk: ReaderDesk;
  readonly #urgent: boolean;
  #at: number | undefined;
  #waits = false;
  #closed = false;

  constructor(file: ReadableFile, desk: ReaderDesk, urgent: boolean) {
    this.#file = file;
    this.#desk = desk;
    this.#urgent = urgent;
  }

  /** Whether it waits for bytes. */
  get waits(): boolean {
    return this.#waits;
  }

  /** Where it is; undefined where nothing is to come first for it. */
  get reading(): Reading | undefined {
    if (!this.#urgent || this.#at === undefined) return undefined;
    const { first, last } = this.#file;
    return { at: this.#file.pieceAt(this.#at), first, last };
  }

  async read(offset: number, most: number, signal?: AbortSignal): Promise<Uint8Array> {
    let misses = 0;
    for (;;) {
      if (this.#closed || signal?.aborted === true) throw new EnsembleError('interrupted', 'Nobody reads any more.');
      const length = this.#file.ready(offset, most);
      if (length === 0) this.#file.expect(offset);
      this.#isAt(offset, length === 0);
      if (length > 0) {
        const data = await this.#file.load(offset, length);
        if (data !== undefined) {
          this.#isAt(offset + length, false);
          return data;
        }
        if (++misses > MAX_MISSES) {
          throw new EnsembleError('disk', `"${this.#file.name}" is not where it was written. Recheck the download.`);
        }
      }
      try {
        await this.#desk.changed(signal);
      } finally {
        this.#waits = false;
      }
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#desk.closed(this);
  }

  /** Says both in one, as what is told first is acted on at once, and what follows it a little later. */
  #isAt(offset: number, waits: boolean): void {
    const before = this.#at === undefined ? undefined : this.#file.pieceAt(this.#at);
    const begins = waits && !this.#waits;
    this.#at = offset;
    this.#waits = waits;
    if (begins || before !== this.#file.pieceAt(offset)) this.#desk.moved();
  }
}

/** The piece of a byte of a file that begins at `start` of the torrent; behind its end the last one. */
export function pieceOf(start: number, offset: number, length: number, pieceLength: number): PieceIndex {
  return piece(Math.floor((start + Math.max(0, Math.min(offset, length - 1))) / pieceLength));
}
