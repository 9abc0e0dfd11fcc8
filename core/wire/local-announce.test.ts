import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { InfoHash } from '../base/ids.ts';
import { decodeLocalAnnounce, encodeLocalAnnounce } from './local-announce.ts';

const HASH = 'ab'.repeat(20) as InfoHash;
const OTHER = 'cd'.repeat(20) as InfoHash;
const read = (text: string) => decodeLocalAnnounce(Buffer.from(text, 'latin1'));
const lines = (...all: string[]): string => `${['BT-SEARCH * HTTP/1.1', ...all].join('\r\n')}\r\n\r\n\r\n`;

describe('local announce (BEP 14)', () => {
  test('as it is sent', () => {
    expect(Buffer.from(encodeLocalAnnounce(4, 6881, HASH, 'c0')).toString()).toBe(
      `BT-SEARCH * HTTP/1.1\r\nHost: 239.192.152.143:6771\r\nPort: 6881\r\nInfohash: ${HASH}\r\ncookie: c0\r\n\r\n\r\n`,
    );
    expect(Buffer.from(encodeLocalAnnounce(6, 1, HASH, '')).toString()).toContain(
      '\r\nHost: [ff15::efc0:988f]:6771\r\nPort: 1\r\n',
    );
  });

  test('what is sent is what is read', () => {
    const cookie = fc.stringMatching(/^[0-9a-f]{0,40}$/);
    fc.assert(
      fc.property(fc.constantFrom(4, 6), fc.integer({ min: 1, max: 65_535 }), cookie, (family, port, own) => {
        const announce = decodeLocalAnnounce(encodeLocalAnnounce(family as 4 | 6, port, HASH, own));
        expect(announce).toEqual({ port, infoHashes: [HASH], cookie: own });
      }),
    );
  });

  test.each([
    [
      'Transmission: upper case, no cookie',
      lines('Host: x', 'Port: 51413', `Infohash: ${HASH.toUpperCase()}`),
      51413,
      [HASH],
      undefined,
    ],
    ['several torrents', lines('Port: 1', `Infohash: ${HASH}`, `Infohash: ${OTHER}`), 1, [HASH, OTHER], undefined],
    [
      'one of them twice',
      lines('Port: 1', `Infohash: ${HASH}`, `INFOHASH:${HASH.toUpperCase()}`),
      1,
      [HASH],
      undefined,
    ],
    [
      'other lines, any order and case',
      lines(`infohash: ${HASH}`, 'X-New: y', 'COOKIE:  a b ', 'PORT:2', 'none'),
      2,
      [HASH],
      'a b',
    ],
    ['line feeds alone', `BT-SEARCH * HTTP/1.1\nPort: 3\nInfohash: ${HASH}\n\n`, 3, [HASH], undefined],
    ['the first port counts', lines('Port: 4', 'Port: 5', `Infohash: ${HASH}`), 4, [HASH], undefined],
    [
      'hashes that are none beside one that is',
      lines('Port: 6', 'Infohash: 12', `Infohash: ${HASH}`),
      6,
      [HASH],
      undefined,
    ],
    [
      'a cookie that is too long',
      lines('Port: 7', `Infohash: ${HASH}`, `cookie: ${'x'.repeat(101)}`),
      7,
      [HASH],
      undefined,
    ],
  ])('%s', (_, text, port, infoHashes, cookie) => {
    expect(read(text)).toEqual({ port, infoHashes, cookie });
  });

  test.each([
    ['nothing', ''],
    ['another request', lines('Port: 1', `Infohash: ${HASH}`).replace('BT-SEARCH', 'M-SEARCH')],
    ['no port', lines(`Infohash: ${HASH}`)],
    ['port 0', lines('Port: 0', `Infohash: ${HASH}`)],
    ['a port that is none', lines('Port: 65536', `Infohash: ${HASH}`)],
    ['a negative port', lines('Port: -1', `Infohash: ${HASH}`)],
    ['no hash', lines('Port: 1')],
    ['a hash that is cut', lines('Port: 1', `Infohash: ${HASH.slice(1)}`)],
    ['a hash of version 2 in full', lines('Port: 1', `Infohash: ${'ab'.repeat(32)}`)],
    ['more than a packet', lines('Port: 1', `Infohash: ${HASH}`, `X: ${'x'.repeat(2000)}`)],
  ])('no announce: %s', (_, text) => {
    expect(read(text)).toBeUndefined();
  });

  test('no more than 25 torrents are read', () => {
    const many = Array.from({ length: 27 }, (_, i) => `Infohash: ${i.toString(16).padStart(40, '0')}`);
    expect(read(lines('Port: 1', ...many))?.infoHashes).toHaveLength(25);
  });
});
