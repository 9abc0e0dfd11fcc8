import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BLOCK_LENGTH } from '../metainfo/geometry.ts';
import { blocksIn, copySpaced, HEAD_ROOM, space, spacedLength } from './spaced-blocks.ts';

const byte = (i: number): number => (i * 7 + (i >> 8)) & 255;

/** So many bytes with room before each block. */
function spaced(length: number): Uint8Array {
  const memory = new Uint8Array(spacedLength(length));
  memory.set(
    Uint8Array.from({ length }, (_, i) => byte(i)),
    memory.length - length,
  );
  space(memory, length);
  return memory;
}

test('any bytes of any chunk come out as they went in', () => {
  const lengths = fc.oneof(
    fc.integer({ min: 1, max: 5 * BLOCK_LENGTH }),
    fc.constantFrom(BLOCK_LENGTH, 2 * BLOCK_LENGTH),
  );
  fc.assert(
    fc.property(lengths, fc.nat(), fc.nat(), (length, a, b) => {
      const begin = a % length;
      const into = new Uint8Array(1 + (b % (length - begin)));
      copySpaced(spaced(length), begin, into);
      expect(into.findIndex((value, i) => value !== byte(begin + i))).toBe(-1);
    }),
    { numRuns: 50 },
  );
});

test('each block lies behind room for a head, the last one too, however short', () => {
  const length = 2 * BLOCK_LENGTH + 100;
  const blocks = blocksIn(spaced(length), BLOCK_LENGTH, BLOCK_LENGTH + 100);
  expect(blocks).toHaveLength(BLOCK_LENGTH + 100 + 2 * HEAD_ROOM);
  const second = HEAD_ROOM + BLOCK_LENGTH + HEAD_ROOM;
  expect([blocks[HEAD_ROOM], blocks[second], blocks.at(-1)]).toEqual(
    [BLOCK_LENGTH, 2 * BLOCK_LENGTH, length - 1].map(byte),
  );
});
