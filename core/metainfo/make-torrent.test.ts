import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { choosePieceLength, encodeTorrent, planTorrent } from './make-torrent.ts';
import type { TorrentInput } from './make-torrent.ts';
import { inTreeOrder } from './made-content.ts';
import { keepNames } from './keep-names.ts';
import { parseTorrent } from './parse-torrent.ts';

const KIB = 1024;
const input = (fields: Partial<TorrentInput> = {}): TorrentInput => ({
  name: 'n',
  files: 40000,
  pieceLength: 16384,
  pieceHashes: new Uint8Array(60),
  trackers: [],
  ...fields,
});

test.each([
  [1, 16 * KIB],
  [1500 * 16 * KIB, 16 * KIB],
  [1500 * 16 * KIB + 1, 32 * KIB],
  [700 * KIB * KIB, 512 * KIB],
  [8 * KIB * KIB * KIB, 8 * KIB * KIB],
  [2 ** 50, 16 * KIB * KIB],
])('%d bytes: pieces of %d', (total, length) => {
  expect(choosePieceLength(total)).toBe(length);
});

test.each([
  [1, 1, 16 * KIB],
  [KIB * KIB, 10, 128 * KIB],
  [KIB * KIB, 1, KIB * KIB],
  [2 ** 50, 1000, 64 * KIB * KIB],
  [KIB * KIB, 10_000, 16 * KIB],
])('%d bytes in at most %d pieces: of %d', (total, pieces, length) => {
  expect(choosePieceLength(total, pieces)).toBe(length);
});

test('the piece length grows with the size, and pieces stay few', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2 ** 34 }), (total) => {
      const length = choosePieceLength(total);
      expect(Math.log2(length) % 1).toBe(0);
      expect(total / length).toBeLessThanOrEqual(1500);
      if (length > 16 * KIB) expect(total / length).toBeGreaterThan(750);
    }),
  );
});

test('what is made reads back', () => {
  const made = encodeTorrent(
    input({
      files: [
        { path: ['ä', 'b'], length: 39000 },
        { path: ['c'], length: 1000 },
      ],
      trackers: [['http://a.example/', 'udp://b.example:1'], ['https://c.example/']],
      private: true,
      comment: 'c',
      createdBy: 'x 1',
      creationDate: 1700000000,
      webSeeds: ['http://w.example/'],
    }),
  );
  expect(parseTorrent(made)).toMatchObject({
    trackers: [['http://a.example/', 'udp://b.example:1'], ['https://c.example/']],
    webSeeds: ['http://w.example/'],
    comment: 'c',
    createdBy: 'x 1',
    creationDate: 1700000000,
    info: {
      private: true,
      pieceCount: 3,
      files: [
        { path: ['n', 'ä', 'b'], length: 39000, offset: 0 },
        { path: ['n', 'c'], length: 1000, offset: 39000 },
      ],
    },
  });
  expect(parseTorrent(encodeTorrent(input())).info.files).toMatchObject([{ path: ['n'], length: 40000 }]);
  expect(parseTorrent(encodeTorrent(input({ trackers: [[], ['udp://b.example:1']] }))).trackers).toEqual([
    ['udp://b.example:1'],
  ]);
});

test('any names, where they are wanted: they can be kept where the system holds them', () => {
  const files = ['a', 'A', 'Vol. 1.', 'a\\b'].map((name) => ({ path: [name], length: 10_000 }));
  const { info } = parseTorrent(encodeTorrent(input({ files, anyNames: true })));
  expect(keepNames(info, [1, 2, 3]).files.map(({ path }) => path[1])).toEqual(['a', 'A', 'Vol. 1.', 'a\\b']);
  expect(() => encodeTorrent(input({ files: [{ path: ['a/b'], length: 40_000 }], anyNames: true }))).toThrow('"n/a/b"');
});

test('attributes, links and the source', () => {
  const made = encodeTorrent(
    input({
      files: [
        { path: ['run'], length: 40_000, executable: true },
        { path: ['link'], length: 0, link: ['run'] },
      ],
      source: 'TRACKER',
    }),
  );
  const text = new TextDecoder('latin1').decode(made);
  expect(text).toContain('4:attr1:x6:lengthi40000e');
  expect(text).toContain('4:attr1:l6:lengthi0e4:pathl4:linke12:symlink pathl3:runee');
  expect(text).toContain('6:source7:TRACKER');
  const { info } = parseTorrent(made);
  expect(info.files).toMatchObject([{ path: ['n', 'run'], length: 40_000 }]);
  const single = input({ executable: true });
  expect(new TextDecoder('latin1').decode(encodeTorrent(single))).toContain('4:attr1:x6:lengthi40000e4:name');
  expect(info.infoHash).not.toBe(parseTorrent(encodeTorrent(input())).info.infoHash);
});

test.each<[Partial<TorrentInput>, string]>([
  [{ pieceLength: 1000 }, 'piece length is 1000'],
  [{ pieceLength: 2 ** 30 }, 'piece length is 1073741824'],
  [{ files: 0, pieceHashes: new Uint8Array(0) }, 'nothing to share'],
  [{ pieceHashes: new Uint8Array(59) }, 'have 59 bytes; 40000 bytes need 60'],
  [{ trackers: [['ftp://x.example']] }, '"ftp://x.example" is no tracker'],
  [{ trackers: [['udp://x.example']] }, 'udp with a port'],
  [{ webSeeds: ['x'] }, '"x" is no web seed'],
  [{ name: '..' }, '".."'],
  [{ name: 'aux.c' }, '"aux.c" cannot keep its name on every system; it would become "aux_.c"'],
  [
    {
      files: [
        { path: ['a'], length: 4 },
        { path: ['A'], length: 39996 },
      ],
    },
    'it would become "n/A (2)"',
  ],
])('%j is refused', (fields, why) => {
  expect(() => encodeTorrent(input(fields))).toThrow(why);
});

describe('version 2', () => {
  const FILES = [
    { path: ['a', 'x'], length: 40_000 },
    { path: ['a.b'], length: 0 },
    { path: ['c'], length: 40_000 },
    { path: ['d'], length: 16_384 },
  ];
  const roots = new Uint8Array(32 * 7).map((_, i) => i % 251);
  const twins = roots.copyWithin(3 * 32, 0, 3 * 32);
  const v2 = (fields: Partial<TorrentInput> = {}): TorrentInput =>
    input({ version: 2, files: FILES, pieceHashes: new Uint8Array(), pieceRoots: twins, ...fields });
  const hybrid = (fields: Partial<TorrentInput> = {}): TorrentInput =>
    v2({ version: 'hybrid', pieceHashes: new Uint8Array(7 * 20), ...fields });

  test('reads back, with its layers', () => {
    const { info } = parseTorrent(encodeTorrent(v2({ webSeeds: ['http://w.example/'] })));
    expect(info).toMatchObject({ pieceCount: 7, length: 96_384, notes: [] });
    expect(info.files.map(({ path, padding }) => [path.join('/'), padding])).toEqual([
      ['n/a/x', false],
      ['n/a.b', false],
      ['n/c', false],
      ['n/d', false],
    ]);
    expect(info.pieceRoots).toEqual(twins);
    expect([info.id.v1, info.id.v2?.length]).toEqual([undefined, 64]);
  });

  test('a hybrid has padding after each file that does not end with a piece, each with a name of its own', () => {
    const { info } = parseTorrent(encodeTorrent(hybrid()));
    expect(info.pieceRoots).toEqual(twins);
    expect(info.pieceHashes).toHaveLength(7 * 20);
    expect(info.files.map(({ length, padding }) => (padding ? -length : length))).toEqual([
      40_000, -9152, 0, 40_000, -9152, 16_384,
    ]);
    const text = Buffer.from(info.raw).toString('latin1');
    expect(text).toContain('l4:.pad4:9152e');
    expect(text).toContain('l4:.pad6:9152-2e');
  });

  test('padding takes the name of no file', () => {
    const files = [{ path: ['.pad', '9152'], length: 40_000 }, ...FILES.slice(2)];
    const { info } = parseTorrent(encodeTorrent(hybrid({ files })));
    expect(Buffer.from(info.raw).toString('latin1')).toContain('l4:.pad6:9152-2e');
  });

  test('one file alone needs no padding', () => {
    const one = { pieceRoots: roots.slice(0, 96), pieceHashes: new Uint8Array(60) };
    for (const files of [40_000, [{ path: ['x'], length: 40_000 }]]) {
      const { info } = parseTorrent(encodeTorrent(hybrid({ files, ...one })));
      expect(info).toMatchObject({ pieceCount: 3, length: 40_000 });
      expect(info.files).toHaveLength(1);
    }
    expect(parseTorrent(encodeTorrent(v2({ files: 40_000, pieceRoots: one.pieceRoots }))).info.files).toMatchObject([
      { path: ['n'], length: 40_000 },
    ]);
  });

  test('links and programs are told in both halves', () => {
    const files = [
      ...FILES.slice(0, 3),
      { path: ['d'], length: 0, link: ['a', 'x'] },
      { ...FILES[3]!, path: ['e'], executable: true },
    ];
    const { info } = parseTorrent(encodeTorrent(hybrid({ files })));
    expect(info.files.filter(({ padding }) => !padding).map(({ path }) => path.at(-1))).toEqual(['x', 'a.b', 'c', 'e']);
    expect(
      Buffer.from(info.raw)
        .toString('latin1')
        .match(/4:attr1:[lx]/g),
    ).toHaveLength(4);
  });

  test('a plan has all but the hashes', () => {
    for (const version of [2, 'hybrid'] as const) {
      const given = version === 2 ? v2() : hybrid();
      const { info } = parseTorrent(encodeTorrent(given));
      const { files, pieceCount, length } = planTorrent(given);
      expect({ pieceCount, length }).toEqual({ pieceCount: info.pieceCount, length: info.length });
      expect(files.map(({ path, offset }) => ({ path, offset }))).toEqual(
        info.files.map(({ path, offset }) => ({ path, offset })),
      );
    }
  });

  test.each<[string, TorrentInput, string]>([
    ['another order', v2({ files: FILES.toReversed() }), 'in the order of its tree'],
    ['too few roots', v2({ pieceRoots: new Uint8Array(32) }), 'need 224'],
    ['SHA-1s in version 2 alone', v2({ pieceHashes: new Uint8Array(20) }), 'need 0'],
    ['too few SHA-1s', hybrid({ pieceHashes: new Uint8Array(20) }), 'need 140'],
    ['a piece length of version 1', v2({ pieceLength: 8192 }), 'a power of two'],
  ])('%s is refused', (_, given, why) => {
    expect(() => encodeTorrent(given)).toThrow(why);
  });

  test('the order is that of the tree: a folder stands where its name does', () => {
    const paths = [['a.b'], ['a', 'z'], ['a', 'é'], ['B'], ['a']].map((path) => ({ path }));
    expect(inTreeOrder(paths).map(({ path }) => path.join('/'))).toEqual(['B', 'a', 'a/z', 'a/é', 'a.b']);
  });

  test.each([
    [['c', 'constructor', 'd', 'toString']],
    [['c', 'd', 'e', '__proto__'].toSorted()],
    // UTF-8 and UTF-16 sort these the other way round.
    [['a', '\uff5e', '\u{1f600}', '\u{1f601}']],
  ])('any names can be keys of the tree, in the order of their bytes: %j', (names) => {
    const lengths = [40_000, 40_000, 16_384, 0];
    const files = names.map((name, i) => ({ path: [name], length: lengths[i] ?? 0 }));
    const { info } = parseTorrent(encodeTorrent(v2({ files, pieceRoots: twins })));
    expect(info.files.map(({ path }) => path.at(-1))).toEqual(names);
  });
});
