import fc from 'fast-check';
import { expect, test } from 'vitest';
import { piece } from '../base/ids.ts';
import { BLOCK_LENGTH, Geometry } from './geometry.ts';
import type { TorrentFile } from './torrent.ts';

function geometryOf(pieceLength: number, lengths: readonly number[]): Geometry {
  let length = 0;
  const files: TorrentFile[] = lengths.map((n, i) => {
    length += n;
    return { path: [`${i}`], length: n, offset: length - n, padding: false };
  });
  return new Geometry({ pieceLength, pieceCount: Math.ceil(length / pieceLength), length, files });
}

test('sizes of pieces and blocks', () => {
  const g = geometryOf(40000, [100000]);
  expect([0, 1, 2, 3, -1].map((p) => g.pieceSize(piece(p)))).toEqual([40000, 40000, 20000, 0, 0]);
  expect([0, 1, 2].map((b) => g.blockSize(piece(0), b))).toEqual([BLOCK_LENGTH, BLOCK_LENGTH, 7232]);
  expect([0, 2].map((p) => g.blockCount(piece(p)))).toEqual([3, 2]);
  expect(g.blockSize(piece(2), 1)).toBe(3616);
});

test('a piece over many files, some without bytes', () => {
  const g = geometryOf(10, [4, 0, 1, 0, 0, 12, 3]);
  expect(g.spans(piece(0))).toEqual([
    { file: 0, offset: 0, length: 4, at: 0 },
    { file: 2, offset: 0, length: 1, at: 4 },
    { file: 5, offset: 0, length: 5, at: 5 },
  ]);
  expect(g.spans(piece(1), 6, 3)).toEqual([
    { file: 5, offset: 11, length: 1, at: 0 },
    { file: 6, offset: 0, length: 2, at: 1 },
  ]);
  expect([0, 1, 5, 6].map((f) => g.piecesOf(f))).toEqual([
    { first: 0, last: 0 },
    undefined,
    { first: 0, last: 1 },
    { first: 1, last: 1 },
  ]);
});

test('the spans of all pieces are the torrent, each byte once', () => {
  const lengths = fc.array(fc.nat(50), { minLength: 1, maxLength: 12 }).filter((all) => all.some((n) => n > 0));
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), lengths, (pieceLength, files) => {
      const g = geometryOf(pieceLength, files);
      const ends = files.map(() => 0);
      const touched = files.map(() => [] as number[]);
      let total = 0;
      for (let p = 0; p < g.pieceCount; p++) {
        let at = 0;
        for (const span of g.spans(piece(p))) {
          expect(span.at).toBe(at);
          expect(span.offset).toBe(ends[span.file]);
          expect(span.length).toBeGreaterThan(0);
          at += span.length;
          ends[span.file] = span.offset + span.length;
          touched[span.file]?.push(p);
        }
        expect(at).toBe(g.pieceSize(piece(p)));
        total += at;
      }
      expect(ends).toEqual(files);
      expect(total).toBe(g.length);
      files.forEach((_, f) => {
        const range = g.piecesOf(f);
        expect(range && [range.first, range.last]).toEqual(range && [touched[f]?.at(0), touched[f]?.at(-1)]);
      });
    }),
  );
});

test('a range within a piece is cut out of its spans', () => {
  fc.assert(
    fc.property(fc.nat(25), fc.nat(25), (begin, length) => {
      const g = geometryOf(25, [7, 0, 9, 30, 4]);
      const size = Math.min(length, 25 - begin);
      const offsets = (from: number, n: number): string[] =>
        g
          .spans(piece(1), from, n)
          .flatMap((s) => Array.from({ length: s.length }, (_, i) => `${s.file}:${s.offset + i}`));
      expect(offsets(begin, size)).toEqual(offsets(0, 25).slice(begin, begin + size));
    }),
  );
});

/** Files that each start at a piece, as in version 2; `null` for the padding of a hybrid's other half before the next one. */
function alignedFiles(pieceLength: number, lengths: readonly number[], padded: boolean): Geometry {
  let offset = 0;
  const files: TorrentFile[] = [];
  for (const [i, length] of lengths.entries()) {
    files.push({ path: [`${i}`], length, offset, padding: false });
    offset += length;
    const gap = Math.ceil(offset / pieceLength) * pieceLength - offset;
    if (padded && gap > 0) files.push({ path: ['.pad', `${i}`], length: gap, offset, padding: true });
    offset += gap;
  }
  const bytes = lengths.reduce((sum, length) => sum + length, 0);
  return new Geometry({ pieceLength, pieceCount: offset / pieceLength, length: padded ? offset : bytes, files });
}

test('in version 2 the last piece of each file is short', () => {
  const g = alignedFiles(32768, [40000, 0, 5, 32768], false);
  expect([0, 1, 2, 3, 4].map((p) => g.pieceSize(piece(p)))).toEqual([32768, 7232, 5, 32768, 0]);
  expect([0, 1, 2, 3].map((p) => g.blockCount(piece(p)))).toEqual([2, 1, 1, 2]);
  expect(g.blockSize(piece(1), 0)).toBe(7232);
  expect(g.spans(piece(1))).toEqual([{ file: 0, offset: 32768, length: 7232, at: 0 }]);
  expect(g.spans(piece(2))).toEqual([{ file: 2, offset: 0, length: 5, at: 0 }]);
  expect([0, 1, 2, 3].map((f) => g.piecesOf(f))).toEqual([
    { first: 0, last: 1 },
    undefined,
    { first: 2, last: 2 },
    { first: 3, last: 3 },
  ]);
});

test('in version 2 a file without bytes hides no gap', () => {
  const g = alignedFiles(16, [1, 0, 1], false);
  expect([0, 1].map((p) => g.pieceSize(piece(p)))).toEqual([1, 1]);
  expect([0, 1].map((p) => g.spans(piece(p)).map(({ file }) => file))).toEqual([[0], [2]]);
});

test('padding at the end of a piece counts in its size, and is not fetched', () => {
  const g = alignedFiles(32768, [40000, 5], true);
  expect([0, 1, 2].map((p) => g.pieceSize(piece(p)))).toEqual([32768, 32768, 32768]);
  expect([0, 1, 2].map((p) => g.dataSize(piece(p)))).toEqual([32768, 7232, 5]);
  expect([0, 1, 2].map((p) => g.blockCount(piece(p)))).toEqual([2, 1, 1]);
  expect(g.blockSize(piece(2), 0)).toBe(5);
});

test.each([
  ['within a piece: it is fetched like all else', [10, -4, 6], 20, [20]],
  ['all of a piece: it cannot be left out', [20, -20, 5], 20, [20, 20, 5]],
  ['all of a piece and the end of the one before', [10, -30, 5], 20, [10, 20, 5]],
  ['in two parts', [10, -4, -6, 5], 20, [10, 5]],
  ['up to the end of the torrent', [25, -5], 20, [20, 5]],
])('padding %s', (_, lengths, pieceLength, data) => {
  let offset = 0;
  const files = lengths.map((signed, i) => {
    const file = { path: [`${i}`], length: Math.abs(signed), offset, padding: signed < 0 };
    offset += file.length;
    return file;
  });
  const g = new Geometry({ pieceLength, pieceCount: Math.ceil(offset / pieceLength), length: offset, files });
  expect(data.map((_size, p) => g.dataSize(piece(p)))).toEqual(data);
});

test('of any files of version 2 each piece is in one file, and its two geometries agree on what is fetched', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat({ max: 100 }), { minLength: 1, maxLength: 12 }),
      fc.constantFrom(16, 32),
      (lengths, size) => {
        fc.pre(lengths.some((length) => length > 0));
        const plain = alignedFiles(size, lengths, false);
        const padded = alignedFiles(size, lengths, true);
        let sum = 0;
        for (let i = 0; i < plain.pieceCount; i++) {
          sum += plain.pieceSize(piece(i));
          expect(plain.spans(piece(i))).toHaveLength(1);
          expect(plain.dataSize(piece(i))).toBe(padded.dataSize(piece(i)));
        }
        expect(sum).toBe(plain.length);
        expect(padded.pieceCount).toBe(plain.pieceCount);
      },
    ),
  );
});
