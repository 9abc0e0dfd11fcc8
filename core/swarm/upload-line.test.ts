import { expect, test } from 'vitest';
import { VirtualClock } from '../sim/clock.ts';
import { type LineUser, UploadLine } from './upload-line.ts';

/** A swarm that fills a line of 500 kB/s with its part of the uploads. */
function swarm(part: number, leeching: boolean): LineUser & { leeching: boolean; asked: number } {
  return {
    leeching,
    asked: 0,
    load() {
      this.asked++;
      return { sent: 500_000 * part, waiting: 200_000 * part, down: leeching ? 600_000 : 0 };
    },
  };
}

test('a torrent that is seeded leaves room for another that is downloaded over the same line', async () => {
  const clock = new VirtualClock();
  const line = new UploadLine({ clock });
  const [leecher, seed] = [swarm(0.25, true), swarm(0.75, false)];
  line.join(leecher);
  line.join(seed);
  await clock.advance(4_500);
  expect(line.bucket.unlimited).toBe(true);
  await clock.advance(3_000);
  // Half a second's worth of burst, then nine tenths of the line.
  const before = clock.now();
  line.bucket.take(1e9, before);
  expect(line.bucket.wait(1, before)).toBeGreaterThan(0);
  await clock.advance(1_000);
  expect(line.bucket.take(1e9, clock.now())).toBe(225_000);
  leecher.leeching = false;
  await clock.advance(1_000);
  expect(line.bucket.unlimited).toBe(true);
});

test('where nothing is downloaded nobody is asked', async () => {
  const clock = new VirtualClock();
  const line = new UploadLine({ clock });
  const seed = swarm(1, false);
  line.join(seed);
  await clock.advance(60_000);
  expect([seed.asked, line.bucket.unlimited]).toEqual([0, true]);
  line.leave(seed);
  expect(clock.pending).toBe(0);
});

test('it is freed when the last one leaves', async () => {
  const clock = new VirtualClock();
  const line = new UploadLine({ clock });
  const leecher = swarm(1, true);
  line.join(leecher);
  await clock.advance(10_000);
  expect(line.bucket.unlimited).toBe(false);
  line.leave(leecher);
  expect(line.bucket.unlimited).toBe(true);
});
