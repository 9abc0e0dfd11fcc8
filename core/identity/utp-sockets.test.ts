import { expect, test } from 'vitest';
import { VirtualClock } from '../sim/clock.ts';
import { SimNet } from '../sim/net.ts';
import { SeededRandom } from '../sim/random.ts';
import { SharedUdp } from './shared-udp.ts';
import { UtpSockets } from './utp-sockets.ts';

test.each([
  ['192.168.1.5', '93.184.216.1', true],
  ['192.168.1.5', '192.168.1.6', false],
  ['93.184.216.7', '93.184.216.1', false],
  // Without translation, but hardly without a router that lets nobody in.
  ['2001:db8:1::5', '2001:db8:2::1', true],
  ['2001:db8:1::5', '2001:db8:1::6', false],
  ['fd00:1::5', 'fd00:2::6', false],
  ['2001:db8:1::5', 'fd00:2::6', false],
])('from %s routers lie between us and %s: %j', async (local, host, expected) => {
  const clock = new VirtualClock();
  const random = new SeededRandom(1);
  const own = new SimNet(clock, random).host([local]);
  const udp = new SharedUdp({ net: own, clock, interfaces: own }, local);
  const needs = { ports: { clock, random, interfaces: own }, accepting: () => false, accept: () => undefined };
  const utp = new UtpSockets(udp, needs);
  await clock.resolve(udp.open(6881));
  expect(utp.isOutside({ host, port: 6881 }, local)).toBe(expected);
});
