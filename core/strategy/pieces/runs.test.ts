import { describe, expect, test } from 'vitest';
import { piece, type PieceIndex } from '../../base/ids.ts';
import { picked, peerWith, scene, type Drawing } from '../testing/scene.ts';
import type { PickerPeer } from './begun-piece.ts';
import { PieceShare } from './share-map.ts';

interface Case extends Drawing {
  readonly name: string;
  readonly runs?: 'first' | 'longest';
  readonly have?: string;
  /** How many blocks it is asked for at a time, and what it gets each time. */
  readonly asks: readonly (readonly [number, string])[];
}

/** Pieces have two blocks. */
const cases: Case[] = [
  {
    name: 'pieces that follow one another',
    share: 'mm.m mmm.',
    asks: [
      [4, '3.0 3.1 4.0 4.1'],
      [2, '5.0 5.1'],
      [2, '6.0 6.1'],
      [2, '0.0 0.1'],
    ],
  },
  {
    name: 'whole pieces, where that is not much more than may be asked for',
    share: 'mmmm',
    asks: [[1, '0.0 0.1']],
    runs: 'first',
  },
  {
    name: 'parts of pieces that are larger',
    share: 'mm',
    blocks: 9,
    asks: [
      [2, '0.0 0.1'],
      [2, '0.2 0.3'],
      [8, '0.4 0.5 0.6 0.7 0.8 1.0 1.1 1.2 1.3 1.4 1.5 1.6 1.7 1.8'],
    ],
    runs: 'first',
  },
  { name: 'from the first on', share: '.m.mmm', asks: [[2, '1.0 1.1']], runs: 'first' },
  { name: 'only what it has', share: 'mmmmmm', have: 'x..xx.', asks: [[4, '3.0 3.1 4.0 4.1']] },
  {
    name: 'first what nobody else has',
    availability: '2222 1122',
    share: 'mmmm mmmm',
    asks: [
      [4, '4.0 4.1 5.0 5.1'],
      [2, '6.0 6.1'],
    ],
  },
  { name: 'a higher priority first', priority: '4444 4474', asks: [[2, '6.0 6.1']] },
  { name: 'then what is less wanted, wherever that is', priority: '4774', asks: [[6, '1.0 1.1 2.0 2.1 3.0 3.1']] },
  { name: 'in order where the user wants that', share: 'mP mmmm', sequential: true, asks: [[4, '0.0 0.1 2.0 2.1']] },
  { name: 'begun pieces when nothing is left to begin', share: 'PPmP', begun: '0010', asks: [[4, '2.1']] },
];

describe('what a server is asked for', () => {
  test.each(cases)('$name', ({ runs = 'longest', have, asks, ...drawing }) => {
    const { picker, pieceCount } = scene({ blocks: 2, ...drawing, rng: () => 0.5 });
    const server: PickerPeer = { ...peerWith(pieceCount, have), runs };
    for (const [count, expected] of asks) expect(picked(picker, server, count)).toBe(expected);
  });

  test('claims pieces that follow one another, and goes on behind them', () => {
    const { picker, share, pieceCount } = scene({ share: 'oott oooo oo', rng: () => 0.5 });
    const server: PickerPeer = { ...peerWith(pieceCount), runs: 'longest' };
    const claim = (count: number): PieceIndex[] => picker.runToClaim(server, count, new Set());
    expect(claim(3)).toEqual([4, 5, 6]);
    for (const mine of [4, 5, 6]) share.set(piece(mine), PieceShare.mine);
    expect(claim(3)).toEqual([7, 8, 9]);
    for (const theirs of [7, 8, 9]) share.set(piece(theirs), PieceShare.theirs);
    expect(claim(9)).toEqual([0, 1]);
    expect(picker.runToClaim(server, 9, new Set([piece(0)]))).toEqual([1]);
  });

  test('two connections to one server stay apart', () => {
    const { picker, pieceCount } = scene({ share: 'm'.repeat(64), blocks: 2, rng: () => 0.5 });
    const [a, b] = [0, 1].map((): PickerPeer => ({ ...peerWith(pieceCount), runs: 'longest' }));
    let jumps = 0;
    const last = new Map<PickerPeer, number>();
    for (let turn = 0; turn < 64; turn++) {
      const server = turn % 2 === 0 ? a! : b!;
      const at = Number(picked(picker, server, 2).split('.')[0]);
      if (at !== (last.get(server) ?? -2) + 1) jumps++;
      last.set(server, at);
    }
    expect(jumps).toBeLessThan(12);
  });
});
