import { expect, test } from 'vitest';
import type { LocalAddress } from '../ports/interfaces.ts';
import { nearFirst } from './near-first.ts';

const own: readonly LocalAddress[] = [
  { interfaceName: 'wwan0', address: '100.64.0.7', family: 4, internal: false, prefix: 30 },
  { interfaceName: 'eth0', address: '192.168.1.2', family: 4, internal: false, prefix: 24 },
  { interfaceName: 'eth0', address: '2001:db8:1::2', family: 6, internal: false, prefix: 64 },
  { interfaceName: 'tun0', address: '10.9.0.2', family: 4, internal: false },
];

test.each([
  [
    ['203.0.113.9', '2001:db8:2::1', '192.168.1.9', '2001:db8:1::9'],
    ['192.168.1.9', '2001:db8:1::9', '203.0.113.9', '2001:db8:2::1'],
  ],
  [
    ['100.64.0.8', '10.9.0.9', '192.168.2.9'],
    ['100.64.0.8', '10.9.0.9', '192.168.2.9'],
  ],
  [
    ['192.168.1.2', '203.0.113.9'],
    ['203.0.113.9', '192.168.1.2'],
  ],
  [
    ['no address', '192.168.1.3'],
    ['192.168.1.3', 'no address'],
  ],
  [[], []],
])('of %j those of our own networks come first', (hosts, sorted) => {
  expect(nearFirst(hosts, own)).toEqual(sorted);
});
