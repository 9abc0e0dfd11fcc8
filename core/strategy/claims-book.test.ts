import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { identityIndex, piece, type IdentityIndex } from '../base/ids.ts';
import { ClaimsBook, type ClaimState } from './claims-book.ts';
import { PieceShare } from './share-map.ts';

const id = identityIndex;

describe('ClaimsBook', () => {
  test('grants what is free, once', () => {
    const book = new ClaimsBook(4, 2);
    expect(book.claim(id(0), [0, 1])).toEqual([0, 1]);
    expect(book.claim(id(1), [1, 2, 4, -1, 0.5])).toEqual([2]);
    expect(book.claim(id(0), [0])).toEqual([]);
    expect(book.claim(id(2), [3])).toEqual([]);
    expect(book.counts).toEqual({ unwanted: 0, free: 1, claimed: 3, present: 0 });
    expect([book.claimedBy(id(0)), book.claimedBy(id(1))]).toEqual([2, 1]);
    expect([0, 1, 2, 3].map((p) => book.shareOf(id(1), piece(p)))).toEqual([
      PieceShare.theirs,
      PieceShare.theirs,
      PieceShare.mine,
      PieceShare.open,
    ]);
  });

  test('only who claims a piece can give it back', () => {
    const book = new ClaimsBook(4, 2);
    book.claim(id(0), [0, 1]);
    expect(book.release(id(1), [0, 3])).toEqual([]);
    expect(book.release(id(0), [0, 3])).toEqual([0]);
    expect(book.state(piece(0))).toBe('free');
  });

  test('a dead identity loses its claims, not what it verified', () => {
    const book = new ClaimsBook(4, 2);
    book.claim(id(0), [0, 1, 2]);
    expect(book.verified(id(0), piece(1))).toBe('first');
    expect(book.releaseAll(id(0))).toEqual([0, 2]);
    expect(book.claimedBy(id(0))).toBe(0);
    expect(book.owner(piece(1))).toBe(0);
    expect(book.counts).toEqual({ unwanted: 0, free: 3, claimed: 0, present: 1 });
  });

  test('of two that verify a piece without a grant the second is a duplicate', () => {
    const book = new ClaimsBook(2, 2);
    book.claim(id(0), [0]);
    expect(book.verified(id(0), piece(0))).toBe('first');
    expect(book.verified(id(1), piece(0))).toBe('duplicate');
  });

  test.each([
    { name: 'the claimant', first: 0, second: 1 },
    { name: 'the copy', first: 1, second: 0 },
  ])('with a granted copy the second is no fault, once: $name is first', ({ first, second }) => {
    const book = new ClaimsBook(2, 3);
    book.claim(id(0), [0]);
    expect(book.grantCopy(id(1), piece(0))).toBe(true);
    expect(book.shareOf(id(1), piece(0))).toBe(PieceShare.both);
    expect(book.holders(piece(0))).toBe(2);
    expect(book.verified(id(first), piece(0))).toBe('first');
    expect(book.owner(piece(0))).toBe(first);
    expect(book.verified(id(second), piece(0))).toBe('granted-duplicate');
    expect(book.verified(id(second), piece(0))).toBe('duplicate');
    expect(book.verified(id(2), piece(0))).toBe('duplicate');
  });

  test('copies are of what a sibling claims alone', () => {
    const book = new ClaimsBook(3, 2);
    book.claim(id(0), [0]);
    book.verified(id(1), piece(2));
    expect([0, 1, 2].map((p) => book.grantCopy(id(0), piece(p)))).toEqual([false, false, false]);
  });

  test('a claim passes to who has a copy when the claimant goes', () => {
    const book = new ClaimsBook(2, 2);
    book.claim(id(0), [0]);
    book.grantCopy(id(1), piece(0));
    expect(book.releaseAll(id(0))).toEqual([0]);
    expect(book.shareOf(id(1), piece(0))).toBe(PieceShare.mine);
    expect(book.holders(piece(0))).toBe(1);
  });

  test('lost pieces are free again; what nobody verified cannot be lost', () => {
    const book = new ClaimsBook(2, 1);
    book.verified(id(0), piece(0));
    book.claim(id(0), [1]);
    book.lost(piece(0));
    book.lost(piece(1));
    expect(book.counts).toEqual({ unwanted: 0, free: 1, claimed: 1, present: 0 });
  });

  test('a change of files ends claims; what is present stays so', () => {
    const book = new ClaimsBook(4, 2);
    book.claim(id(0), [0]);
    book.verified(id(0), piece(1));
    expect(book.setWanted([0, 1, 2], false)).toEqual([0, 2]);
    expect(book.claimedBy(id(0))).toBe(0);
    expect(book.state(piece(1))).toBe('present');
    expect(book.claim(id(1), [0, 2])).toEqual([]);
    expect(book.setWanted([0, 1], true)).toEqual([0]);
    expect(book.state(piece(0))).toBe('free');
    book.setWanted([3], false);
    book.verified(id(0), piece(3));
    book.lost(piece(3));
    expect(book.state(piece(3))).toBe('unwanted');
  });

  test('never has two owners, and its counts are a recount, whatever happens', () => {
    const step = fc.record({
      what: fc.constantFrom('claim', 'release', 'gone', 'verified', 'lost', 'copy', 'unwant', 'want'),
      who: fc.nat(2),
      pieces: fc.array(fc.integer({ min: -1, max: 8 }), { maxLength: 5 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const book = new ClaimsBook(8, 3);
        for (const { what, who, pieces } of steps) {
          if (what === 'claim') book.claim(id(who), pieces);
          else if (what === 'release') book.release(id(who), pieces);
          else if (what === 'gone') book.releaseAll(id(who));
          else if (what === 'unwant' || what === 'want') book.setWanted(pieces, what === 'want');
          for (const p of pieces) {
            if (what === 'verified') book.verified(id(who), piece(p));
            else if (what === 'lost') book.lost(piece(p));
            else if (what === 'copy') book.grantCopy(id(who), piece(p));
          }
          const counts: Record<ClaimState, number> = { unwanted: 0, free: 0, claimed: 0, present: 0 };
          const claims = [0, 0, 0];
          for (let p = 0; p < 8; p++) {
            counts[book.state(piece(p))]++;
            const mine = [0, 1, 2].filter((i) => book.shareOf(id(i), piece(p)) === PieceShare.mine);
            const copies = [0, 1, 2].filter((i) => book.shareOf(id(i), piece(p)) === PieceShare.both);
            expect(mine.length).toBe(book.state(piece(p)) === 'claimed' ? 1 : 0);
            if (mine.length === 0) expect(copies).toEqual([]);
            for (const i of mine) claims[i]!++;
          }
          expect(book.counts).toEqual(counts);
          expect(claims.map((_, i) => book.claimedBy(i as IdentityIndex))).toEqual(claims);
        }
      }),
    );
  });
});
