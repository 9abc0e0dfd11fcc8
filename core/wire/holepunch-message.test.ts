import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../base/bytes.ts';
import { EnsembleError } from '../base/errors.ts';
import { formatIp } from '../base/ip.ts';
import {
  decodeHolepunch,
  encodeHolepunch,
  encodeHolepunchError,
  type HolepunchMessage,
  PUNCH_ERROR,
} from './holepunch-message.ts';

const of = (hex: string): Uint8Array => fromHex(hex.replaceAll(' ', ''))!;
const V6 = '20010db8000000000000000000000001';

describe('hole punching messages', () => {
  test('bear a code of four bytes, whether there is an error or not', () => {
    expect(toHex(encodeHolepunch('rendezvous', { host: '1.2.3.4', port: 0x1ae1 }))).toBe('0000010203041ae100000000');
    expect(toHex(encodeHolepunch('connect', { host: '2001:db8::1', port: 1 }))).toBe(`0101${V6}000100000000`);
  });

  test.each<readonly [string, string, HolepunchMessage | undefined]>([
    ['of 12 bytes', '00 00 01020304 1ae1 00000000', { kind: 'rendezvous', peer: { host: '1.2.3.4', port: 6881 } }],
    ['of 8 bytes', '01 00 01020304 1ae1', { kind: 'connect', peer: { host: '1.2.3.4', port: 6881 } }],
    ['of 24 bytes', `01 01 ${V6} 1ae1 00000000`, { kind: 'connect', peer: { host: '2001:db8::1', port: 6881 } }],
    ['of 20 bytes', `00 01 ${V6} 1ae1`, { kind: 'rendezvous', peer: { host: '2001:db8::1', port: 6881 } }],
    ['an error', '02 00 01020304 1ae1 00000003', { kind: 'error', peer: { host: '1.2.3.4', port: 6881 }, code: 3 }],
    [
      'an error of an unknown code',
      '02 00 01020304 0000 ffffffff',
      { kind: 'error', peer: { host: '1.2.3.4', port: 0 }, code: 0xffffffff },
    ],
    [
      'an error without a code',
      '02 00 01020304 1ae1',
      { kind: 'error', peer: { host: '1.2.3.4', port: 6881 }, code: 0 },
    ],
    ['nobody’s address', '00 00 00000000 0000', { kind: 'rendezvous', peer: { host: '0.0.0.0', port: 0 } }],
    ['a kind of tomorrow', '03 00 01020304 1ae1 00000000', undefined],
  ])('%s is read', (_, hex, expected) => expect(decodeHolepunch(of(hex))).toEqual(expected));

  test.each([
    ['nothing', ''],
    ['a kind alone', '00'],
    ['an address of no known type', '00 02 01020304 1ae1'],
    ['an address that is cut off', '00 00 010203'],
    ['an IPv6 address that is none', '00 01 01020304 1ae1 00000000'],
    ['a port that is cut off', '00 00 01020304 1a'],
    ['a code that is cut off', '02 00 01020304 1ae1 0000'],
    ['more than there is to say', '00 00 01020304 1ae1 00000000 00'],
  ])('%s is a breach', (_, hex) => {
    expect(() => decodeHolepunch(of(hex))).toThrow(expect.objectContaining({ code: 'protocol' }) as Error);
  });

  test.each([
    ['00 00 01020304 1ae1', '02 00 01020304 1ae1 00000002'],
    [`00 01 ${'00'.repeat(10)}ffff01020304 0000 00000000`, `02 01 ${'00'.repeat(10)}ffff01020304 0000 00000002`],
  ])('a refusal names the endpoint as it came: %s', (asked, refused) => {
    expect(toHex(encodeHolepunchError(of(asked), PUNCH_ERROR.notConnected))).toBe(refused.replaceAll(' ', ''));
  });

  test('what is sent is what is read; any bytes are read or refused by name', () => {
    const v4 = fc.uint8Array({ minLength: 4, maxLength: 4 });
    const v6 = fc.uint8Array({ minLength: 16, maxLength: 16, min: 1 });
    const peer = fc.record({ host: fc.oneof(v4, v6).map(formatIp), port: fc.nat(65_535) });
    fc.assert(
      fc.property(fc.constantFrom('rendezvous', 'connect'), peer, (kind, one) => {
        expect(decodeHolepunch(encodeHolepunch(kind, one))).toEqual({ kind, peer: one });
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 30 }), (data) => {
        try {
          decodeHolepunch(data);
        } catch (error) {
          expect(error).toBeInstanceOf(EnsembleError);
        }
      }),
    );
  });
});
