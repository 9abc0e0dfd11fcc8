import { describe, expect, test } from 'vitest';
import { bytesPerSecond, millis, torrentKey } from '../base/ids.ts';
import { TokenBucket } from '../base/token-bucket.ts';
import { VirtualClock } from '../sim/clock.ts';
import { SimSwarm } from '../sim/swarm.ts';
import { ReadThrottle } from './throttle.ts';
import { ordinaryTuning } from '../engine/tuning.ts';

const KIB = 1024;
const MIB = KIB * KIB;

class Source {
  paused = false;
  pauseReading(): void {
    this.paused = true;
  }
  resumeReading(): void {
    this.paused = false;
  }
}

function bench(rate: number) {
  const clock = new VirtualClock();
  const sources = [new Source(), new Source()];
  const bucket = new TokenBucket(bytesPerSecond(rate), clock.now());
  const throttle = new ReadThrottle(clock, [bucket], () => sources);
  const [a, b] = sources as [Source, Source];
  return { clock, bucket, throttle, a, b };
}

describe('who reads (B16)', () => {
  test('without a limit everybody, always', () => {
    const { throttle, a, clock } = bench(0);
    throttle.spend(a, 1e9);
    expect(a.paused).toBe(false);
    expect(clock.pending).toBe(0);
  });

  test('who brought more than there was waits until the debt is paid, the other does not', async () => {
    const { throttle, a, b, clock } = bench(100_000);
    throttle.spend(a, 300_000);
    expect([a.paused, b.paused]).toEqual([true, false]);
    await clock.advance(2_000);
    expect(a.paused).toBe(true);
    await clock.advance(1_500);
    expect(a.paused).toBe(false);
    expect(clock.pending).toBe(0);
  });

  test('more debt while it waits makes it wait longer', async () => {
    const { throttle, a, b, clock } = bench(100_000);
    throttle.spend(a, 200_000);
    await clock.advance(1_000);
    throttle.spend(b, 200_000);
    await clock.advance(1_500);
    expect([a.paused, b.paused]).toEqual([true, true]);
    await clock.advance(2_000);
    expect([a.paused, b.paused]).toEqual([false, false]);
  });

  test('a limit that is lifted lets all go on', async () => {
    const { throttle, a, bucket, clock } = bench(1_000);
    throttle.spend(a, 1_000_000);
    bucket.setRate(bytesPerSecond(0), clock.now());
    await clock.advance(1_000);
    expect(a.paused).toBe(false);
    expect(clock.pending).toBe(0);
  });

  test('a limit that is raised pays what is owed sooner', async () => {
    const { throttle, a, bucket, clock } = bench(1_000);
    throttle.spend(a, 1_000_000);
    await clock.advance(500);
    bucket.setRate(bytesPerSecond(500_000), clock.now());
    await clock.advance(1_500);
    expect(a.paused).toBe(true);
    await clock.advance(1_500);
    expect(a.paused).toBe(false);
  });

  test('the disk holds everybody; who is in debt besides waits for both', async () => {
    const { throttle, a, b, clock } = bench(100_000);
    throttle.spend(a, 200_000);
    throttle.hold(true);
    expect([a.paused, b.paused, throttle.held]).toEqual([true, true, true]);
    throttle.hold(false);
    expect([a.paused, b.paused]).toEqual([true, false]);
    throttle.hold(true);
    await clock.advance(5_000);
    expect([a.paused, b.paused]).toEqual([true, true]);
    throttle.hold(false);
    expect([a.paused, b.paused]).toEqual([false, false]);
  });

  test('who left is not woken, and a stop leaves no timer', async () => {
    const { throttle, a, clock } = bench(1_000);
    throttle.spend(a, 100_000);
    throttle.forget(a);
    throttle.stop();
    expect(clock.pending).toBe(0);
    await clock.advance(60_000);
    expect(a.paused).toBe(true);
  });
});

describe('limits of a whole client', () => {
  const limited = (down: number, up: number) =>
    ordinaryTuning({ limits: { down: bytesPerSecond(down), up: bytesPerSecond(up) } });

  test.each([50, 200, 1000])('downloads at %i KiB/s, whatever the seeds could', async (rate) => {
    const swarm = new SimSwarm(1, { files: 4 * MIB, pieceLength: 64 * KIB });
    for (let i = 1; i <= 3; i++) swarm.seed(`10.0.0.${i}`, { up: 4 * MIB });
    const ours = swarm.leecher('10.9.0.1', {});
    ours.tell({ type: 'tune', key: torrentKey(swarm.torrent.info.infoHash), tuning: limited(rate * KIB, 0) });
    await swarm.clock.runUntil(() => ours.verified.size === swarm.torrent.info.pieceCount, 400_000);
    const seconds = swarm.clock.now() / 1000;
    const ideal = (4 * KIB) / rate;
    expect(seconds).toBeGreaterThan(0.8 * ideal - 1);
    expect(seconds).toBeLessThan(1.2 * ideal + 4);
  });

  test.each([50, 200])('uploads at %i KiB/s to all of them together', async (rate) => {
    const swarm = new SimSwarm(2, { files: 4 * MIB, pieceLength: 64 * KIB });
    const seed = swarm.seed('10.0.0.1', {});
    await swarm.clock.advance(100);
    seed.tell({ type: 'tune', key: torrentKey(swarm.torrent.info.infoHash), tuning: limited(0, rate * KIB) });
    for (let i = 1; i <= 3; i++) swarm.leecher(`10.9.0.${i}`, {});
    await swarm.clock.advance(3_000);
    const before = seed.status?.uploaded ?? 0;
    await swarm.clock.advance(20_000);
    const sent = ((seed.status?.uploaded ?? 0) - before) / KIB;
    expect(sent).toBeGreaterThan(0.8 * 20 * rate);
    expect(sent).toBeLessThan(1.2 * 20 * rate + 256);
  });

  test('limits of the process count besides those of the download', async () => {
    const swarm = new SimSwarm(3, { files: 2 * MIB, pieceLength: 64 * KIB });
    swarm.seed('10.0.0.1', { up: 4 * MIB });
    const ours = swarm.leecher('10.9.0.1', {});
    ours.tell({ type: 'limits', limits: { down: bytesPerSecond(100 * KIB), up: bytesPerSecond(0) } });
    await swarm.clock.runUntil(() => ours.verified.size === swarm.torrent.info.pieceCount, 400_000);
    expect(swarm.clock.now()).toBeGreaterThan(millis(15_000));
  });
});
