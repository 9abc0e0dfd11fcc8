import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../base/bytes.ts';
import { addSelectiveAck, ahead, HEADER, Packet, PACKET, padded, readPacket, seqAfter, writeHeader } from './packet.ts';

const bytes = (hex: string): Uint8Array => fromHex(hex.replace(/\s/g, '')) ?? new Uint8Array(0);
const REST = '1234 00000001 00000002 00100000 0007 0008';

/** What is read of these bytes; undefined: they are no packet. */
function read(hex: string): Partial<Packet> | undefined {
  const packet = new Packet();
  return readPacket(bytes(hex), packet) ? Object.fromEntries(Object.entries(packet)) : undefined;
}

test('a header is read field by field', () => {
  expect(read(`01 00 ${REST} aabb`)).toEqual({
    type: PACKET.data,
    connectionId: 0x1234,
    timestamp: 1,
    delay: 2,
    window: 0x10_0000,
    seq: 7,
    ack: 8,
    sackAt: 0,
    sackLength: 0,
    payloadAt: 20,
  });
});

describe('packets of', () => {
  test.each([
    // As Transmission asks for a connection.
    ['a known and an unknown extension', `41 02 ${REST} 00 08 0000000000000000`, { type: PACKET.syn, payloadAt: 30 }],
    ['a selective acknowledgement', `21 01 ${REST} 00 04 01000080`, { sackAt: 22, sackLength: 4, payloadAt: 26 }],
    ['one behind another extension', `21 7f ${REST} 01 01 ff 00 04 01000080`, { sackAt: 25, sackLength: 4 }],
    // As libtorrent 2.0.8 sends it.
    ['one of a single byte', `21 01 ${REST} 00 01 01`, { sackAt: 22, sackLength: 1, payloadAt: 23 }],
    ['an empty extension', `01 7f ${REST} 00 00 aa`, { payloadAt: 22 }],
  ])('%s are read', (_, hex, facts) => {
    expect(read(hex)).toMatchObject(facts);
  });

  test.each([
    ['no bytes', ''],
    ['a cut header', `01 00 ${REST}`.slice(0, -4)],
    ['another version', `02 00 ${REST}`],
    ['an unknown type', `51 00 ${REST}`],
    ['an extension without its length', `21 01 ${REST} 00`],
    ['an extension that does not fit', `21 01 ${REST} 00 04 010000`],
    ['a chain that does not end', `21 01 ${REST} 01 04 01000000`],
    ['an empty acknowledgement', `21 01 ${REST} 00 00`],
    ['two acknowledgements', `21 01 ${REST} 01 04 01000000 00 04 01000000`],
  ])('%s are none', (_, hex) => {
    expect(read(hex)).toBeUndefined();
  });

  test('any bytes are read without harm, and what is read lies within them', () => {
    const head = fc.constantFrom(0x01, 0x11, 0x21, 0x31, 0x41);
    const any = fc.tuple(head, fc.integer({ min: 0, max: 3 }), fc.uint8Array({ minLength: 18, maxLength: 80 }));
    fc.assert(
      fc.property(any, ([first, extension, rest]) => {
        const data = Uint8Array.of(first, extension, ...rest);
        const packet = new Packet();
        if (!readPacket(data, packet)) return;
        expect(packet.payloadAt).toBeLessThanOrEqual(data.length);
        expect(packet.sackAt + packet.sackLength).toBeLessThanOrEqual(packet.payloadAt);
      }),
    );
  });
});

test('what is written is read again', () => {
  const out = new Uint8Array(HEADER + 6);
  const fields = { connectionId: 0xffff, timestamp: 0xffff_fffe, delay: 3, window: 99, ack: 0xfffe };
  writeHeader(out, PACKET.state, 0xabcd, fields);
  out.set([1, 2, 3, 4], addSelectiveAck(out, 4));
  const packet = new Packet();
  expect(readPacket(out, packet)).toBe(true);
  expect(packet).toMatchObject({ type: PACKET.state, seq: 0xabcd, ...fields, sackAt: 22, sackLength: 4 });
});

test('padding makes a packet longer, and changes nothing else', () => {
  const plain = bytes(`01 00 ${REST} aabbcc`);
  for (let size = plain.length + 2; size < plain.length + 600; size++) {
    const packet = new Packet();
    const long = padded(plain, size);
    expect(long.length).toBe(size);
    expect(readPacket(long, packet)).toBe(true);
    expect(packet).toMatchObject({ seq: 7, ack: 8, sackLength: 0 });
    expect(toHex(long.subarray(packet.payloadAt))).toBe('aabbcc');
  }
});

test('numbers go round', () => {
  expect([ahead(5, 3), ahead(3, 5), ahead(2, 0xfffe), ahead(0xfffe, 2)]).toEqual([2, -2, 4, -4]);
  expect([seqAfter(0xffff, 1), seqAfter(0, -1)]).toEqual([0, 0xffff]);
});
