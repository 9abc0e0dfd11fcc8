import { describe, expect, test } from 'vitest';
import { piece } from '../../base/ids.ts';
import { chooseRun } from './run-choice.ts';

/** A digit is the worth of a piece, a dot is one that is not wanted; `^` below is where to begin. */
const drawing = (pieces: string) => ({
  pieceCount: pieces.length,
  worth: (at: number) => Number(pieces[at]?.replace('.', '0')),
});

describe('where a server goes on', () => {
  test.each<[string, string, string, Partial<Parameters<typeof chooseRun>[0]>]>([
    [
      'the longest gap',
      '11.111.1', //
      '   ^',
      {},
    ],
    [
      'the first of equal ones',
      '.11.11.', //
      ' ^',
      {},
    ],
    [
      'the first, however short',
      '.1.1111', //
      ' ^',
      { order: 'first' },
    ],
    [
      'what is worth more, however short',
      '1111.3.1', //
      '     ^',
      {},
    ],
    [
      'a gap ends where the worth changes',
      '2222333.33', //
      '    ^',
      {},
    ],
    [
      'the first of what is worth most',
      '1.22.2.333', //
      '       ^',
      { order: 'first' },
    ],
    [
      'within a long gap, leaving room for whoever comes from before it',
      '.1111111111', //
      '   ^',
      { most: 2, rng: () => 0 },
    ],
    [
      'within a long gap, leaving as much as is asked for at a time',
      '.1111111111.', //
      '        ^',
      { most: 2, rng: () => 0.999 },
    ],
    [
      'at the beginning where two would have half each',
      '.1111.', //
      ' ^',
      { most: 2, rng: () => 0.999 },
    ],
    [
      'only as far as its patience goes, from where it is',
      '11.1.1.111', //
      '   ^',
      { from: piece(3), patience: 3 },
    ],
    [
      'further while there is nothing, and round the end',
      '..1.....', //
      '  ^',
      { from: piece(4), patience: 2 },
    ],
  ])('%s', (_, pieces, mark, more) => {
    expect(chooseRun({ ...drawing(pieces), most: 4, order: 'longest', rng: () => 0.5, ...more })).toBe(
      mark.indexOf('^'),
    );
  });

  test('nothing is wanted', () => {
    expect(chooseRun({ ...drawing('....'), most: 4, order: 'longest', rng: () => 0 })).toBeUndefined();
    expect(chooseRun({ ...drawing(''), most: 4, order: 'first', rng: () => 0 })).toBeUndefined();
  });
});
