import { describe, expect, test } from 'vitest';
import { sameBytes } from '../base/bytes.ts';
import { millis } from '../base/ids.ts';
import { RECEIVE_WINDOW } from './incoming.ts';
import { Packet, PACKET, readPacket } from './packet.ts';
import { USUAL } from './sizes.ts';
import { type End, pattern, TIMES, UtpWorld } from './testing/world.ts';

/** The packets that an end hears, as text such as `data 5 1380`: type, number after the first, bytes of payload. */
function listen(heard: string[], keep: (packet: Packet, data: Uint8Array) => boolean = () => true) {
  const packet = new Packet();
  const names = Object.keys(PACKET);
  let first: number | undefined;
  return (data: Uint8Array): boolean => {
    if (!readPacket(data, packet)) return true;
    first ??= packet.seq;
    heard.push(`${names[packet.type]} ${(packet.seq - first) & 0xffff} ${data.length - packet.payloadAt}`);
    return keep(packet, data);
  };
}

async function pair(tap?: (data: Uint8Array) => boolean, farTap?: (data: Uint8Array) => boolean) {
  const w = new UtpWorld();
  const a = await w.end('10.0.0.1', {}, tap === undefined ? {} : { tap });
  const b = await w.end('10.0.0.2', {}, farTap === undefined ? {} : { tap: farTap });
  return { w, a, b };
}

/** Nothing of any connection is left. */
function expectNothing(w: UtpWorld, ...ends: End[]): void {
  expect(ends.map(({ utp }) => [utp.size, utp.standing, utp.wheel.size])).toEqual(ends.map(() => [0, 0, 0]));
  expect(w.clock.pending).toBe(0);
}

describe('a connection', () => {
  test('is made, carries bytes both ways, and ends in order', async () => {
    const { w, a, b } = await pair();
    const { near, far } = await w.connect(a, b);
    const [there, back] = [pattern(300_000, 1), pattern(200_000, 2)];
    near.connection?.write(there.slice());
    far.connection?.write(back.slice());
    near.connection?.end();
    await w.clock.advance(40_000);
    expect(sameBytes(far.bytes, there)).toBe(true);
    expect([near.ended, far.ended]).toEqual([{ kind: 'local' }, { kind: 'remote' }]);
    expectNothing(w, a, b);
  });

  test.each([
    ['loss', { loss: 0.02 }],
    ['much loss', { loss: 0.2 }],
    ['duplicates', { duplication: 0.2 }],
    ['reordering', { reordering: 0.1 }],
    ['everything', { loss: 0.05, duplication: 0.05, reordering: 0.05 }],
    ['a short queue', { up: 500_000, queue: 8_000 }],
  ])('brings all bytes across in order over a line with %s', async (_, link) => {
    const w = new UtpWorld(3);
    const [a, b] = [await w.end('10.0.0.1', link), await w.end('10.0.0.2')];
    const { near, far } = await w.connect(a, b);
    const [there, back] = [pattern(500_000, 1), pattern(300_000, 2)];
    near.connection?.write(there.slice());
    far.connection?.write(back.slice());
    const done = (): boolean => far.count >= there.length && near.count >= back.length;
    expect(await w.clock.runUntil(done, 300_000)).toBe(true);
    expect(sameBytes(far.bytes, there)).toBe(true);
    expect(sameBytes(near.bytes, back)).toBe(true);
    near.connection?.destroy();
    await w.clock.advance(60_000);
    expectNothing(w, a, b);
  });

  test('is destroyed at once for its holder, and the other side hears of it after what had left', async () => {
    const { w, a, b } = await pair();
    const { near, far } = await w.connect(a, b);
    near.connection?.write(pattern(5_000));
    await w.clock.settle();
    near.connection?.destroy();
    await w.clock.settle();
    expect(near.ended).toEqual({ kind: 'local' });
    await w.clock.advance(20_000);
    expect([far.count, far.ended]).toEqual([5_000, { kind: 'remote' }]);
    expectNothing(w, a, b);
  });

  test('waits for the buffers to leave, and says when they have', async () => {
    const { w, a, b } = await pair();
    const { near, far } = await w.connect(a, b);
    expect(near.connection?.write(pattern(10_000))).toBe(true);
    expect(near.connection?.write(pattern(400_000))).toBe(false);
    expect(near.connection?.queued).toBeGreaterThan(0);
    await w.clock.runUntil(() => near.drains > 0, 60_000);
    expect(near.connection?.queued).toBe(0);
    await w.clock.advance(10_000);
    expect([far.count, near.drains]).toEqual([410_000, 1]);
  });

  test('between cork and uncork nothing leaves', async () => {
    const { w, a, b } = await pair();
    const { near, far } = await w.connect(a, b);
    near.connection?.cork();
    near.connection?.write(pattern(100));
    await w.clock.advance(1_000);
    expect(far.count).toBe(0);
    near.connection?.uncork();
    await w.clock.advance(1_000);
    expect(far.count).toBe(100);
  });

  test('is not read while it is paused: the other side stops after a window, and goes on later', async () => {
    const { w, a, b } = await pair();
    const { near, far } = await w.connect(a, b);
    far.connection?.pause();
    const all = pattern(3 * RECEIVE_WINDOW);
    near.connection?.write(all.slice());
    await w.clock.advance(40_000);
    const queued = near.connection?.queued ?? 0;
    expect(far.count).toBe(0);
    expect(queued).toBeGreaterThan(1.8 * RECEIVE_WINDOW);
    far.connection?.resume();
    await w.clock.runUntil(() => far.count === all.length, 60_000);
    expect(sameBytes(far.bytes, all)).toBe(true);
  });

  test('a window whose opening got lost is asked for after 15 s', async () => {
    let deaf = false;
    const { w, a, b } = await pair(() => !deaf);
    const { near, far } = await w.connect(a, b);
    far.connection?.pause();
    near.connection?.write(pattern(2 * RECEIVE_WINDOW));
    await w.clock.advance(5_000);
    deaf = true;
    far.connection?.resume();
    await w.clock.advance(1_000);
    deaf = false;
    expect(await w.clock.runUntil(() => far.count === 2 * RECEIVE_WINDOW, 30_000)).toBe(true);
  });

  test('is kept alive every 29 s, and ends when the other side has been silent for too long', async () => {
    const heard: string[] = [];
    const { w, a, b } = await pair(undefined, listen(heard));
    const { near, far } = await w.connect(a, b);
    await w.clock.advance(1_000);
    heard.length = 0;
    await w.clock.advance(100_000);
    expect(heard.map((line) => line.split(' ')[0])).toEqual(['state', 'state', 'state']);
    // Nothing that these bear counts as life.
    await w.clock.advance(100_000);
    expect(near.ended).toEqual({ kind: 'timeout', what: 'silence' });
    expect(far.ended).toBeDefined();
    expectNothing(w, a, b);
  });

  test('ends when nothing is heard any more, however often the same is sent again', async () => {
    let cut = false;
    const { w, a, b } = await pair(
      () => !cut,
      () => !cut,
    );
    const { near } = await w.connect(a, b);
    await w.clock.advance(60_000);
    cut = true;
    near.connection?.write(pattern(100));
    await w.clock.advance(14_000);
    expect(near.ended).toBeUndefined();
    await w.clock.advance(3_000);
    expect(near.ended).toEqual({ kind: 'timeout', what: 'stuck' });
    await w.clock.advance(150_000);
    expectNothing(w, a, b);
  });

  test('ends when something is missing and nothing is heard any more', async () => {
    let cut = false;
    let lose = -1;
    const { w, a, b } = await pair(
      () => !cut,
      listen([], ({ type }) => !cut && (type !== PACKET.data || lose-- !== 0)),
    );
    const { near, far } = await w.connect(a, b);
    await w.clock.advance(1_000);
    lose = 0;
    near.connection?.write(pattern(3 * (USUAL - 20)));
    await w.clock.advance(25);
    cut = true;
    await w.clock.advance(14_000);
    expect(far.ended).toBeUndefined();
    await w.clock.advance(16_000);
    expect(far.ended).toEqual({ kind: 'timeout', what: 'stuck' });
    await w.clock.advance(10_000);
    expectNothing(w, a, b);
  });

  test('ends a minute after nothing gets across any more, though the other side is heard', async () => {
    let cut = false;
    const { w, a, b } = await pair(
      undefined,
      listen([], ({ type }) => !cut || type !== PACKET.data),
    );
    const { near, far } = await w.connect(a, b);
    cut = true;
    near.connection?.write(pattern(100));
    for (let seconds = 0; seconds < 59; seconds++) {
      far.connection?.write(pattern(100));
      await w.clock.advance(1_000);
    }
    expect(near.ended).toBeUndefined();
    await w.clock.advance(5_000);
    expect(near.ended).toEqual({ kind: 'timeout', what: 'stuck' });
  });
});

describe('dialling', () => {
  test('asks again after 3 and 9 s, and gives up in time', async () => {
    const times: number[] = [];
    const w = new UtpWorld();
    const a = await w.end('10.0.0.1');
    const b = await w.end('10.0.0.2', {}, { tap: () => (times.push(Math.round(w.clock.now() / 1000)), false) });
    const near = w.dial(a, b);
    await w.clock.advance(20_000);
    expect(times).toEqual([0, 3, 9]);
    expect(near.ended).toEqual({ kind: 'timeout', what: 'connect' });
    expectNothing(w, a);
  });

  test('an answer that got lost is given again', async () => {
    let lost = 0;
    const { w, a, b } = await pair(() => ++lost > 1);
    const { far } = await w.connect(a, b);
    expect([far.count, b.came.length]).toEqual([0, 1]);
  });

  test('a call is answered by nobody where nobody waits, and ended where it is not wanted', async () => {
    const w = new UtpWorld();
    const a = await w.end('10.0.0.1');
    const deaf = await w.end('10.0.0.2', {}, { accepting: () => false });
    const proud = await w.end('10.0.0.3', {}, { accept: () => undefined });
    const first = w.dial(a, deaf);
    const second = w.dial(a, proud);
    await w.clock.runUntil(() => second.stood, 1_000);
    second.connection?.write(Uint8Array.of(1));
    await w.clock.advance(20_000);
    expect([first.ended, second.ended]).toEqual([{ kind: 'timeout', what: 'connect' }, { kind: 'remote' }]);
    expectNothing(w, a, deaf, proud);
  });

  test('a way that the system does not know ends it at once', async () => {
    const w = new UtpWorld();
    const a = await w.end('10.0.0.1');
    const b = await w.end('10.0.0.2');
    a.host.link().present = false;
    const near = w.dial(a, b);
    await w.clock.settle();
    expect(near.ended).toEqual({ kind: 'error', code: 'ENETUNREACH' });
  });

  test('two that dial each other at once have two connections', async () => {
    const { w, a, b } = await pair();
    const [one, other] = [w.dial(a, b), w.dial(b, a)];
    await w.clock.advance(100);
    one.connection?.write(Uint8Array.of(1));
    other.connection?.write(Uint8Array.of(2));
    await w.clock.advance(1_000);
    expect([one.stood, other.stood, a.came[0]?.hearer.bytes, b.came[0]?.hearer.bytes]).toEqual([
      true,
      true,
      Uint8Array.of(2),
      Uint8Array.of(1),
    ]);
  });
});

describe('packets', () => {
  test('acknowledgements wait for company: two full packets or 40 ms', async () => {
    const heard: string[] = [];
    const { w, a, b } = await pair(listen(heard));
    const { near } = await w.connect(a, b);
    await w.clock.advance(1_000);
    heard.length = 0;
    near.connection?.write(pattern(100));
    await w.clock.advance(45);
    expect(heard).toEqual([]);
    await w.clock.advance(60);
    expect(heard.length).toBe(1);
    near.connection?.write(pattern(2 * (USUAL - 20)));
    await w.clock.advance(45);
    expect(heard.length).toBe(2);
  });

  test('one that got lost is sent again once three behind it have come', async () => {
    const heard: string[] = [];
    let lose = -1;
    const { w, a, b } = await pair(
      undefined,
      listen(heard, ({ type }) => type !== PACKET.data || lose-- !== 0),
    );
    const { near, far } = await w.connect(a, b);
    await w.clock.advance(1_000);
    lose = 1;
    near.connection?.write(pattern(6 * (USUAL - 20)));
    await w.clock.advance(200);
    expect(far.count).toBe(6 * (USUAL - 20));
  });

  test('where one got lost the acknowledgement that it came is said again, lest that got lost', async () => {
    const came: number[] = [];
    let lose = -1;
    let missing: number | undefined;
    let deaf = false;
    const { w, a, b } = await pair(
      () => !deaf,
      listen([], ({ type, seq }) => {
        if (type !== PACKET.data) return true;
        if (lose-- === 0) {
          missing = seq;
          return false;
        }
        came.push(seq);
        if (seq === missing) deaf = true;
        return true;
      }),
    );
    const { near } = await w.connect(a, b);
    await w.clock.advance(1_000);
    lose = 1;
    near.connection?.write(pattern(6 * (USUAL - 20)));
    await w.clock.advance(150);
    expect(deaf).toBe(true);
    deaf = false;
    await w.clock.advance(2_000);
    // Nothing had to be sent again for want of it.
    expect(new Set(came).size).toBe(came.length);
  });

  test('the last one that got lost is sent again after the time-out', async () => {
    let lose = false;
    const { w, a, b } = await pair(undefined, () => !lose);
    const { near, far } = await w.connect(a, b);
    await w.clock.advance(1_000);
    lose = true;
    near.connection?.write(pattern(100));
    await w.clock.advance(400);
    lose = false;
    await w.clock.advance(80);
    expect(far.count).toBe(0);
    await w.clock.advance(100);
    expect(far.count).toBe(100);
  });
});

test('a thousand connections, opened and closed, leave nothing behind', async () => {
  const { w, a, b } = await pair();
  for (let round = 0; round < 34; round++) {
    const made = Array.from({ length: 30 }, () => w.dial(a, b));
    await w.clock.runUntil(() => made.every(({ stood }) => stood), 20_000);
    for (const [i, { connection }] of made.entries()) {
      connection?.write(pattern(1 + 40 * i));
      if (i % 3 === 1) await w.clock.settle();
      if (i % 3 !== 0) connection?.end();
      else connection?.destroy();
    }
    await w.clock.advance(1_000);
    for (const { hearer } of b.came) hearer.connection?.destroy();
  }
  await w.clock.advance(60_000);
  // What had not left when it was destroyed never did, and nobody heard of the connection.
  expect(b.came.length).toBeGreaterThan(500);
  expect(b.utp.halfOpen).toBeLessThan(256);
  expectNothing(w, a, b);
});

test('where its socket closes, all connections end', async () => {
  const { w, a, b } = await pair();
  const { near, far } = await w.connect(a, b);
  const dialling = w.dial(a, b);
  a.utp.close();
  await w.clock.settle();
  expect([near.ended, dialling.ended]).toEqual([
    { kind: 'error', code: 'EADDRNOTAVAIL' },
    { kind: 'error', code: 'EADDRNOTAVAIL' },
  ]);
  expect([a.utp.size, a.utp.wheel.size]).toEqual([0, 0]);
  // The other side is told, or it would take the next connection for one too many.
  await w.clock.advance(100);
  expect(far.ended).toEqual({ kind: 'error', code: 'ECONNRESET' });
  expect(TIMES.connectTimeout).toBe(millis(15_000));
});

test('what is sent before any byte bears the id that packets to the other side have', async () => {
  const ids: string[] = [];
  const packet = new Packet();
  const { w, a, b } = await pair(undefined, (data) => {
    if (readPacket(data, packet)) ids.push(`${Object.keys(PACKET)[packet.type]} ${packet.connectionId}`);
    return true;
  });
  const near = w.dial(a, b);
  await w.clock.advance(35_000);
  expect(near.stood).toBe(true);
  const [syn = '', ...more] = ids;
  const called = Number(syn.split(' ')[1]);
  expect(new Set(more)).toEqual(new Set([`state ${(called + 1) & 0xffff}`]));
});
