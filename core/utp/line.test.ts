import { describe, expect, test } from 'vitest';
import { times } from '../sim/acceptance.ts';
import { GreedyFlow } from './testing/greedy.ts';
import { millis } from '../base/ids.ts';
import { type End, type Hearer, TIMES, UtpWorld } from './testing/world.ts';

const RATE = 500_000;

/** Writes without end. */
function flood(hearer: Hearer): void {
  const fill = (): void => {
    while (hearer.ended === undefined && hearer.connection?.write(new Uint8Array(65_536)) === true);
  };
  hearer.drained = fill;
  fill();
}

async function flow(w: UtpWorld, from: End, to: End): Promise<Hearer> {
  const { near, far } = await w.connect(from, to);
  far.keeps = false;
  flood(near);
  return far;
}

/** Seconds for which what leaves `end` waits, looked at every 10 ms for `seconds`: the most, and the mean. */
async function queueOf(w: UtpWorld, { host }: End, seconds: number) {
  let most = 0;
  let sum = 0;
  for (let i = 0; i < seconds * 100; i++) {
    await w.clock.advance(10);
    const wait = host.link().up.waiting / host.link().up.rate;
    most = Math.max(most, wait);
    sum += wait;
  }
  return { most, mean: sum / (seconds * 100) };
}

/** A line with a buffer of a second before it. */
async function line(latency = 20, rate = RATE) {
  const w = new UtpWorld(5);
  // One side only sends.
  w.times = { ...TIMES, silenceTimeout: millis(1e7) };
  const from = await w.end('10.0.0.1', { up: rate, queue: rate, latency });
  const to = await w.end('10.0.0.2', { latency });
  return { w, from, to };
}

describe('over a line with a buffer of a second', () => {
  test.each([5, 20, 40])('one flow takes all of it, and keeps the queue short (%i ms each end)', async (latency) => {
    const { w, from, to } = await line(latency);
    const far = await flow(w, from, to);
    const first = await queueOf(w, from, 15);
    const before = far.count;
    const later = await queueOf(w, from, times(20, 120));
    const rate = (far.count - before) / times(20, 120) / RATE;
    expect(first.most).toBeLessThan(0.15);
    expect(later.most).toBeLessThan(0.15);
    expect(rate).toBeGreaterThan(0.85);
  });

  test('100 Mbit/s with 20 ms there and back are taken whole within a second', async () => {
    const rate = 12_500_000;
    const { w, from, to } = await line(5, rate);
    const far = await flow(w, from, to);
    await w.clock.advance(500);
    const before = far.count;
    await w.clock.advance(500);
    expect((far.count - before) / rate).toBeGreaterThan(0.95 / 2);
  });

  test.each([
    [20, RATE],
    [40, RATE],
    [20, 2_000_000],
  ])(
    'two flows have as much half a minute after one came later (%i ms each end, %i bytes a second)',
    async (latency, rate) => {
      const { w, from, to } = await line(latency, rate);
      const first = await flow(w, from, to);
      await w.clock.advance(10_000);
      const second = await flow(w, from, to);
      await w.clock.advance(30_000);
      const before = [first.count, second.count] as const;
      await w.clock.advance(40_000);
      const [a, b] = [first.count - before[0], second.count - before[1]];
      expect(Math.min(a, b) / Math.max(a, b)).toBeGreaterThan(0.75);
      expect((a + b) / 40 / rate).toBeGreaterThan(0.85);
    },
  );

  test('beside a flow as TCP’s it takes little, and comes back when that is over', async () => {
    const { w, from, to } = await line();
    const far = await flow(w, from, to);
    await w.clock.advance(10_000);
    const greedy = new GreedyFlow(w.clock);
    await greedy.start(from.host, to.host);
    await w.clock.advance(20_000);
    const before = [far.count, greedy.received] as const;
    await w.clock.advance(20_000);
    const share = [far.count - before[0], greedy.received - before[1]].map((n) => n / 20 / RATE);
    greedy.stop();
    await w.clock.advance(10_000);
    const after = far.count;
    await w.clock.advance(10_000);
    const back = (far.count - after) / 10 / RATE;
    expect(share[0]).toBeLessThan(0.1);
    expect(share[1]).toBeGreaterThan(0.85);
    expect(back).toBeGreaterThan(0.85);
  });
});
