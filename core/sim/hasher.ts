import { createHash } from 'node:crypto';
import { concatBytes } from '../base/bytes.ts';
import { type Hashing, SHA1 } from '../base/hashing.ts';
import { leavesOf, rootOf } from '../merkle/tree.ts';
import type { DiskFile } from '../ports/disk.ts';
import type { CopyTarget, Hasher } from '../ports/hasher.ts';

/** Hashes at once; the result comes in a later turn, as from a thread. */
export class SimHasher implements Hasher {
  readonly parallelism: number = 1;
  /** How many hashes were asked for. */
  count = 0;
  /** Whether it can copy between files. */
  readonly copies: boolean;

  constructor(copies = true) {
    this.copies = copies;
  }

  allocate(size: number): Uint8Array {
    return new Uint8Array(size);
  }

  async hash(data: Uint8Array, { sha1, tree }: Hashing = SHA1): Promise<Uint8Array> {
    this.count++;
    await Promise.resolve();
    return concatBytes(
      ...(sha1 ? [createHash('sha1').update(data).digest()] : []),
      ...(tree === undefined ? [] : [rootOf(leavesOf(data.subarray(0, tree.bytes)), 0, tree.height)]),
    );
  }

  async hashMoving(
    data: Uint8Array,
    hashing: Hashing,
  ): Promise<{ readonly digest: Uint8Array; readonly data: Uint8Array }> {
    const { length } = data;
    const moved = new Uint8Array(structuredClone(data.buffer, { transfer: [data.buffer as ArrayBuffer] }), 0, length);
    return { digest: await this.hash(moved, hashing), data: moved };
  }

  /** Bytes that are only hashed are left to the caller to read; those to be copied are read here. */
  async hashStored(
    file: DiskFile,
    position: number,
    length: number,
    hashing: Hashing,
    copy?: CopyTarget,
  ): Promise<Uint8Array | undefined> {
    if (copy === undefined || !this.copies) return undefined;
    const data = new Uint8Array(length);
    try {
      if ((await file.read(data, position)) < length) return undefined;
      await copy.file.write(data, copy.position);
    } catch {
      return undefined;
    }
    return this.hash(data, hashing);
  }

  share(): void {}

  close(): Promise<void> {
    return Promise.resolve();
  }
}
