import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { canonicalIp, formatIp, isUnicast, isWildcard, networkOf, parseIp } from './ip.ts';

describe('the network that one machine has all of', () => {
  it.each([
    ['10.0.0.1', '10.0.0.1'],
    ['::ffff:10.0.0.1', '10.0.0.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::', '2001:db8:1:2::/64'],
    ['2001:db8:1:3::', '2001:db8:1:3::/64'],
    ['nonsense', 'nonsense'],
  ])('of %s is %s', (host, network) => {
    expect(networkOf(host)).toBe(network);
  });
});

describe('IP literals', () => {
  it.each([
    ['10.0.0.1', '10.0.0.1'],
    ['255.255.255.255', '255.255.255.255'],
    ['::', '::'],
    ['::1', '::1'],
    ['2001:DB8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['fe80::', 'fe80::'],
    ['1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7:8'],
    ['::ffff:10.77.0.1', '10.77.0.1'],
    ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
  ])('%s is written %s', (text, canonical) => {
    expect(canonicalIp(text)).toBe(canonical);
  });

  it.each([
    '',
    '1.2.3',
    '1.2.3.256',
    '1.2.3.4.5',
    'a.b.c.d',
    ':',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '12345::',
    'fe80::1%eth0',
    '1.2.3.4::',
    '::1.2.3',
    'example.org',
    '1:2:3:4:5:6:7::8',
  ])('refuses %j', (text) => {
    expect(parseIp(text)).toBeUndefined();
  });

  it('reads back what it writes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (ip) => {
        const text = formatIp(ip);
        if (text.includes(':')) expect(parseIp(text)).toEqual(ip);
        expect(canonicalIp(text)).toBe(text);
      }),
    );
  });

  it.each([
    ['0.0.0.0', false],
    ['0.1.2.3', false],
    ['127.0.0.1', true],
    ['10.0.0.1', true],
    ['223.255.255.255', true],
    ['224.0.0.1', false],
    ['255.255.255.255', false],
    ['::', false],
    ['::1', true],
    ['ff02::1', false],
    ['fe80::1', true],
    ['::ffff:224.0.0.1', false],
  ])('%s has one host behind it: %s', (text, expected) => {
    const ip = parseIp(text);
    expect(ip && isUnicast(ip)).toBe(expected);
  });

  it.each([
    ['0.0.0.0', true],
    ['::', true],
    ['127.0.0.1', false],
    ['::1', false],
    ['10.0.0.0', false],
    ['localhost', false],
    ['', false],
  ])('%j is all addresses of the machine: %s', (host, expected) => {
    expect(isWildcard(host)).toBe(expected);
  });
});
