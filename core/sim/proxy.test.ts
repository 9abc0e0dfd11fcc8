import { beforeEach, describe, expect, test } from 'vitest';
import { millis } from '../base/ids.ts';
import { linkStandIn6 } from '../base/stand-in.ts';
import type { DatagramSocket } from '../ports/datagram.ts';
import type { CloseReason, Connection, ConnectionHandler } from '../ports/net.ts';
import { ProxiedNet } from '../proxy/proxied-net.ts';
import { ProxyLink } from '../proxy/proxy-link.ts';
import { VirtualClock } from './clock.ts';
import { SharedUdp } from '../identity/shared-udp.ts';
import { SimHttp } from './http.ts';
import type { SimHost } from './net-host.ts';
import { SimNet } from './net.ts';
import { SeededRandom } from './random.ts';
import { SocksProxy } from './socks-proxy.ts';

const USER = '10.0.0.1';
const PROXY = '10.0.1.1';
const SERVER = '10.0.2.1';
const SERVER6 = 'fd00:2::1';
const OTHER = '10.0.3.1';
const LINK = '242.1.2.3';
const LIMITS = { connectTimeout: millis(15_000), silenceTimeout: millis(60_000), stuckTimeout: millis(60_000) };
const text = (data: Uint8Array): string => new TextDecoder().decode(data);
const bytes = (said: string): Uint8Array => new TextEncoder().encode(said);

let clock: VirtualClock;
let user: SimHost;
let server: SimHost;
let other: SimHost;
let proxy: SocksProxy;
let link: ProxyLink;
let net: ProxiedNet;
let said: string[];

beforeEach(async () => {
  clock = new VirtualClock();
  const sim = new SimNet(clock, new SeededRandom(1));
  [user, server, other] = [sim.host([USER]), sim.host([SERVER, SERVER6]), sim.host([OTHER])];
  sim.name('server.example', [SERVER]);
  proxy = new SocksProxy(sim.host([PROXY, 'fd00:1::1']));
  await proxy.start();
  const ports = { net: user, interfaces: user, clock, http: new SimHttp(clock) };
  link = new ProxyLink({ ports, url: `socks5://${PROXY}:1080`, from: undefined, address: LINK });
  net = new ProxiedNet(ports, link);
  said = [];
  link.onNews((news) => said.push(news));
  // It says what it hears, and who said so.
  await server.listen({ port: 80, ...LIMITS }, ({ remote }) => ({
    data: (connection, data) => connection.write(bytes(`${remote.host} ${text(data)}`)),
    closed: () => {},
  }));
});

/** Dials, says hello, and resolves to the answer or to why there is none. */
function hello(host: string): Promise<string | CloseReason> {
  return clock.resolve(
    new Promise((resolve) => {
      const handler: ConnectionHandler = {
        connected: (connection: Connection) => connection.write(bytes('hello')),
        data: (_, data) => resolve(text(data)),
        closed: (_, reason) => resolve(reason),
      };
      net.dial({ remote: { host, port: 80 }, ...LIMITS }, handler);
    }),
  );
}

/** Opens a socket; what comes to it. */
async function open(family: 4 | 6 = 4): Promise<{ socket: DatagramSocket; come: string[] }> {
  const come: string[] = [];
  const received = (data: Uint8Array, host: string, port: number): unknown =>
    come.push(`${text(data)} ${host}:${port}`);
  return { socket: await clock.resolve(net.datagram({ family }, { received })), come };
}

/** A host that answers datagrams on a port. */
function echo(host: SimHost, port: number, family: 4 | 6 = 4): Promise<DatagramSocket> {
  const socket: Promise<DatagramSocket> = host.datagram(
    { family, port },
    { received: (data, from, fromPort) => void socket.then((own) => own.send(data, from, fromPort)) },
  );
  return socket;
}

describe('connections', () => {
  test('go by the proxy, names too, which are looked up there', async () => {
    expect(await hello(SERVER)).toBe(`${PROXY} hello`);
    const [found] = await net.resolve('Server.Example.');
    expect(await hello(found?.address ?? '')).toBe(`${PROXY} hello`);
    expect([...proxy.asked]).toEqual([`${SERVER}:80`, 'server.example:80']);
  });

  test('fail where the target does, which says nothing of the proxy', async () => {
    expect(await hello('10.9.9.9')).toEqual({ kind: 'error', code: 'EHOSTUNREACH' });
    await clock.advance(5000);
    expect(link.gone).toBe(false);
    expect(said).toEqual([]);
  });

  test.each(['240.0.0.77', 'localhost', 'a.localhost'])('%s is nobody', async (host) => {
    await expect(net.resolve(host)).rejects.toMatchObject({ code: 'network' });
  });

  test('nobody can dial us', async () => {
    const listener = await net.listen();
    expect(listener.local).toEqual({ host: LINK, port: 1 });
  });
});

describe('a proxy that is gone', () => {
  test('is waited for, and comes back; what was said is said once', async () => {
    await hello(SERVER);
    expect(link.list()).toMatchObject([
      { address: LINK, family: 4 },
      { address: linkStandIn6(LINK), family: 6 },
    ]);
    await proxy.stop();
    expect(await hello(SERVER)).toEqual({ kind: 'error', code: 'EPROXY' });
    await clock.advance(3000);
    expect(link.list()).toEqual([]);
    await hello(SERVER);
    await clock.advance(60_000);
    expect(said.length).toBe(1);
    expect(said[0]).toContain(`socks5://${PROXY}:1080`);
    await proxy.start();
    await clock.advance(40_000);
    expect(link.gone).toBe(false);
    expect(said.length).toBe(2);
    expect(await hello(SERVER)).toBe(`${PROXY} hello`);
  });

  test('one that only hangs up on one target is not gone', async () => {
    for (let i = 0; i < 20; i++) await hello('no.such.name');
    await clock.advance(60_000);
    expect(link.gone).toBe(false);
  });
});

describe('datagrams', () => {
  test('go by the proxy and bear their sender, by name or by address as they were sent', async () => {
    await echo(server, 6881);
    await echo(other, 6881);
    const { socket, come } = await open();
    expect(socket.overhead).toBe(10);
    const [name] = await net.resolve('server.example');
    socket.send(bytes('a'), OTHER, 7000);
    socket.send(bytes('b'), name?.address ?? '', 6881);
    await clock.advance(1000);
    socket.send(bytes('c'), OTHER, 6881);
    await clock.advance(1000);
    expect(come).toEqual([`b ${name?.address}:6881`, `c ${OTHER}:6881`]);
  });

  test('end with the connection that holds the association, and go on with the next one', async () => {
    await echo(server, 5000);
    const { socket, come } = await open();
    for (const client of proxy.clients) client.destroy();
    await clock.advance(500);
    const before = user.link().sent;
    socket.send(bytes('lost'), SERVER, 5000);
    expect(user.link().sent).toBe(before);
    await clock.advance(10_000);
    socket.send(bytes('again'), SERVER, 5000);
    await clock.advance(1000);
    expect(come).toEqual([`again ${SERVER}:5000`]);
    socket.close();
    await clock.advance(1000);
    expect(proxy.clients.size).toBe(0);
  });

  test('that nobody carries: said once, and not asked for again', async () => {
    proxy.udp = false;
    for (let i = 0; i < 3; i++) {
      await expect(clock.resolve(net.datagram({ family: 4 }, { received: () => {} }))).rejects.toMatchObject({
        code: 'network',
      });
    }
    expect(said.filter((one) => one.includes('UDP')).length).toBe(1);
    expect(link.gone).toBe(false);
    const sent = user.link().sent;
    await net.datagram({ family: 4 }, { received: () => {} }).catch(() => {});
    expect(user.link().sent).toBe(sent);
  });

  test('of each family have a socket of their own, whose place in the world has an address of each', async () => {
    await echo(server, 6881);
    await echo(server, 6881, 6);
    const [four, six] = [await open(4), await open(6)];
    expect([four.socket.overhead, six.socket.overhead]).toEqual([10, 22]);
    expect(link.list().map(({ address, family }) => [address, family])).toEqual([
      [four.socket.local.host, 4],
      [six.socket.local.host, 6],
    ]);
    four.socket.send(bytes('a'), SERVER, 6881);
    six.socket.send(bytes('b'), SERVER6, 6881);
    await clock.advance(1000);
    expect([four.come, six.come]).toEqual([[`a ${SERVER}:6881`], [`b ${SERVER6}:6881`]]);
  });

  test('of an identity behind a proxy go by the socket of their family', async () => {
    await echo(server, 6881);
    await echo(server, 6881, 6);
    const udp = new SharedUdp({ net, clock, interfaces: link }, LINK);
    await clock.resolve(udp.open(0));
    const heard: string[] = [];
    udp.handle('dht', {
      received: (data, host) => heard.push(`${text(data)} ${host}`),
      failed: (code) => heard.push(code),
    });
    udp.send(bytes('d1:ae'), SERVER, 6881);
    udp.send(bytes('d1:be'), SERVER6, 6881);
    await clock.advance(1000);
    expect(heard).toEqual([`d1:ae ${SERVER}`, `d1:be ${SERVER6}`]);
    udp.close();
    await clock.advance(1000);
    expect(proxy.clients.size).toBe(0);
  });

  test('to groups are for the network that we are in', async () => {
    const multicast = { groups: [], ttl: 1 };
    await expect(net.datagram({ family: 4, multicast }, { received: () => {} })).rejects.toThrow();
    expect(user.link().sent).toBe(0);
  });

  test('of others than the relay are not heard', async () => {
    await echo(server, 5000);
    const { socket, come } = await open();
    socket.send(bytes('x'), SERVER, 5000);
    await clock.advance(1000);
    const stranger = await other.datagram({ family: 4 }, { received: () => {} });
    const forged = Uint8Array.of(0, 0, 0, 1, 10, 0, 2, 1, 0x13, 0x88, 66);
    for (let port = 40_000; port < 40_050; port++) stranger.send(forged.slice(), USER, port);
    await clock.advance(1000);
    expect(come).toEqual([`x ${SERVER}:5000`]);
  });
});

describe('hostile proxies', () => {
  const http = [...bytes('HTTP/1.1 400 Bad Request\r\n\r\n')];
  const flood = Array<number>(5000).fill(5);
  /** What it answers to the first and to the second that it is told (undefined: it hangs up), and whether it counts as gone. */
  const answers: readonly (readonly [string, readonly (readonly number[] | undefined)[], boolean])[] = [
    ['says nothing', [], true],
    ['closes at once', [undefined], true],
    ['speaks HTTP', [http], true],
    ['floods', [flood], true],
    ['wants what was not offered', [[5, 99]], true],
    ['answers before it is asked', [[5, 0, 5, 0, 0, 1]], true],
    // One that greets well is a proxy, whatever it does with a target.
    ['says nothing of the target', [[5, 0]], false],
    ['closes when asked', [[5, 0], undefined], false],
    [
      'never ends its reply',
      [
        [5, 0],
        [5, 0, 0, 3, 255, 97],
      ],
      false,
    ],
    ['replies with nonsense', [[5, 0], flood], false],
  ];

  test.each(answers)('one that %s costs a time-out', async (_, answer, gone) => {
    await proxy.stop();
    await proxy.host.listen({ port: 1080, ...LIMITS }, () => {
      let turn = 0;
      return {
        data: (client) => {
          if (turn >= answer.length) return;
          const say = answer[turn++];
          if (say === undefined) client.destroy();
          else client.write(Uint8Array.from(say));
        },
        closed: () => {},
      };
    });
    expect(await hello(SERVER)).toMatchObject({ kind: expect.stringMatching(/error|timeout/) as string });
    await clock.advance(120_000);
    expect(link.gone).toBe(gone);
    expect([...user.connections].length).toBeLessThanOrEqual(1);
  });
});
