import fc from 'fast-check';
import { expect, test } from 'vitest';
import { choosePieceLength, encodeTorrent } from './make-torrent.ts';
import type { TorrentInput } from './make-torrent.ts';
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
