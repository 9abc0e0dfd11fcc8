import { describe, expect, test } from 'vitest';
import { identityIndex, piece } from '../../base/ids.ts';
import { fixedRange } from '../claims/fixed-range.ts';
import { PieceShare, ShareMap } from './share-map.ts';

describe('ShareMap', () => {
  test('a piece is in exactly one state: the counts always add up', () => {
    const share = new ShareMap(5, PieceShare.open);
    share.set(piece(0), PieceShare.mine);
    share.set(piece(1), PieceShare.mine);
    share.set(piece(0), PieceShare.present);
    const counts = Object.values(PieceShare).map((state) => share.count(state));
    expect(counts).toEqual([0, 3, 1, 0, 0, 1]);
  });

  test('tells of changes alone, after them', () => {
    const share = new ShareMap(5, PieceShare.open);
    const told: unknown[] = [];
    share.onChange((index, now, was) => told.push([index, now, was, share.get(index)]));
    share.set(piece(2), PieceShare.open);
    share.set(piece(2), PieceShare.theirs);
    share.set(piece(5), PieceShare.mine);
    share.set(piece(-1), PieceShare.mine);
    expect(told).toEqual([[2, PieceShare.theirs, PieceShare.open, PieceShare.theirs]]);
  });

  test.each([
    { state: 'unwanted', take: false, request: false },
    { state: 'open', take: true, request: false },
    { state: 'mine', take: true, request: true },
    { state: 'theirs', take: false, request: false },
    { state: 'both', take: true, request: true },
    { state: 'present', take: false, request: false },
  ] as const)('$state', ({ state, take, request }) => {
    const share = new ShareMap(1, PieceShare[state]);
    expect(share.mayTake(piece(0))).toBe(take);
    expect(share.mayRequest(piece(0))).toBe(request);
  });

  test('what is no piece is not wanted', () => {
    expect(new ShareMap(1, PieceShare.mine).get(piece(1))).toBe(PieceShare.unwanted);
  });
});

describe('fixedRange', () => {
  test.each([
    [10, 4, [0, 2, 5, 7, 10]],
    [3, 4, [0, 0, 1, 2, 3]],
    [1, 1, [0, 1]],
    [0, 2, [0, 0, 0]],
  ])('%i pieces, %i identities', (pieces, count, borders) => {
    const ranges = Array.from({ length: count }, (_, i) => fixedRange(identityIndex(i), count, pieces));
    expect(ranges.map(({ first }) => first)).toEqual(borders.slice(0, -1));
    expect(ranges.map(({ end }) => end)).toEqual(borders.slice(1));
  });
});
