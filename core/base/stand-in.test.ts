import { expect, test } from 'vitest';
import { scopeByName, scopeOf } from './ip-scope.ts';
import { isUnicast, parseIp } from './ip.ts';
import { isLinkStandIn, linkStandIn, linkStandIn6, nameStandIn, standsForName } from './stand-in.ts';

test.each([
  ['tracker.example', 'global'],
  ['printer', 'private'],
  ['nas.local', 'private'],
  ['NAS.Home.', 'private'],
  ['1.0.168.192.in-addr.arpa', 'private'],
] as const)('what stands for %s lies as far in as the name seems to', (name, scope) => {
  const address = nameStandIn(name, 70_000);
  expect(scopeOf(address)).toBe(scope);
  expect(scopeByName(name)).toBe(scope);
  expect(standsForName(address)).toBe(true);
  // No list of peers may hold one.
  expect(isUnicast(parseIp(address) ?? new Uint8Array())).toBe(false);
});

test.each([
  ['localhost', 'loopback'],
  ['a.localhost.', 'loopback'],
  ['10.0.0.1', 'private'],
  ['127.0.0.1', 'loopback'],
  ['8.8.8.8', 'global'],
] as const)('%s behind a proxy: %s', (host, scope) => {
  expect(scopeByName(host)).toBe(scope);
});

test('a link has the same address each time, and another than other links', () => {
  const addresses = Array.from({ length: 500 }, (_, i) => linkStandIn(`socks5://10.0.0.${i}:1080`));
  expect(new Set(addresses).size).toBe(500);
  expect(addresses.every(isLinkStandIn)).toBe(true);
  expect(linkStandIn('socks5://10.0.0.7:1080')).toBe(addresses[7]);
  expect(['10.0.0.1', '100::a00:1', '2001:db8::f200:1'].some(isLinkStandIn)).toBe(false);
});

test('a link has an address of IPv6 that is nobody’s', () => {
  const address = linkStandIn6('242.1.2.3') ?? '';
  expect([isLinkStandIn(address), scopeOf(address)]).toEqual([true, 'private']);
  expect([linkStandIn6('10.1.2.3'), linkStandIn6(address)]).toEqual([undefined, undefined]);
});
