import { EnsembleError } from '../../base/errors.ts';
import type { InfoHashV1, TorrentKey } from '../../base/ids.ts';
import type { Content, ContentFile, FileReader } from '../content.ts';

/** Files in memory, of which more and more is there. */
export class FakeContent implements Content {
  readonly key = 'a'.repeat(40) as TorrentKey;
  readonly infoHash = 'a'.repeat(40) as InfoHashV1;
  /** How many bytes of each file are there, from its beginning on; undefined: all. */
  readonly there = new Map<number, number>();
  /** Readers that are open, and where those that are urgent have read. */
  open = 0;
  readonly urgent: number[] = [];
  readonly #files: readonly { readonly path: readonly string[]; readonly data: Uint8Array }[];
  readonly #waiting = new Set<() => void>();

  constructor(files: readonly { readonly path: readonly string[]; readonly data: Uint8Array }[]) {
    this.#files = files;
  }

  /** So much of a file is there now. */
  arrive(file: number, bytes: number): void {
    this.there.set(file, bytes);
    for (const wake of this.#waiting) wake();
  }

  find(path: readonly Uint8Array[]): ContentFile | undefined {
    const text = new TextDecoder();
    const wanted = path.map((name) => text.decode(name)).join('/');
    return this.file(this.#files.findIndex((one) => one.path.join('/') === wanted));
  }

  file(index: number): ContentFile | undefined {
    const found = this.#files[index];
    if (found === undefined) return undefined;
    const { path, data } = found;
    const text = new TextEncoder();
    return {
      index,
      path,
      names: path.map((name) => text.encode(name)),
      length: data.length,
      has: (offset, length) => offset + length <= (this.there.get(index) ?? data.length),
      open: (reads) => this.#reader(index, data, reads === 'play'),
    };
  }

  #reader(index: number, data: Uint8Array, urgent: boolean): FileReader {
    this.open++;
    return {
      read: async (offset, most, signal) => {
        if (urgent) this.urgent.push(offset);
        for (;;) {
          if (signal?.aborted === true) throw new EnsembleError('interrupted', 'Nobody reads any more.');
          const end = Math.min(offset + most, this.there.get(index) ?? data.length);
          if (end > offset) return data.slice(offset, end);
          await new Promise<void>((resolve) => {
            const wake = (): void => {
              this.#waiting.delete(wake);
              resolve();
            };
            this.#waiting.add(wake);
            signal?.addEventListener('abort', wake, { once: true });
          });
        }
      },
      close: () => void this.open--,
    };
  }
}
