import { expect, test } from 'vitest';
import { readIpLinks } from './links-linux.ts';

test.each<[string, object, object]>([
  ['wired', { link_type: 'ether', flags: ['UP'] }, { kind: 'wired', up: true }],
  ['without a cable', { link_type: 'ether', flags: ['UP', 'NO-CARRIER'] }, { kind: 'wired', up: false }],
  ['a tunnel', { link_type: 'none', flags: ['UP', 'POINTOPOINT'] }, { kind: 'vpn', pointToPoint: true }],
  ['WireGuard', { link_type: 'none', linkinfo: { info_kind: 'wireguard' }, flags: ['UP'] }, { kind: 'vpn' }],
  ['a bridge', { link_type: 'ether', linkinfo: { info_kind: 'bridge' }, flags: [] }, { kind: 'virtual' }],
  ['unheard of', { link_type: 'infiniband' }, { kind: 'unknown' }],
])('%s', (_, link, facts) => {
  const found = readIpLinks(JSON.stringify([{ ifname: 'eth1', ...link }]));
  expect(found.get('eth1')).toMatchObject(facts);
});

test('nothing, where the command fails or is not there', () => {
  expect(readIpLinks('').size).toBe(0);
});
