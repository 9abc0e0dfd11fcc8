import { createHash } from 'node:crypto';
import type { Hasher } from '../ports/hasher.ts';

/** Hashes at once; the result comes in a later turn, as from a thread. */
export class SimHasher implements Hasher {
  readonly parallelism: number = 1;
  /** How many were asked for. */
  count = 0;

  allocate(size: number): Uint8Array {
    return new Uint8Array(size);
  }

  async sha1(data: Uint8Array): Promise<Uint8Array> {
    this.count++;
    await Promise.resolve();
    return new Uint8Array(createHash('sha1').update(data).digest());
  }

  async sha1Moving(data: Uint8Array): Promise<{ readonly digest: Uint8Array; readonly data: Uint8Array }> {
    const { length } = data;
    const moved = new Uint8Array(structuredClone(data.buffer, { transfer: [data.buffer as ArrayBuffer] }), 0, length);
    return { digest: await this.sha1(moved), data: moved };
  }

  /** Simulated files are read by their callers. */
  sha1Stored(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  share(): void {}

  close(): Promise<void> {
    return Promise.resolve();
  }
}
