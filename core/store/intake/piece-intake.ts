import { EnsembleError } from '../../base/errors.ts';
import type { PieceIndex } from '../../base/ids.ts';
import type { Geometry } from '../../metainfo/geometry.ts';
import { expectAgreement, hashingOf, isPieceRight, type PieceHashes } from '../../metainfo/piece-check.ts';
import type { Info } from '../../metainfo/torrent.ts';
import type { Hasher } from '../../ports/hasher.ts';
import { hasBit, IncomingPiece } from './incoming-piece.ts';
import type { BegunRecord } from '../records/begun-record.ts';
import { MemoryBudget, memoryBudgetOf, PieceBuffers } from './piece-memory.ts';
import type { PieceStore } from '../piece-store.ts';
import { Turns } from '../../base/turns.ts';

/** When this many bytes of whole pieces are being hashed or written, no more should be read from sockets. */
const MAX_BACKLOG = 8 * 1024 * 1024;
/** How many pieces are written at the same time: Node has four threads for files, and uploads have to read. */
const WRITES_AT_ONCE = 2;

export interface PieceIntakeOptions {
  readonly store: PieceStore;
  readonly hasher: Hasher;
  readonly geometry: Geometry;
  readonly info: PieceHashes & Pick<Info, 'name'>;
  /** Bytes of begun pieces in memory; undefined: 64 MiB, shared by all downloads of the process. */
  readonly budget?: number;
  /** It is congested when more bytes than this of complete pieces are on their way to the disk. */
  readonly maxBacklog?: number;
}

/** Looks at a piece whose hash is known; must not keep its bytes. */
type Inspect = (good: boolean, data: Uint8Array) => Promise<void>;

/**
 * Blocks in, verified pieces out: a piece grows in memory, is hashed and, only if the hash is right, is written once to its final
 * place (invariant 2). Beyond the memory budget its blocks are stored on disk in the meantime.
 */
export class PieceIntake {
  /** Called once when `congested` becomes false again. */
  onRelief: (() => void) | undefined;
  readonly #o: PieceIntakeOptions;
  readonly #budget: MemoryBudget;
  readonly #buffers: PieceBuffers;
  readonly #maxBacklog: number;
  readonly #begun = new Map<PieceIndex, IncomingPiece>();
  readonly #finishing = new Set<PieceIndex>();
  /** Pieces whose blocks on disk are being removed: the same piece begun anew waits for that. */
  readonly #removing = new Map<PieceIndex, Promise<void>>();
  readonly #writing = new Turns(WRITES_AT_ONCE);
  /** Pieces that are read back from disk to be hashed take memory beyond the budget, so only one at a time is. */
  readonly #gathering = new Turns(1);
  #backlog = 0;
  #memory = 0;
  #congested = false;

  constructor(options: PieceIntakeOptions) {
    this.#o = options;
    this.#budget = options.budget === undefined ? memoryBudgetOf(options.hasher) : new MemoryBudget(options.budget);
    this.#buffers = new PieceBuffers(options.hasher, options.geometry.pieceLength);
    this.#maxBacklog = options.maxBacklog ?? Math.max(MAX_BACKLOG, 2 * options.geometry.pieceLength);
  }

  /** Bytes of pieces in memory. */
  get memory(): number {
    return this.#memory;
  }

  /** The disk is too slow for what comes: stop reading from sockets until `onRelief`. */
  get congested(): boolean {
    return this.#congested;
  }

  /** Memory for a block that begins to arrive; the caller has checked that the torrent has such a block. */
  target(piece: PieceIndex, begin: number, length: number): Uint8Array {
    const size = this.#o.geometry.dataSize(piece);
    if (begin < 0 || length < 0 || begin + length > size) {
      throw new EnsembleError('usage', `Bytes ${begin} to ${begin + length} of piece ${piece}: it has ${size}.`);
    }
    // A late copy of a block of a complete piece: it is read into memory that nobody looks at.
    if (this.#finishing.has(piece)) return new Uint8Array(length);
    let begun = this.#begun.get(piece);
    if (begun === undefined) {
      begun = new IncomingPiece(piece, size);
      this.#begun.set(piece, begun);
    }
    if (begun.buffer === undefined && !begun.toDisk) {
      if (this.#budget.take(begun.size)) this.#giveBuffer(begun);
      else begun.toDisk = true;
    }
    begun.open++;
    if (begun.buffer !== undefined) return begun.buffer.subarray(begin, begin + length);
    let loose = begun.loose.get(begin);
    if (loose?.data.length !== length) {
      loose = { data: new Uint8Array(length), open: 0 };
      begun.loose.set(begin, loose);
    }
    loose.open++;
    return loose.data;
  }

  /** The block has been copied into its target. */
  arrived(piece: PieceIndex, begin: number, length: number): void {
    const begun = this.#begun.get(piece);
    if (begun === undefined) return;
    if (begun.open > 0) begun.open--;
    if (begun.buffer !== undefined) {
      begun.mark(begin, false);
      return;
    }
    const loose = begun.loose.get(begin);
    if (loose?.data.length !== length) return;
    begun.loose.delete(begin);
    // Another copy of the block may be arriving in the same memory.
    const data = loose.open > 1 ? loose.data.slice() : loose.data;
    begun.mark(begin, true);
    this.#burden(length);
    const removed = this.#removing.get(piece) ?? Promise.resolve();
    const written = removed
      .then(() => this.#o.store.writeBlock(piece, begin, data))
      .finally(() => this.#relieve(length));
    begun.writes = Promise.all([begun.writes, written]).then(() => undefined);
    // Finishing or flushing the piece reports the failure.
    begun.writes.catch(() => undefined);
  }

  /**
   * All blocks are there: hashes the piece and, if it is right, writes it and records it. False: the hash is wrong and
   * all of it was dropped. Rejects with EnsembleError('disk'); the piece is dropped then, too. `inspect` sees the bytes
   * while they are there.
   */
  async finish(piece: PieceIndex, inspect?: Inspect): Promise<boolean> {
    const begun = this.#begun.get(piece);
    if (begun === undefined) throw new EnsembleError('usage', `Piece ${piece} was finished, but never begun.`);
    this.#begun.delete(piece);
    this.#finishing.add(piece);
    this.#burden(begun.size);
    this.#seclude(begun);
    try {
      await begun.writes;
      const settled = begun.buffer !== undefined && !begun.hasBlocksOnDisk;
      return settled
        ? await this.#settle(begun, inspect)
        : await this.#gathering.run(() => this.#settle(begun, inspect));
    } finally {
      if (begun.toDisk || begun.hasBlocksOnDisk) await this.#removeBlocks(begun);
      this.#release(begun);
      this.#finishing.delete(piece);
      this.#relieve(begun.size);
    }
  }

  /** Forgets all blocks of a piece. */
  drop(piece: PieceIndex): void {
    const begun = this.#begun.get(piece);
    if (begun === undefined) return;
    this.#begun.delete(piece);
    if (begun.toDisk || begun.hasBlocksOnDisk) void this.#removeBlocks(begun);
    this.#release(begun);
  }

  /** Takes over blocks that a clean stop left on disk, and removes all others. Resolves to the records whose blocks were found. */
  async keep(records: readonly BegunRecord[]): Promise<BegunRecord[]> {
    const sound = records.filter(({ piece, blocks }) => {
      const count = this.#o.geometry.blockCount(piece);
      return count > 0 && blocks.length === (count + 7) >>> 3 && !this.#begun.has(piece);
    });
    const found = new Set(await this.#o.store.adoptBlocks(sound.map(({ piece }) => piece)));
    const kept = sound.filter(({ piece }) => found.has(piece));
    for (const { piece, blocks } of kept) {
      const begun = new IncomingPiece(piece, this.#o.geometry.dataSize(piece));
      begun.onDisk.set(blocks);
      this.#begun.set(piece, begun);
    }
    return kept;
  }

  /**
   * For a clean stop, when nothing arrives any more: durably puts the received blocks of these pieces on disk. Resolves to what
   * could be kept.
   */
  async flushBegun(
    begun: readonly { readonly piece: PieceIndex; readonly bits: Uint8Array }[],
  ): Promise<BegunRecord[]> {
    const out: BegunRecord[] = [];
    for (const { piece, bits } of begun) {
      const state = this.#begun.get(piece);
      if (state === undefined || !bits.some((byte) => byte !== 0)) continue;
      try {
        await this.#flush(state, bits);
        out.push({ piece, blocks: state.onDisk.map((byte, i) => byte & (bits[i] ?? 0)) });
      } catch {
        // A full disk keeps fewer blocks; they are fetched again.
      }
    }
    return out;
  }

  async #flush(begun: IncomingPiece, bits: Uint8Array): Promise<void> {
    const { store } = this.#o;
    await begun.writes;
    const { buffer } = begun;
    if (buffer !== undefined) {
      await this.#removing.get(begun.piece);
      const inMemory = (block: number): boolean => hasBit(bits, block) && !hasBit(begun.onDisk, block);
      const runs = [...begun.runs(inMemory)];
      for (const { begin, end } of runs) {
        await store.writeBlock(begun.piece, begin, buffer.subarray(begin, end));
      }
      begun.onDisk.forEach((byte, i) => (begun.onDisk[i] = byte | (bits[i] ?? 0)));
    }
    await store.syncBlocks(begun.piece);
  }

  async #settle(begun: IncomingPiece, inspect: Inspect | undefined): Promise<boolean> {
    const { store, hasher, info, geometry } = this.#o;
    const { piece } = begun;
    const { digest, data } = await hasher.hashMoving(await this.#gather(begun), hashingOf(info, geometry, piece));
    begun.buffer = new Uint8Array(data.buffer, 0, geometry.pieceLength);
    const good = isPieceRight(info, piece, digest);
    if (!good) expectAgreement(info, piece, digest);
    if (good) {
      await this.#writing.run(() => store.writePiece(piece, data));
      await store.recordVerified(piece);
    }
    await inspect?.(good, data);
    return good;
  }

  /** Makes sure that a second copy of a block that is still arriving does not change what is going to be hashed and written. */
  #seclude(begun: IncomingPiece): void {
    const { buffer } = begun;
    if (buffer !== undefined && begun.open > 0) {
      begun.buffer = this.#buffers.take();
      begun.buffer.set(buffer);
    }
    begun.open = 0;
  }

  /** The whole piece in memory, with the padding that it ends with. */
  async #gather(begun: IncomingPiece): Promise<Uint8Array> {
    if (begun.buffer === undefined) {
      this.#budget.force(begun.size);
      this.#giveBuffer(begun);
    }
    const size = this.#o.geometry.pieceSize(begun.piece);
    const data = (begun.buffer ?? new Uint8Array(size)).subarray(0, size);
    data.fill(0, begun.size);
    for (const { begin, end } of begun.runs((block) => hasBit(begun.onDisk, block))) {
      await this.#o.store.readBlock(begun.piece, begin, data.subarray(begin, end));
    }
    return data;
  }

  #giveBuffer(begun: IncomingPiece): void {
    begun.buffer = this.#buffers.take();
    this.#memory += begun.size;
  }

  #release(begun: IncomingPiece): void {
    const { buffer } = begun;
    if (buffer !== undefined) {
      begun.buffer = undefined;
      this.#budget.give(begun.size);
      this.#memory -= begun.size;
      // If somebody may still write into it, it is not used for another piece.
      if (begun.open === 0) this.#buffers.give(buffer);
    }
    if (this.#begun.size === 0 && this.#finishing.size <= 1) this.#buffers.clear();
  }

  #removeBlocks(begun: IncomingPiece): Promise<void> {
    const before = this.#removing.get(begun.piece) ?? Promise.resolve();
    const removal: Promise<void> = Promise.all([before, begun.writes.catch(() => undefined)])
      .then(() => this.#o.store.dropBlocks(begun.piece))
      // Blocks that could not be removed are removed when the download starts the next time.
      .catch(() => undefined)
      .then(() => {
        if (this.#removing.get(begun.piece) === removal) this.#removing.delete(begun.piece);
      });
    this.#removing.set(begun.piece, removal);
    return removal;
  }

  #burden(bytes: number): void {
    this.#backlog += bytes;
    if (this.#backlog > this.#maxBacklog) this.#congested = true;
  }

  #relieve(bytes: number): void {
    this.#backlog -= bytes;
    if (!this.#congested || this.#backlog > this.#maxBacklog / 2) return;
    this.#congested = false;
    this.onRelief?.();
  }
}
