import { describe, expect, test } from 'vitest';
import { piece } from '../../base/ids.ts';
import { type PieceAttempt, Blame } from './blame.ts';

/** 'a1 b2 ?3': block 0 came from host a in version 1, and so on; ? is nobody that is known. */
function attempt(drawing: string): PieceAttempt {
  const blocks = drawing.split(' ');
  const digests = new Uint8Array(20 * blocks.length);
  blocks.forEach((block, i) => digests.fill(Number(block.slice(1)), 20 * i, 20 * i + 20));
  return { hosts: blocks.map((block) => (block.startsWith('?') ? undefined : block.charAt(0))), digests };
}

describe('who is to blame', () => {
  test.each<[string, readonly [string, string][], string, string]>([
    ['one alone is', [['a1 a1 a1', 'a']], 'b1 b1 b1', ''],
    ['of several none, until the right piece comes', [['a1 b9 c1', '']], 'd1 d1 d1', 'b'],
    ['the one that spoils when it shares and not when it is alone', [['a1 b9 b1', '']], 'b1 b1 b1', 'b'],
    ['two that lied at once', [['a8 b9 c1', '']], 'c1 c1 c1', 'ab'],
    [
      'two that lied one after the other',
      [
        ['a1 b9 c1', ''],
        ['d8 e1 c1', ''],
      ],
      'c1 c1 c1',
      'bd',
    ],
    [
      'one that sends a block in two versions, at once',
      [
        ['a1 b9', ''],
        ['a1 b8', 'b'],
      ],
      'a1 a1',
      'b',
    ],
    [
      'not those that differ from a liar',
      [
        ['a1 b9', ''],
        ['b9 a1', ''],
      ],
      'c1 c1',
      'b',
    ],
    ['nobody for a block from before', [['a1 ?9', '']], 'a1 a1', ''],
    ['not one alone beside a block from before', [['?1 a1', '']], 'a1 a1', ''],
    [
      'one alone after a failure with others, both times',
      [
        ['a1 b9', ''],
        ['b9 b1', 'b'],
      ],
      'a1 a1',
      'b',
    ],
  ])('%s', (_, failures, right, expected) => {
    const blame = new Blame();
    for (const [drawing, liars] of failures) expect(blame.failed(piece(3), attempt(drawing)).join('')).toBe(liars);
    expect(blame.passed(piece(3), attempt(right).digests).sort().join('')).toBe(expected);
    expect(blame.knows(piece(3))).toBe(false);
    expect(blame.size).toBe(0);
  });

  test('a piece is known to be spoiled from the first failure with several, and no other is', () => {
    const blame = new Blame();
    blame.failed(piece(1), attempt('a1 a1'));
    blame.failed(piece(2), attempt('a1 b1'));
    expect([1, 2, 3].map((i) => blame.knows(piece(i)))).toEqual([false, true, false]);
    blame.forget(piece(2));
    expect(blame.knows(piece(2))).toBe(false);
  });
});

describe('what is remembered', () => {
  test('is bounded: the piece that failed longest ago is forgotten first', () => {
    const blame = new Blame(6);
    for (let i = 0; i < 100; i++) {
      blame.failed(piece(i), attempt('a1 b1'));
      expect(blame.size).toBeLessThanOrEqual(6);
    }
    expect([96, 97, 98, 99].map((i) => blame.knows(piece(i)))).toEqual([false, true, true, true]);
  });

  test('of one piece only the last attempts', () => {
    const blame = new Blame();
    blame.failed(piece(0), attempt('z9 a1'));
    for (let i = 0; i < 50; i++) blame.failed(piece(0), attempt('a1 b9'));
    expect(blame.size).toBe(8);
    expect(blame.passed(piece(0), attempt('a1 a1').digests)).toEqual(['b']);
  });

  test('a piece of more blocks than there is room for is remembered once', () => {
    const blame = new Blame(2);
    blame.failed(piece(0), attempt('a1 b1 c1'));
    blame.failed(piece(0), attempt('a1 b9 c1'));
    expect(blame.size).toBe(3);
    expect(blame.passed(piece(0), attempt('a1 a1 a1').digests)).toEqual(['b']);
  });
});
