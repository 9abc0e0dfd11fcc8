import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CHUNK_LENGTH, type HeldBytes, ReadCache } from './read-cache.ts';
import { spacedLength } from './spaced-blocks.ts';

const CHUNK_MEMORY = spacedLength(CHUNK_LENGTH);

/** Fills a chunk with the number that its key ends in. */
const load = (key: number) => async (into: Uint8Array) => {
  await Promise.resolve();
  into.fill(key);
};

test('what is held stays as it is, whatever is read and let go meanwhile', async () => {
  const step = fc.record({ key: fc.nat(7), releases: fc.nat(3), drops: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const cache = new ReadCache(2 * CHUNK_MEMORY);
      const held: (HeldBytes & { readonly key: number })[] = [];
      for (const { key, releases, drops } of steps) {
        held.push({ ...(await cache.hold(String(key), CHUNK_MEMORY, load(key))), key });
        if (drops) cache.drop(String(key));
        for (const { release } of held.splice(0, releases)) release();
        for (const one of held) expect([one.data[0], one.data.at(-1)]).toEqual([one.key, one.key]);
        expect(cache.bytes).toBeLessThanOrEqual(2 * CHUNK_MEMORY);
      }
    }),
    { numRuns: 30 },
  );
});

test('memory that was let go is used again', async () => {
  const cache = new ReadCache(CHUNK_MEMORY);
  const seen = new Set<ArrayBufferLike>();
  for (let key = 0; key < 10; key++) {
    const { data, release } = await cache.hold(String(key), CHUNK_MEMORY, load(key));
    seen.add(data.buffer);
    release();
  }
  expect(seen.size).toBeLessThanOrEqual(2);
});

test('requests for the same chunk share one read, and a failure is not kept', async () => {
  const cache = new ReadCache();
  let reads = 0;
  const fail = async (): Promise<void> => {
    reads++;
    await Promise.reject(new Error('EIO'));
  };
  const both = await Promise.allSettled([cache.hold('a', 100, fail), cache.hold('a', 100, fail)]);
  expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(reads).toBe(1);
  expect((await cache.hold('a', 100, load(5))).data[99]).toBe(5);
  expect(cache.bytes).toBe(100);
});
