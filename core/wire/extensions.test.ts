import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concatBytes } from '../base/bytes.ts';
import { decodeExtensionHandshake, encodeExtensionHandshake } from './extension-handshake.ts';
import { MetadataAssembly } from './metadata-assembly.ts';
import * as metadata from './metadata-message.ts';

const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));
const protocolError = expect.objectContaining({ code: 'protocol' });

describe('extension handshake', () => {
  test('comes back as it was sent', () => {
    const handshake = {
      messages: new Map([
        ['ut_metadata', 3],
        ['ut_pex', 1],
      ]),
      client: 'Ensemble 0.1.0',
      requestQueue: 500,
      yourIp: '2001:db8::1',
      port: 6881,
      metadataSize: 31235,
      uploadOnly: true,
    };
    expect(decodeExtensionHandshake(encodeExtensionHandshake(handshake))).toEqual(handshake);
  });

  test('the bytes are those of BEP 10', () => {
    const wire = encodeExtensionHandshake({ messages: new Map([['ut_metadata', 3]]), port: 6881, yourIp: '1.2.3.4' });
    expect(Buffer.from(wire).toString('latin1')).toBe('d1:md11:ut_metadatai3ee1:pi6881e6:yourip4:\x01\x02\x03\x04e');
  });

  test.each<[string, string, object]>([
    ['nothing', 'de', {}],
    ['numbers out of range', 'd13:metadata_sizei99999999999e1:pi65536e4:reqqi0e11:upload_onlyi7ee', {}],
    ['negative numbers', 'd13:metadata_sizei-1e1:pi-1e4:reqqi-5ee', {}],
    ['fields of another type', 'd1:mle1:p1:x4:reqq3:1001:vi5e6:youripi5ee', {}],
    ['an address of 5 bytes', 'd6:yourip5:abcdee', {}],
    ['a name that would forge a log line', 'd1:v10:ab\n\u001b[1m\x00cde', { client: 'ab[1mcd' }],
    ['a name that is no UTF-8 or turns text around', 'd1:v5:x\u202eye', { client: 'xy' }],
    ['a long name', `d1:v300:${'x'.repeat(300)}e`, { client: 'x'.repeat(64) }],
  ])('%s', (_, text, rest) => {
    expect(decodeExtensionHandshake(bytes(text))).toEqual({ messages: new Map(), ...rest });
  });

  test('of extension names, those with a number of one byte count; 0 switches off', () => {
    const { messages } = decodeExtensionHandshake(bytes('d1:md1:ai0e1:bi255e1:ci256e1:d1:xee'));
    expect([...messages]).toEqual([
      ['a', 0],
      ['b', 255],
    ]);
  });

  test('has a bound on the number of extensions', () => {
    const many = new Map(Array.from({ length: 400 }, (_, i) => [`ext${i}`, 1]));
    expect(decodeExtensionHandshake(encodeExtensionHandshake({ messages: many })).messages.size).toBe(128);
  });

  test.each(['', 'i1e', 'le', 'd1:v3:abe', 'd1:v3:abcex', `${'l'.repeat(40)}`])('%j is a breach', (text) => {
    expect(() => decodeExtensionHandshake(bytes(text))).toThrow(protocolError);
  });

  test('whatever comes, it is a handshake or a breach', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (data) => {
        try {
          expect((decodeExtensionHandshake(data).client ?? '').length).toBeLessThanOrEqual(128);
        } catch (error) {
          expect(error).toMatchObject({ code: 'protocol' });
        }
      }),
    );
  });
});

describe('metadata messages', () => {
  test.each<[string, Uint8Array, string, unknown]>([
    ['request', metadata.encodeMetadataRequest(0), 'd8:msg_typei0e5:piecei0ee', { kind: 'request', piece: 0 }],
    ['reject', metadata.encodeMetadataReject(7), 'd8:msg_typei2e5:piecei7ee', { kind: 'reject', piece: 7 }],
    [
      'data',
      metadata.encodeMetadataData(0, 3425, bytes('xxx')),
      'd8:msg_typei1e5:piecei0e10:total_sizei3425eexxx',
      { kind: 'data', piece: 0, totalSize: 3425, data: bytes('xxx') },
    ],
  ])('%s', (_, wire, text, message) => {
    expect(Buffer.from(wire).toString()).toBe(text);
    expect(metadata.decodeMetadataMessage(wire)).toEqual(message);
  });

  test('a type of the future is to be ignored', () => {
    expect(metadata.decodeMetadataMessage(bytes('d8:msg_typei3e5:piecei0ee'))).toEqual({ kind: 'unknown' });
  });

  test.each([
    '',
    'de',
    'le',
    'd8:msg_type1:0e',
    'd8:msg_typei0ee',
    'd8:msg_typei0e5:piecei-1ee',
    'd8:msg_typei0e5:piecei640ee',
    'd8:msg_typei1e5:piecei0eexx',
    'd8:msg_typei1e5:piecei0e10:total_sizei10485761eexx',
    `d8:msg_typei1e5:piecei0e10:total_sizei20000ee${'x'.repeat(16385)}`,
  ])('%.60s is a breach', (text) => {
    expect(() => metadata.decodeMetadataMessage(bytes(text))).toThrow(protocolError);
  });
});

describe('metadata assembly', () => {
  const whole = new Uint8Array(2 * 16384 + 100).map((_, i) => i % 251);
  const part = (index: number): Uint8Array => whole.subarray(index * 16384, (index + 1) * 16384);

  test('takes each piece once, in any order, and only with its right length', () => {
    const assembly = new MetadataAssembly(whole.length);
    expect(assembly.missing()).toEqual([0, 1, 2]);
    expect(assembly.add(2, part(2))).toBe(true);
    expect(assembly.add(2, part(2))).toBe(false);
    expect(assembly.add(1, part(1).subarray(1))).toBe(false);
    expect(assembly.add(3, part(2))).toBe(false);
    expect(assembly.add(-1, part(2))).toBe(false);
    expect(assembly.add(0.5, part(0))).toBe(false);
    const lent = part(0).slice();
    expect(assembly.add(0, lent)).toBe(true);
    lent.fill(0);
    expect([assembly.missing(), assembly.has(0), assembly.complete, assembly.bytes()]).toEqual([
      [1],
      true,
      false,
      undefined,
    ]);
    assembly.add(1, part(1));
    expect(assembly.bytes()).toEqual(concatBytes(whole));
    assembly.clear();
    expect(assembly.missing()).toEqual([0, 1, 2]);
  });

  test.each([0, -1, 1.5, 10 * 1024 * 1024 + 1, Number.NaN])('no metadata of %s bytes', (size) => {
    expect(() => new MetadataAssembly(size)).toThrow(protocolError);
  });
});
