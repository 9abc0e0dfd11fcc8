import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../../sim/random.ts';
import { cutOf } from './payload.ts';
import { type BegunPiece, PieceTable, PRESENT } from './piece-table.ts';

const BLOCK = 16_384;
const rng = () => new SeededRandom(3).uniform;

describe('what a model asks for', () => {
  test('is the rarest piece, once it has four at random, and then the rest of that piece', () => {
    const table = new PieceTable(cutOf(20 * 2 * BLOCK, 2 * BLOCK), rng(), false);
    const has = new Uint8Array(20).fill(PRESENT);
    for (let block = 0; block < 8; block++) {
      // Four pieces are there, whichever.
      table.receive(table.take(has, undefined)!.block);
    }
    expect(table.present).toBe(4);
    table.counts.fill(5);
    const rare = table.states.indexOf(0);
    table.counts[rare] = 2;
    const first = table.take(has, undefined)!;
    expect(first.block).toBe(rare * 2);
    expect(table.take(has, first.at)?.block).toBe(rare * 2 + 1);
  });

  test('is first what others left, and last what others are at', () => {
    const table = new PieceTable(cutOf(2 * 4 * BLOCK, 4 * BLOCK), rng(), false);
    const has = new Uint8Array(2).fill(PRESENT);
    const left = table.take(has, undefined)!;
    const other = table.take(has, undefined)!;
    expect(other.at).not.toBe(left.at);
    table.abandon(left.block);
    expect(table.take(has, undefined)?.at).toBe(left.at);
    const asked = new Set([left.block, other.block]);
    for (let taken = table.take(has, undefined); taken !== undefined; taken = table.take(has, undefined))
      asked.add(taken.block);
    expect(asked.size).toBe(8);
    // All are on their way: once more, a block of whom the fewest were asked.
    const again = table.double(has);
    expect(asked.has(again)).toBe(true);
    expect(table.receive(again)).toEqual({ fresh: true, doubled: true, complete: false });
    expect(table.receive(again).fresh).toBe(false);
  });

  test('comes to an end, whatever is lost on the way, and no block is asked for twice but at the end', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.array(fc.nat(9), { minLength: 1, maxLength: 20 }),
        (blocks, chances) => {
          const cut = cutOf(blocks * BLOCK - 1000, 4 * BLOCK);
          const table = new PieceTable(cut, new SeededRandom(blocks).uniform, false);
          const has = new Uint8Array(cut.pieces).fill(PRESENT);
          const underWay: number[] = [];
          let current: BegunPiece | undefined;
          let lost = 0;
          for (let step = 0; !table.complete && step < 2000; step++) {
            const taken = table.take(has, current);
            if (taken !== undefined) {
              expect(underWay).not.toContain(taken.block);
              underWay.push(taken.block);
              current = taken.at;
            }
            const chance = chances[step % chances.length] ?? 0;
            if (taken !== undefined && chance > 4) continue;
            const [block] = underWay.splice(chance % Math.max(1, underWay.length), 1);
            if (block === undefined) continue;
            if (chance === 0 && lost++ < 100) table.abandon(block);
            else expect(table.receive(block).fresh).toBe(true);
          }
          expect(table.complete).toBe(true);
          expect(table.states.every((state) => state === PRESENT)).toBe(true);
        },
      ),
      { numRuns: 60 },
    );
  });
});

test('blocks of the last piece add up to the payload', () => {
  for (const size of [1, BLOCK, BLOCK + 1, 5 * BLOCK, 9 * BLOCK - 7]) {
    const cut = cutOf(size, 4 * BLOCK);
    let sum = 0;
    for (let piece = 0; piece < cut.pieces; piece++)
      for (let i = 0; i < cut.blocksOf(piece); i++) sum += cut.sizeOf(piece * cut.blocks + i);
    expect(sum).toBe(size);
  }
});
