import { expect, test } from 'vitest';
import {
  addSelectiveAck,
  Packet,
  PACKET,
  type PacketType,
  padded,
  readPacket,
  seqAfter,
  writeHeader,
} from '../utp/packet.ts';
import { pattern, UtpWorld } from '../utp/testing/world.ts';
import { figure, times } from './acceptance.ts';
import { mutate } from './mutate.ts';
import { SeededRandom } from './random.ts';

const ROUNDS = times(1_500, 100_000);

/** A packet of each kind, one of them with extensions, one with payload. */
function corpus(): Uint8Array[] {
  return Object.values(PACKET).map((type, i) => {
    const out = new Uint8Array(20 + 10 * i);
    writeHeader(out, type, 7, { connectionId: 9, timestamp: 1, delay: 2, window: 3, ack: 4 });
    return i % 2 === 0 ? out : padded(out, out.length + 40);
  });
}

test('any bytes are a packet that lies within them, or none', { timeout: 600_000 }, (it) => {
  const chance = new SeededRandom(41);
  const right = corpus();
  const packet = new Packet();
  let taken = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const data = mutate(chance, right);
    if (!readPacket(data, packet)) continue;
    taken++;
    const { sackAt, sackLength, payloadAt, seq, ack, window } = packet;
    expect(payloadAt <= data.length && sackAt + sackLength <= payloadAt).toBe(true);
    expect([seq, ack].every((number) => number >= 0 && number <= 0xffff) && window >= 0).toBe(true);
  }
  expect(taken).toBeGreaterThan(ROUNDS / 20);
  figure(it, 'inputs of a parser', ROUNDS);
});

/** Numbers at which windows, delays and times of day tend to break. */
const NUMBERS = [0, 1, 1_400, 100_000, 2 ** 20, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1];
const PACKETS = 100;

/** A packet that fits well enough into a conversation to be heard: near the numbers of the last one, with whatever else. */
function near(chance: SeededRandom, last: Packet): Uint8Array {
  const below = (n: number): number => Math.floor(chance.uniform() * n);
  const some = (): number => NUMBERS[below(NUMBERS.length)] ?? 0;
  const by = (): number => (chance.uniform() < 0.9 ? below(40) - 4 : below(65_536));
  const type = (chance.uniform() < 0.7 ? (below(2) === 0 ? PACKET.data : PACKET.state) : below(5)) as PacketType;
  const sack = chance.uniform() < 0.5 ? below(65) : 0;
  const head = new Uint8Array(sack === 0 ? 20 : 22 + sack);
  const fields = { timestamp: some(), delay: some(), window: some(), ack: seqAfter(last.ack, by()) };
  writeHeader(head, type, seqAfter(last.seq, by()), {
    ...fields,
    connectionId: seqAfter(last.connectionId, chance.uniform() < 0.9 ? 0 : below(3) - 1),
  });
  if (sack > 0) head.set(chance.bytes(sack), addSelectiveAck(head, sack));
  const payload = pattern(type === PACKET.data ? below(chance.uniform() < 0.1 ? 20_000 : 1_500) : 0);
  const out = new Uint8Array(head.length + payload.length);
  out.set(head);
  out.set(payload, head.length);
  return out;
}

test(
  'packets that fit into a conversation, in any order: it ends or goes on, and leaves nothing behind',
  { timeout: 600_000 },
  async (it) => {
    const rounds = times(20, 1_000);
    for (let round = 0; round < rounds; round++) {
      const w = new UtpWorld(round + 1);
      const [toA, toB] = [new Packet(), new Packet()];
      const longest = round % 2 === 0 ? {} : { longest: 65_508 };
      const a = await w.end('10.0.0.1', { loss: 0.02 }, { ...longest, tap: (data) => (readPacket(data, toA), true) });
      const b = await w.end('10.0.0.2', {}, { ...longest, tap: (data) => (readPacket(data, toB), true) });
      const { near: one, far: other } = await w.connect(a, b);
      one.connection?.write(pattern(100_000));
      other.connection?.write(pattern(100_000));
      for (let i = 0; i < PACKETS; i++) {
        const [from, to, last] = w.random.uniform() < 0.5 ? [a, b, toB] : [b, a, toA];
        to.utp.received(near(w.random, last), from.socket.local.host, from.socket.local.port);
        await w.clock.advance(w.random.uniform() < 0.5 ? 0 : 5);
      }
      await w.clock.advance(30_000);
      one.connection?.destroy();
      for (const { connection } of [...a.came, ...b.came]) connection.destroy();
      await w.clock.advance(200_000);
      expect([a.utp.size, b.utp.size, a.utp.wheel.size, b.utp.wheel.size, w.clock.pending], `round ${round}`).toEqual([
        0, 0, 0, 0, 0,
      ]);
    }
    figure(it, 'packets in a conversation', rounds * PACKETS);
  },
);
