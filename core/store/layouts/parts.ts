import type { PieceIndex } from '../../base/ids.ts';
import { UNKNOWN_OWNER } from '../../base/ids.ts';
import type { StopSignal } from '../../base/stopper.ts';
import { type Disk, type DiskFile, diskCode } from '../../ports/disk.ts';
import { DirtyFiles } from '../dirty-files.ts';
import { type FilePool, readExactly } from '../file-pool.ts';
import {
  encodeOrderedIndex,
  encodePartRecord,
  FIRST_GENERATION,
  PART_INDEX,
  PartIndex,
  partIndexName,
  partName,
  readPartIndex,
} from './part-index.ts';
import type { Placement, PlacementInput } from './placement.ts';
import { RecordWriter } from '../records/record-log.ts';

/** Bytes that must stay free on the disk when a part is rewritten. */
const SPARE_BYTES = 64 * 1024 * 1024;

/** Works on the part that a piece may lie in; resolves to undefined where the piece is not there after all. */
type PartTask<T> = (path: string, offset: number) => Promise<T | undefined>;

/**
 * One append-only file an identity, without holes, and an index beside it. Own pieces are written one after the other;
 * siblings' are read through their indexes, which are read again when a piece is not in them or their part was replaced.
 */
export class PartsPlacement implements Placement {
  readonly #disk: Disk;
  readonly #files: FilePool;
  readonly #input: PlacementInput;
  readonly #dirty: DirtyFiles;
  readonly #siblings = new Map<number, PartIndex>();
  #own: Promise<{ index: PartIndex; log: RecordWriter }> | undefined;
  /** Writes follow one another, so that the part grows without gaps whatever fails. */
  #writing: Promise<void> = Promise.resolve();
  #syncing: Promise<void> = Promise.resolve();
  #finishing: Promise<void> = Promise.resolve();

  constructor(disk: Disk, files: FilePool, input: PlacementInput) {
    this.#disk = disk;
    this.#files = files;
    this.#input = input;
    this.#dirty = new DirtyFiles(disk, files, input.location.workFolder);
  }

  write(piece: PieceIndex, data: Uint8Array): Promise<void> {
    return this.#inTurn(async () => {
      const { index, log } = await this.#openOwn();
      const known = index.offset(piece);
      const offset = known ?? index.end;
      const path = this.#path(partName(this.#me, index.generation));
      await this.#files.use(path, 'write', (file) => file.write(data, offset));
      this.#dirty.mark(path);
      if (known !== undefined) return;
      await log.append(encodePartRecord(piece, offset, data.length));
      index.set(piece, offset, data.length);
    });
  }

  async read(piece: PieceIndex, begin: number, into: Uint8Array): Promise<boolean> {
    const read = async (path: string, offset: number): Promise<true | undefined> =>
      (await readExactly(this.#files, path, into, offset + begin)) || undefined;
    return (await this.#find(piece, read)) ?? false;
  }

  async whole<T>(piece: PieceIndex, task: (file: DiskFile, position: number) => Promise<T>): Promise<T | undefined> {
    return this.#find(piece, (path, offset) => this.#files.use(path, 'read', (file) => task(file, offset)));
  }

  confirm(piece: PieceIndex): Promise<void> {
    for (const [identity, index] of this.#siblings) {
      if (index.offset(piece) === undefined) continue;
      this.#dirty.mark(this.#path(partName(identity, index.generation)));
      this.#dirty.mark(this.#path(partIndexName(identity)));
    }
    return Promise.resolve();
  }

  sync(): Promise<void> {
    const result = this.#finishing.then(() => this.#syncNow());
    this.#syncing = result.catch(() => undefined);
    return result;
  }

  /** Rewrites the own part in piece order where it is not, and where the disk has room for both (else the index suffices). */
  finish(signal?: StopSignal): Promise<void> {
    const result = this.#inTurn(async () => {
      // A sync and a rewrite must not see each other's files half-done.
      await this.#syncing;
      await this.#syncNow();
      const { index, log } = await this.#openOwn();
      const { geometry, info, location } = this.#input;
      const isNew = index.generation === FIRST_GENERATION;
      if (index.end === 0 || (!isNew && index.inOrder(geometry))) return;
      const from = this.#path(partName(this.#me, index.generation));
      const to = this.#path(partName(this.#me, index.generation + 1));
      const pieces = index.pieces();
      if (index.inOrder(geometry)) {
        // In order already: only a second name is needed, not a copy.
        await this.#disk.remove(to);
        const linked = await this.#disk.link(from, to).then(
          () => true,
          () => false,
        );
        if (!linked && !(await this.#copy(index, pieces, from, to, signal))) return;
      } else if (!(await this.#copy(index, pieces, from, to, signal))) return;
      // The switch is one atomic replacement, after which nobody who reads the index anew opens the older file.
      await log.close();
      await this.#disk.syncDirectory(location.workFolder);
      const generation = index.generation + 1;
      await this.#disk.replaceFile(
        this.#path(partIndexName(this.#me)),
        encodeOrderedIndex(info.infoHash, generation, pieces, geometry),
      );
      this.#own = undefined;
      this.#dirty.forget(from);
      await this.#files.close(from);
      // On some systems this fails while a sibling has it open; assembly removes the folder anyway.
      await this.#disk.remove(from).catch(() => undefined);
    });
    this.#finishing = result.catch(() => undefined);
    return result;
  }

  async close(): Promise<void> {
    await this.#writing;
    const own = await this.#own?.catch(() => undefined);
    await own?.log.close();
    this.#own = undefined;
    this.#siblings.clear();
    await this.#files.close(`${this.#input.location.workFolder}/`);
  }

  get #me(): number {
    return this.#input.location.identity;
  }

  #path(name: string): string {
    return `${this.#input.location.workFolder}/${name}`;
  }

  #inTurn(task: () => Promise<void>): Promise<void> {
    const result = this.#writing.then(task);
    this.#writing = result.catch(() => undefined);
    return result;
  }

  async #syncNow(): Promise<void> {
    await this.#dirty.sync();
    if (this.#own !== undefined) await (await this.#own).log.sync();
  }

  #openOwn(): Promise<{ index: PartIndex; log: RecordWriter }> {
    this.#own ??= this.#startOwn().catch((error: unknown) => {
      this.#own = undefined;
      throw error;
    });
    return this.#own;
  }

  async #startOwn(): Promise<{ index: PartIndex; log: RecordWriter }> {
    const { geometry, info, location } = this.#input;
    await this.#disk.makeDirectory(location.workFolder);
    const path = this.#path(partIndexName(this.#me));
    const opened = await RecordWriter.open(this.#disk, path, PART_INDEX, info.infoHash, FIRST_GENERATION);
    const index = new PartIndex();
    if (opened.read !== undefined && opened.read.end > 0) index.take(opened.read, geometry);
    return { index, log: opened.writer };
  }

  /** The identities whose parts a piece may lie in: its owner first, then those known to have it, then all others. */
  *#holders(piece: PieceIndex): Generator<number> {
    const owner = this.#input.owners[piece] ?? UNKNOWN_OWNER;
    if (owner !== UNKNOWN_OWNER) yield owner;
    for (const [i, index] of this.#siblings) if (i !== owner && index.offset(piece) !== undefined) yield i;
    for (let i = 0; i < Math.max(this.#input.count, this.#me + 1); i++) if (i !== owner) yield i;
  }

  /** Runs `task` at each place where a piece may lie until it gives a result. */
  async #find<T>(piece: PieceIndex, task: PartTask<T>): Promise<T | undefined> {
    for (const identity of this.#holders(piece)) {
      const found = await this.#findIn(identity, piece, task);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  async #findIn<T>(identity: number, piece: PieceIndex, task: PartTask<T>): Promise<T | undefined> {
    const at = async (index: PartIndex | undefined): Promise<T | undefined> => {
      const offset = index?.offset(piece);
      if (index === undefined || offset === undefined) return undefined;
      return task(this.#path(partName(identity, index.generation)), offset);
    };
    if (identity === this.#me && this.#own !== undefined) return at((await this.#own).index);
    const known = this.#siblings.get(identity);
    const found = await at(known);
    if (found !== undefined) return found;
    const path = this.#path(partIndexName(identity));
    const index = await readPartIndex(this.#disk, path, this.#input.info.infoHash, this.#input.geometry, known);
    if (index === undefined) return undefined;
    this.#siblings.set(identity, index);
    return at(index);
  }

  /** Copies the pieces in order into a new file, durable when done; false, and nothing of it left, where that is not possible. */
  async #copy(
    index: PartIndex,
    pieces: readonly PieceIndex[],
    from: string,
    to: string,
    signal: StopSignal | undefined,
  ): Promise<boolean> {
    if ((await this.#disk.freeSpace(this.#input.location.workFolder)) < index.end + SPARE_BYTES) return false;
    await this.#disk.remove(to);
    let whole = false;
    const target = await this.#disk.open(to, 'create');
    try {
      whole = await this.#copyInto(target, index, pieces, from, signal);
    } catch (error) {
      // Others used up the free space meanwhile.
      if (!['ENOSPC', 'EDQUOT'].includes(diskCode(error) ?? '')) throw error;
    } finally {
      await target.close();
      if (!whole) await this.#disk.remove(to);
    }
    return whole;
  }

  async #copyInto(
    target: DiskFile,
    index: PartIndex,
    pieces: readonly PieceIndex[],
    from: string,
    signal: StopSignal | undefined,
  ): Promise<boolean> {
    const { geometry } = this.#input;
    const buffer = new Uint8Array(geometry.pieceLength);
    let at = 0;
    for (const piece of pieces) {
      if (signal?.aborted === true) return false;
      const data = buffer.subarray(0, geometry.pieceSize(piece));
      // A part that was cut short from outside stays as it is: its other pieces are still found by the index.
      if (!(await readExactly(this.#files, from, data, index.offset(piece) ?? 0))) return false;
      await target.write(data, at);
      at += data.length;
    }
    await target.sync();
    return true;
  }
}
