import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type InfoHash, piece } from '../base/ids.ts';
import { MOST_PIECES, piecesAsked, piecesPath } from './piece-list.ts';

const HASH = 'ab'.repeat(20) as InfoHash;

test('what is asked for is what was meant', () => {
  const some = fc.uniqueArray(fc.integer({ min: 0, max: 9_999 }), { minLength: 1, maxLength: MOST_PIECES });
  fc.assert(
    fc.property(some, (numbers) => {
      const pieces = numbers.sort((a, b) => a - b).map(piece);
      expect(piecesAsked(piecesPath(HASH, pieces), HASH, 10_000)).toEqual(pieces);
    }),
  );
  expect(piecesPath(HASH, [3, 7, 19, 20, 21].map(piece))).toBe(`/${HASH}/3,7,19-21`);
});

test.each([
  ['', 'nothing'],
  ['100', 'a piece that is not there'],
  ['90-100', 'a run beyond the end'],
  ['5,5', 'one twice'],
  ['7,3', 'not ascending'],
  ['3-5,5', 'one twice, in a run'],
  ['5-3', 'a run that ends before it begins'],
  ['05', 'a number that is written otherwise'],
  ['1,,2', 'an empty place'],
  ['-1', 'a negative one'],
  ['999999999999999999', 'a huge one'],
])('%j (%s) is refused', (list) => {
  expect(piecesAsked(`/${HASH}/${list}`, HASH, 100)).toBeUndefined();
});

test('no request asks for more than so many pieces, however it says that, nor for another torrent', () => {
  expect(piecesAsked(`/${HASH}/0-${MOST_PIECES - 1}`, HASH, 1_000_000)).toHaveLength(MOST_PIECES);
  expect(piecesAsked(`/${HASH}/0-${MOST_PIECES}`, HASH, 1_000_000)).toBeUndefined();
  expect(piecesAsked(`/${HASH}/0-500,600-700`, HASH, 1_000_000)).toBeUndefined();
  expect(piecesAsked(`/${'ac'.repeat(20)}/0`, HASH, 100)).toBeUndefined();
});

test('whatever a path is, it is refused or asks for pieces that there are, each once', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[0-9,-]{0,40}$/)), (text) => {
      const pieces = piecesAsked(`/${HASH}/${text}`, HASH, 50);
      if (pieces === undefined) return;
      expect(pieces.length).toBeGreaterThan(0);
      expect(new Set(pieces).size).toBe(pieces.length);
      expect(pieces.every((p) => p >= 0 && p < 50)).toBe(true);
    }),
  );
});
