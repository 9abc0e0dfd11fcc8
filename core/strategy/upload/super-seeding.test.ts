import { expect, test } from 'vitest';
import { Bitfield } from '../../base/bitfield.ts';
import type { Millis, PieceIndex } from '../../base/ids.ts';
import { SuperSeeding } from './super-seeding.ts';

const N = 6;

function scene(peers: number) {
  let draw = 0;
  const seeding = new SuperSeeding<{ readonly pieces: Bitfield }>(N, () => ((draw = (draw * 7 + 3) % 10), draw / 10));
  const all = Array.from({ length: peers }, () => ({ pieces: new Bitfield(N) }));
  for (const peer of all) seeding.join(peer);
  const holders = (piece: PieceIndex): number => all.filter(({ pieces }) => pieces.has(piece)).length;
  return {
    all,
    seeding,
    next: (i: number, now = 0) => seeding.next(all[i]!, now as Millis, holders),
    gets: (i: number, piece: PieceIndex | undefined) => {
      all[i]!.pieces.add(piece!);
    },
  };
}

test('each peer is shown another piece, and no more for now', () => {
  const { next } = scene(N);
  expect(new Set(Array.from({ length: N }, (_, i) => next(i))).size).toBe(N);
  for (let i = 0; i < N; i++) expect(next(i)).toBeUndefined();
});

test('the next one comes when another peer has the last, not when the peer itself has it', () => {
  const { next, gets } = scene(3);
  const first = next(0);
  next(1);
  gets(0, first);
  expect(next(0)).toBeUndefined();
  gets(2, first);
  expect(next(0)).not.toBe(first);
});

test('only what was shown may be asked for', () => {
  const { all, next, seeding } = scene(1);
  const first = next(0)!;
  for (let i = 0; i < N; i++) expect(seeding.shows(all[0]!, i as PieceIndex)).toBe(i === first);
});

test('a peer that is alone is shown piece after piece, all of them once', () => {
  const { next, gets } = scene(1);
  const shown: unknown[] = [];
  for (let i = 0; i < N; i++) {
    const piece = next(0);
    shown.push(piece);
    gets(0, piece);
  }
  expect(new Set(shown).size).toBe(N);
  expect(next(0)).toBeUndefined();
});

test('one that reaches nobody is not left waiting for ever', () => {
  const { next, gets } = scene(2);
  gets(0, next(0));
  expect(next(0, 1000)).toBeUndefined();
  expect(next(0, 100_000)).toBeUndefined();
  expect(next(0, 121_000)).toBeDefined();
});

test('a piece whose peer left before it had it is the rarest again', () => {
  const { all, next, seeding, gets } = scene(3);
  for (const piece of [0, 1, 3, 4, 5]) gets(2, piece as PieceIndex);
  const piece = next(0);
  expect(piece).toBe(2);
  seeding.leave(all[0]!);
  expect(next(1)).toBe(2);
});

test('a peer that takes its piece back, has it again and leaves keeps it from nobody', () => {
  const { all, next, gets, seeding } = scene(3);
  const piece = next(0)!;
  for (let i = 0; i < 3; i++) {
    gets(0, piece);
    all[0]!.pieces.delete(piece);
  }
  for (let i = 0; i < N; i++) if (i !== piece) gets(2, i as PieceIndex);
  seeding.leave(all[0]!);
  // Nobody has it, and all others are there.
  expect(next(1)).toBe(piece);
});
