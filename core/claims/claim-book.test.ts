import { expect, test } from 'vitest';
import { millis, piece } from '../base/ids.ts';
import { VirtualClock } from '../sim/clock.ts';
import { ClaimBook } from './claim-book.ts';

test('a claim counts as old once it was seen for long in a store that was there all the time', async () => {
  const clock = new VirtualClock();
  const book = new ClaimBook(clock);
  const claimed = { turn: 0, free: false };
  const claims = new Map([[piece(3), claimed]]);
  const old = () => book.seenFor(millis(10_000), () => true);
  book.see(piece(3), claimed);
  await clock.advance(15_000);
  expect(old()).toEqual([3]);
  // Whoever holds it may be back a moment later, with what it could not tell meanwhile.
  book.read(claims, clock.now());
  await clock.advance(9_000);
  expect(old()).toEqual([]);
  await clock.advance(1_000);
  expect(old()).toEqual([3]);
});
