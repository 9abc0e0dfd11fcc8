import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { concatBytes } from '../base/bytes.ts';
import type { BencodeInput } from '../bencode/bencode.ts';
import { encode } from '../bencode/bencode.ts';
import { parseTorrent } from './parse-torrent.ts';
import { expectSafePaths, ODD_TORRENTS } from './testing/odd-torrents.ts';

/** Torrents that are not as they should be and that other clients open: what harms nobody is read, what is unsafe is made safe. */

type Fields = Record<string, BencodeInput | undefined>;
/** Keys and values as they are to stand there, in this order. */
type Pairs = readonly (readonly [string, BencodeInput])[];

const bytes = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0));
const inOrder = (pairs: Pairs): Uint8Array =>
  concatBytes(bytes('d'), ...pairs.flatMap(([key, value]) => [encode(key), encode(value)]), bytes('e'));
const HASH = new Uint8Array(20);
const single = (fields: Fields = {}): Fields => ({
  name: 'a',
  'piece length': 16384,
  length: 5,
  pieces: HASH,
  ...fields,
});
const around = (info: Uint8Array, before = '', behind = ''): Uint8Array =>
  concatBytes(bytes(`d${before}4:info`), info, bytes(`e${behind}`));
const read = (fields: Fields, info: BencodeInput = single()) => parseTorrent(encode({ ...fields, info }));

test('much of it at once', () => {
  for (const data of ODD_TORRENTS) expectSafePaths(parseTorrent(data).info);
});

describe('the form', () => {
  test('keys out of order: the hash is of the bytes as they are', () => {
    const info = inOrder([
      ['length', 5],
      ['pieces', HASH],
      ['piece length', 16384],
      ['ttg_tag', 'x'],
      ['source', 'y'],
      ['name', 'a'],
    ]);
    const parsed = parseTorrent(around(info, '8:url-list0:8:announce15:http://t.exampl'));
    expect(parsed.info).toMatchObject({ name: 'a', length: 5, raw: info });
    expect(parsed.info.infoHash).toBe(createHash('sha1').update(info).digest('hex'));
    expect(parsed).toMatchObject({ trackers: [['http://t.exampl']], notes: [] });
  });

  test.each(['\n', '\0\0\0', 'd1:a1:be', '<html>'])('bytes behind the end: %j', (behind) => {
    const info = encode(single());
    expect(parseTorrent(around(info, '', behind)).info.raw).toEqual(info);
  });

  test('of a key that comes twice the first counts', () => {
    const info = inOrder([
      ['length', 5],
      ['name', 'first'],
      ['name', 'second'],
      ['piece length', 16384],
      ['pieces', HASH],
      ['pieces', 'none'],
      ['length', 'x'],
    ]);
    expect(parseTorrent(around(info)).info).toMatchObject({ name: 'first', length: 5 });
    const other = encode(single({ name: 'other' }));
    expect(parseTorrent(concatBytes(bytes('d4:info'), info, bytes('4:info'), other, bytes('e'))).info.raw).toEqual(
      info,
    );
  });

  test('leading zeros, and numbers beyond all bounds in what nobody needs', () => {
    const info = bytes('d6:lengthi005e4:name01:a12:piece lengthi16384e6:pieces20:aaaaaaaaaaaaaaaaaaaa1:xi-0ee');
    const parsed = parseTorrent(around(info, '13:creation datei99999999999999999999e'));
    expect(parsed.info).toMatchObject({ name: 'a', length: 5 });
    expect(parsed.creationDate).toBeUndefined();
  });
});

describe('fields that nothing depends on', () => {
  const url = 'http://t.example/';
  test.each<[Fields, string[]]>([
    [{ 'announce-list': { a: [url] } }, ['announce-list']],
    [{ 'announce-list': 'x' }, ['announce-list']],
    [{ 'announce-list': [5, [url, [url], 7]] }, ['announce-list', 'announce-list', 'announce-list']],
    [{ announce: 5, 'announce-list': [[url]] }, ['announce']],
    [{ 'url-list': 3 }, ['url-list']],
    [{ 'url-list': { a: 'http://w.example/' } }, ['url-list']],
    [{ 'url-list': ['http://w.example/', 5] }, ['url-list']],
    [{ comment: 5, 'created by': [], encoding: {} }, ['encoding', 'comment', 'created by']],
    [{ 'creation date': 'yesterday' }, ['creation date']],
    [{ 'creation date': -5 }, ['creation date']],
    [{ nodes: 5, httpseeds: 7, publisher: [], 'piece layers': 5 }, []],
  ])('%j', (fields, left) => {
    const { trackers, notes, info } = read({ announce: url, ...fields });
    expect(trackers).toEqual([[url]]);
    expect(info.name).toBe('a');
    expect(notes.map((note) => /^"([^"]+)" is .* left out/.exec(note)?.[1])).toEqual(left);
  });

  test.each<[Fields, string[]]>([
    [{ private: 'yes' }, ['private']],
    [{ private: [1] }, ['private']],
    [{ files: 5 }, ['files']],
    [{ 'name.utf-8': 5, md5sum: 7, 'meta version': 'x', similar: 5 }, []],
  ])('%j in the info dictionary', (fields, left) => {
    const { info, notes } = read({}, single(fields));
    expect(info).toMatchObject({ name: 'a', length: 5, private: false });
    expect(notes.map((note) => /^"([^"]+)" is .* left out/.exec(note)?.[1])).toEqual(left);
  });

  test('a length beside files', () => {
    const { info, notes } = read({}, single({ length: 7, files: [{ path: ['x'], length: 5 }] }));
    expect(info).toMatchObject({ length: 5, files: [{ path: ['a', 'x'] }] });
    expect(notes).toHaveLength(1);
  });

  test('one piece that is said to be longer than any may be', () => {
    const large = { 'piece length': 2 ** 30 };
    expect(read({}, single(large)).info).toMatchObject({ pieceLength: 5, pieceCount: 1 });
    const none = concatBytes(bytes('d12:piece lengthi4611686018427387904e'), encode(single()).subarray(1));
    expect(() => parseTorrent(around(none))).toThrow('"piece length" is 4611686018427388000');
    const two = { ...large, length: 2 ** 31, pieces: new Uint8Array(40) };
    expect(() => read({}, single(two))).toThrow('"piece length" is 1073741824');
  });

  test('notes are bounded', () => {
    expect(read({ 'url-list': Array.from({ length: 1000 }, () => 5) }).notes).toHaveLength(21);
  });

  test('a flood of values costs no more than reading them', () => {
    const flood = bytes(`d13:announce-listl${'le'.repeat(1_000_000)}e4:info`);
    expect(parseTorrent(concatBytes(flood, encode(single()), bytes('e'))).trackers).toEqual([]);
  });
});

describe('names', () => {
  /** Where each file lies, and the path that the torrent gives it where that is another. */
  const files = (paths: readonly (readonly BencodeInput[])[], name: BencodeInput = 'T') =>
    read({}, single({ name, length: undefined, files: paths.map((path) => ({ path, length: 5 })), pieces: HASH })).info
      .files;
  const places = (paths: readonly (readonly BencodeInput[])[], name?: BencodeInput): string[] =>
    files(paths, name).map(({ path, own }) => path.join('/') + (own === undefined ? '' : ` <- ${own.join(' | ')}`));

  test.each<[readonly (readonly BencodeInput[])[], string[]]>([
    [[['a', 'b']], ['T/a/b']],
    [
      [
        ['', 'a'],
        ['sub', '', 'b'],
      ],
      ['T/_/a <- T |  | a', 'T/sub/_/b <- T | sub |  | b'],
    ],
    [
      [['..', '..', 'etc', 'passwd'], ['.']],
      ['T/_/_/etc/passwd <- T | .. | .. | etc | passwd', 'T/_ (2) <- T | .'],
    ],
    [[['/etc/passwd']], ['T/_etc_passwd <- T | /etc/passwd']],
    [
      [['a'], ['a'], ['A']],
      ['T/a', 'T/a (2) <- T | a', 'T/A (3) <- T | A'],
    ],
    [
      [['x'], ['x', 'y']],
      ['T/x (2) <- T | x', 'T/x/y'],
    ],
    [
      [['x', 'y'], ['x']],
      ['T/x/y', 'T/x (2) <- T | x'],
    ],
    [
      [['a/b'], ['a_b']],
      ['T/a_b <- T | a/b', 'T/a_b (2) <- T | a_b'],
    ],
    [[['CON', 'aux.c', 'Vol. 1.', 'a\tb']], ['T/CON_/aux_.c/Vol. 1_/a_b <- T | CON | aux.c | Vol. 1. | a\tb']],
    // The second is in the same folder, and is told the same.
    [
      [
        ['d.', 'x'],
        ['d.', 'y'],
      ],
      ['T/d_/x <- T | d. | x', 'T/d_/y <- T | d. | y'],
    ],
  ])('%j', (paths, expected) => {
    expect(places(paths)).toEqual(expected);
  });

  test.each<[string, string]>([
    ['Some R1/beta6 (x86_64)', 'Some R1_beta6 (x86_64)'],
    ['CON', 'CON_'],
    ['C:\\x', 'C__x'],
  ])('the name %j', (name, expected) => {
    const { info } = read({}, single({ name }));
    expect(info).toMatchObject({ name: expected, files: [{ path: [expected], own: [name] }] });
    expect(places([['x']], name)).toEqual([`${expected}/x <- ${name} | x`]);
  });

  test.each(['', '.', '..', '../.', '\0\0', ' ', '\\'])(
    'of the name %j nothing would stay: a folder may have it, the only file not',
    (name) => {
      expect(places([['x']], name)[0]).toMatch(/^[_.]+_\/x <- |^_\/x <- /);
      expect(() => read({}, single({ name }))).toThrow('"name" is');
    },
  );

  test('folders without end, and paths that are too long', () => {
    const [deep] = files([[...Array.from({ length: 300 }, () => 'd'), 'file.txt']]);
    expect([deep?.path.length, deep?.path.at(-1)]).toEqual([100, 'file.txt']);
    expect(deep?.own?.slice(-2)).toEqual(['', 'file.txt']);
    const [fits] = files([[...Array.from({ length: 98 }, () => 'd'), 'file.txt']]);
    expect([fits?.path.length, fits?.own]).toEqual([100, undefined]);
    for (const depth of [99, 100, 101, 102, 103]) {
      const [made] = files([[...Array.from({ length: depth }, () => 'd'), 'file.txt']]);
      expect([made?.path.length, made?.path.at(-1), made?.own?.at(-1)]).toEqual([100, 'file.txt', 'file.txt']);
    }
    const long = files([0, 1, 1].map((last) => [...Array.from({ length: 30 }, () => 'n'.repeat(200)), `${last}.txt`]));
    for (const { path } of long) expect(path.join('/').length).toBeLessThanOrEqual(2052);
    expect(new Set(long.map(({ path }) => path.join('/'))).size).toBe(3);
    expect(long[0]?.path.at(-1)).toBe('0.txt');
  });

  test('another encoding, where the torrent states it', () => {
    // "zhongwen" in GBK, "privet" in windows-1251, "nihon" in Shift_JIS.
    const gbk = bytes('\xd6\xd0\xce\xc4.txt');
    const name = (encoding: BencodeInput | undefined, fields: Fields): string =>
      read({ encoding }, single(fields)).info.name;
    expect(name('GBK', { name: gbk })).toBe('\u4e2d\u6587.txt');
    expect(name('windows-1251', { name: bytes('\xef\xf0\xe8\xe2\xe5\xf2') })).toBe(
      '\u043f\u0440\u0438\u0432\u0435\u0442',
    );
    expect(name(' shift_jis ', { name: bytes('\x93\xfa\x96\x7b') })).toBe('\u65e5\u672c');
    // What is UTF-8 is read as UTF-8, as the field often is not true; and a name that says that it is counts first.
    expect(name('GBK', { name: '\u4e2d' })).toBe('\u4e2d');
    expect(name('GBK', { name: gbk, 'name.utf-8': 'x' })).toBe('x');
    expect(name('GBK', { name: gbk, 'name.utf-8': gbk })).toBe('\u4e2d\u6587.txt');
    for (const unknown of ['klingon', '', 'UTF-8', 5, undefined]) expect(name(unknown, { name: gbk })).toBe('____.txt');
    const { info } = read({ encoding: 'gbk' }, single({ length: undefined, files: [{ path: [gbk], length: 5 }] }));
    expect(info.files[0]).toEqual({ path: ['a', '\u4e2d\u6587.txt'], length: 5, offset: 0, padding: false });
    expect(info.naming).toEqual({ encoding: 'gbk' });
  });

  test('bytes that another name has only in part are read for themselves', () => {
    expect(places([[bytes('\xc3\xa9')], [bytes('\xe9')]])).toEqual(['T/\u00e9', 'T/_ <- T | \ufffd']);
  });

  test('keys twice, wrong kinds and padding in the list of files', () => {
    const entry = (pairs: Pairs): Uint8Array => inOrder(pairs);
    const list = concatBytes(
      bytes('l'),
      entry([
        ['path', ['one']],
        ['length', 5],
        ['length', 6],
        ['path', ['two']],
        ['attr', 5],
      ]),
      entry([
        ['length', 3],
        ['path', ['three']],
        ['path.utf-8', 5],
        ['attr', 'hx'],
      ]),
      entry([
        ['length', 4],
        ['attr', 'p'],
        ['path', 5],
      ]),
      entry([
        ['attr', 'l'],
        ['path', ['link']],
        ['length', 'x'],
      ]),
      entry([
        ['length', 2],
        ['path', ['_____padding_file_0_if you see this']],
      ]),
      entry([
        ['length', 1],
        ['path', ['five']],
        ['path.utf-8', ['f', 5]],
      ]),
      bytes('e'),
    );
    const info = concatBytes(bytes('d5:files'), list, encode(single({ length: undefined })).subarray(1));
    expect(
      parseTorrent(around(info)).info.files.map(({ path, length, padding }) => [path.join('/'), length, padding]),
    ).toEqual([
      ['a/one', 5, false],
      ['a/three', 3, false],
      ['a/.pad/4', 4, true],
      ['a/.pad/2', 2, true],
      ['a/five', 1, false],
    ]);
  });
});
