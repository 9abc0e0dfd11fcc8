import { describe, expect, test } from 'vitest';
import type { LocalAddress, Route } from '../ports/interfaces.ts';
import { defaultAddresses, gatewayOf, isOnLink } from './gateways.ts';

const at = (address: string, interfaceName = 'eth0', prefix = address.includes(':') ? 64 : 24): LocalAddress => ({
  interfaceName,
  address,
  family: address.includes(':') ? 6 : 4,
  internal: false,
  prefix,
});
const route = (gateway: string, interfaceName = 'eth0', more: Partial<Route> = {}): Route => ({
  interfaceName,
  family: gateway.includes(':') ? 6 : 4,
  gateway,
  leads: 'everywhere',
  metric: 100,
  ...more,
});

describe('the router of an address', () => {
  test.for<[string, LocalAddress, readonly Route[], readonly string[], string | undefined]>([
    ['the default route', at('192.168.1.5'), [route('192.168.1.1')], [], '192.168.1.1'],
    ['no route', at('192.168.1.5'), [], [], undefined],
    ['another link has one', at('10.8.0.2', 'tun0'), [route('192.168.1.1')], [], undefined],
    ['each link its own', at('10.8.0.2', 'tun0'), [route('192.168.1.1'), route('10.8.0.1', 'tun0')], [], '10.8.0.1'],
    ['another family has one', at('2001:db8::2'), [route('192.168.1.1')], [], undefined],
    [
      'the lower metric',
      at('192.168.1.5'),
      [route('192.168.1.1'), route('192.168.1.2', 'eth0', { metric: 5 })],
      [],
      '192.168.1.2',
    ],
    [
      'one to somewhere, where there is none to everywhere',
      at('10.8.0.2', 'tun0'),
      [route('10.8.0.1', 'tun0', { leads: 'somewhere' })],
      [],
      '10.8.0.1',
    ],
    [
      'the one to everywhere before',
      at('192.168.1.5'),
      [route('192.168.1.9', 'eth0', { leads: 'somewhere', metric: 0 }), route('192.168.1.1')],
      [],
      '192.168.1.1',
    ],
    [
      'one of its own network before',
      at('10.0.0.5'),
      [route('192.168.1.1'), route('10.0.0.1', 'eth0', { leads: 'somewhere' })],
      [],
      '10.0.0.1',
    ],
    [
      'one that a rule binds to it before all',
      at('10.0.1.2'),
      [
        route('10.0.0.1'),
        route('10.0.1.1', 'eth0', { source: '10.0.1.2/32' }),
        route('10.0.2.1', 'eth0', { source: '10.0.2.2/32' }),
      ],
      [],
      '10.0.1.1',
    ],
    [
      'none that a rule binds to another',
      at('10.0.1.2'),
      [route('10.0.2.1', 'eth0', { source: '10.0.2.0/24' })],
      [],
      undefined,
    ],
    [
      'the far end of a link between two',
      at('10.8.0.6', 'tun0', 32),
      [route('10.8.0.5', 'tun0', { leads: 'peer', source: '10.8.0.6/32' })],
      [],
      '10.8.0.5',
    ],
    [
      'on Windows, by its own address alone',
      at('192.168.1.5', 'Ethernet'),
      [route('192.168.1.1', '', { source: '192.168.1.5/32' })],
      [],
      '192.168.1.1',
    ],
    ['link-local', at('2001:db8::2'), [route('fe80::1%eth0')], [], 'fe80::1%eth0'],
    ['by hand', at('10.2.0.2', 'wg0', 32), [route('192.168.1.1')], ['10.2.0.1'], '10.2.0.1'],
    ['by hand, the most alike', at('10.2.0.2', 'wg0', 32), [], ['10.8.0.1', '10.2.0.1', '2001:db8::1'], '10.2.0.1'],
    [
      'by hand, only where the table has none',
      at('192.168.1.5'),
      [route('192.168.1.1')],
      ['192.168.1.2'],
      '192.168.1.1',
    ],
    [
      'never loopback, nobody, many, or itself',
      at('10.0.0.2'),
      [],
      ['127.0.0.1', '0.0.0.0', '224.0.0.1', '10.0.0.2', 'name'],
      undefined,
    ],
    ['never loopback of IPv6', at('2001:db8::2'), [], ['::1', '::', 'ff02::1'], undefined],
  ])('%s', ([, own, routes, byHand, gateway]) => {
    expect(gatewayOf(own, routes, byHand)).toBe(gateway);
  });
});

test('the addresses of the default routes, one of each family', () => {
  const list = [at('10.0.0.2', 'eth1'), at('192.168.1.5'), at('10.8.0.2', 'tun0'), at('fd00::2'), at('2001:db8::2')];
  const routes = [
    route('10.8.0.1', 'tun0', { metric: 0, leads: 'somewhere' }),
    route('10.0.0.1', 'eth1', { metric: 600 }),
    route('192.168.1.1'),
    route('fe80::1%eth0'),
  ];
  expect(defaultAddresses(list, routes).map(({ address }) => address)).toEqual(['192.168.1.5', 'fd00::2']);
  expect(defaultAddresses(list, [])).toEqual([]);
});

test.for<[string, LocalAddress, string, boolean]>([
  ['of its network', at('192.168.1.5'), '192.168.1.1', true],
  ['of another', at('192.168.1.5'), '192.168.2.1', false],
  ['public', at('192.168.1.5'), '93.184.216.34', false],
  ['loopback', at('192.168.1.5'), '127.0.0.1', false],
  ['link-local', at('2001:db8::5'), 'fe80::1%eth0', true],
  ['where the network is not known', { ...at('10.0.0.5'), prefix: undefined } as never, '10.0.0.1', false],
])('on its link: %s', ([, own, host, is]) => {
  expect(isOnLink(own, host)).toBe(is);
});
