import { expect, test } from 'vitest';
import { identityIndex, type IdentityIndex, piece } from '../base/ids.ts';
import { Geometry } from '../metainfo/geometry.ts';
import { VirtualClock } from '../sim/clock.ts';
import { PieceLedger } from '../coordinator/download/piece-ledger.ts';
import { testTorrent } from '../store/testing/torrent.ts';
import { ClaimsDesk } from './claims-desk.ts';

const [first, second] = [identityIndex(0), identityIndex(1)];

function desk(): { desk: ClaimsDesk; clock: VirtualClock; said: [IdentityIndex, 'shares' | 'present'][] } {
  const { info } = testTorrent([64 << 10], 1 << 10);
  const clock = new VirtualClock();
  const said: [IdentityIndex, 'shares' | 'present'][] = [];
  const made = new ClaimsDesk(
    {
      clock,
      ledger: new PieceLedger(new Geometry(info), undefined),
      pieceCount: info.pieceCount,
      count: 2,
      fixed: false,
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
