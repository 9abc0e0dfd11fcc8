import { expect, test } from 'vitest';
import { sameBytes } from '../base/bytes.ts';
import { millis } from '../base/ids.ts';
import { LEAST, TUNNELLED, USUAL, WIDE } from './sizes.ts';
import { type End, pattern, UtpWorld } from './testing/world.ts';

/** Two ends; the far one gets what `tap` lets through. */
async function pair(tap: (data: Uint8Array) => boolean) {
  const w = new UtpWorld();
  const a = await w.end('10.0.0.1');
  const b = await w.end('10.0.0.2', {}, { tap });
  return { w, a, b };
}

/** Does something again and again, until what it returns is called. */
function setEvery(w: UtpWorld, period: number, task: () => void): () => void {
  const timer = w.clock.every(millis(period), task);
  return () => timer.cancel();
}

test.each([
  ['a wide way', 1_500, TUNNELLED],
  ['a narrow way', 1_300, USUAL],
])('on %s they become as long as those that pass', async (_, passes, size) => {
  const sizes = new Set<number>();
  const { w, a, b } = await pair((data) => (sizes.add(data.length), data.length <= passes));
  const { near, far } = await w.connect(a, b);
  const all = pattern(500_000);
  near.connection?.write(all.slice());
  expect(await w.clock.runUntil(() => far.count === all.length, 20_000)).toBe(true);
  expect(sameBytes(far.bytes, all)).toBe(true);
  sizes.clear();
  near.connection?.write(pattern(50_000));
  await w.clock.advance(5_000);
  expect(Math.max(...sizes)).toBe(size);
});

test.each([
  ['so wide a way', 65_508, WIDE],
  // As libtorrent reads into 1,500 bytes, Transmission into 8,192, and take what they got for all of it.
  ['programs whose buffers cut off the rest', 1_500, 1_472],
  ['and longer buffers', 8_192, 1_472],
])('from an interface with long packets they are as long as those that arrive whole: %s', async (_, buffer, size) => {
  const w = new UtpWorld();
  const lengths: number[] = [];
  const a = await w.end('10.0.0.1', {}, { longest: 65_508 });
  const b: End = await w.end(
    '10.0.0.2',
    {},
    {
      tap: (data) => {
        lengths.push(data.length);
        if (data.length <= buffer) return true;
        b.utp.received(data.slice(0, buffer), a.socket.local.host, a.socket.local.port);
        return false;
      },
    },
  );
  const { near, far } = await w.connect(a, b);
  const all = pattern(800_000);
  near.connection?.write(all.slice());
  expect(await w.clock.runUntil(() => far.count === all.length, 20_000)).toBe(true);
  expect(sameBytes(far.bytes, all)).toBe(true);
  expect(lengths.at(-2)).toBe(size);
});

test.each([
  ['for a while', 10_000, USUAL],
  ['never', 0, LEAST],
])(
  'where longer ones are swallowed that passed %s, the next connection begins with shorter ones',
  async (_, later, after) => {
    let passes = Infinity;
    const tap = (data: Uint8Array): boolean => data.length <= passes;
    const { w, a, b } = await pair(tap);
    const { near, far } = await w.connect(a, b);
    if (later > 0) near.connection?.write(pattern(300_000));
    await w.clock.advance(later);
    passes = after;
    near.connection?.write(pattern(50_000));
    const hum = setEvery(w, 1_000, () => far.connection?.write(pattern(10)));
    expect(await w.clock.runUntil(() => near.ended !== undefined, 100_000)).toBe(true);
    hum();
    expect(near.ended).toEqual({ kind: 'timeout', what: 'stuck' });
    const again = await w.connect(a, b);
    again.near.connection?.write(pattern(100_000));
    expect(await w.clock.runUntil(() => again.far.count === 100_000, 20_000)).toBe(true);
  },
);

test('in a tunnel, and over IPv6, nothing longer is tried', async () => {
  for (const [one, other, longest] of [
    ['10.0.0.1', '10.0.0.2', USUAL],
    ['fd00::1', 'fd00::2', undefined],
  ] as const) {
    const w = new UtpWorld();
    let most = 0;
    const a = await w.end(one, {}, { longest });
    const b = await w.end(other, {}, { tap: (data) => ((most = Math.max(most, data.length)), true) });
    const { near, far } = await w.connect(a, b);
    near.connection?.write(pattern(300_000));
    expect(await w.clock.runUntil(() => far.count === 300_000, 20_000)).toBe(true);
    expect(most).toBe(USUAL);
  }
});
