import { expect, test } from 'vitest';
import { VirtualClock } from '../sim/clock.ts';
import { SimHttp } from '../sim/http.ts';
import { SimNet } from '../sim/net.ts';
import { SeededRandom } from '../sim/random.ts';
import { DhtDesk } from './dht-desk.ts';
import { IdleDht } from './idle-dht.ts';
import { Links } from './links.ts';
import { ListenSockets } from './listen-sockets.ts';

const A = '10.0.0.1';
const B = '10.0.0.2';
const type = 'dht-always';

test.each([
  ['on and off', [A, undefined], []],
  ['another address', [A, B], [B]],
  ['another address and off', [A, B, undefined], []],
  ['off and on', [A, undefined, B, undefined, A], [A]],
])('of settings that follow each other at once the last one counts: %s', async (_, settings, expected) => {
  const clock = new VirtualClock();
  const random = new SeededRandom(1);
  const host = new SimNet(clock, random).host([A, B]);
  const ports = { net: host, clock, interfaces: host, random, http: new SimHttp(clock) };
  const sockets = new ListenSockets(ports);
  const desk = new DhtDesk({ ports: { net: host, clock, random }, version: new Uint8Array(4), post: () => {} });
  const idle = new IdleDht({ links: new Links(ports as never), listenSockets: sockets }, desk);
  for (const address of settings) {
    void idle.set({ type, on: address !== undefined, port: 0, ...(address === undefined ? {} : { address }) });
  }
  await clock.advance(1000);
  expect([A, B].filter((address) => sockets.at(address).used)).toEqual(expected);
  expect([A, B].filter((address) => sockets.at(address).local !== undefined)).toEqual(expected);
});
