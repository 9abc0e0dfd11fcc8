import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EnsembleError } from '../base/errors.ts';
import type { InfoHashV1, InfoHashV2 } from '../base/ids.ts';
import { isMagnetLink } from '../base/magnet-link.ts';
import { alsoWanting, formatMagnet, parseMagnet } from './magnet.ts';
import { nameOf, torrentId } from './torrent-id.ts';

const HASH = '0123456789abcdef0123456789abcdef01234567' as InfoHashV1;
const HASH_V2 = 'b'.repeat(64) as InfoHashV2;

test('reads what it needs', () => {
  const link =
    `magnet:?xt=urn:btih:${HASH.toUpperCase()}&dn=A+name%20here&tr=http%3A%2F%2Fa.example%2Fx&tr.1=udp://b.example:80` +
    '&tr=wss://no.example&tr=http://a.example/x&x.pe=1.2.3.4:6881&x.pe=[2001:db8::1]:5&x.pe=host.example:9&x.pe=bad&ws=x&ws=http%3A%2F%2Fw.example%2Fa%2520b&ws=ftp://w.example/&ws=http://w.example/a%20b';
  expect(parseMagnet(link)).toEqual({
    id: torrentId({ v1: HASH }),
    infoHash: HASH,
    name: 'A name here',
    trackers: [['http://a.example/x'], ['udp://b.example:80']],
    webSeeds: ['http://w.example/a%20b', 'http://w.example/a b'],
    torrentUrls: [],
    peers: [
      { host: '1.2.3.4', port: 6881 },
      { host: '2001:db8::1', port: 5 },
      { host: 'host.example', port: 9 },
    ],
  });
});

test('reads which files to fetch, also where the commas are encoded', () => {
  const only = [
    { first: 0, last: 0 },
    { first: 2, last: 4 },
  ];
  expect(parseMagnet(`magnet:?xt=urn:btih:${HASH}&so=0,2-4`).only).toEqual(only);
  expect(parseMagnet(`magnet:?xt=urn:btih:${HASH}&so=0%2C2-4`).only).toEqual(only);
  expect(parseMagnet(`magnet:?xt=urn:btih:${HASH}&so=x`)).not.toHaveProperty('only');
});

test.each([
  `magnet:?xt=urn:btih:${HASH}&amp;dn=x&amp;tr=http://t.example/`,
  `magnet:?xt=urn:btih:${HASH}&#38;dn=x&#038;amp;tr=http://t.example/`,
  `MAGNET:?XT=URN:BTIH:${HASH.toUpperCase()}&DN=x&TR=http://t.example/`,
  `magnet:?dn=x&tr.1=http://t.example/&xt.1=urn:btih:${HASH}`,
  `magnet://?xt=urn:btih:${HASH}&dn=x&tr=http://t.example/`,
  `magnet:xt=urn:btih:${HASH}&dn=x&tr=http://t.example/`,
  `magnet:?xt=urn%3Abtih%3A${HASH}&dn=x&tr=http%3A%2F%2Ft.example%2F`,
  `magnet:?xt=urn%253Abtih%253A${HASH}&dn=x&tr=http%3A%2F%2Ft.example%2F`,
  encodeURIComponent(`magnet:?xt=urn:btih:${HASH}&dn=x&tr=http://t.example/`),
  encodeURIComponent(encodeURIComponent(`magnet:?xt=urn:btih:${HASH}&dn=x&tr=http://t.example/`)),
  `magnet:?${encodeURIComponent(`xt=urn:btih:${HASH}&dn=x&tr=http://t.example/`)}`,
  ` \n magnet:?xt=urn:btih:${HASH}&dn=x&tr=http://t.example/\n`,
  `magnet:?xt=urn:sha1:ABC&xt=urn:btih:cut&xt=urn:btih:${HASH}&xt=urn:btih:${'1'.repeat(40)}&dn=x&tr=http://t.example/`,
])('%s', (link) => {
  expect(isMagnetLink(link)).toBe(true);
  expect(parseMagnet(link)).toEqual({
    id: torrentId({ v1: HASH }),
    infoHash: HASH,
    name: 'x',
    webSeeds: [],
    torrentUrls: [],
    trackers: [['http://t.example/']],
    peers: [],
  });
});

test('what is no UTF-8 in a name stays as it was written', () => {
  expect(parseMagnet(`magnet:?xt=urn:btih:${HASH}&dn=caf%E9%20x%C3%A9`).name).toBe('caf%E9 x\u00e9');
});

test('takes base32', () => {
  // RFC 4648: 20 times 0xff, and a text.
  expect(parseMagnet(`magnet:?xt=urn:btih:${'7'.repeat(32)}`).infoHash).toBe('ff'.repeat(20));
  expect(parseMagnet('magnet:?xt=urn:btih:MFRGGZDFMZTWQ2LKNNWG23TPOBYXE43U').infoHash).toBe(
    Buffer.from('abcdefghijklmnopqrst').toString('hex'),
  );
});

test.each([
  ['http://a.example', 'must begin with'],
  ['magnet:', 'must begin with'],
  ['magnet:?dn=x', 'names no torrent'],
  ['magnetic', 'must begin with'],
  ['magnet:?', 'must begin with'],
  ['magnet:?xt=urn:sha1:ABC', 'names no torrent'],
  ['magnet:?xt=urn:btih:123', 'is no info-hash'],
  [`magnet:?xt=urn:btih:${'g'.repeat(40)}`, 'is no info-hash'],
  ['magnet:?xt=urn:btmh:1220ab', 'is no info-hash of version 2'],
  [`magnet:?xt=urn:btmh:1114${'a'.repeat(40)}`, 'is no info-hash of version 2'],
  [`magnet:?xt=urn:btih:${HASH}&${'a'.repeat(70000)}`, 'at most 65536'],
])('%s is refused', (link, why) => {
  expect(() => parseMagnet(link)).toThrow(why);
});

test.each([
  [`xt=urn:btmh:1220${HASH_V2}`, { v2: HASH_V2 }],
  [`xt=URN:BTMH:1220${HASH_V2.toUpperCase()}`, { v2: HASH_V2 }],
  [`xt=urn:btmh:1220${HASH_V2}&xt=urn:btih:${HASH}`, { v1: HASH, v2: HASH_V2 }],
  [`xt.1=urn:btih:${HASH}&xt.2=urn:btmh:1220${HASH_V2}`, { v1: HASH, v2: HASH_V2 }],
  [`xt=urn:btmh:1220ab&xt=urn:btih:${HASH}`, { v1: HASH }],
])('%s', (topics, hashes) => {
  expect(parseMagnet(`magnet:?${topics}`)).toMatchObject({ id: torrentId(hashes), infoHash: nameOf(hashes) });
});

test('is bounded', () => {
  const many = Array.from({ length: 1000 }, (_, i) => `x.pe=1.2.3.4:${i + 1}&tr=http://t${i}.x/`).join('&');
  const magnet = parseMagnet(`magnet:?xt=urn:btih:${HASH}&dn=${'n'.repeat(999)}&${many}`);
  expect([magnet.peers.length, magnet.trackers.length, magnet.name?.length]).toEqual([256, 256, 255]);
});

test('spaces within it take no longer than other characters', () => {
  const hash = 'ab'.repeat(20);
  const spaces = ' '.repeat(60_000);
  expect(parseMagnet(`  magnet:?xt=urn:btih:${hash}&dn=${spaces}x  `)).toMatchObject({ infoHash: hash, name: 'x' });
});

test('what is formatted reads back', () => {
  const url = fc
    .tuple(fc.constantFrom('http', 'https'), fc.domain(), fc.webPath({ size: 'small' }))
    .map(([s, d, p]) => `${s}://${d}${p}`);
  const torrent = fc.record({
    info: fc.record({
      id: fc
        .record(
          {
            v1: fc.stringMatching(/^[0-9a-f]{40}$/).map((hash) => hash as InfoHashV1),
            v2: fc.stringMatching(/^[0-9a-f]{64}$/).map((hash) => hash as InfoHashV2),
          },
          { requiredKeys: [] },
        )
        .filter(({ v1, v2 }) => v1 !== undefined || v2 !== undefined)
        .map((hashes) => torrentId(hashes)),
      name: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }).map((name) => name.trim() || 'x'),
    }),
    trackers: fc.uniqueArray(url, { maxLength: 5 }).map((urls) => urls.map((u) => [u])),
  });
  fc.assert(
    fc.property(torrent, (given) => {
      const back = parseMagnet(formatMagnet(given));
      expect(back).toEqual({
        id: given.info.id,
        infoHash: nameOf(given.info.id),
        name: given.info.name,
        trackers: given.trackers,
        webSeeds: [],
        torrentUrls: [],
        peers: [],
      });
    }),
  );
});

test('any text is read or refused', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.boolean(), (text, valid) => {
      const link = `magnet:?${valid ? `xt=urn:btih:${HASH}&` : ''}${text}`;
      try {
        expect(parseMagnet(link).infoHash).toMatch(/^[0-9a-f]{40}$/);
      } catch (error) {
        expect(error).toBeInstanceOf(EnsembleError);
      }
    }),
    { numRuns: 1000 },
  );
});

test.each([
  `magnet:?xt=urn:btih:${HASH}`,
  `magnet:?xt=urn:btih:${HASH}&so=0,7`,
  `magnet:?${encodeURIComponent(`xt=urn:btih:${HASH}&so=0`)}`,
  encodeURIComponent(`magnet:?xt=urn:btih:${HASH}&so=0`),
])('%s, wanting further files', (link) => {
  const before = parseMagnet(link).only ?? [];
  const more = [
    { first: 2, last: 2 },
    { first: 4, last: 6 },
  ];
  expect(parseMagnet(alsoWanting(link, more))).toEqual({ ...parseMagnet(link), only: [...before, ...more] });
});

test('where its .torrent file is: xs before as, what can be fetched alone, and few', () => {
  const sources = ['urn:sha1:abc', 'ftp://a.example/t', 'http://x.example/t', 'http://x.example/t'];
  const many = Array.from({ length: 20 }, (_, i) => `&as=http://a.example/${i}`).join('');
  const link = `magnet:?xt=urn:btih:${HASH}${many}${sources.map((one) => `&xs=${encodeURIComponent(one)}`).join('')}`;
  const { torrentUrls } = parseMagnet(link);
  expect(torrentUrls).toHaveLength(8);
  expect(torrentUrls.slice(0, 2)).toEqual(['http://x.example/t', 'http://a.example/0']);
});
