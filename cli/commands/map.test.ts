import { expect, test } from 'vitest';
import type { LinkProbe, ProbeOptions } from '../../core/portmap/probe.ts';
import { EXIT } from '../exit-codes.ts';
import { CliBench } from '../testing/run-cli.ts';

const own = { interfaceName: 'eth0', address: '192.168.1.5', family: 4, internal: false } as const;
const links: readonly LinkProbe[] = [
  {
    own,
    gateway: '192.168.1.1',
    answers: [
      { protocol: 'pcp', outcome: { kind: 'silent' } },
      { protocol: 'nat-pmp', outcome: { kind: 'refused', by: 'nat-pmp', why: 'it does not allow that' } },
      {
        protocol: 'upnp',
        outcome: {
          kind: 'granted',
          grant: { by: 'upnp', host: '10.0.0.2', tcp: 7001, udp: undefined, lifetime: 3600 },
        },
        note: 'The router is behind another one',
      },
    ],
  },
  { own: { ...own, interfaceName: 'wg0', address: '10.2.0.2' }, message: 'no router', answers: [] },
];

async function mapped(line: string, found = links) {
  const asked: ProbeOptions[] = [];
  const bench = new CliBench({
    probeRouters: (options) => {
      asked.push(options);
      return Promise.resolve(found);
    },
  });
  return { code: await bench.run(line), bench, asked };
}

test('each link with what its router answers, for programs', async () => {
  const { code, bench, asked } = await mapped('map --json --bind eth0,10.2.0.2 --gateway 10.2.0.1');
  expect(code).toBe(EXIT.done);
  expect(asked).toMatchObject([{ bind: ['eth0', '10.2.0.2'], gateways: ['10.2.0.1'] }]);
  expect(bench.json).toEqual([
    {
      version: 1,
      event: 'link',
      interface: 'eth0',
      address: '192.168.1.5',
      gateway: '192.168.1.1',
      answers: [
        { protocol: 'pcp', result: 'silent' },
        { protocol: 'nat-pmp', result: 'refused', why: 'it does not allow that' },
        {
          protocol: 'upnp',
          result: 'granted',
          host: '10.0.0.2',
          port: 7001,
          lifetime: 3600,
          note: 'The router is behind another one',
        },
      ],
    },
    { event: 'link', interface: 'wg0', address: '10.2.0.2', message: 'no router' },
  ]);
});

test('and for people', async () => {
  const { bench } = await mapped('map');
  for (const part of [
    'eth0 192.168.1.5, router 192.168.1.1',
    'no answer',
    '10.0.0.2:7001',
    'not for UDP',
    'behind another',
    'no router',
  ]) {
    expect(bench.out).toContain(part);
  }
});

test('a machine without a network is told', async () => {
  const { code, bench } = await mapped('map', []);
  expect(code).not.toBe(EXIT.done);
  expect(bench.err).toContain('no address but loopback');
});

test('nothing is asked by a proxy', async () => {
  const { code, bench, asked } = await mapped('map --proxy socks5://10.0.0.1:1080');
  expect([code, asked]).toEqual([EXIT.usage, []]);
  expect(bench.err).toContain('proxy');
});
