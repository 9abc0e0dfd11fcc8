import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EnsembleError } from '../base/errors.ts';
import { piece } from '../base/ids.ts';
import type { InfoHash } from '../base/ids.ts';
import type { BencodeInput } from '../bencode/bencode.ts';
import { encode } from '../bencode/bencode.ts';
import { infoHashBytes } from './info-hash.ts';
import { parseInfo, pieceHash } from './parse-info.ts';
import { parseTorrent } from './parse-torrent.ts';

type Fields = Record<string, BencodeInput | undefined>;

const single = (fields: Fields = {}): Fields => ({
  name: 'a.bin',
  'piece length': 16384,
  length: 40000,
  pieces: new Uint8Array(60),
  ...fields,
});
const multi = (files: Fields[], fields: Fields = {}): Fields =>
  single({ name: 'T', length: undefined, files, pieces: new Uint8Array(20), ...fields });
const torrent = (info: BencodeInput, fields: Fields = {}): Uint8Array => encode({ ...fields, info });
const latin1 = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0));

function failure(data: Uint8Array): string {
  try {
    parseTorrent(data);
  } catch (error) {
    if (error instanceof EnsembleError && error.code === 'invalid-torrent') return error.message;
    throw error;
  }
  return 'no error';
}

test.each([
  [undefined, false],
  [0, false],
  [1, true],
  // As libtorrent, Transmission and parse-torrent take it: what is private for the others must not be public here.
  [2, true],
])('private: %s is %s', (value, expected) => {
  expect(parseTorrent(torrent(single(value === undefined ? {} : { private: value }))).info.private).toBe(expected);
});

test('nodes of the DHT are taken where they can be reached, and at most 64', () => {
  const pairs: BencodeInput[] = [
    ['10.1.2.3', 6881],
    ['2001:db8::1', 5],
    ['router.example', 6881],
    ['', 1],
    ['a b', 1],
    ['10.1.2.3', 0],
    ['10.1.2.3', 65536],
    ['10.1.2.3', -1],
    ['10.1.2.3'],
    [6881, '10.1.2.3'],
    'x',
    [],
  ];
  const nodes = (value: BencodeInput) => parseTorrent(torrent(single(), { nodes: value })).nodes;
  expect(nodes(pairs)).toEqual([
    { host: '10.1.2.3', port: 6881 },
    { host: '2001:db8::1', port: 5 },
    { host: 'router.example', port: 6881 },
  ]);
  expect(nodes('x')).toEqual([]);
  expect(nodes(Array.from({ length: 100 }, (_, i) => ['10.0.0.1', i + 1]))).toHaveLength(64);
  expect(parseTorrent(torrent(single())).nodes).toEqual([]);
});

test('a single file', () => {
  const info = single({ private: 1 });
  const parsed = parseTorrent(
    torrent(info, {
      announce: 'http://t.example/a',
      comment: ' hello\u0007 ',
      'created by': 'someone',
      'creation date': 1700000000,
      'url-list': 'https://w.example/',
    }),
  );
  expect(parsed).toMatchObject({
    trackers: [['http://t.example/a']],
    webSeeds: ['https://w.example/'],
    comment: 'hello',
    createdBy: 'someone',
    creationDate: 1700000000,
    info: { name: 'a.bin', pieceLength: 16384, pieceCount: 3, length: 40000, private: true },
  });
  expect(parsed.info.files).toEqual([{ path: ['a.bin'], length: 40000, offset: 0, padding: false }]);
  expect(parsed.info.infoHash).toBe(createHash('sha1').update(encode(info)).digest('hex'));
  expect(parsed.info.raw).toEqual(encode(info));
});

test('several files, with padding that is never stored and links that are never made', () => {
  const { info } = parseTorrent(
    torrent(
      multi([
        { length: 100, path: ['d', 'one'] },
        { attr: 'p', length: 924, path: ['.pad', '924'] },
        { attr: 'l', length: 0, path: ['link'], 'symlink path': ['..', '..', 'etc'] },
        { attr: 'l', path: ['link'] },
        { attr: 'hl', length: 9, path: ['link'] },
        { attr: 'x', length: 0, path: ['two'] },
        { length: 7, path: ['bad'], 'path.utf-8': ['schön'] },
      ]),
    ),
  );
  expect(info.files).toEqual([
    { path: ['T', 'd', 'one'], length: 100, offset: 0, padding: false },
    { path: ['T', '.pad', '924'], length: 924, offset: 100, padding: true },
    { path: ['T', 'two'], length: 0, offset: 1024, padding: false },
    { path: ['T', 'schön'], length: 7, offset: 1024, padding: false },
  ]);
  expect(info.length).toBe(1031);
});

test('names: UTF-8 where there are two, readable where it is none', () => {
  const name = (fields: Fields): string => parseTorrent(torrent(single(fields))).info.name;
  expect(name({ name: 'x', 'name.utf-8': 'ü' })).toBe('ü');
  expect(name({ name: 'x', 'name.utf-8': latin1('\xff') })).toBe('x');
  expect(name({ name: latin1('caf\xe9.txt') })).toBe('caf_.txt');
});

test('the info-hash is of the raw bytes', () => {
  // A key that the codec would write in another place or form must not change it.
  const raw = latin1('d6:lengthi5e4:name1:a12:piece lengthi16384e6:pieces20:aaaaaaaaaaaaaaaaaaaa2:\xff\xffi1ee');
  const info = parseInfo(raw);
  expect(info.infoHash).toBe(createHash('sha1').update(raw).digest('hex'));
  expect(parseInfo(raw, info.infoHash).name).toBe('a');
  expect(() => parseInfo(raw, '0'.repeat(40) as InfoHash)).toThrow(`info-hash ${info.infoHash}; it must be 000`);
  expect(infoHashBytes(info.infoHash)).toEqual(new Uint8Array(createHash('sha1').update(raw).digest()));
});

test('what is no hex is no info-hash', () => {
  expect(() => infoHashBytes('xyz' as InfoHash)).toThrow('"xyz" is no info-hash');
});

test('a hash of a piece is a view of 20 bytes', () => {
  const pieces = Uint8Array.from({ length: 60 }, (_, i) => i);
  const { info } = parseTorrent(torrent(single({ pieces })));
  expect(pieceHash(info, piece(1))).toEqual(pieces.slice(20, 40));
});

describe('what is wrong is named', () => {
  const file = (path: BencodeInput, length: BencodeInput = 5): Fields => ({ length, path });
  test.each<[string, BencodeInput, string]>([
    ['no dictionary', 5, 'info dictionary. The bencoded data is no dictionary'],
    ['no name', single({ name: undefined }), '"name" is missing'],
    ['name of another kind', single({ name: 5 }), '"name" is 5; it must be a string'],
    ['piece length 0', single({ 'piece length': 0 }), '"piece length" is 0; it must be an integer from 1024'],
    ['piece length negative', single({ 'piece length': -16384 }), '"piece length" is -16384'],
    [
      'piece length huge',
      single({ 'piece length': 2 ** 40, length: 2 ** 41, pieces: new Uint8Array(40) }),
      '"piece length" is 1099511627776',
    ],
    ['piece length of another kind', single({ 'piece length': 'x' }), '"piece length" is "x"'],
    ['no pieces', single({ pieces: undefined }), '"pieces" is missing'],
    ['pieces of another kind', single({ pieces: 5 }), '"pieces" is 5'],
    ['pieces not a multiple of 20', single({ pieces: new Uint8Array(59) }), '"pieces" is "59 bytes"'],
    ['too few pieces', single({ pieces: new Uint8Array(40) }), '"pieces" is 2; it must be 3 hashes'],
    ['too many pieces', single({ pieces: new Uint8Array(80) }), '"pieces" is 4; it must be 3 hashes'],
    ['no length', single({ length: undefined }), '"length" is missing'],
    ['negative length', single({ length: -1 }), '"length" is -1'],
    ['nothing in it', single({ length: 0 }), 'nothing to download'],
    ['files of another kind and no length', multi([], { files: 5 }), '"length" is missing'],
    ['no files', multi([]), '"files" is a list'],
    ['a file of another kind', multi([], { files: [5] }), '"files[0]"'],
    ['a file without length', multi([{ path: ['a'] }]), '"files[0].length" is missing'],
    ['a file with a negative length', multi([file(['a'], -1)]), '"files[0].length" is -1'],
    ['a file without path', multi([{ length: 5 }]), '"files[0].path" is missing'],
    ['an empty path', multi([file([])]), '"files[0].path" is missing'],
    ['a path of another kind', multi([file('a')]), '"files[0].path"'],
    ['a component of another kind', multi([file([5])]), '"files[0].path"'],
    ['lengths beyond all bounds', multi([file(['a'], 2 ** 53 - 1), file(['b'], 2 ** 53 - 1)]), '"files" is'],
  ])('%s', (_, info, why) => {
    expect(failure(torrent(info))).toContain(why);
  });

  test.each<[string, Uint8Array, string]>([
    ['empty', new Uint8Array(0), 'no valid torrent file'],
    ['text', latin1('<html>'), 'no valid torrent file'],
    ['cut short', torrent(single()).slice(0, 80), 'no valid torrent file'],
    ['nested deeply', latin1(`d1:a${'l'.repeat(200_000)}`), 'levels within each other'],
    ['huge length', latin1('d4:info999999999:x'), 'a string of 999999999 bytes'],
    ['a list', latin1('le'), 'is no dictionary'],
    ['no info', latin1('de'), '"info" is missing'],
  ])('%s', (_, data, why) => {
    expect(failure(data)).toContain(why);
  });
});

describe('trackers', () => {
  const trackers = (fields: Fields) => parseTorrent(torrent(single(), fields)).trackers;

  test('tiers, without what cannot be asked and what stood before', () => {
    const list = [
      ['http://a.example/x', 'wss://b.example', 'udp://c.example:80/announce'],
      ['dht://nothing'],
      ['http://a.example/x', 'https://d.example/', 'udp://no-port.example', 'not a url'],
    ];
    expect(trackers({ announce: 'http://other.example/', 'announce-list': list })).toEqual([
      ['http://a.example/x', 'udp://c.example:80/announce'],
      ['https://d.example/'],
    ]);
  });

  test('announce where the list has none', () => {
    expect(trackers({ announce: 'http://a.example/', 'announce-list': [] })).toEqual([['http://a.example/']]);
    expect(trackers({ 'announce-list': ['http://flat.example/'] })).toEqual([['http://flat.example/']]);
    expect(trackers({})).toEqual([]);
  });

  test('at most 256', () => {
    const list = Array.from({ length: 300 }, (_, i) => [`http://t${i}.example/`]);
    expect(trackers({ 'announce-list': list })).toHaveLength(256);
  });
});

test('100,000 files and 500,000 pieces are read', () => {
  const files = Array.from({ length: 100_000 }, (_, i) => ({ length: 5, path: [`d${i % 100}`, `file ${i}`] }));
  files.push({ length: 500_000 * 1024 - 500_000, path: ['d0', 'rest'] });
  const { info } = parseTorrent(torrent(multi(files, { 'piece length': 1024, pieces: new Uint8Array(10_000_000) })));
  expect(info.pieceCount).toBe(500_000);
  expect(info.files).toHaveLength(100_001);
  expect(info.files[99_999]?.path).toEqual(['T', 'd99', 'file 99999']);
});

test('one piece more than 500,000 is refused, with the number and what is the most', () => {
  const info = single({ length: 500_001 * 1024, 'piece length': 1024, pieces: new Uint8Array(500_001 * 20) });
  expect(failure(torrent(info))).toMatch(/500001 pieces.*500000/);
});

test('whatever is changed in a torrent, it is read or refused, and no path leads out', () => {
  const whole = torrent(
    multi([
      { length: 100, path: ['d', 'one'], attr: 'x' },
      { length: 900, path: ['d', 'two'], 'path.utf-8': ['d', 'zwei'] },
      { attr: 'p', length: 24, path: ['.pad', '24'] },
      { length: 5, path: ['e', 'f', 'three.txt'] },
    ]),
    { announce: 'http://a.example/', 'announce-list': [['http://a.example/'], ['udp://b.example:1']], comment: 'c' },
  );
  const change = fc.tuple(
    fc.nat(whole.length - 1),
    fc.oneof(fc.nat(255), fc.constantFrom(...latin1('.0123456789:deil/\\'))),
  );
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
      const data = whole.slice();
      for (const [at, byte] of changes) data[at] = byte;
      if (failure(data) !== 'no error') return;
      const { info } = parseTorrent(data);
      for (const { path } of info.files) {
        expect(path.length).toBeGreaterThan(0);
        for (const name of path) expect(name).not.toMatch(/[/\\\0]|^\.{0,2}$/);
      }
      expect(info.pieceHashes.length).toBe(20 * Math.ceil(info.length / info.pieceLength));
    }),
    { numRuns: 3000 },
  );
});
