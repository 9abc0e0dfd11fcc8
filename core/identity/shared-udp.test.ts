import { expect, test } from 'vitest';
import type { DatagramOptions } from '../ports/datagram.ts';
import { networkError, systemError } from '../ports/system-error.ts';
import { VirtualClock } from '../sim/clock.ts';
import { SimNet } from '../sim/net.ts';
import { SeededRandom } from '../sim/random.ts';
import { SharedUdp } from './shared-udp.ts';

const FIRST = '10.5.0.1';
const SECOND = '10.5.0.9';

/** The UDP port of an identity that is bound to nothing. */
function unbound(refuses: (options: DatagramOptions) => boolean = () => false) {
  const clock = new VirtualClock();
  const net = new SimNet(clock, new SeededRandom(1));
  const host = net.host([FIRST, SECOND, 'fd00::1']);
  const far = net.host(['10.6.0.1', 'fd00::2']);
  const own = {
    dial: host.dial.bind(host),
    listen: host.listen.bind(host),
    resolve: host.resolve.bind(host),
    ownNameServers: host.ownNameServers.bind(host),
    leadsOut: host.leadsOut.bind(host),
    datagram: (options: DatagramOptions, handler: Parameters<typeof host.datagram>[1]) =>
      refuses(options) ? Promise.reject(networkError('x', systemError('EADDRINUSE'))) : host.datagram(options, handler),
  };
  const udp = new SharedUdp({ net: own, clock, interfaces: host }, undefined);
  const present = async (is: boolean): Promise<void> => {
    host.link(FIRST).present = is;
    if (udp.isStale(host.list())) await udp.follow();
  };
  return { clock, far, udp, present };
}

test('each address has a socket of its own on the same port, which comes and goes with it', async () => {
  const { udp, present } = unbound();
  let changes = 0;
  const unlisten = udp.onChange(() => changes++);
  await udp.open(7000);
  const there = (): string[] => [...udp.locals].map(([address, { local }]) => `${address} ${local.port}`);
  expect(there()).toEqual([`${FIRST} 7000`, `${SECOND} 7000`, 'fd00::1 7000']);
  await present(false);
  expect(there()).toEqual([`${SECOND} 7000`, 'fd00::1 7000']);
  await present(false);
  expect(changes).toBe(2);
  await present(true);
  expect(there()).toEqual([`${SECOND} 7000`, 'fd00::1 7000', `${FIRST} 7000`]);
  unlisten();
  udp.close();
  expect([there(), changes]).toEqual([[], 3]);
});

test('an answer leaves from the address that was asked; who only asks leaves it to the system', async () => {
  const { clock, far, udp } = unbound();
  await udp.open(7000);
  const heard: string[] = [];
  const here = { received: (_: Uint8Array, host: string, port: number) => heard.push(`${host} ${port === 7000}`) };
  const asking = await far.datagram({ family: 4 }, here);
  const second = udp.locals.get(SECOND)!;
  second.handle('dht', { received: (data, host, port) => second.send(data, host, port) });
  const others: string[] = [];
  udp.handle('dht', { received: (_, host) => others.push(host) });
  asking.send(Uint8Array.of(0x64, 0x65), SECOND, 7000);
  await clock.advance(100);
  expect([heard, others]).toEqual([[`${SECOND} true`], []]);
  udp.send(new Uint8Array(1), '10.6.0.1', asking.local.port);
  udp.send(new Uint8Array(1), 'fd00::2', 9);
  await clock.advance(100);
  expect(heard).toEqual([`${SECOND} true`, `${FIRST} false`]);
  second.handle('dht', undefined);
  asking.send(Uint8Array.of(0x64, 0x65), SECOND, 7000);
  await clock.advance(100);
  expect(others).toEqual(['10.6.0.1']);
});

test('where no port is free on all addresses at first, another one is taken', async () => {
  let left = 2;
  const { udp } = unbound(({ localAddress }) => localAddress === SECOND && left-- > 0);
  await udp.open(0);
  expect([udp.locals.size, new Set([...udp.locals.values()].map(({ local }) => local.port)).size]).toEqual([3, 1]);
});
