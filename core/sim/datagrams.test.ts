import { describe, expect, test } from 'vitest';
import type { Endpoint } from '../base/endpoint.ts';
import { millis } from '../base/ids.ts';
import type { ConnectionHandler } from '../ports/net.ts';
import { VirtualClock } from './clock.ts';
import type { NatOptions } from './nat.ts';
import { NATS } from './nat.ts';
import type { SimHost } from './net-host.ts';
import type { LinkOptions } from './net-link.ts';
import { SimNet } from './net.ts';
import { SeededRandom } from './random.ts';

const TIMES = { silenceTimeout: millis(150_000), stuckTimeout: millis(60_000) };

function world() {
  const clock = new VirtualClock();
  const net = new SimNet(clock, new SeededRandom(7));
  const socket = async (host: SimHost, port: number) => {
    const heard: { text: string; at: number; from: Endpoint }[] = [];
    const made = await host.datagram(
      { family: 4, localAddress: host.link().address, port },
      {
        received: (data, from, fromPort) =>
          heard.push({ text: new TextDecoder().decode(data), at: clock.now(), from: { host: from, port: fromPort } }),
      },
    );
    const send = (text: string, to: Endpoint): boolean => made.send(new TextEncoder().encode(text), to.host, to.port);
    return { local: made.local, heard, send };
  };
  return { clock, net, socket };
}

/** What arrives of `count` datagrams, one each ms, over such a line. */
async function stream(link: LinkOptions, count: number, length = 3) {
  const w = world();
  const from = await w.socket(w.net.host('10.0.0.1', link), 1);
  const to = await w.socket(w.net.host('10.0.0.2'), 2);
  for (let i = 0; i < count; i++) {
    from.send(String(i).padStart(length, '0'), to.local);
    await w.clock.advance(1);
  }
  await w.clock.advance(10_000);
  return to.heard.map(({ text, at }) => ({ n: Number(text), at }));
}

describe('lines', () => {
  test('a share of datagrams is lost', async () => {
    const { length } = await stream({ loss: 0.5 }, 200);
    expect(length).toBeGreaterThan(70);
    expect(length).toBeLessThan(130);
  });

  test('a share comes twice', async () => {
    const came = await stream({ duplication: 0.25 }, 200);
    expect(new Set(came.map(({ n }) => n)).size).toBe(200);
    expect(came.length).toBeGreaterThan(220);
    expect(came.length).toBeLessThan(280);
  });

  test('a share is overtaken, and nothing is lost', async () => {
    const came = (await stream({ reordering: 0.1 }, 200)).map(({ n }) => n);
    const late = came.filter((n, i) => came.slice(0, i).some((before) => before > n)).length;
    expect(late).toBeGreaterThan(5);
    expect(late).toBeLessThan(40);
    expect(came.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 200 }, (_, i) => i));
  });

  test('a rate spaces them; what finds the queue full is lost', async () => {
    const spaced = await stream({ up: 10_000, latency: 5 }, 4, 100);
    expect(spaced.map(({ at }) => at)).toEqual([15, 25, 35, 45]);
    const queued = await stream({ up: 10_000, queue: 300 }, 20, 100);
    expect(queued.length).toBeLessThan(8);
    expect(queued.slice(0, 3).map(({ n }) => n)).toEqual([0, 1, 2]);
  });

  test('bytes that are changed before they left leave changed', async () => {
    const w = world();
    const host = w.net.host('10.0.0.1', { up: 1000 });
    const to = await w.socket(w.net.host('10.0.0.2'), 2);
    const from = await host.datagram({ family: 4 }, { received: () => {} });
    const bytes = new TextEncoder().encode('good');
    from.send(bytes, to.local.host, to.local.port);
    bytes.set(new TextEncoder().encode('bad!'));
    await w.clock.advance(100);
    expect(to.heard[0]?.text).toBe('bad!');
  });
});

test('a group is heard on the sender’s segment alone, by a host that joined it there', async () => {
  const w = world();
  const group = { host: '239.1.2.3', port: 6771 };
  const heard: string[] = [];
  const join = async (host: SimHost, address: string) =>
    host.datagram(
      { family: 4, localAddress: address, multicast: { groups: [group], ttl: 1 } },
      { received: (_, from) => heard.push(`${address} ${from}`) },
    );
  const home = w.net.behind('203.0.113.1', NATS.restricted);
  const sender = await join(home.host('192.168.0.2'), '192.168.0.2');
  await join(home.host('192.168.0.3'), '192.168.0.3');
  await join(w.net.host('198.51.100.1'), '198.51.100.1');
  sender.send(new Uint8Array(1), group.host, group.port);
  await w.clock.advance(1);
  expect(heard).toEqual(['192.168.0.2 192.168.0.2', '192.168.0.3 192.168.0.2']);
});

describe('boxes', () => {
  /** A host behind each of two boxes, and one on the internet. */
  async function two(nat: NatOptions) {
    const w = world();
    const homes = ['203.0.113.1', '203.0.113.2'].map((outer) => w.net.behind(outer, nat));
    const [a, b] = await Promise.all(homes.map((home) => w.socket(home.host('192.168.0.2'), 6881)));
    const server = await w.socket(w.net.host('198.51.100.1'), 80);
    a!.send('a', server.local);
    b!.send('b', server.local);
    await w.clock.advance(1);
    const [outerA, outerB] = server.heard.map(({ from }) => from);
    return { ...w, homes, a: a!, b: b!, server, outerA: outerA!, outerB: outerB! };
  }

  test('the world sees the outer endpoint, and its answers come back', async () => {
    const w = await two(NATS.restricted);
    expect(w.server.heard.map(({ from }) => from.host)).toEqual(['203.0.113.1', '203.0.113.2']);
    w.server.send('hello', w.outerA);
    await w.clock.advance(1);
    expect(w.a.heard).toMatchObject([{ text: 'hello', from: w.server.local }]);
    expect(w.b.heard).toEqual([]);
  });

  test.each([
    ['fullCone', 'at the first try'],
    ['restricted', 'when both have sent'],
    ['symmetric', 'never'],
  ] as const)('two behind boxes of kind %s reach each other %s', async (kind, when) => {
    const w = await two(NATS[kind]);
    w.a.send('1', w.outerB);
    await w.clock.advance(1);
    const first = w.b.heard.length;
    w.b.send('2', w.outerA);
    await w.clock.advance(1);
    w.a.send('3', w.outerB);
    await w.clock.advance(1);
    const seen = first > 0 ? 'at the first try' : w.b.heard.length > 0 ? 'when both have sent' : 'never';
    expect(seen).toBe(when);
  });

  test('two behind one box reach each other by outer endpoints only where it turns them round', async () => {
    for (const hairpin of [false, true]) {
      const w = world();
      const home = w.net.behind('203.0.113.1', { ...NATS.fullCone, hairpin });
      const a = await w.socket(home.host('192.168.0.2'), 6881);
      const b = await w.socket(home.host('192.168.0.3'), 6882);
      const server = await w.socket(w.net.host('198.51.100.1'), 80);
      a.send('a', server.local);
      await w.clock.advance(1);
      const outer = server.heard[0]!.from;
      b.send('in', a.local);
      b.send('round', outer);
      await w.clock.advance(1);
      expect(a.heard.map(({ text }) => text)).toEqual(hairpin ? ['in', 'round'] : ['in']);
      if (hairpin) expect(a.heard[1]?.from.host).toBe('203.0.113.1');
    }
  });

  test('a box behind a box; IPv6 passes both untouched', async () => {
    const w = world();
    const home = w.net.behind('203.0.113.1', NATS.restricted).behind('100.64.0.2', NATS.restricted);
    const inner = await w.socket(home.host(['192.168.0.2', '2001:db8::2']), 6881);
    const server = await w.socket(w.net.host('198.51.100.1'), 80);
    inner.send('out', server.local);
    await w.clock.advance(1);
    expect(server.heard[0]?.from.host).toBe('203.0.113.1');
    server.send('back', server.heard[0]!.from);
    await w.clock.advance(1);
    expect(inner.heard.map(({ text }) => text)).toEqual(['back']);
    expect(w.net.route('udp', { host: '2001:db8::9', port: 1 }, { host: '2001:db8::2', port: 2 })?.from.host).toBe(
      '2001:db8::9',
    );
  });

  test('TCP: dialled from inside alone, but where a port is forwarded', async () => {
    const w = world();
    const home = w.net.behind('203.0.113.1', NATS.restricted);
    const inside = home.host('192.168.0.2');
    const outside = w.net.host('198.51.100.1');
    const accepted: string[] = [];
    const handler: ConnectionHandler = { data: () => {}, closed: () => {} };
    for (const host of [inside, outside]) {
      await host.listen({ port: 6881, ...TIMES }, (connection) => {
        accepted.push(`${connection.remote.host} at ${connection.local.host}`);
        return handler;
      });
    }
    const dial = async (from: SimHost, host: string): Promise<void> => {
      from.dial({ remote: { host, port: 6881 }, connectTimeout: millis(1000), ...TIMES }, handler);
      await w.clock.advance(2000);
    };
    await dial(outside, '203.0.113.1');
    expect(accepted).toEqual([]);
    await dial(inside, '198.51.100.1');
    expect(accepted).toEqual(['203.0.113.1 at 198.51.100.1']);
    home.nat!.forward('tcp', 6881, { host: '192.168.0.2', port: 6881 }, w.clock.now());
    await dial(outside, '203.0.113.1');
    expect(accepted.slice(1)).toEqual(['198.51.100.1 at 192.168.0.2']);
  });
});
