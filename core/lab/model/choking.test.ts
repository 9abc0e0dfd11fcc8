import { describe, expect, test } from 'vitest';
import { type Candidate, chooseOptimistic, chooseRegular, type SeedChoking } from './choking.ts';
import { End } from './end.ts';
import { cutOf } from './payload.ts';
import { PieceTable } from './piece-table.ts';

const MIB = 1024 ** 2;
const torrent = { now: 1000, pieceLength: 256 * 1024, pieceCount: 400 };

/** Somebody who waits, with this otherwise. */
const peer = (changes: Partial<Candidate> & { name: string }): Candidate & { name: string } => ({
  choking: true,
  gotRound: 0,
  sentRound: 0,
  sentSince: 0,
  sent: 0,
  unchokedAt: 100,
  optimistic: false,
  optimisticAt: -1,
  pieces: 0,
  place: 0,
  ...changes,
});

/** Somebody who has a slot for so many seconds, and got so much. */
const holder = (name: string, seconds: number, sentSince: number, sentRound: number): Candidate & { name: string } =>
  peer({ name, choking: false, unchokedAt: torrent.now - seconds, sentSince, sentRound });

describe('whom libtorrent gives its slots', () => {
  test.each<[string, (Candidate & { name: string })[], number, SeedChoking, string]>([
    [
      'those that send most',
      [peer({ name: 'a', gotRound: 5 }), peer({ name: 'b', gotRound: 9 }), peer({ name: 'c' })],
      3,
      'round-robin',
      'ab',
    ],
    [
      'of a fifth of the slots nobody disposes',
      [1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => peer({ name: `${n}`, gotRound: n })),
      10,
      'round-robin',
      '23456789',
    ],
    [
      'one that had its turn is last',
      [holder('a', 61, 6 * MIB, 900), holder('b', 61, 4 * MIB, 100), peer({ name: 'c' })],
      3,
      'round-robin',
      'bc',
    ],
    [
      'not before it had it for a minute',
      [holder('a', 59, 6 * MIB, 900), holder('b', 61, 4 * MIB, 100), peer({ name: 'c' })],
      3,
      'round-robin',
      'ab',
    ],
    [
      'who has waited longest',
      [peer({ name: 'a', unchokedAt: 900 }), peer({ name: 'b', unchokedAt: 300 }), peer({ name: 'c' })],
      3,
      'round-robin',
      'bc',
    ],
    [
      'the fastest',
      [holder('a', 300, 99 * MIB, 900), holder('b', 61, 4 * MIB, 100), peer({ name: 'c' })],
      2,
      'fastest-upload',
      'a',
    ],
    [
      'the newest and the nearly done',
      [peer({ name: 'a', pieces: 200 }), peer({ name: 'b', pieces: 390 }), peer({ name: 'c', pieces: 5 })],
      3,
      'anti-leech',
      'bc',
    ],
    ['nobody, with one slot, which is optimistic', [peer({ name: 'a', gotRound: 5 })], 1, 'round-robin', ''],
    ['nobody, without slots', [peer({ name: 'a', gotRound: 5 })], 0, 'round-robin', ''],
  ])('%s', (_, candidates, slots, how, names) => {
    const chosen = chooseRegular(candidates, slots, how, torrent);
    expect(
      [...chosen]
        .map(({ name }) => name)
        .sort()
        .join(''),
    ).toBe(names);
  });

  test('who has just come waits behind those that were there before', () => {
    const owner = { table: new PieceTable(cutOf(1, 16_384), () => 0, true) };
    const [newcomer, waiting, served] = [500, 10, 5].map((now) => new End(owner, now));
    served!.unchokedAt = 300;
    const chosen = chooseRegular([newcomer!, served!, waiting!], 3, 'round-robin', torrent);
    expect(chosen).toEqual(new Set([waiting, served]));
  });

  test('of equals, who is first among the connections', () => {
    const all = [3, 1, 2].map((place) => peer({ name: `${place}`, place }));
    expect([...chooseOptimistic(all, 4)].map(({ name }) => name)).toEqual(['1']);
    expect([...chooseRegular(all, 3, 'round-robin', torrent)].map(({ name }) => name)).toEqual(['1', '2']);
  });

  test('optimistic turns go to who has waited longest, of those without a slot', () => {
    const all = [
      holder('a', 10, 0, 0),
      peer({ name: 'b', optimisticAt: 900 }),
      peer({ name: 'c', optimisticAt: 500 }),
      peer({ name: 'd', optimistic: true, choking: false, optimisticAt: 970 }),
    ];
    expect([...chooseOptimistic(all, 4)].map(({ name }) => name)).toEqual(['c']);
    expect([...chooseOptimistic(all, 10)].map(({ name }) => name)).toEqual(['c', 'b']);
  });
});
