import { describe, expect, test } from 'vitest';
import { forgotMappings } from './epoch.ts';
import { decodeNatPmp, encodeAddressRequest, encodeNatPmpMap } from './nat-pmp.ts';
import { decodePcp, encodePcpAnnounce, encodePcpMap } from './pcp.ts';

const nonce = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(/\s/g, ''), 'hex'));
const hex = (data: Uint8Array): string => Buffer.from(data).toString('hex');

describe('PCP', () => {
  const map = { client: '10.0.0.2', nonce, transport: 'tcp', inner: 6881, outer: 7000, lifetime: 3600 } as const;

  test('requests are as RFC 6887 draws them', () => {
    expect(hex(encodePcpMap(map))).toBe(
      hex(
        bytes(
          `02 01 0000 00000e10 00000000000000000000ffff0a000002
           0102030405060708090a0b0c 06 000000 1ae1 1b58 00000000000000000000ffff00000000`,
        ),
      ),
    );
    const six = encodePcpMap({ ...map, client: '2001:db8::2', transport: 'udp', lifetime: 0 });
    expect(hex(six.subarray(0, 24))).toBe(hex(bytes('02010000 00000000 20010db8000000000000000000000002')));
    expect([six[36], hex(six.subarray(44))]).toEqual([17, '00'.repeat(16)]);
    expect(hex(encodePcpAnnounce('10.0.0.2'))).toBe(hex(bytes('02000000 00000000 00000000000000000000ffff0a000002')));
  });

  const answer = (changes: Record<number, number> = {}): Uint8Array =>
    Object.assign(
      bytes(
        `02 81 00 00 00000078 00000009 000000000000000000000000
         0102030405060708090a0b0c 06 000000 1ae1 1b59 00000000000000000000ffff5db8d822`,
      ),
      changes,
    );

  test('an answer', () => {
    expect(decodePcp(answer())).toEqual({
      kind: 'map',
      result: 0,
      epoch: 9,
      lifetime: 120,
      mapping: { nonce, transport: 'tcp', inner: 6881, outer: 7001, outerHost: '93.184.216.34' },
    });
    expect(decodePcp(answer({ 3: 8 }))).toMatchObject({ result: 8, lifetime: 120 });
    expect(decodePcp(answer().subarray(0, 24))).toBeUndefined();
    expect(decodePcp(answer({ 3: 1 }).subarray(0, 24))).toEqual({ kind: 'map', result: 1, epoch: 9, lifetime: 120 });
    expect(decodePcp(answer({ 1: 0x80 }).subarray(0, 24))).toEqual({ kind: 'announce', result: 0, epoch: 9 });
  });

  test.for([
    ['a request', answer({ 1: 1 })],
    ['another operation', answer({ 1: 0x82 })],
    ['another version', answer({ 0: 1 })],
    ['another protocol', answer({ 36: 132 })],
    ['a short one', answer().subarray(0, 23)],
    ['a long one', new Uint8Array(1104).fill(2)],
    ['nothing', new Uint8Array()],
  ] as const)('%s is none', ([, data]) => {
    expect(decodePcp(data)).toBeUndefined();
  });
});

describe('NAT-PMP', () => {
  test('requests are as RFC 6886 draws them', () => {
    expect(hex(encodeAddressRequest())).toBe('0000');
    expect(hex(encodeNatPmpMap('udp', 6881, 7000, 3600))).toBe('000100001ae11b5800000e10');
    expect(hex(encodeNatPmpMap('tcp', 6881, 0, 0))).toBe('000200001ae1000000000000');
  });

  test.for([
    ['an address', '0080 0000 00000009 5db8d822', { kind: 'address', result: 0, epoch: 9, host: '93.184.216.34' }],
    ['no address', '0080 0003 00000009', { kind: 'address', result: 3, epoch: 9, host: '0.0.0.0' }],
    [
      'a mapping',
      '0082 0000 00000009 1ae1 1b59 00000e10',
      { kind: 'map', result: 0, epoch: 9, transport: 'tcp', inner: 6881, outer: 7001, lifetime: 3600 },
    ],
    [
      'a refusal that repeats what was asked',
      '0081 0003 00000009 1ae1 1ae1 00001c20',
      { kind: 'map', result: 3, epoch: 9, transport: 'udp', inner: 6881, outer: 6881, lifetime: 7200 },
    ],
    ['a refusal of PCP', '0081 0001 00000009', { kind: 'version', epoch: 9 }],
    ['half a mapping', '0082 0000 00000009 1ae1 1b59', undefined],
    ['half an address', '0080 0000 00000009 5db8', undefined],
    ['a request', '0002 0000 00000009 1ae1 1b59 00000e10', undefined],
    ['another version', '0182 0000 00000009 1ae1 1b59 00000e10', undefined],
    ['nothing', '', undefined],
  ] as const)('%s', ([, data, reply]) => {
    expect(decodeNatPmp(bytes(data))).toEqual(reply);
  });
});

test.for([
  ['as much time passed there', 100, 200, 100, false],
  ['its clock is slow', 100, 188, 100, false],
  ['it is too slow', 100, 150, 100, true],
  ['its clock is fast', 100, 212, 100, false],
  ['it is too fast', 100, 300, 100, true],
  ['it began again', 5_000, 3, 100, true],
  ['answers overtook each other', 100, 99, 0, false],
  ['it was restarted a moment ago', 100, 0, 60, true],
  ['a day', 0, 86_400, 86_400, false],
] as const)('a router forgot: %s', ([, before, now, passed, forgot]) => {
  expect(forgotMappings({ epoch: before, at: 0 }, { epoch: now, at: 1000 * passed })).toBe(forgot);
});
