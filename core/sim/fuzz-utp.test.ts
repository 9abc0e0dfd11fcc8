import { expect, test } from 'vitest';
import { Packet, PACKET, padded, readPacket, writeHeader } from '../utp/packet.ts';
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
