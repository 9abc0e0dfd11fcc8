import fc from 'fast-check';
import { expect, test } from 'vitest';
import { toHex } from '../base/bytes.ts';
import type { InfoHash, PeerId } from '../base/ids.ts';
import { encodeHandshake, HandshakeReader } from './handshake.ts';

const infoHash = '0123456789abcdef0123456789abcdef01234567' as InfoHash;
const peerId = 'ff'.repeat(20) as PeerId;

test.each([
  [{ fast: true, extended: true }, '0000000000100004'],
  [{ fast: false, extended: true, dht: true }, '0000000000100001'],
  [{ fast: false, extended: false }, '0000000000000000'],
  [{ fast: true, extended: true, dht: true, upgrade: true }, '0000000000100015'],
])('a handshake with %j', (extensions, reserved) => {
  const wire = encodeHandshake({ infoHash, peerId, extensions });
  expect(toHex(wire)).toBe(`13${Buffer.from('BitTorrent protocol').toString('hex')}${reserved}${infoHash}${peerId}`);
  const reader = new HandshakeReader();
  expect(reader.push(wire)).toBe(68);
  expect(reader).toMatchObject({
    done: true,
    infoHash,
    peerId,
    extensions: { dht: false, upgrade: false, ...extensions },
  });
  expect(toHex(reader.reserved)).toBe(reserved);
});

test('a v2 info-hash is cut to 20 bytes', () => {
  const wire = encodeHandshake({
    infoHash: `${infoHash}${'0'.repeat(24)}` as InfoHash,
    peerId,
    extensions: { fast: true, extended: true },
  });
  expect(toHex(wire.subarray(28, 48))).toBe(infoHash);
});

test('info-hash and peer id show as soon as they are whole, however the bytes come; the rest is left', () => {
  const wire = encodeHandshake({ infoHash, peerId, extensions: { fast: true, extended: true } });
  const reader = new HandshakeReader();
  for (let i = 0; i < 68; i++) {
    expect([reader.infoHash, reader.peerId, reader.done]).toEqual([i >= 48 ? infoHash : undefined, undefined, false]);
    expect(reader.push(wire.subarray(i, i + 1))).toBe(1);
  }
  expect(reader.peerId).toBe(peerId);
  expect(reader.push(Uint8Array.of(1, 2, 3))).toBe(0);
});

test('any other protocol is refused at its first wrong byte', () => {
  fc.assert(
    fc.property(fc.nat({ max: 19 }), fc.integer({ min: 1, max: 255 }), (at, change) => {
      const wire = encodeHandshake({ infoHash, peerId, extensions: { fast: true, extended: true } });
      wire[at] = (wire[at] as number) ^ change;
      const reader = new HandshakeReader();
      reader.push(wire.subarray(0, at));
      expect(() => reader.push(wire.subarray(at, at + 1))).toThrow(/does not speak BitTorrent/);
    }),
  );
});

test('an id that is none is refused', () => {
  expect(() =>
    encodeHandshake({ infoHash, peerId: 'abcd' as PeerId, extensions: { fast: true, extended: true } }),
  ).toThrow(expect.objectContaining({ code: 'usage' }));
});
