import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Congestion } from './congestion.ts';
import { type Acked, afterLoss, GAIN, ledbat, MOST_WINDOW, start, TARGET } from './ledbat.ts';

const PACKET = 1_400;
const MS = 1_000;

/** What an acknowledgement says: `window`, bytes, milliseconds of queue. */
function acked(window: number, bytes: number, ms: number | undefined, limited = true): Acked {
  return { window, bytes, delay: ms === undefined ? undefined : ms * MS, limited, packet: PACKET };
}

describe('the window', () => {
  test.each([
    // A whole window was acknowledged: a round trip is over.
    ['grows by the gain where nothing waits', acked(100_000, 100_000, 0), 100_000 + GAIN],
    ['and where the target is far', acked(100_000, 100_000, 60), 100_000 + GAIN],
    ['by a part of it for a part of the window', acked(100_000, 10_000, 0), 100_000 + GAIN / 10],
    ['stays where it gives back as much', acked(120_000, 120_000, 80), 120_000],
    ['shrinks beyond it', acked(100_000, 100_000, 110), 80_000 + GAIN],
    ['by a part of that for a part of the window', acked(100_000, 10_000, 110), 98_000 + GAIN / 10],
    ['a small one less than a large one', acked(10_000, 10_000, 110), 8_000 + GAIN],
    ['by no more than its half', acked(20_000, 20_000, 10_000), 10_000],
    ['does not get smaller than a packet', acked(1_500, 1_500, 900), PACKET],
    ['does not grow where there was not more to send', acked(100_000, 100_000, 0, false), 100_000],
    ['but shrinks all the same', acked(100_000, 100_000, 110, false), 80_000 + GAIN],
    ['stays while nothing is known of the way', acked(100_000, 100_000, undefined), 100_000],
    ['stays where nothing is new', acked(100_000, 0, 0), 100_000],
    ['does not grow by more for more than a window', acked(10_000, 40_000, 0), 10_000 + GAIN / 4],
    ['has an end', acked(MOST_WINDOW, MOST_WINDOW, 0), MOST_WINDOW],
  ])('%s', (_, what, next) => {
    expect(ledbat(what)).toBeCloseTo(next, 6);
  });

  test('whatever is heard: it stays within its bounds, and grows by no more than the gain', () => {
    const any = fc.record({
      window: fc.integer({ min: PACKET, max: MOST_WINDOW }),
      bytes: fc.integer({ min: 0, max: MOST_WINDOW }),
      delay: fc.option(fc.integer({ min: 0, max: 2 ** 32 - 1 }), { nil: undefined }),
      limited: fc.boolean(),
      packet: fc.constant(PACKET),
    });
    fc.assert(
      fc.property(any, (what) => {
        const next = ledbat(what);
        expect(next).toBeGreaterThanOrEqual(PACKET);
        expect(next).toBeLessThanOrEqual(Math.min(MOST_WINDOW, what.window + GAIN));
        if (what.delay !== undefined && what.delay > 4 * TARGET) expect(next).toBeLessThanOrEqual(what.window);
      }),
    );
  });
});

describe('at the start', () => {
  test.each([
    ['the window is doubled in a round trip', acked(10_000, 10_000, 0), 1e9, 20_000, false],
    ['also while nothing is known of the way', acked(10_000, 10_000, undefined), 1e9, 20_000, false],
    ['not where there was not more to send', acked(10_000, 10_000, 0, false), 1e9, 10_000, false],
    ['until the threshold', acked(10_000, 10_000, 0), 15_000, 15_000, true],
    ['or until the way fills, and the last round trip is taken back', acked(80_000, 10_000, 36), 1e9, 40_000, true],
  ])('%s', (_, what, threshold, window, over) => {
    expect(start(what, threshold)).toEqual({ window, over });
  });
});

describe('a loss', () => {
  test('halves the window, down to a packet', () => {
    expect([afterLoss(100_000, PACKET), afterLoss(2_000, PACKET)]).toEqual([50_000, PACKET]);
  });

  test('halves it once in 100 ms', () => {
    const congestion = new Congestion(PACKET);
    const first = congestion.window;
    expect([congestion.lost(PACKET, 0), congestion.lost(PACKET, 99), congestion.lost(PACKET, 100)]).toEqual([
      true,
      false,
      true,
    ]);
    expect(congestion.window).toBe(first / 4);
  });

  test('ends the start: from then on it grows by the gain', () => {
    const congestion = new Congestion(PACKET);
    congestion.lost(PACKET, 0);
    const { window } = congestion;
    congestion.acked({ window, bytes: window, delay: 0, limited: true, packet: PACKET, now: 0, trip: 50 });
    expect(congestion.window).toBe(window + GAIN);
  });
});

test('after a time-out it begins with a packet, and is doubled up to half of what it was', () => {
  const congestion = new Congestion(PACKET);
  for (let i = 0; i < 4; i++)
    congestion.acked({
      window: congestion.window,
      bytes: congestion.window,
      delay: 0,
      limited: true,
      packet: PACKET,
      now: 0,
      trip: 50,
    });
  const before = congestion.window;
  congestion.timedOut(PACKET);
  expect(congestion.window).toBe(PACKET);
  let trips = 0;
  for (; congestion.window < before / 2; trips++) {
    congestion.acked({
      window: congestion.window,
      bytes: congestion.window,
      delay: 0,
      limited: true,
      packet: PACKET,
      now: 0,
      trip: 50,
    });
  }
  expect([congestion.window, trips]).toEqual([before / 2, 6]);
});
