import { describe, expect, test } from 'vitest';
import { sameBytes } from '../base/bytes.ts';
import { times } from '../sim/acceptance.ts';
import { mutate } from '../sim/mutate.ts';
import { Packet, PACKET, type PacketType, readPacket, seqAfter, writeHeader } from './packet.ts';
import { type End, type Hearer, pattern, UtpWorld } from './testing/world.ts';

/** A packet of whoever does as he likes. */
function made(
  type: PacketType,
  { connectionId, seq, ack }: { readonly connectionId: number; readonly seq: number; readonly ack: number },
  payload: Uint8Array = new Uint8Array(0),
): Uint8Array {
  const out = new Uint8Array(20 + payload.length);
  writeHeader(out, type, seq, { connectionId, timestamp: 1, delay: 0, window: 1 << 20, ack });
  out.set(payload, 20);
  return out;
}

interface Scene {
  readonly w: UtpWorld;
  readonly a: End;
  readonly b: End;
  readonly near: Hearer;
  readonly far: Hearer;
  /** What the near side said last: its id, number and acknowledgement. */
  readonly last: Packet;
}

/** A connection whose packets from the near side somebody reads along. */
async function scene(): Promise<Scene> {
  const w = new UtpWorld();
  const last = new Packet();
  const a = await w.end('10.0.0.1');
  const b = await w.end('10.0.0.2', {}, { tap: (data) => (readPacket(data, last), true) });
  const { near, far } = await w.connect(a, b);
  await w.clock.advance(100);
  return { w, a, b, near, far, last };
}

/** A datagram that seems to come from the near side. */
function forge({ a, b }: Scene, data: Uint8Array): void {
  const { host, port } = a.socket.local;
  b.utp.received(data, host, port);
}

/** The connection is as good as before, in both ways. */
async function expectGood({ w, near, far }: Scene): Promise<void> {
  const [there, back] = [pattern(50_000, 5), pattern(50_000, 6)];
  far.parts.length = 0;
  near.parts.length = 0;
  near.connection?.write(there.slice());
  far.connection?.write(back.slice());
  await w.clock.advance(20_000);
  expect([near.ended, far.ended]).toEqual([undefined, undefined]);
  expect(sameBytes(far.bytes, there)).toBe(true);
  expect(sameBytes(near.bytes, back)).toBe(true);
}

describe('who does not hear what we say cannot', () => {
  test('end a connection by a reset that guesses', async () => {
    const s = await scene();
    const { connectionId, ack } = s.last;
    for (let i = 0; i < 60_000; i += 100) {
      if (i >= 64_000 || i <= 1_000) continue;
      forge(s, made(PACKET.reset, { connectionId, seq: 0, ack: seqAfter(ack, i) }));
      forge(s, made(PACKET.reset, { connectionId: seqAfter(connectionId, i), seq: 0, ack }));
    }
    await expectGood(s);
  });

  test('put bytes into it, nor end it, with an acknowledgement that guesses', async () => {
    const s = await scene();
    const { connectionId, seq, ack } = s.last;
    for (let i = 10; i < 60_000; i += 50) {
      const guess = { connectionId, seq: seqAfter(seq, 1), ack: seqAfter(ack, i) };
      forge(s, made(PACKET.data, guess, pattern(10)));
      forge(s, made(PACKET.fin, guess));
    }
    await expectGood(s);
  });

  test('make us send to a machine that asked for nothing', async () => {
    const w = new UtpWorld();
    const b = await w.end('10.0.0.2');
    const heard: number[] = [];
    const victim = await w.end('10.0.0.9', {}, { tap: (data) => (heard.push(data.length), false) });
    const { host, port } = victim.socket.local;
    b.utp.received(made(PACKET.syn, { connectionId: 7, seq: 1, ack: 0 }), host, port);
    // With a number for an answer that it has not heard.
    for (let ack = 0; ack < 65_536; ack += 257) {
      b.utp.received(made(PACKET.data, { connectionId: 8, seq: 2, ack }, pattern(500)), host, port);
    }
    await w.clock.advance(60_000);
    expect(b.came.length).toBe(0);
    // The answer, and some that say that there is no such connection: none longer than what came.
    expect(heard.length).toBeLessThanOrEqual(51);
    expect(Math.max(...heard)).toBe(20);
  });
});

describe('calls that nobody follows up', () => {
  test('are kept in small numbers, few of one network, and for a short time', async () => {
    const w = new UtpWorld();
    const b = await w.end('10.0.0.2');
    for (let i = 0; i < 10_000; i++) {
      b.utp.received(made(PACKET.syn, { connectionId: i, seq: 1, ack: 0 }), '10.1.0.1', 1000 + (i % 60_000));
    }
    expect(b.utp.halfOpen).toBe(32);
    for (let i = 0; i < 10_000; i++) {
      b.utp.received(made(PACKET.syn, { connectionId: i, seq: 1, ack: 0 }), `10.${i % 200}.${i % 150}.1`, 1000);
    }
    expect(b.utp.halfOpen).toBe(256);
    expect([b.utp.size, b.came.length]).toEqual([0, 0]);
    await w.clock.advance(20_000);
    const a = await w.end('10.0.0.1');
    await w.connect(a, b);
    expect(b.utp.halfOpen).toBe(0);
  });

  test('of one machine do not keep others out', async () => {
    const w = new UtpWorld();
    const [a, b] = [await w.end('10.0.0.1'), await w.end('10.0.0.2')];
    const flood = (): void => {
      for (let i = 0; i < 50; i++) {
        b.utp.received(made(PACKET.syn, { connectionId: i, seq: 1, ack: 0 }), '10.1.0.1', 1000 + i);
      }
    };
    const near = w.dial(a, b);
    for (let i = 0; i < 50; i++) {
      flood();
      await w.clock.advance(1);
    }
    near.connection?.write(Uint8Array.of(1));
    flood();
    await w.clock.advance(1_000);
    expect(b.came[0]?.hearer.count).toBe(1);
  });
});

describe('packets of unknown connections', () => {
  test.each([
    ['data', PACKET.data, 1],
    ['the end', PACKET.fin, 1],
    ['an acknowledgement', PACKET.state, 1],
    // Or two who know nothing of each other would answer for ever.
    ['a reset', PACKET.reset, 0],
  ])('%s: are answered by so many resets', async (_, type, answers) => {
    const w = new UtpWorld();
    const heard: [number, number][] = [];
    const packet = new Packet();
    const a = await w.end(
      '10.0.0.1',
      {},
      { tap: (data) => (readPacket(data, packet), heard.push([packet.type, packet.ack]), false) },
    );
    const b = await w.end('10.0.0.2');
    b.utp.received(made(type, { connectionId: 7, seq: 99, ack: 5 }), a.socket.local.host, a.socket.local.port);
    await w.clock.advance(1_000);
    expect(heard).toEqual(Array.from({ length: answers }, () => [PACKET.reset, 99]));
  });

  test('a reset that bears the id of our packets, as those of libutp do, ends a connection', async () => {
    const s = await scene();
    const { connectionId, ack } = s.last;
    // Of what we sent last, or send next, by the number.
    forge(s, made(PACKET.reset, { connectionId: seqAfter(connectionId, -1), seq: 0, ack: seqAfter(ack, 1) }));
    await s.w.clock.advance(1_000);
    expect(s.far.ended).toEqual({ kind: 'error', code: 'ECONNRESET' });
  });
});

describe('a breach harms nobody but who does it', () => {
  const BREACHES: Readonly<Record<string, (last: Packet) => Uint8Array[]>> = {
    'what is far ahead': ({ connectionId, seq, ack }) => [
      made(PACKET.data, { connectionId, seq: seqAfter(seq, 20_000), ack }, pattern(1_000)),
    ],
    'an end far ahead': ({ connectionId, seq, ack }) => [
      made(PACKET.fin, { connectionId, seq: seqAfter(seq, 5_000), ack }),
    ],
    'what has come already': ({ connectionId, seq, ack }) => [
      made(PACKET.data, { connectionId, seq: seqAfter(seq, -1), ack }, pattern(1_000)),
    ],
    'an acknowledgement of what was not sent': ({ connectionId, seq, ack }) => [
      made(PACKET.state, { connectionId, seq, ack: seqAfter(ack, 1) }),
    ],
    'a call in the middle': ({ connectionId, seq, ack }) => [made(PACKET.syn, { connectionId, seq, ack })],
    'a selective acknowledgement of everything': ({ connectionId, seq, ack }) => {
      const data = new Uint8Array(20 + 2 + 252).fill(0xff);
      data.set(made(PACKET.state, { connectionId, seq, ack }));
      data.set([1], 1);
      data.set([0, 252], 20);
      return [data];
    },
  };

  test.each(Object.keys(BREACHES))('%s', async (name) => {
    const s = await scene();
    for (const data of BREACHES[name]?.(s.last) ?? []) for (let i = 0; i < 3; i++) forge(s, data.slice());
    await expectGood(s);
  });

  test('packets before their turn are kept in bounded numbers', async () => {
    const s = await scene();
    const { connectionId, seq, ack } = s.last;
    for (let i = 3; i < 5_000; i++) {
      forge(s, made(PACKET.data, { connectionId, seq: seqAfter(seq, i), ack }, pattern(1_300)));
    }
    await s.w.clock.advance(200);
    s.far.connection?.destroy();
    await s.w.clock.advance(20_000);
    expect(s.b.utp.size).toBe(0);
  });

  test('mutated packets of a conversation end it or do not; nothing is left behind', { timeout: 600_000 }, async () => {
    const rounds = times(40, 2_000);
    for (let round = 0; round < rounds; round++) {
      const w = new UtpWorld(round + 1);
      const seen: Uint8Array[] = [];
      const tap = (data: Uint8Array): boolean => {
        if (seen.length < 50) seen.push(data.slice());
        return true;
      };
      const a = await w.end('10.0.0.1', { loss: 0.02 }, { tap });
      const b = await w.end('10.0.0.2', {}, { tap });
      const { near, far } = await w.connect(a, b);
      near.connection?.write(pattern(60_000));
      far.connection?.write(pattern(60_000));
      for (let i = 0; i < 50; i++) {
        const [from, to] = w.random.uniform() < 0.5 ? [a, b] : [b, a];
        to.utp.received(mutate(w.random, seen), from.socket.local.host, from.socket.local.port);
        await w.clock.advance(5);
      }
      await w.clock.advance(30_000);
      near.connection?.destroy();
      for (const { connection } of [...a.came, ...b.came]) connection.destroy();
      await w.clock.advance(200_000);
      expect([a.utp.size, b.utp.size, w.clock.pending], `round ${round}`).toEqual([0, 0, 0]);
    }
  });
});
