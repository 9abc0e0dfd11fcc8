import { expect, test } from 'vitest';
import { VirtualClock } from '../sim/clock.ts';
import { SimHttp } from '../sim/http.ts';
import { SimNet } from '../sim/net.ts';
import { SeededRandom } from '../sim/random.ts';
import { routeBy, SimRouter } from '../sim/router.ts';
import { probe } from './probe.ts';

test('every protocol of every link is asked, and what was had is given back', async () => {
  const clock = new VirtualClock();
  const random = new SeededRandom(3);
  const net = new SimNet(clock, random);
  const http = new SimHttp(clock);
  const host = net.host(['192.168.1.5', '10.2.0.2']);
  const router = await SimRouter.start(clock, net.host('192.168.1.1'), http, undefined, {
    pcp: false,
    outer: '10.0.0.7',
  });
  routeBy(host, '192.168.1.1');
  const ports = { clock, random, net: host, http, interfaces: host };
  const { signal } = new AbortController();
  const found = await clock.resolve(probe(ports, { bind: [], gateways: [], signal }), 60_000);
  expect(found).toMatchObject([
    {
      own: { address: '192.168.1.5' },
      gateway: '192.168.1.1',
      answers: [
        { protocol: 'pcp', outcome: { kind: 'refused', why: 'it speaks another version' } },
        { protocol: 'nat-pmp', outcome: { kind: 'granted' }, note: expect.stringMatching(/another router/) as string },
        { protocol: 'upnp', outcome: { kind: 'granted' } },
      ],
    },
    { own: { address: '10.2.0.2' }, message: expect.stringMatching(/--gateway/) as string },
  ]);
  expect(router.entries.size).toBe(0);
  // Nothing listens any more.
  for (const { own } of found) expect(host.connections.size, own.address).toBe(0);
  const one = await clock.resolve(probe(ports, { bind: ['10.2.0.2'], gateways: ['192.168.1.1'], signal }), 60_000);
  expect(one).toMatchObject([{ gateway: '192.168.1.1', own: { address: '10.2.0.2' } }]);
  await expect(probe(ports, { bind: ['eth9'], gateways: [], signal })).rejects.toThrow(/eth9/);
});
