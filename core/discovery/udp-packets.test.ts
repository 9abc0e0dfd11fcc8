import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { fromHex, toHex } from '../base/bytes.ts';
import type { InfoHashV1, PeerId } from '../base/ids.ts';
import type { AnnounceRequest } from './announce.ts';
import { decodeUdp, encodeAnnounce, encodeConnect } from './udp-packets.ts';

const hex = (s: string): Uint8Array => fromHex(s.replaceAll(' ', ''))!;
const request: AnnounceRequest = {
  infoHash: 'aa'.repeat(20) as InfoHashV1,
  peerId: 'bb'.repeat(20) as PeerId,
  key: 0xfffffffe,
  port: 0x1ae1,
  uploaded: 3,
  downloaded: 1,
  left: 2 ** 33 + 5,
  event: 'started',
  numWant: 200,
};

describe('UDP tracker packets', () => {
  it('encodes connect', () => {
    expect(toHex(encodeConnect(0xdeadbeef))).toBe('000004172710198000000000deadbeef');
  });

  it('encodes announce', () => {
    const packet = encodeAnnounce(hex('0102030405060708'), 9, request, new Uint8Array());
    expect(toHex(packet)).toBe(
      '0102030405060708' +
        '00000001' +
        '00000009' +
        'aa'.repeat(20) +
        'bb'.repeat(20) +
        '0000000000000001' +
        '0000000200000005' +
        '0000000000000003' +
        '00000002' +
        '00000000' +
        'fffffffe' +
        '000000c8' +
        '1ae1',
    );
  });

  it.each([
    [undefined, 0],
    ['completed', 1],
    ['started', 2],
    ['stopped', 3],
  ] as const)('event %s is %i', (event, number) => {
    const { event: _, ...rest } = request;
    expect(encodeAnnounce(new Uint8Array(8), 1, { ...rest, ...(event && { event }) }, new Uint8Array())[83]).toBe(
      number,
    );
  });

  it('sends path and query in options of up to 255 bytes', () => {
    const url = new TextEncoder().encode(`/${'x'.repeat(299)}`);
    const packet = encodeAnnounce(new Uint8Array(8), 1, request, url);
    expect(packet.length).toBe(98 + 300 + 4);
    expect([...packet.subarray(98, 101)]).toEqual([2, 255, 0x2f]);
    expect([...packet.subarray(98 + 257, 98 + 260)]).toEqual([2, 45, 0x78]);
  });

  const peers4 = '0a000001 1ae1 00000000 0001';
  const head = '00000001 00000009 00000708 00000004 00000003';
  it.each([
    [
      'connect',
      'connect',
      '00000000 00000009 0102030405060708',
      { kind: 'connected', connectionId: hex('0102030405060708') },
    ],
    ['connect with more behind', 'connect', '00000000 00000009 0102030405060708 ff', { kind: 'connected' }],
    [
      'announce',
      'announce',
      head + peers4,
      { kind: 'answer', interval: 1_800_000, leechers: 4, seeds: 3, peers: [{ host: '10.0.0.1', port: 6881 }] },
    ],
    ['announce with half a peer', 'announce', `${head + peers4}0a00`, { kind: 'answer' }],
    ['announce without peers', 'announce', head, { kind: 'answer', peers: [] }],
    ['error', 'announce', '00000003 00000009 6e6f', { kind: 'error', message: 'no' }],
    ['error to connect without a text', 'connect', '00000003 00000009', { kind: 'error', message: 'no reason given' }],
  ] as const)('reads %s', (_, asked, data, expected) => {
    expect(decodeUdp(hex(data), asked, 9, 4)).toMatchObject(expected);
  });

  it.each([
    ['nothing', 'connect', ''],
    ['a header cut short', 'connect', '00000000 000000'],
    ['another transaction', 'connect', '00000000 00000008 0102030405060708'],
    ['a connect cut short', 'connect', '00000000 00000009 01020304050607'],
    ['an announce answer to a connect', 'connect', head],
    ['a connect answer to an announce', 'announce', '00000000 00000009 0102030405060708'],
    ['an announce cut short', 'announce', '00000001 00000009 00000708 00000004 000000'],
    ['a scrape', 'announce', '00000002 00000009 00000708 00000004 00000003'],
  ] as const)('passes over %s', (_, asked, data) => {
    expect(decodeUdp(hex(data), asked, 9, 4)).toBeUndefined();
  });

  it('reads IPv6 addresses on an IPv6 socket', () => {
    const answer = decodeUdp(hex(`${head}20010db8${'00'.repeat(11)}01 1ae1`), 'announce', 9, 6);
    expect(answer).toMatchObject({ peers: [{ host: '2001:db8::1', port: 6881 }] });
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.constantFrom(4 as const, 6 as const), (data, family) => {
        decodeUdp(Uint8Array.of(0, 0, 0, 1, 0, 0, 0, 9, ...data), 'announce', 9, family);
        decodeUdp(data, 'connect', 9, family);
      }),
    );
  });
});
