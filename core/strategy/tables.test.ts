import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bytesPerSecond, millis } from '../base/ids.ts';
import { claimDemand } from './claims/claim-demand.ts';
import { divideLimit } from './upload/divide-limit.ts';
import { requestWindow } from './pieces/request-window.ts';
import { isSnubbed } from './pieces/snubbing.ts';

const KIB = 1024;
const MIB = 1024 * KIB;

describe('requestWindow', () => {
  test.each([
    { name: 'nothing known yet', rate: 0, latency: 0, window: 4 },
    { name: 'slow: two, so that the link is never idle', rate: 1 * KIB, latency: 100, window: 2 },
    { name: 'rate x (latency + 1 s)', rate: 1.6 * MIB, latency: 250, window: 128 },
    { name: 'grows with latency', rate: 1.6 * MIB, latency: 1000, window: 205 },
    { name: 'a latency made by queueing counts no further', rate: 160 * KIB, latency: 60_000, window: 40 },
    { name: 'twice of it while the rate grows', rate: 160 * KIB, latency: 500, slowStart: true, window: 30 },
    { name: 'at most what the common clients keep', rate: 100 * MIB, latency: 100, window: 250 },
    { name: 'at most what the peer says', rate: 100 * MIB, latency: 100, reqq: 64, window: 64 },
    { name: 'as much as the peer says', rate: 20 * MIB, latency: 100, reqq: 5000, window: 1408 },
    { name: 'never more than 2000', rate: 1000 * MIB, latency: 100, reqq: 1e9, window: 2000 },
    { name: 'a peer that says 0 is asked for one', rate: 0, latency: 0, reqq: 0, window: 1 },
    { name: 'at most doubles at a time', rate: 100 * MIB, latency: 100, before: 16, window: 32 },
    { name: 'falls at once', rate: 16 * KIB, latency: 0, before: 200, window: 2 },
  ])('$name', ({ rate, latency, reqq, slowStart, before, window }) => {
    const input = { rate, latency: millis(latency), reqq, slowStart, window: before, blockLength: 16 * KIB };
    expect(requestWindow(input)).toBe(window);
  });
});

describe('isSnubbed', () => {
  test.each([
    { age: 59_999, outstanding: 1, snubbed: false },
    { age: 60_000, outstanding: 1, snubbed: true },
    { age: 600_000, outstanding: 0, snubbed: false },
  ])('$outstanding requests, last block $age ms ago: $snubbed', ({ age, outstanding, snubbed }) => {
    expect(isSnubbed({ lastBlockAt: millis(1000), now: millis(1000 + age), outstanding })).toBe(snubbed);
  });
});

describe('claimDemand', () => {
  test.each([
    { name: 'no peer would send', rate: 0, able: 0, unbegun: 0, begun: 0, demand: 0 },
    { name: 'a first piece', rate: 0, able: 1, unbegun: 0, begun: 0, demand: 1 },
    { name: 'something for each peer that waits', rate: 0, able: 20, unbegun: 0, begun: 0, demand: 5 },
    { name: 'less where pieces are begun', rate: 0, able: 20, unbegun: 0, begun: 3, demand: 2 },
    { name: 'two and a half seconds ahead', rate: 4 * MIB, able: 4, unbegun: 0, begun: 4, demand: 40 },
    { name: 'less those that are there', rate: 4 * MIB, able: 4, unbegun: 30, begun: 4, demand: 10 },
    { name: 'enough', rate: 4 * MIB, able: 4, unbegun: 50, begun: 4, demand: 0 },
    { name: 'one ahead when slow', rate: 1 * KIB, able: 1, unbegun: 0, begun: 9, demand: 1 },
    { name: 'bounded', rate: 1e12, able: 9, unbegun: 0, begun: 9, demand: 1000 },
  ])('$name', ({ demand, ...input }) => {
    expect(claimDemand({ pieceLength: 256 * KIB, ...input })).toBe(demand);
  });
});

describe('divideLimit', () => {
  test.each([
    { name: 'equal demands', total: 1000, demands: [900, 900, 900, 900], parts: [250, 250, 250, 250] },
    {
      name: 'small demands in full, the rest to the others',
      total: 1000,
      demands: [100, 900, 900],
      parts: [100, 450, 450],
    },
    { name: 'what nobody asks for is dealt to all', total: 1000, demands: [100, 100], parts: [500, 500] },
    { name: 'who stands still may start', total: 1000, demands: [0, 5000], parts: [50, 950] },
    { name: 'endless demands', total: 1000, demands: [Infinity, Infinity], parts: [500, 500] },
    { name: 'no limit', total: 0, demands: [1, 2], parts: [0, 0] },
    { name: 'nobody', total: 1000, demands: [], parts: [] },
  ])('$name', ({ total, demands, parts }) => {
    expect(divideLimit(bytesPerSecond(total), demands)).toEqual(parts);
  });

  test('never adds up to more, nor to much less; never 0, which would mean no limit', () => {
    const demand = fc.oneof(fc.nat(1e9), fc.constant(Infinity));
    fc.assert(
      fc.property(
        fc.integer({ min: 100, max: 1e9 }),
        fc.array(demand, { minLength: 1, maxLength: 32 }),
        (total, demands) => {
          const parts = divideLimit(bytesPerSecond(total), demands);
          const sum = parts.reduce((a, b) => a + b, 0);
          expect(sum).toBeLessThanOrEqual(total + demands.length);
          expect(sum).toBeGreaterThan(total - 2 * demands.length);
          expect(Math.min(...parts)).toBeGreaterThanOrEqual(1);
        },
      ),
    );
  });
});
