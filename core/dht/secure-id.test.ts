import { expect, test } from 'vitest';
import { toHex } from '../base/bytes.ts';
import { parseIp } from '../base/ip.ts';
import { SeededRandom } from '../sim/random.ts';
import { isSecureId, secureId } from './secure-id.ts';
import { idOf } from './testing/scene.ts';

test.each([
  // The vectors of BEP 42.
  ['124.31.75.21', '5fbfbff10c5d6a4ec8a88e4c6ab4c28b95eee401', true],
  ['21.75.31.124', '5a3ce9c14e7a08645677bbd1cfe7d8f956d53256', true],
  ['65.23.51.170', 'a5d43220bc8f112a3d426c84764f8c2a1150e616', true],
  ['84.124.73.14', '1b0321dd1bb1fe518101ceef99462b947a01ff41', true],
  ['43.213.53.83', 'e56f6cbf5b7c4be0237986d5243b87aa6d51305a', true],
  // What is free: all behind the 21st bit but the last three.
  ['124.31.75.21', '5fbfbe0000000000000000000000000000000001', true],
  ['124.31.75.21', '5fbfb80000000000000000000000000000000009', true],
  // What is not: each of the 21 bits, and the last three.
  ['124.31.75.21', '5fbfb70000000000000000000000000000000001', false],
  ['124.31.75.21', 'dfbfbff10c5d6a4ec8a88e4c6ab4c28b95eee401', false],
  ['124.31.75.21', '5fbfbff10c5d6a4ec8a88e4c6ab4c28b95eee402', false],
  ['124.31.75.22', '5fbfbff10c5d6a4ec8a88e4c6ab4c28b95eee401', false],
  // Addresses that say nothing to others.
  ...[
    '10.1.2.3',
    '172.16.0.1',
    '192.168.53.83',
    '169.254.1.1',
    '127.0.0.1',
    '100.64.1.1',
    'fd00::1',
    'fe80::1',
    '::1',
  ].map((host) => [host, 'ff', true] as const),
  ['172.32.0.1', 'ff', false],
  ['2001:db9::1', 'ff', false],
  ['a name', 'ff', false],
] as const)('%s may be %s: %s', (host, id, may) => {
  expect(isSecureId(idOf(id), host)).toBe(may);
});

test('ids that are made for an address fit it, and differ', () => {
  const random = new SeededRandom(1);
  for (const host of ['124.31.75.21', '1.2.3.4', '2606:4700:4700::1111']) {
    const made = Array.from({ length: 50 }, () => secureId(random, parseIp(host) ?? new Uint8Array()));
    expect(made.every((id) => isSecureId(id, host))).toBe(true);
    // Eight beginnings for one address, so that several nodes behind one router are apart.
    expect(new Set(made.map((id) => toHex(id.subarray(0, 2)))).size).toBeGreaterThan(5);
  }
  // Of IPv6 the first 64 bits count.
  const id = secureId(random, parseIp('2606:4700:4700::1111') ?? new Uint8Array());
  expect(isSecureId(id, '2606:4700:4700:0:9:9:9:9')).toBe(true);
  expect(isSecureId(id, '2606:4700:4701::1111')).toBe(false);
});
