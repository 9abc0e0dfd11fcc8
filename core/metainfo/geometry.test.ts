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
