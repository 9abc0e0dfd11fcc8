import { expect, test } from 'vitest';
import { piece } from '../../base/ids.ts';
import { PieceSources } from './piece-sources.ts';

test('each piece has the peers that it came from, the last time that it came', () => {
  const sources = new PieceSources(4);
  sources.add(piece(0), ['a:1', 'b:2']);
  sources.add(piece(1), ['a:1']);
  sources.add(piece(2), ['a:1', 'b:2']);
  sources.add(piece(1), []);
  expect([0, 1, 2, 3].map((p) => sources.of(piece(p)))).toEqual([['a:1', 'b:2'], [], ['a:1', 'b:2'], []]);
});

test('beyond so many different sets of peers the source of a piece is not known, and the others stay', () => {
  const sources = new PieceSources(70_000);
  for (let p = 0; p < 70_000; p++) sources.add(piece(p), [`peer ${p}`]);
  expect(sources.of(piece(65_534))).toEqual(['peer 65534']);
  expect(sources.of(piece(65_535))).toEqual([]);
  sources.add(piece(69_999), ['peer 3']);
  expect(sources.of(piece(69_999))).toEqual(['peer 3']);
});

test('the same peers are one set in whatever order they brought their blocks', () => {
  const sources = new PieceSources(131_000);
  for (let p = 0; p < 131_000; p++) {
    const other = `peer ${p >>> 1}`;
    sources.add(piece(p), p % 2 === 0 ? ['first', other] : [other, 'first']);
  }
  expect(sources.of(piece(130_998))).toEqual(['first', 'peer 65499']);
  expect(sources.of(piece(130_999))).toEqual(['first', 'peer 65499']);
});
