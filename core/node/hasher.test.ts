import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path, { dirname } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { type Hashing, SHA1 } from '../base/hashing.ts';
import { concatBytes } from '../base/bytes.ts';
import { leavesOf, rootOf } from '../merkle/tree.ts';
import type { DiskFile } from '../ports/disk.ts';
import type { Hasher } from '../ports/hasher.ts';
import { SimHasher } from '../sim/hasher.ts';
import { NodeDisk } from './disk.ts';
import { NodeHasher } from './hasher.ts';
import { bundleForTest } from './testing/bundle.ts';

/** A loop that has no time to spare. */
const NO_TIME = { isFull: () => true };

const hashers: Hasher[] = [];
afterEach(async () => {
  await Promise.all(hashers.splice(0).map((hasher) => hasher.close()));
});

function make(hasher: Hasher): Hasher {
  hashers.push(hasher);
  return hasher;
}

const expected = (data: Uint8Array): string => createHash('sha1').update(data).digest('hex');
const hex = (data: Uint8Array): string => Buffer.from(data).toString('hex');

function sharing(): NodeHasher {
  const hasher = new NodeHasher(2);
  hasher.share(4);
  return hasher;
}

describe.each([
  ['SimHasher', () => new SimHasher(), 300_000],
  ['NodeHasher', () => new NodeHasher(2), 30_000_000],
  ['NodeHasher with threads alone', () => new NodeHasher(2, NO_TIME), 300_000],
  ['NodeHasher that shares the cores', sharing, 5_000_000],
] as const)('%s', (_name, construct, long) => {
  test('hashes many pieces of its own memory at once, each right', async () => {
    const hasher = make(construct());
    const pieces = Array.from({ length: 40 }, (_, i) => hasher.allocate(100_000 + i).fill(i));
    const digests = await Promise.all(pieces.map((piece) => hasher.hash(piece)));
    expect(digests.map(hex)).toEqual(pieces.map(expected));
    expect(digests[0]).toHaveLength(20);
  });

  test.each([0, 1, 16_384, 16_385, long])('%i bytes of other memory, and of a part of it', async (length) => {
    const hasher = make(construct());
    const whole = new Uint8Array(length + 100).map((_, i) => i % 251);
    const part = whole.subarray(50, 50 + length);
    const right = expected(part);
    expect(hex(await hasher.hash(part))).toBe(right);
    // It stays the caller's.
    expect(part).toHaveLength(length);
    expect(expected(part)).toBe(right);
    const own = hasher.allocate(length + 100);
    own.set(whole);
    expect(hex(await hasher.hash(own.subarray(50, 50 + length)))).toBe(right);
  });

  test('moves its own memory to who hashes it, and gives it back as it was', async () => {
    const hasher = make(construct());
    const before = Array.from({ length: 6 }, (_, i) => hasher.allocate(100_000).fill(i));
    const right = before.map((piece) => expected(piece.subarray(0, 70_000)));
    const hashed = await Promise.all(before.map((piece) => hasher.hashMoving(piece.subarray(0, 70_000), SHA1)));
    expect(hashed.map(({ digest }) => hex(digest))).toEqual(right);
    expect(hashed.map(({ data }) => expected(data))).toEqual(right);
    // The whole of it came back, for the next piece, which may be longer.
    expect(hashed.every(({ data }) => data.byteOffset === 0 && data.buffer.byteLength >= 100_000)).toBe(true);
    const [first] = hashed;
    const again = await hasher.hashMoving(new Uint8Array(first!.data.buffer, 0, 100_000).fill(9), SHA1);
    expect(hex(again.digest)).toBe(expected(again.data));
  });
});

/** Trees over bytes that end within a leaf, with a leaf, and over fewer than are hashed; of a height that they need, and of more. */
const TREES: readonly Hashing[] = [
  { sha1: false, tree: { bytes: 700_000, height: 6 } },
  { sha1: true, tree: { bytes: 655_360, height: 8 } },
  { sha1: true, tree: { bytes: 5, height: 0 } },
  { sha1: true, tree: { bytes: 1_200_000, height: 7 } },
];
const digestOf = (data: Uint8Array, { sha1, tree }: Hashing): string =>
  hex(
    concatBytes(
      ...(sha1 ? [createHash('sha1').update(data).digest()] : []),
      ...(tree === undefined ? [] : [rootOf(leavesOf(data.subarray(0, tree.bytes)), 0, tree.height)]),
    ),
  );

describe.each([
  ['SimHasher', () => new SimHasher()],
  ['NodeHasher', () => new NodeHasher(2)],
  ['NodeHasher with threads alone', () => new NodeHasher(2, NO_TIME)],
  ['NodeHasher that shares the cores', sharing],
] as const)('%s makes trees', (_name, construct) => {
  test.each(TREES.map((hashing) => [hashing] as const))('%j', async (hashing) => {
    const hasher = make(construct());
    const data = hasher.allocate(1_300_000).map((_, i) => i % 251);
    const right = digestOf(data, hashing);
    expect(hex(await hasher.hash(data, hashing))).toBe(right);
    const own = hasher.allocate(1_300_000);
    own.set(data);
    const moved = await hasher.hashMoving(own, hashing);
    expect(hex(moved.digest)).toBe(right);
    expect(expected(moved.data)).toBe(expected(data));
  });
});

describe('NodeHasher', () => {
  test.each(TREES.map((hashing) => [hashing] as const))(
    'reads what is stored, holes too, and makes %j',
    async (hashing) => {
      const folder = await mkdtemp(path.join(tmpdir(), 'ensemble-hasher-'));
      const file = await new NodeDisk().open(`${folder}/f`, 'create');
      const whole = new Uint8Array(1_300_000);
      for (const [from, to] of [
        [300_000, 500_000],
        [1_000_000, 1_300_000],
      ] as const) {
        for (let i = from; i < to; i++) whole[i] = (i % 251) + 1;
        await file.write(whole.subarray(from, to), from);
      }
      const hasher = make(new NodeHasher(2));
      for (const [at, length] of [
        [0, whole.length],
        [0, 200_000],
        [7, 131_072],
        [16_384, 1_200_001],
      ] as const) {
        const digest = await hasher.hashStored(file, at, length, hashing);
        expect(hex(digest ?? new Uint8Array())).toBe(digestOf(whole.subarray(at, at + length), hashing));
      }
      await file.close();
      await rm(folder, { recursive: true });
    },
  );

  test('reads and hashes what is stored: data, holes and both; what is not all there is for the caller to look at', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'ensemble-hasher-'));
    const disk = new NodeDisk();
    const data = new Uint8Array(700_000).map((_, i) => i % 251);
    const hole = 600_000;
    const file = await disk.open(`${folder}/f`, 'create');
    await file.write(data, hole);
    const whole = new Uint8Array(hole + data.length);
    whole.set(data, hole);
    const hasher = make(new NodeHasher(2));
    const spans = [
      [0, whole.length],
      [hole, data.length],
      [hole + 1, 1],
      [5, 0],
      [10, 300_000],
      [20, 300_000],
      [hole - 131_072, 262_144],
      [hole - 7, 131_072 + 14],
    ] as const;
    const digests = await Promise.all(spans.map(([at, length]) => hasher.hashStored(file, at, length, SHA1)));
    const right = spans.map(([at, length]) => expected(whole.subarray(at, at + length)));
    expect(digests.map((digest) => hex(digest!))).toEqual(right);
    expect(await hasher.hashStored(file, whole.length - 5, 6, SHA1)).toBeUndefined();
    expect(await hasher.hashStored(file, 1 << 30, 6, SHA1)).toBeUndefined();
    await file.close();
    expect(await hasher.hashStored({ ...file, descriptor: 1 << 20 } as DiskFile, 0, 6, SHA1)).toBeUndefined();
    expect(await hasher.hashStored({} as DiskFile, 0, 6, SHA1)).toBeUndefined();
    await rm(folder, { recursive: true });
  });

  test('bytes of a file are copied into another one as they are hashed', async () => {
    const hasher = make(new NodeHasher(2));
    const folder = await mkdtemp(path.join(tmpdir(), 'ensemble-hasher-'));
    const disk = new NodeDisk();
    const whole = Buffer.alloc(700_000).map((_, i) => i % 253);
    await writeFile(`${folder}/from`, whole);
    const from = await disk.open(`${folder}/from`, 'read');
    const to = await disk.open(`${folder}/to`, 'create');
    const copies = [300_000, 0, 600_000].map((at) => {
      const length = Math.min(300_000, whole.length - at);
      return hasher.hashStored(from, at, length, SHA1, { file: to, position: at + 7 });
    });
    const digests = await Promise.all(copies);
    expect(digests.map((digest) => hex(digest!))).toEqual(
      [whole.subarray(300_000, 600_000), whole.subarray(0, 300_000), whole.subarray(600_000)].map(expected),
    );
    expect((await readFile(`${folder}/to`)).subarray(7).equals(whole)).toBe(true);
    // What cannot be written, or has no descriptor, is for the caller to look at.
    expect(await hasher.hashStored(from, 0, 10, SHA1, { file: from, position: 0 })).toBeUndefined();
    expect(await hasher.hashStored(from, 0, 10, SHA1, { file: {} as DiskFile, position: 0 })).toBeUndefined();
    await from.close();
    await to.close();
    await rm(folder, { recursive: true });
  });

  test('memory that is moved to a thread is gone from its caller', async () => {
    const hasher = make(new NodeHasher(1, NO_TIME));
    const piece = hasher.allocate(100_000);
    await hasher.hashMoving(piece, SHA1);
    expect(piece).toHaveLength(0);
  });

  test('the loop hashes until it has no time to spare; from then on a thread does', async () => {
    let asked = 0;
    const hasher = make(new NodeHasher(1, { isFull: () => ++asked > 3 }));
    const left: number[] = [];
    let data = hasher.allocate(1 << 20);
    for (let pieces = 0; pieces < 5; pieces++) {
      const before = data;
      ({ data } = await hasher.hashMoving(before, SHA1));
      left.push(before.length);
    }
    // What went to the thread is gone from its caller.
    expect(left).toEqual([1 << 20, 1 << 20, 1 << 20, 0, 0]);
    expect(asked).toBe(4);
  });

  test('where processes share the cores, one piece that fails does not take the later ones with it', async () => {
    const hasher = make(sharing());
    const subarray = (): never => {
      throw new TypeError('the memory is gone');
    };
    const failed = hasher.hash({ length: 3_000_000, subarray } as unknown as Uint8Array);
    const piece = new Uint8Array(3_000_000).fill(7);
    const next = hasher.hash(piece);
    await expect(failed).rejects.toThrow('gone');
    expect(hex(await next)).toBe(expected(piece));
    expect(hex(await hasher.hash(piece))).toBe(expected(piece));
  });

  test('closing fails what is under way, and what comes later', async () => {
    const hasher = new NodeHasher(1, NO_TIME);
    const open = Array.from({ length: 3 }, () => hasher.hash(hasher.allocate(1 << 20)));
    const outcomes = Promise.allSettled(open);
    await hasher.close();
    for (const outcome of await outcomes) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'interrupted' } });
    }
    await expect(hasher.hash(hasher.allocate(1 << 20))).rejects.toMatchObject({ code: 'interrupted' });
  });

  test('bundled: a process with nothing else to do waits for a hash, then ends although its threads live', async () => {
    const script = await bundleForTest(`
      import { NodeDisk } from './disk.ts';
import { NodeHasher } from './hasher.ts';
      const hasher = new NodeHasher(2, { isFull: () => true });
      const digests = await Promise.all([1, 2, 3, 4].map(() => hasher.hash(hasher.allocate(1 << 20))));
      console.log(Buffer.from(digests[3]).toString('hex'));
    `);
    const run = spawnSync(process.execPath, [script], { encoding: 'utf8', timeout: 15_000 });
    await rm(dirname(script), { recursive: true });
    expect(run.stderr).toBe('');
    expect(run.stdout.trim()).toBe(expected(new Uint8Array(1 << 20)));
    expect(run.signal).toBeNull();
  });
});
