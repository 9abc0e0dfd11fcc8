import { EnsembleError, messageOf } from '../core/base/errors.ts';
import type { Disk, DiskFile } from '../core/ports/disk.ts';
import type { Hasher } from '../core/ports/hasher.ts';
import type { PayloadFile } from './payload-files.ts';

interface HashInput {
  readonly files: readonly PayloadFile[];
  readonly pieceLength: number;
}

/** SHA-1 of each piece of the files' bytes in order. Reads ahead while threads hash. EnsembleError('disk') for a file that shrank. */
export async function hashPieces(
  { disk, hasher }: { readonly disk: Disk; readonly hasher: Hasher },
  { files, pieceLength }: HashInput,
  onProgress: (bytes: number) => void,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const total = files.reduce((sum, file) => sum + file.length, 0);
  const count = Math.ceil(total / pieceLength);
  const out = new Uint8Array(count * 20);
  const reader = new SequentialReader(disk, files);
  const free = Array.from({ length: hasher.parallelism + 1 }, () => hasher.allocate(pieceLength));
  const running = new Set<Promise<void>>();
  let failure: Error | undefined;
  let done = 0;
  try {
    for (let piece = 0; piece < count && failure === undefined; piece++) {
      signal.throwIfAborted();
      while (free.length === 0) await Promise.race(running);
      const buffer = free.pop() ?? hasher.allocate(pieceLength);
      const data = buffer.subarray(0, Math.min(pieceLength, total - piece * pieceLength));
      await reader.read(data);
      const work: Promise<void> = hasher
        .hash(data)
        .then((hash) => {
          out.set(hash, piece * 20);
          done += data.length;
          onProgress(done);
        })
        .catch((error: unknown) => {
          failure ??= error instanceof Error ? error : new EnsembleError('disk', messageOf(error));
        })
        .finally(() => {
          free.push(buffer);
          running.delete(work);
        });
      running.add(work);
    }
  } finally {
    await Promise.all(running);
    await reader.close();
  }
  if (failure !== undefined) throw failure;
  return out;
}

/** The bytes of several files one after the other. */
class SequentialReader {
  readonly #disk: Disk;
  readonly #files: readonly PayloadFile[];
  #index = 0;
  #position = 0;
  #open: DiskFile | undefined;

  constructor(disk: Disk, files: readonly PayloadFile[]) {
    this.#disk = disk;
    this.#files = files;
  }

  async read(into: Uint8Array): Promise<void> {
    for (let at = 0; at < into.length;) {
      const file = this.#files[this.#index];
      if (file === undefined) throw new EnsembleError('disk', 'The files became shorter while they were read.');
      if (this.#position >= file.length) {
        await this.close();
        this.#index++;
        this.#position = 0;
        continue;
      }
      this.#open ??= await this.#disk.open(file.source, 'read');
      const wanted = Math.min(into.length - at, file.length - this.#position);
      const got = await this.#open.read(into.subarray(at, at + wanted), this.#position);
      if (got === 0) throw new EnsembleError('disk', `${file.source} became shorter while it was read.`);
      at += got;
      this.#position += got;
    }
  }

  async close(): Promise<void> {
    await this.#open?.close();
    this.#open = undefined;
  }
}
