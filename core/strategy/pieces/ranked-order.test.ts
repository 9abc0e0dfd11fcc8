import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Bitfield } from '../../base/bitfield.ts';
import type { PieceIndex } from '../../base/ids.ts';
import { seededRng } from '../testing/scene.ts';
import { RankedOrder } from './ranked-order.ts';

const COUNT = 6000;

/** An order in which the rank of a piece is what `ranks` says. */
function orderOf(ranks: Uint16Array): RankedOrder {
  const order = new RankedOrder(ranks.length, (piece) => ranks[piece]!, seededRng());
  for (let i = 0; i < ranks.length; i++) order.add(i as PieceIndex);
  return order;
}

/** Takes out all that a peer has, one by one. */
function drain(order: RankedOrder, pieces: Bitfield): PieceIndex[] {
  const out: PieceIndex[] = [];
  for (;;) {
    const found: PieceIndex[] = [];
    order.find(pieces, 1, found);
    if (found[0] === undefined) return out;
    order.remove(found[0]);
    out.push(found[0]);
  }
}

function peer(has: (index: number) => boolean): Bitfield {
  const pieces = new Bitfield(COUNT);
  for (let i = 0; i < COUNT; i++) if (has(i)) pieces.add(i);
  return pieces;
}

describe('RankedOrder', () => {
  const ranks = Uint16Array.from({ length: COUNT }, (_, i) => i % 2048);

  test.each([
    { name: 'all of it', has: () => true },
    { name: 'every third', has: (i: number) => i % 3 === 0 },
    { name: 'few', has: (i: number) => i % 500 === 7 },
    { name: 'none', has: () => false },
    // Long walks in vain: the list of the peer's best takes over, and is made again when it has run dry.
    { name: 'many, all of them at the end of the order', has: (i: number) => i % 2048 > 1700 },
  ])('gives a peer who has $name each of its pieces once, in order', ({ has }) => {
    const order = orderOf(ranks);
    const pieces = peer(has);
    const found = drain(order, pieces);
    expect(new Set(found).size).toBe(pieces.count);
    expect(found.length).toBe(pieces.count);
    expect(order.size).toBe(COUNT - pieces.count);
    const rankOf = found.map((piece) => ranks[piece]!);
    expect(rankOf).toEqual([...rankOf].sort((a, b) => a - b));
  });

  test('what is added later, or got by the peer later, is found too', () => {
    const order = orderOf(ranks);
    const pieces = peer((i) => i % 2048 > 2040);
    drain(order, pieces);
    order.add(2045 as PieceIndex);
    expect(drain(order, pieces)).toEqual([2045]);
    pieces.add(2000);
    expect(drain(order, pieces)).toEqual([2000]);
  });

  test('a piece whose rank changes moves, also for a peer with a list of its own', () => {
    const moving = ranks.slice();
    const order = orderOf(moving);
    const pieces = peer((i) => i % 2048 > 2040);
    const first: PieceIndex[] = [];
    order.find(pieces, 1, first);
    expect(moving[first[0]!]).toBe(2041);
    moving[2047] = 3;
    order.update(2047 as PieceIndex);
    const found: PieceIndex[] = [];
    order.find(pieces, 2, found);
    expect(found[0]).toBe(2047);
    expect(moving[found[1]!]).toBe(2041);
  });

  test('several at once, without those that are excepted', () => {
    const order = orderOf(ranks);
    for (const pieces of [Bitfield.full(COUNT), peer((i) => i % 2048 > 2000)]) {
      const found: PieceIndex[] = [];
      order.find(pieces, 400, found);
      const except = new Set(found.slice(0, 300));
      const rest: PieceIndex[] = [];
      order.find(pieces, 100, rest, except);
      expect(rest.length).toBe(Math.min(100, pieces.count - Math.min(300, found.length)));
      expect(rest.some((piece) => except.has(piece))).toBe(false);
    }
  });

  test('whatever is added, removed and moved, it holds what it should, worst first backwards', () => {
    const step = fc.record({ what: fc.constantFrom('add', 'remove', 'update'), piece: fc.nat(19), rank: fc.nat(2047) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const current = new Uint16Array(20);
        const order = new RankedOrder(20, (piece) => current[piece]!, seededRng());
        const model = new Set<number>();
        for (const { what, piece, rank } of steps) {
          if (what === 'remove') {
            order.remove(piece as PieceIndex);
            model.delete(piece);
            continue;
          }
          current[piece] = rank;
          if (what === 'add' && !model.has(piece)) {
            order.add(piece as PieceIndex);
            model.add(piece);
          } else order.update(piece as PieceIndex);
        }
        const worst = order.worstFirst();
        expect(order.size).toBe(model.size);
        expect(new Set(worst)).toEqual(model);
        const rankOf = worst.map((piece) => current[piece]!);
        expect(rankOf).toEqual([...rankOf].sort((a, b) => b - a));
        const best: PieceIndex[] = [];
        order.find(Bitfield.full(20), 20, best);
        expect(best.map((piece) => current[piece]!)).toEqual([...rankOf].reverse());
      }),
    );
  });
});
