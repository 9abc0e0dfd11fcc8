import { expect, test } from 'vitest';
import { Packet, PACKET, readPacket } from './packet.ts';
import { pattern, UtpWorld } from './testing/world.ts';

const RATE = 12_500_000;

/** A stream over a line of 100 Mbit/s: of a second in which it flows, how many packets of payload and how many acknowledgements. */
async function flow(latency: number, everLoses = false) {
  const packet = new Packet();
  const heard = { data: 0, states: 0 };
  let dropped: number | undefined;
  let told: number | undefined;
  let missing: number | undefined;
  let refilled: number | undefined;
  let filled: number | undefined;
  const w = new UtpWorld();
  const link = { latency };
  const a = await w.end(
    '10.0.0.1',
    { ...link, up: RATE, queue: RATE },
    {
      tap: (data) => {
        if (readPacket(data, packet) && packet.type === PACKET.state) heard.states++;
        if (packet.sackLength > 0 && dropped !== undefined) told ??= w.clock.now();
        if (packet.sackLength === 0 && refilled !== undefined) filled ??= w.clock.now();
        return true;
      },
    },
  );
  let loses = false;
  const b = await w.end('10.0.0.2', link, {
    tap: (data) => {
      if (!readPacket(data, packet) || packet.type !== PACKET.data) return true;
      heard.data++;
      if (packet.seq === missing) refilled ??= w.clock.now();
      if (!loses) return true;
      loses = false;
      missing = packet.seq;
      dropped = w.clock.now();
      return false;
    },
  });
  const { near, far } = await w.connect(a, b);
  far.keeps = false;
  const fill = (): void => {
    while (near.connection?.write(new Uint8Array(65_536)) === true);
  };
  near.drained = fill;
  fill();
  // Whoever has sent something itself knows how long the way is.
  far.connection?.write(pattern(10));
  await w.clock.advance(3_000);
  heard.data = heard.states = 0;
  loses = everLoses;
  await w.clock.advance(1_000);
  return { ...heard, toldAfter: (told ?? NaN) - (dropped ?? NaN), filledAfter: (filled ?? NaN) - (refilled ?? NaN) };
}

test('what flows over a long way is read and acknowledged every few milliseconds', async () => {
  const { data, states } = await flow(20);
  expect(data).toBeGreaterThan(8_000);
  expect(states).toBeGreaterThan(200);
  expect(states).toBeLessThan(500);
});

test('over a short way each second packet is, as before', async () => {
  const { data, states } = await flow(1);
  expect(states).toBeGreaterThan(data / 4);
});

test('that something is missing is told with the next packet, and at once that it came', async () => {
  const { toldAfter, filledAfter } = await flow(20, true);
  // The way back, and the time of the next packet.
  expect(toldAfter).toBeGreaterThanOrEqual(40);
  expect(toldAfter).toBeLessThan(42);
  expect(filledAfter).toBeGreaterThanOrEqual(40);
  expect(filledAfter).toBeLessThan(42);
});
