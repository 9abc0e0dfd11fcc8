import { expect, test } from 'vitest';
import type { LocalAddress } from '../ports/interfaces.ts';
import { usableAddresses } from './usable-addresses.ts';

const on = (interfaceName: string, address: string, more: Partial<LocalAddress> = {}): LocalAddress => ({
  interfaceName,
  address,
  family: address.includes(':') ? 6 : 4,
  internal: interfaceName === 'lo',
  ...more,
});
const LO = [on('lo', '127.0.0.1'), on('lo', '::1')];

test.each<[string, LocalAddress[], string[]]>([
  [
    'the addresses of all links, without loopback',
    [on('eth0', '10.0.0.1'), on('wg0', '10.8.0.2')],
    ['10.0.0.1', '10.8.0.2'],
  ],
  [
    'several of one network too, as each is a peer of its own',
    [on('a', '10.0.0.1'), on('a', '10.0.0.2')],
    ['10.0.0.1', '10.0.0.2'],
  ],
  [
    'nothing that is of one link alone',
    [on('eth0', '169.254.3.4'), on('eth0', 'fe80::1'), on('b', '10.0.0.1')],
    ['10.0.0.1'],
  ],
  ['loopback where nothing else is', [], ['127.0.0.1', '::1']],
  ['what the loopback device was lent', [on('lo', '10.77.0.1'), on('lo', 'fd00::7')], ['10.77.0.1', 'fd00::7']],
  [
    'of an IPv6 network the temporary address that is not deprecated',
    [
      on('eth0', '2001:db8::1'),
      on('eth0', '2001:db8::2', { temporary: true, deprecated: true }),
      on('eth0', '2001:db8::3', { temporary: true }),
      on('eth0', '2001:db8:0:1::4'),
    ],
    ['2001:db8::3', '2001:db8:0:1::4'],
  ],
  [
    'a deprecated address rather than none',
    [on('eth0', '2001:db8::1', { deprecated: true }), on('eth0', '10.0.0.1')],
    ['10.0.0.1', '2001:db8::1'],
  ],
])('%s', (_, local, expected) => {
  expect(usableAddresses([...LO, ...local], false)).toEqual(expected);
});

test('loopback comes too where somebody is there', () => {
  expect(usableAddresses([...LO, on('eth0', '10.0.0.1')], true)).toEqual(['10.0.0.1', '127.0.0.1', '::1']);
});

test('is bounded', () => {
  const many = Array.from({ length: 300 }, (_, i) => on('eth0', `10.0.${i >> 8}.${i & 255}`));
  expect(usableAddresses(many, false)).toHaveLength(16);
});
