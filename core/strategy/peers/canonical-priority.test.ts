import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { crc32c } from '../../base/crc32c.ts';
import { type Endpoint, parseEndpoint } from '../../base/endpoint.ts';
import { formatIp } from '../../base/ip.ts';
import { canonicalPriority } from './canonical-priority.ts';

const at = (text: string): Endpoint => parseEndpoint(text) ?? { host: text, port: 6881 };
const sumOf = (hex: string): number => crc32c(Uint8Array.from(Buffer.from(hex.replace(/[ :]/g, ''), 'hex')));

test('the checksum is that of RFC 3720, B.4', () => {
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
  expect(crc32c(new TextEncoder().encode('123456789'))).toBe(0xe3069283);
});

describe('canonical priority', () => {
  test.each([
    ['the first of BEP 40', '123.213.32.10', '98.76.54.32', 0xec2d7224],
    ['the second of BEP 40', '123.213.32.10', '123.213.32.234', 0x99568189],
    ['one /16: the third byte counts in full', '123.213.32.10', '123.213.255.10', sumOf('7bd52000 7bd5ff00')],
    ['one address: the ports count', '1.2.3.4:1234', '1.2.3.4:300', sumOf('012c 04d2')],
    ['IPv4 in IPv6 form', '::ffff:123.213.32.10', '98.76.54.32', 0xec2d7224],
    [
      'IPv6: 48 bits, and half of the others',
      '2001:db8:1:ffff:ffff::1',
      '2001:db8:2:ffff::1',
      sumOf('20010db8 00015555 55550000 00000001 20010db8 00025555 00000000 00000001'),
    ],
    [
      'one /48 counts 56 bits',
      '2001:db8:1:aaff::',
      '2001:db8:1:bbff::',
      sumOf('20010db8 0001aa55 00000000 00000000 20010db8 0001bb55 00000000 00000000'),
    ],
    [
      'one /56 counts 64 bits',
      '2001:db8:1:aaff:ff00::',
      '2001:db8:1:aafe:ff00::',
      sumOf('20010db8 0001aafe 55000000 00000000 20010db8 0001aaff 55000000 00000000'),
    ],
    [
      'one /64 counts 72 bits, and so on',
      '2001:db8:1:aaff:7fff::',
      '2001:db8:1:aaff:80ff::',
      sumOf('20010db8 0001aaff 7f550000 00000000 20010db8 0001aaff 80550000 00000000'),
    ],
    ['one address of IPv6', '[2001:db8::1]:1234', '[2001:db8::1]:300', sumOf('012c 04d2')],
    ['different families', '1.2.3.4', '2001:db8::1', undefined],
    ['names', 'a.example', '1.2.3.4', undefined],
  ])('%s', (_, one, other, expected) => {
    expect(canonicalPriority(at(one), at(other))).toBe(expected);
    expect(canonicalPriority(at(other), at(one))).toBe(expected);
  });

  test('both sides arrive at the same', () => {
    const bytes = fc.constantFrom(4, 16).chain((length) => {
      const ip = fc.uint8Array({ minLength: length, maxLength: length, max: 3 });
      return fc.tuple(ip, ip, fc.nat(65_535), fc.nat(65_535));
    });
    fc.assert(
      fc.property(bytes, ([a, b, p, q]) => {
        const one = { host: formatIp(a), port: p };
        const other = { host: formatIp(b), port: q };
        expect(canonicalPriority(one, other)).toBe(canonicalPriority(other, one));
      }),
    );
  });
});
