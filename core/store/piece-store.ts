import { EnsembleError } from '../base/errors.ts';
import type { PieceIndex } from '../base/ids.ts';
import { UNKNOWN_OWNER, unknownOwners } from '../base/ids.ts';
import type { StopSignal } from '../base/stopper.ts';
import type { Geometry } from '../metainfo/geometry.ts';
import type { Info } from '../metainfo/torrent.ts';
import type { Disk } from '../ports/disk.ts';
import type { Ports } from '../ports/ports.ts';
import { BegunFiles } from './intake/begun-files.ts';
import { confined } from './confined.ts';
import { filePoolOf } from './file-pool.ts';
import { Gate } from './gate.ts';
import { Journal, JournalKind, journalPath } from './records/journal.ts';
import type { StoreLocation } from './layouts/layout.ts';
import { openPlacement, scratchOf } from './layouts/open-placement.ts';
import type { Placement } from './layouts/placement.ts';
import { CHUNK_LENGTH, type HeldBytes, type ReadCache, readCacheOf } from './read-cache.ts';
import { blocksIn, copySpaced, space, spacedLength } from './spaced-blocks.ts';
import type { WriteLease } from './records/write-lease.ts';

/** The bytes of one download as one identity reads and writes them. Everything rejects with EnsembleError('disk'). */
export interface PieceStore {
  /** Writes a whole piece to its place in the layout: one write for each file that it covers. */
  writePiece(piece: PieceIndex, data: Uint8Array): Promise<void>;
  /** Writes a block of an incomplete piece, apart from verified ones. */
  writeBlock(piece: PieceIndex, begin: number, data: Uint8Array): Promise<void>;
  /** Reads back what `writeBlock` wrote. */
  readBlock(piece: PieceIndex, begin: number, into: Uint8Array): Promise<void>;
  /** Makes durable what `writeBlock` wrote of a piece. */
  syncBlocks(piece: PieceIndex): Promise<void>;
  /** Forgets the blocks of a piece. */
  dropBlocks(piece: PieceIndex): Promise<void>;
  /** Resolves to those of `pieces` that have blocks on disk; all other left-over blocks of this identity are removed. */
  adoptBlocks(pieces: readonly PieceIndex[]): Promise<PieceIndex[]>;
  /** Reads from a verified piece, for an upload; reads ahead. */
  read(piece: PieceIndex, begin: number, into: Uint8Array): Promise<void>;
  /**
   * The same without a copy, of whole blocks of one chunk (`CHUNK_LENGTH`): each lies behind `HEAD_ROOM` bytes, into which all who hold it
   * may write the same.
   */
  holdBlocks(piece: PieceIndex, begin: number, length: number): Promise<HeldBytes>;
  /** The identity that fetched a present piece; `UNKNOWN_OWNER`: nobody knows. */
  ownerOf(piece: PieceIndex): number;
  /** A sibling has verified and written a piece, or (`UNKNOWN_OWNER`) it is not there any more. */
  setOwner(piece: PieceIndex, owner: number): void;
  /** Writes into the journal that a piece is verified and written. To be called after both. */
  recordVerified(piece: PieceIndex): Promise<void>;
  /** Makes durable what was recorded before. Resolves to the pieces that have become durable since the last call. */
  sync(): Promise<PieceIndex[]>;
  /** Closes every file once the work under way is done; later requests wait for `moved`. */
  closeFiles(): Promise<void>;
  /** Tells where the download lies now, and what its files are called (undefined: as before). */
  moved(location: StoreLocation, files?: Info['files']): void;
  /**
   * To be called when no more pieces will be written: with `parts`, this identity's part is brought into piece order (A12), which
   * copies it if its pieces did not come in order. Stopped by `signal`, the part remains usable as it is.
   */
  finish(signal?: StopSignal): Promise<void>;
  /** Closes everything once the work under way is done. The store may not be used afterwards. */
  close(): Promise<void>;
}

export interface PieceStoreInput {
  readonly info: Pick<Info, 'infoHash' | 'files' | 'name'>;
  readonly geometry: Geometry;
  readonly location: StoreLocation;
  /** K. */
  readonly count: number;
  /** Identity that fetched each piece that is present; `UNKNOWN_OWNER`: nobody knows. Copied. */
  readonly owners?: Uint8Array | undefined;
  /** Says until when the folder may be written to; undefined: always. */
  readonly lease?: WriteLease;
}

/** The store of one identity for one download. Nothing is made on disk before something is written. */
export function pieceStore(ports: Pick<Ports, 'disk'>, input: PieceStoreInput): PieceStore {
  return new LaidOutPieceStore(ports.disk, input);
}

/** The same for whoever may wait. */
export function openPieceStore(ports: Pick<Ports, 'disk'>, input: PieceStoreInput): Promise<PieceStore> {
  return Promise.resolve(pieceStore(ports, input));
}

interface StoreParts {
  disk: Disk;
  placement: Placement;
  begun: BegunFiles;
  journal: Journal;
}

class LaidOutPieceStore implements PieceStore {
  static #opened = 0;
  /** Distinguishes its chunks from those of other stores in the shared cache. */
  readonly #id = LaidOutPieceStore.#opened++;
  readonly #disk: Disk;
  #input: PieceStoreInput;
  readonly #owners: Uint8Array;
  readonly #cache: ReadCache;
  readonly #gate = new Gate();
  #location: StoreLocation;
  /** Made when they are needed: of thousands of torrents few are read or written at a time. */
  #parts: Partial<StoreParts> = {};
  /** Whether anything was changed since the last sync. */
  #touched = false;
  #unsynced: PieceIndex[] = [];
  /** Pieces that were made durable when the files were closed; the next sync reports them. */
  readonly #durable: PieceIndex[] = [];
  /** The sync under way; calls in the meantime get a sync of their own after it. */
  #syncing: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(disk: Disk, input: PieceStoreInput) {
    this.#disk = disk;
    this.#input = input;
    this.#owners = unknownOwners(input.geometry.pieceCount);
    if (input.owners !== undefined) this.#owners.set(input.owners.subarray(0, this.#owners.length));
    this.#cache = readCacheOf(disk);
    this.#location = input.location;
  }

  async writePiece(piece: PieceIndex, data: Uint8Array): Promise<void> {
    await this.#change(() => this.#placement.write(piece, data));
    this.#owners[piece] = this.#location.identity;
    for (let chunk = 0; chunk * CHUNK_LENGTH < data.length; chunk++) this.#cache.drop(this.#key(piece, chunk));
  }

  writeBlock(piece: PieceIndex, begin: number, data: Uint8Array): Promise<void> {
    return this.#change(() => this.#begun.write(piece, begin, data));
  }

  readBlock(piece: PieceIndex, begin: number, into: Uint8Array): Promise<void> {
    return this.#run(async () => {
      if (!(await this.#begun.read(piece, begin, into))) throw this.#missing(piece);
    });
  }

  syncBlocks(piece: PieceIndex): Promise<void> {
    return this.#change(() => this.#begun.sync(piece));
  }

  dropBlocks(piece: PieceIndex): Promise<void> {
    return this.#change(() => this.#begun.remove(piece));
  }

  adoptBlocks(pieces: readonly PieceIndex[]): Promise<PieceIndex[]> {
    // Its working folder is gone, and with it all that was begun.
    if (this.#location.assembled) return Promise.resolve([]);
    return this.#change(async () => {
      const found: PieceIndex[] = [];
      for (const piece of pieces) if (await this.#begun.adopt(piece)) found.push(piece);
      await this.#begun.clean(new Set(found));
      return found;
    });
  }

  async read(piece: PieceIndex, begin: number, into: Uint8Array): Promise<void> {
    for (let at = 0; at < into.length;) {
      const inChunk = (begin + at) % CHUNK_LENGTH;
      const part = into.subarray(at, at + CHUNK_LENGTH - inChunk);
      const { data, release } = await this.#holdChunk(piece, begin + at, part.length);
      copySpaced(data, inChunk, part);
      release();
      at += part.length;
    }
  }

  async holdBlocks(piece: PieceIndex, begin: number, length: number): Promise<HeldBytes> {
    const { data, release } = await this.#holdChunk(piece, begin, length);
    return { data: blocksIn(data, begin % CHUNK_LENGTH, length), release };
  }

  #holdChunk(piece: PieceIndex, begin: number, length: number): Promise<HeldBytes> {
    const size = this.#input.geometry.pieceSize(piece);
    if (begin < 0 || begin + length > size) {
      throw new EnsembleError('usage', `Bytes ${begin} to ${begin + length} of piece ${piece}: it has ${size}.`);
    }
    const chunk = Math.floor(begin / CHUNK_LENGTH);
    const start = chunk * CHUNK_LENGTH;
    const whole = Math.min(CHUNK_LENGTH, size - start);
    return this.#cache.hold(this.#key(piece, chunk), spacedLength(whole), async (memory) => {
      await this.#load(piece, start, memory.subarray(memory.length - whole));
      space(memory, whole);
    });
  }

  ownerOf(piece: PieceIndex): number {
    return this.#owners[piece] ?? UNKNOWN_OWNER;
  }

  setOwner(piece: PieceIndex, owner: number): void {
    if (piece >= 0 && piece < this.#owners.length) this.#owners[piece] = owner;
  }

  async recordVerified(piece: PieceIndex): Promise<void> {
    await this.#change(() => this.#journal.append(JournalKind.verified, [piece]));
    this.#unsynced.push(piece);
  }

  sync(): Promise<PieceIndex[]> {
    if (!this.#touched && this.#durable.length === 0) return Promise.resolve([]);
    const result = this.#syncing.then(() =>
      this.#change(async () => {
        this.#touched = false;
        const before = this.#durable.splice(0);
        return [...before, ...(await this.#syncNow())];
      }),
    );
    this.#syncing = result.catch(() => undefined);
    return result;
  }

  async closeFiles(): Promise<void> {
    await this.#gate.shut();
    try {
      // With its files a placement forgets what is not durable yet.
      this.#durable.push(...(await this.#syncNow()));
    } finally {
      await this.#closeAll();
    }
  }

  moved(location: StoreLocation, files?: Info['files']): void {
    this.#location = location;
    if (files !== undefined) this.#input = { ...this.#input, info: { ...this.#input.info, files } };
    this.#parts = {};
    this.#gate.open();
  }

  finish(signal?: StopSignal): Promise<void> {
    return this.#change(() => this.#placement.finish(signal));
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#gate.shut();
    await this.#closeAll();
    // Requests that wait for `moved` go on, and find the store closed.
    this.#gate.open();
  }

  /** Runs work that changes something on disk; it waits while the folder may be another's. */
  async #change<T>(task: () => Promise<T>): Promise<T> {
    this.#touched = true;
    await this.#input.lease?.wait();
    return this.#run(task);
  }

  #run<T>(task: () => Promise<T>): Promise<T> {
    return this.#gate.pass(() => {
      if (this.#closed) throw new EnsembleError('interrupted', `The store of "${this.#input.info.name}" is closed.`);
      return task();
    });
  }

  async #syncNow(): Promise<PieceIndex[]> {
    const pieces = this.#unsynced;
    this.#unsynced = [];
    // Where this fails the pieces are never called durable: the system may have dropped what it could not write, and a second sync
    // would succeed without it. They are read again after the next start.
    await this.#placement.sync();
    if (pieces.length > 0) {
      await this.#journal.append(JournalKind.synced, pieces);
      await this.#journal.sync();
      await this.#confined.syncDirectory(this.#location.workFolder);
    }
    return pieces;
  }

  async #closeAll(): Promise<void> {
    const { journal, begun, placement } = this.#parts;
    await journal?.close();
    await begun?.close();
    await placement?.close();
  }

  async #load(piece: PieceIndex, start: number, into: Uint8Array): Promise<void> {
    const whole = await this.#run(() => this.#placement.read(piece, start, into));
    if (!whole) throw this.#missing(piece);
  }

  #missing(piece: PieceIndex): EnsembleError {
    const place = this.#location.assembled ? this.#location.output : this.#location.workFolder;
    return new EnsembleError(
      'disk',
      `Piece ${piece} of "${this.#input.info.name}" is not where it was written, below "${place}". Recheck the download.`,
    );
  }

  #key(piece: PieceIndex, chunk: number): string {
    return `${this.#id}.${piece}.${chunk}`;
  }

  /** Follows no link below the folders of the location. */
  get #confined(): Disk {
    return (this.#parts.disk ??= confined(this.#disk, this.#location));
  }

  get #placement(): Placement {
    return (this.#parts.placement ??= this.#openPlacement());
  }

  get #begun(): BegunFiles {
    return (this.#parts.begun ??= this.#openBegun());
  }

  get #journal(): Journal {
    return (this.#parts.journal ??= this.#openJournal());
  }

  #openPlacement(): Placement {
    const { info, geometry, count } = this.#input;
    return openPlacement(this.#disk, { info, geometry, location: this.#location, count, owners: this.#owners });
  }

  #openBegun(): BegunFiles {
    const { workFolder, identity } = this.#location;
    const files = filePoolOf(this.#disk).on(this.#confined, scratchOf(this.#location));
    return new BegunFiles(this.#confined, files, workFolder, identity);
  }

  #openJournal(): Journal {
    const { workFolder, identity } = this.#location;
    return new Journal(this.#confined, journalPath(workFolder, identity), this.#input.info.infoHash);
  }
}
