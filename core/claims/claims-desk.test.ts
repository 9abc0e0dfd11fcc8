import { expect, test } from 'vitest';
import { identityIndex, type IdentityIndex, piece } from '../base/ids.ts';
import { Geometry } from '../metainfo/geometry.ts';
import { VirtualClock } from '../sim/clock.ts';
import { PieceLedger } from '../coordinator/download/piece-ledger.ts';
import { testTorrent } from '../store/testing/torrent.ts';
import { ClaimsDesk } from './claims-desk.ts';

const [first, second] = [identityIndex(0), identityIndex(1)];

function desk(fixed = false): { desk: ClaimsDesk; clock: VirtualClock; said: [IdentityIndex, 'shares' | 'present'][] } {
  const { info } = testTorrent([64 << 10], 1 << 10);
  const clock = new VirtualClock();
  const said: [IdentityIndex, 'shares' | 'present'][] = [];
  const made = new ClaimsDesk(
    {
      clock,
      ledger: new PieceLedger(new Geometry(info), undefined),
      pieceCount: info.pieceCount,
      count: 2,
      fixed,
      takeOver: false,
    },
    {
      shares: (to) => void said.push([to, 'shares']),
      present: (to) => void said.push([to, 'present']),
      log: () => {},
    },
  );
  for (const identity of [first, second]) made.sharesFor(identity, []);
  return { desk: made, clock, said };
}

const done = (index: number) => [{ piece: piece(index), from: [], seconds: 1, late: false }];

test('news waits for more news; answers do not', async () => {
  const { desk: it, clock, said } = desk();
  it.claim(first, [1, 2, 3]);
  expect(said).toEqual([[first, 'shares']]);
  it.verified(first, done(1));
  it.verified(first, done(2));
  await clock.advance(150);
  expect(said).toHaveLength(1);
  await clock.advance(100);
  // Each hears of two pieces that are there at once; the other one also of what was claimed.
  const news = said.slice(1).map(([to, type]) => `${to} ${type}`);
  expect(news).toHaveLength(3);
  expect(new Set(news)).toEqual(new Set(['0 present', '1 present', '1 shares']));
});

test('who fetches a copy hears at once that it is no longer needed', () => {
  const { desk: it, said } = desk();
  it.claim(first, [1]);
  it.grantCopies(second, [1]);
  said.length = 0;
  it.verified(first, done(1));
  expect(said).toContainEqual([second, 'present']);
});

test('a piece of a range that another identity gets is its own, and no fault where both bring it', () => {
  const { desk: it, said } = desk(true);
  const own = it.claimed(first);
  it.move(second, [piece(1), piece(2), piece(60)]);
  expect([it.claimant(piece(1)), it.claimant(piece(2)), it.claimed(first)]).toEqual([second, second, own - 2]);
  // Who has to stop is told before the other may begin.
  expect(said).toEqual([
    [first, 'shares'],
    [second, 'shares'],
  ]);
  // It was through with it by then.
  expect(it.verified(first, done(1))).toHaveLength(1);
  expect(it.verified(second, done(1))).toHaveLength(0);
  expect([it.duplicates, it.claimant(piece(1))]).toEqual([0, undefined]);
  it.vacate(second, false);
  expect(it.claimant(piece(2))).toBe(second);
  it.vacate(second, true);
  expect(it.claimant(piece(2))).toBeUndefined();
});
