import { describe, expect, test } from 'vitest';
import { sameBytes } from '../base/bytes.ts';
import { Incoming, RECEIVE_WINDOW } from './incoming.ts';
import { SlotPool } from './slots.ts';
import { pattern } from './testing/world.ts';

const SIZE = 1_300;
/** As many packets as fill the window, and some that are shorter than a packet more. */
const FULL = Math.floor(RECEIVE_WINDOW / SIZE);

/** Reads all that waits. */
function readAll(incoming: Incoming): Uint8Array[] {
  const parts: Uint8Array[] = [];
  incoming.deliver(
    () => true,
    (data) => parts.push(data.slice()),
  );
  return parts;
}

describe('packets that came before their time', () => {
  test('are never given up once they were told of, however little room there is when their turn comes', () => {
    const incoming = new Incoming(new SlotPool(), 0);
    const packets = Array.from({ length: FULL + 10 }, (_, at) => pattern(SIZE, at + 1));
    const take = (at: number): string => incoming.take(at + 1, packets[at] ?? new Uint8Array(), 0, false);
    const told: number[] = [];
    // The first one is missing; the other side hears of what came, and sends none of that again.
    for (let at = 1; at < packets.length; at++) if (take(at) === 'early') told.push(at);
    expect(take(0)).toBe('missed');
    const parts = readAll(incoming);
    for (let at = 1; at < packets.length; at++) if (!told.includes(at)) expect(take(at)).toBe('next');
    parts.push(...readAll(incoming));
    expect(sameBytes(Buffer.concat(parts), Buffer.concat(packets))).toBe(true);
    expect([incoming.ack, incoming.sackLength]).toEqual([packets.length, 0]);
  });

  test('take no more memory than was told that there is, however large they are', () => {
    const incoming = new Incoming(new SlotPool(), 0);
    let bytes = 0;
    for (let seq = 2; seq < 1_000; seq++)
      if (incoming.take(seq, new Uint8Array(60_000), 0, false) === 'early') bytes += 60_000;
    expect(bytes).toBeGreaterThan(RECEIVE_WINDOW / 2);
    expect(bytes).toBeLessThanOrEqual(RECEIVE_WINDOW);
  });

  test('take only so much over all connections of a socket', () => {
    const pool = new SlotPool();
    const early = (): number => {
      const incoming = new Incoming(pool, 0);
      let bytes = 0;
      for (let seq = 2; seq < 100; seq++)
        if (incoming.take(seq, new Uint8Array(60_000), 0, false) === 'early') bytes += 60_000;
      return bytes;
    };
    let all = 0;
    for (let i = 0; i < 100; i++) all += early();
    expect(all).toBeLessThanOrEqual(24 * 1024 * 1024);
  });
});

test('packets before their turn may have any length, whatever memory is left of others', () => {
  const incoming = new Incoming(new SlotPool(), 0);
  const got: number[] = [];
  const lengths = [1_400, 16_000, 20_000, 1_472, 1_473, 40_000, 16_417, 16_418];
  for (let turn = 0; turn < 3; turn++) {
    const first = incoming.ack + 1;
    for (let i = lengths.length; i > 0; i--) {
      const taken = incoming.take(first + i, new Uint8Array(lengths[i - 1] ?? 0).fill(i), 0, false);
      expect(taken).toBe('early');
    }
    expect(incoming.take(first, Uint8Array.of(9), 0, false)).toBe('missed');
    incoming.deliver(
      () => true,
      (data) => got.push(data.length),
    );
  }
  expect(got.reduce((sum, n) => sum + n, 0)).toBe(3 * (1 + lengths.reduce((sum, n) => sum + n, 0)));
});
