import { describe, expect, test } from 'vitest';
import { piece } from '../base/ids.ts';
import { Geometry } from '../metainfo/geometry.ts';
import { UploadQueue } from './upload-queue.ts';

/** Three pieces of 256 KiB, and a last one of 100 bytes. */
const geometry = new Geometry({ pieceCount: 4, pieceLength: 262_144, length: 3 * 262_144 + 100, files: [] });

describe('UploadQueue', () => {
  test.each<[string, number, number, number, boolean]>([
    ['a block', 0, 16384, 16384, true],
    ['the end of a piece', 1, 262_143, 1, true],
    ['all of the short last piece', 3, 0, 100, true],
    ['128 KiB', 0, 0, 131_072, true],
    ['more than 128 KiB', 0, 0, 131_073, false],
    ['a huge length', 0, 0, 0xffffffff, false],
    ['nothing', 0, 0, 0, false],
    ['beyond the piece', 0, 262_144, 1, false],
    ['over its end', 1, 262_143, 2, false],
    ['over the end of the last piece', 3, 0, 101, false],
    ['a huge begin', 0, 0xffffffff, 1, false],
    ['no such piece', 4, 0, 1, false],
    ['a huge piece', 0xffffffff, 0, 1, false],
  ])('a request of %s', (_, index, begin, length, taken) => {
    const queue = new UploadQueue(geometry);
    expect(queue.add(piece(index), begin, length)).toBe(taken);
    expect(queue.size).toBe(taken ? 1 : 0);
  });

  test('gives in order, holds no more than its limit, and forgets what was cancelled or cleared', () => {
    const queue = new UploadQueue(geometry, 3);
    const add = (begin: number): boolean => queue.add(piece(0), begin, 10);
    expect([0, 10, 20, 30].map(add)).toEqual([true, true, true, false]);
    expect(queue.peek()?.begin).toBe(0);
    expect(queue.shift()?.begin).toBe(0);
    expect(add(30)).toBe(true);
    expect(queue.cancel(piece(0), 0, 10)).toBe(false);
    expect(queue.cancel(piece(0), 20, 11)).toBe(false);
    expect(queue.cancel(piece(0), 20, 10)).toBe(true);
    expect(queue.size).toBe(2);
    expect(queue.clear().map((request) => request.begin)).toEqual([10, 30]);
    expect([queue.size, queue.shift(), queue.peek()]).toEqual([0, undefined, undefined]);
  });

  test('stays in order through many more requests than its limit', () => {
    const queue = new UploadQueue(geometry, 5);
    const out: (number | undefined)[] = [];
    for (let i = 0; i < 1000; i++) {
      queue.add(piece(0), i, 1);
      if (i % 4 !== 0 || queue.size === queue.limit) out.push(queue.shift()?.begin);
    }
    while (queue.size > 0) out.push(queue.shift()?.begin);
    expect(out).toEqual(Array.from({ length: 1000 }, (_, i) => i));
  });
});
