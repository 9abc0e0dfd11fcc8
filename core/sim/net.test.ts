import { describe, expect, test } from 'vitest';
import { millis } from '../base/ids.ts';
import type { CloseReason, Connection, ConnectionHandler } from '../ports/net.ts';
import { VirtualClock } from './clock.ts';
import { Line } from './net-link.ts';
import { SimNet } from './net.ts';
import { SeededRandom } from './random.ts';

const TIMES = { silenceTimeout: millis(150_000), stuckTimeout: millis(60_000) };

/** Keeps all that it hears. */
class Recorder implements ConnectionHandler {
  bytes = 0;
  text = '';
  reason: CloseReason | undefined;
  isConnected = false;
  drains = 0;
  last: Uint8Array | undefined;

  connected(): void {
    this.isConnected = true;
  }
  data(_: Connection, data: Uint8Array): void {
    this.bytes += data.length;
    if (data.length < 100) this.text += new TextDecoder().decode(data);
    this.last = data;
  }
  drained(): void {
    this.drains++;
  }
  closed(_: Connection, reason: CloseReason): void {
    expect(this.reason).toBeUndefined();
    this.reason = reason;
  }
}

function world(a: object = {}, b: object = {}) {
  const clock = new VirtualClock();
  const net = new SimNet(clock, new SeededRandom(7));
  return { clock, net, a: net.host('10.0.0.1', a), b: net.host(['10.0.0.2', '10.0.0.3', 'fd00::2'], b) };
}

async function pair(w: ReturnType<typeof world>, times = TIMES) {
  const far = new Recorder();
  const near = new Recorder();
  let accepted: Connection | undefined;
  await w.b.listen({ address: '10.0.0.2', port: 6881, ...times }, (connection) => {
    accepted = connection;
    return far;
  });
  const options = { remote: { host: '10.0.0.2', port: 6881 }, connectTimeout: millis(5000), ...times };
  const dialled = w.a.dial(options, near);
  await w.clock.runUntil(() => near.isConnected, 5000);
  return { near, far, dialled, accepted: accepted! };
}

describe('SimNet', () => {
  test('a rate and a latency decide when bytes arrive', async () => {
    const w = world({ up: 1_000_000, latency: 20 }, { latency: 30 });
    const p = await pair(w);
    expect(w.clock.now()).toBe(100);
    p.dialled.write(new Uint8Array(500_000));
    await w.clock.runUntil(() => p.far.bytes === 500_000, 10_000);
    expect(w.clock.now()).toBeCloseTo(100 + 500 + 50, 0);
  });

  test('two connections share a line evenly', async () => {
    const w = world({}, { down: 1_000_000 });
    const p = await pair(w);
    const other = new Recorder();
    const c = w.net
      .host('10.0.0.9')
      .dial({ remote: { host: '10.0.0.2', port: 6881 }, connectTimeout: millis(5000), ...TIMES }, other);
    await w.clock.runUntil(() => other.isConnected, 100);
    const second = [...w.b.connections].at(-1)!;
    expect(second.remote.host).toBe('10.0.0.9');
    p.dialled.write(new Uint8Array(4_000_000));
    c.write(new Uint8Array(4_000_000));
    await w.clock.advance(6000);
    expect(p.far.bytes).toBeGreaterThan(5_800_000);
    expect(p.far.bytes).toBeLessThan(6_100_000);
  });

  test('a few bytes wait for one turn of each other connection', async () => {
    const waited: number[] = [];
    for (const turn of [undefined, 1000]) {
      const { clock, a, b } = world({ up: 10_000 });
      if (turn !== undefined) a.link().up.turn = turn;
      const heard = new Recorder();
      await b.listen({ address: '10.0.0.2', port: 1, ...TIMES }, () => new Recorder());
      await b.listen({ address: '10.0.0.2', port: 2, ...TIMES }, () => heard);
      const dial = (port: number): Connection =>
        a.dial({ remote: { host: '10.0.0.2', port }, connectTimeout: millis(1000), ...TIMES }, new Recorder());
      const busy = Array.from({ length: 4 }, () => dial(1));
      const quick = dial(2);
      await clock.advance(10);
      for (const one of busy) one.write(new Uint8Array(100_000));
      await clock.advance(100);
      const begin = clock.now();
      quick.write(new TextEncoder().encode('now'));
      while (heard.text === '') await clock.advance(10);
      waited.push(clock.now() - begin);
    }
    // Of 16 KiB and of 1,000 bytes, at 10,000 a second.
    expect(waited[0]).toBeGreaterThan(6000);
    expect(waited[1]).toBeLessThanOrEqual(410);
  });

  test('a receiver that pauses holds the sender back', async () => {
    const w = world();
    const p = await pair(w);
    p.accepted.pause();
    expect(p.dialled.write(new Uint8Array(8_000_000))).toBe(false);
    await w.clock.advance(1000);
    expect(p.far.bytes).toBe(0);
    expect(p.dialled.queued).toBeGreaterThan(6_000_000);
    p.accepted.resume();
    await w.clock.advance(1000);
    expect(p.far.bytes).toBe(8_000_000);
    expect(p.near.drains).toBe(1);
  });

  test('a buffer that was lent is scribbled over afterwards', async () => {
    const w = world();
    const p = await pair(w);
    p.dialled.write(new TextEncoder().encode('hello'));
    await w.clock.advance(10);
    expect(p.far.text).toBe('hello');
    expect([...p.far.last!]).toEqual([0xdd, 0xdd, 0xdd, 0xdd, 0xdd]);
  });

  test('a line that is cut delays; silence and stuck writers are noticed', async () => {
    const w = world();
    const p = await pair(w, { silenceTimeout: millis(10_000), stuckTimeout: millis(4000) });
    w.a.link().alive = false;
    p.dialled.write(new TextEncoder().encode('late'));
    await w.clock.advance(3000);
    expect(p.far.text).toBe('');
    w.a.link().alive = true;
    await w.clock.advance(10);
    expect(p.far.text).toBe('late');
    w.a.link().alive = false;
    p.dialled.write(new Uint8Array(10));
    await w.clock.advance(4001);
    expect(p.near.reason).toEqual({ kind: 'timeout', what: 'stuck' });
    expect(p.far.reason).toBeUndefined();
    await w.clock.advance(6000);
    expect(p.far.reason).toEqual({ kind: 'timeout', what: 'silence' });
  });

  test('an address that is gone refuses to dial and sends nothing', async () => {
    const w = world();
    const p = await pair(w);
    const link = w.a.link();
    link.present = false;
    const sent = link.sent;
    p.dialled.write(new Uint8Array(100));
    const again = new Recorder();
    const remote = { host: '10.0.0.2', port: 6881 };
    w.a.dial({ remote, localAddress: '10.0.0.1', connectTimeout: millis(5000), ...TIMES }, again);
    await w.clock.advance(1000);
    expect(again.reason).toEqual({ kind: 'error', code: 'EADDRNOTAVAIL' });
    expect(link.sent).toBe(sent);
    expect(w.a.list()).toEqual([]);
  });

  test('addresses that share a line are of one interface, others are not', () => {
    const w = world();
    const shared = { up: new Line(w.clock, 0), down: new Line(w.clock, 0) };
    const interfaces = (host: typeof w.a): number => new Set(host.list().map((own) => own.interfaceName)).size;
    expect(interfaces(w.net.host(['10.0.1.1', '10.0.1.2'], { shared }))).toBe(1);
    expect(interfaces(w.b)).toBe(3);
  });

  test.each([
    ['nobody listens', '10.0.0.2', 9, { kind: 'error', code: 'ECONNREFUSED' }],
    ['nobody has the address', '10.9.9.9', 9, { kind: 'timeout', what: 'connect' }],
    ['no address of that family', 'fd00::2', 9, { kind: 'error', code: 'ENETUNREACH' }],
  ])('dialling where %s', async (_, host, port, reason) => {
    const w = world();
    const near = new Recorder();
    w.a.dial({ remote: { host, port }, connectTimeout: millis(3000), ...TIMES }, near);
    await w.clock.advance(3000);
    expect(near.reason).toEqual(reason);
    expect(near.isConnected).toBe(false);
  });

  test('a reset is heard at both ends', async () => {
    const w = world();
    const p = await pair(w);
    w.b.breakConnections();
    await w.clock.settle();
    expect(p.near.reason).toEqual({ kind: 'error', code: 'ECONNRESET' });
    expect(p.far.reason).toEqual({ kind: 'error', code: 'ECONNRESET' });
    expect(w.a.connections.size + w.b.connections.size).toBe(0);
    await w.clock.advance(6000); // the connect time-out must not fire any more
  });
});
