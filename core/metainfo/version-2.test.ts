import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { toHex } from '../base/bytes.ts';
import { EnsembleError } from '../base/errors.ts';
import { type InfoHash, piece } from '../base/ids.ts';
import { encode } from '../bencode/bencode.ts';
import { Geometry } from './geometry.ts';
import { HASH_LENGTH } from '../merkle/tree.ts';
import { parseInfo } from './parse-info.ts';
import { parseTorrent } from './parse-torrent.ts';
import { encodeV2, type Fields, type V2File, v2Parts } from './testing/v2-torrents.ts';
import type { Info } from './torrent.ts';

const KiB = 1024;
const PIECE = 32 * KiB;
const FILES: readonly V2File[] = [
  { path: ['a', 'b.bin'], length: 100 * KiB + 5 },
  { path: ['a', 'empty'], length: 0 },
  { path: ['c.bin'], length: 7 },
  { path: ['d'], length: 2 * PIECE },
];

const hashes = (raw: Uint8Array) => ({
  v1: createHash('sha1').update(raw).digest('hex'),
  v2: createHash('sha256').update(raw).digest('hex'),
});
const filesOf = (info: Info) =>
  info.files.map(({ path, length, offset, padding }) => [path.join('/'), length, offset / PIECE, padding]);

function failure(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    if (error instanceof EnsembleError && error.code === 'invalid-torrent') return error.message;
    throw error;
  }
  return 'no error';
}

describe('version 2 alone', () => {
  const parts = v2Parts(FILES, PIECE);
  const { info } = parseTorrent(encodeV2(parts));

  test('each file starts at a piece, and nothing is padding', () => {
    expect(filesOf(info)).toEqual([
      ['v2/a/b.bin', 100 * KiB + 5, 0, false],
      ['v2/a/empty', 0, 4, false],
      ['v2/c.bin', 7, 4, false],
      ['v2/d', 2 * PIECE, 5, false],
    ]);
    expect(info).toMatchObject({ pieceCount: 7, length: 164 * KiB + 12, notes: [] });
    expect(info.pieceHashes).toHaveLength(0);
  });

  test('goes by its SHA-256, and has no other hash', () => {
    const { v2 } = hashes(encode(parts.info));
    expect(info.id).toEqual({ key: v2, v2 });
    expect(info.infoHash).toBe(v2);
  });

  test('has the root of each piece from its layers, and from the tree where a file is one piece', () => {
    expect(toHex(info.pieceRoots ?? new Uint8Array())).toBe(toHex(parts.pieceRoots));
    expect(info.files.map(({ root }) => root?.length)).toEqual([HASH_LENGTH, undefined, HASH_LENGTH, HASH_LENGTH]);
  });

  test('its one file lies in no folder, whatever the torrent is called', () => {
    const one = parseTorrent(encodeV2(v2Parts([{ path: ['x.bin'], length: 5 }], PIECE))).info;
    expect(one.name).toBe('v2');
    expect(filesOf(one)).toEqual([['x.bin', 5, 0, false]]);
    expect(one.pieceRoots).toHaveLength(HASH_LENGTH);
    const below = parseTorrent(encodeV2(v2Parts([{ path: ['x', 'y'], length: 5 }], PIECE))).info;
    expect(filesOf(below)).toEqual([['v2/x/y', 5, 0, false]]);
  });

  test('the metadata from peers has no layers: the roots of large files are not known yet', () => {
    const { v1, v2 } = hashes(info.raw);
    const alone = parseInfo(info.raw, v2 as InfoHash);
    expect(alone).not.toHaveProperty('pieceRoots');
    expect(alone.id).toEqual(info.id);
    expect(failure(() => parseInfo(info.raw, 'f'.repeat(64) as InfoHash))).toContain(v2);
    expect(failure(() => parseInfo(info.raw, 'f'.repeat(40) as InfoHash))).toContain(v1);
  });

  test('names are made safe as in version 1', () => {
    const files = ['..', 'CON', 'a/b', 'x', 'X'].map((name) => ({ path: [name], length: 1 }));
    const sorted = files.toSorted((a, b) => Buffer.compare(Buffer.from(a.path[0] ?? ''), Buffer.from(b.path[0] ?? '')));
    const read = parseTorrent(encodeV2(v2Parts(sorted, PIECE))).info;
    expect(read.files.map(({ path, own }) => [path.at(-1), own?.at(-1)])).toEqual([
      ['_', '..'],
      ['CON_', 'CON'],
      ['X', undefined],
      ['a_b', 'a/b'],
      ['x (2)', 'x'],
    ]);
  });

  test('links are left out', () => {
    const changed = v2Parts(FILES, PIECE);
    (changed.info['file tree'] as Fields)['e'] = { '': { attr: 'l', 'symlink path': ['d'] } };
    expect(filesOf(parseTorrent(encodeV2(changed)).info)).toEqual(filesOf(info));
  });

  test('what nothing depends on may be there', () => {
    const changed = v2Parts(FILES, PIECE);
    const leaf = (changed.info['file tree'] as { d: { '': Fields } }).d[''];
    Object.assign(leaf, { attr: 'hx', mtime: 5, zzz: [1] });
    expect(filesOf(parseTorrent(encodeV2(changed)).info)).toEqual(filesOf(info));
  });
});

describe('a hybrid', () => {
  const parts = v2Parts(FILES, PIECE, { hybrid: true });
  const { info } = parseTorrent(encodeV2(parts));

  test('has both hashes, and goes by that of version 1', () => {
    const { v1, v2 } = hashes(encode(parts.info));
    expect(info.id).toEqual({ key: v1, v1, v2 });
    expect(info.infoHash).toBe(v1);
  });

  test('has the padding of one half and the roots of the other', () => {
    expect(filesOf(info).filter(([, , , padding]) => padding === false)).toEqual([
      ['v2/a/b.bin', 100 * KiB + 5, 0, false],
      ['v2/a/empty', 0, 4, false],
      ['v2/c.bin', 7, 4, false],
      ['v2/d', 2 * PIECE, 5, false],
    ]);
    expect(info).toMatchObject({ pieceCount: 7, length: 7 * PIECE });
    expect(toHex(info.pieceRoots ?? new Uint8Array())).toBe(toHex(parts.pieceRoots));
    expect(info.pieceHashes).toHaveLength(7 * 20);
  });

  test('keeps the name by which it was first known', () => {
    const { v1, v2 } = hashes(info.raw);
    const byV2 = parseTorrent(encodeV2(parts), v2 as InfoHash).info;
    expect(byV2.id).toEqual({ key: v2, v1, v2 });
    expect(byV2.infoHash).toBe(v2);
    expect(parseInfo(info.raw, undefined, byV2.naming).infoHash).toBe(v2);
    expect(parseInfo(info.raw, v1 as InfoHash).infoHash).toBe(v1);
  });

  test('may end without padding', () => {
    const short = FILES.slice(0, 3);
    const without = parseTorrent(encodeV2(v2Parts(short, PIECE, { hybrid: true, tail: false }))).info;
    expect(without).toMatchObject({ pieceCount: 5, length: 4 * PIECE + 7 });
  });

  test('may end without padding though an empty file follows', () => {
    const files = [
      { path: ['a'], length: PIECE + 5 },
      { path: ['z'], length: 0 },
    ];
    const parts = v2Parts(files, PIECE, { hybrid: true });
    const list = (parts.info['files'] as Fields[]).filter(({ attr }) => attr !== 'p');
    const { info } = parseTorrent(encodeV2({ ...parts, info: { ...parts.info, files: list } }));
    expect(info).toMatchObject({ pieceCount: 2, length: PIECE + 5 });
    expect(new Geometry(info).pieceSize(piece(1))).toBe(5);
  });

  test('of one file needs no list', () => {
    const one = v2Parts([{ path: ['v2'], length: 5 }], PIECE, { hybrid: true, tail: false });
    const { files: _, ...others } = one.info;
    expect(filesOf(parseTorrent(encodeV2({ ...one, info: { ...others, length: 5 } })).info)).toEqual([
      ['v2', 5, 0, false],
    ]);
  });

  test.each<[string, (info: Fields) => void]>([
    ['another length', ({ files }) => ((files as Fields[])[0] = { path: ['a', 'b.bin'], length: 100 * KiB + 6 })],
    ['another name', ({ files }) => ((files as Fields[])[0] = { path: ['a', 'c.bin'], length: 100 * KiB + 5 })],
    ['another order', ({ files }) => (files as Fields[]).reverse()],
    ['a file less', ({ files }) => (files as Fields[]).splice(2, 1)],
    ['a file more', ({ files }) => (files as Fields[]).push({ path: ['e'], length: 0 })],
    ['no padding', (info) => (info['files'] = (info['files'] as Fields[]).filter(({ attr }) => attr !== 'p'))],
    [
      'more at the end than fills a piece',
      ({ files }) => (files as Fields[]).push({ path: ['.pad', '1'], length: PIECE, attr: 'p' }),
    ],
  ])('is refused whose halves differ: %s', (_, change) => {
    const changed = v2Parts(FILES, PIECE, { hybrid: true });
    change(changed.info);
    expect(failure(() => parseTorrent(encodeV2(changed)))).toMatch(/halves of version 1 and 2|"pieces" is/);
  });
});

describe('what is wrong is named', () => {
  type Change = (info: Fields & { 'file tree': Record<string, Fields> }) => void;
  const leafOf = (info: Parameters<Change>[0]) => info['file tree']['d']?.[''] as Fields;

  test.each<[string, Change, string]>([
    ['a newer version', (info) => (info['meta version'] = 3), 'is of version 3'],
    ['no tree', (info) => delete (info as Fields)['file tree'], '"file tree" is missing'],
    ['an empty tree', (info) => (info['file tree'] = {}), 'nothing to download'],
    ['only empty files', (info) => (info['file tree'] = { x: { '': { length: 0 } } }), 'nothing to download'],
    ['a tree of another kind', (info) => ((info as Fields)['file tree'] = [1]), '"file tree" is a list'],
    ['an entry of another kind', (info) => ((info['file tree'] as Fields)['e'] = 5), '"file tree: e"'],
    [
      'a file that is the root',
      (info) => ((info['file tree'] as Fields)[''] = { length: 5 }),
      'alone in its dictionary',
    ],
    [
      'a file beside others',
      (info) => ((info['file tree']['d'] as Fields)['x'] = { '': { length: 0 } }),
      '"file tree: d"',
    ],
    ['a file of another kind', (info) => (info['file tree']['d'] = { '': 5 }), '"file tree: d"'],
    ['no length', (info) => delete leafOf(info)['length'], '"file tree: d/length" is missing'],
    ['a negative length', (info) => (leafOf(info)['length'] = -1), '"file tree: d/length" is -1'],
    ['a length beyond all bounds', (info) => (leafOf(info)['length'] = 2 ** 50), '"file tree: d/length"'],
    ['no root', (info) => delete leafOf(info)['pieces root'], '"file tree: d/pieces root" is missing'],
    ['a root that is too short', (info) => (leafOf(info)['pieces root'] = new Uint8Array(20)), 'd/pieces root'],
    ['a root of zeros', (info) => (leafOf(info)['pieces root'] = new Uint8Array(32)), 'd/pieces root'],
    ['padding in the tree', (info) => (leafOf(info)['attr'] = 'p'), 'version 2 has no padding'],
    ['a piece length that is no power of two', (info) => (info['piece length'] = 48 * KiB), 'a power of two'],
    ['a piece length that is too short', (info) => (info['piece length'] = 8 * KiB), 'a power of two'],
    ['too many pieces', (info) => (leafOf(info)['length'] = 2 ** 40), 'at most 500000'],
  ])('%s', (_, change, why) => {
    const { info } = v2Parts(FILES, PIECE);
    change(info as Parameters<Change>[0]);
    expect(failure(() => parseInfo(encode(info)))).toContain(why);
  });

  test.each<[string, string, string]>([
    ['keys out of order', 'd12:meta versioni2e9:file treed1:xd0:d6:lengthi5eeeee', 'keys out of order'],
    ['a key twice', 'd9:file treede9:file treede12:meta versioni2ee', 'comes twice'],
    ['a leading zero', 'd9:file treed1:xd0:d6:lengthi05eeee12:meta versioni2ee', 'leading zero'],
  ])('%s, which version 1 may have', (_, raw, why) => {
    expect(failure(() => parseInfo(new TextEncoder().encode(raw)))).toContain(why);
  });

  test('two files of other lengths under one root: no one layer fits both', () => {
    const { info } = v2Parts(FILES, PIECE);
    const tree = info['file tree'] as Record<string, { '': Fields }>;
    Object.assign(tree['d']?.[''] ?? {}, { 'pieces root': tree['c.bin']?.['']['pieces root'] });
    expect(failure(() => parseInfo(encode(info)))).toContain('"file tree: d/pieces root"');
  });

  test('a folder with a long name costs no copy of it for each file in it', () => {
    const files = Array.from({ length: 300 }, (_, i) => ({ path: ['x'.repeat(1e6), `${1e6 + i}`], length: 0 }));
    const { info } = v2Parts([...files, { path: ['y'], length: 1 }], PIECE);
    const raw = encode(info);
    const joins = vi.spyOn(Array.prototype, 'join');
    expect(parseInfo(raw).files).toHaveLength(files.length + 1);
    const long = joins.mock.results.filter(({ value }) => String(value).length >= 1e6);
    joins.mockRestore();
    expect(long.length).toBeLessThan(10);
  });

  test('a tree that is too deep', () => {
    const deep = `d9:file tree${'d1:x'.repeat(5000)}${'e'.repeat(5000)}12:meta versioni2ee`;
    expect(failure(() => parseInfo(new TextEncoder().encode(deep)))).toContain('levels within each other');
  });
});

describe('piece layers', () => {
  const parts = v2Parts(FILES, PIECE);
  const [[root, layer] = [new Uint8Array(), new Uint8Array()], second] = parts.layers;
  const read = (layers: [Uint8Array, Uint8Array][]) => parseTorrent(encodeV2({ info: parts.info, layers })).info;

  test.each<[string, [Uint8Array, Uint8Array][]]>([
    ['a hash that is wrong', [[root, layer.map((byte, i) => (i === 40 ? byte ^ 1 : byte))]]],
    ['a hash less', [[root, layer.subarray(0, -HASH_LENGTH)]]],
    ['a hash more', [[root, Uint8Array.of(...layer, ...layer.subarray(0, HASH_LENGTH))]]],
    ['part of a hash', [[root, layer.subarray(0, -1)]]],
    ['a root that no file has', [[root.map((byte) => byte ^ 1), layer]]],
    ['a key that is no hash', [[root.subarray(1), layer]]],
    [
      'a layer twice',
      [
        [root, layer],
        [root, layer],
      ],
    ],
  ])('are refused: %s', (_, layers) => {
    expect(failure(() => read(layers))).toContain('piece layers');
  });

  test('may be missing, all or some: then peers have to tell them', () => {
    expect(read([])).not.toHaveProperty('pieceRoots');
    expect(read(second === undefined ? [] : [second])).not.toHaveProperty('pieceRoots');
    expect(parseTorrent(encode({ info: parts.info })).info).not.toHaveProperty('pieceRoots');
  });

  test('of another kind are left out with a note', () => {
    const { info, notes } = parseTorrent(encodeV2(parts, { 'piece layers': [1] }));
    expect(info).not.toHaveProperty('pieceRoots');
    expect(notes.join()).toContain('"piece layers" is a list');
  });

  test('serve all files of the same content', () => {
    const twins = v2Parts([{ path: ['a'], length: 3 * PIECE }], PIECE);
    const tree = twins.info['file tree'] as Fields;
    tree['b'] = tree['a'];
    const { info } = parseTorrent(encodeV2(twins));
    expect(toHex(info.pieceRoots ?? new Uint8Array())).toBe(toHex(twins.pieceRoots).repeat(2));
  });
});

test('any files read back the same, alone and as a hybrid', () => {
  const lengths = fc.array(fc.oneof(fc.nat({ max: 40 * KiB }), fc.constantFrom(0, 16 * KiB, 32 * KiB)), {
    minLength: 1,
    maxLength: 6,
  });
  fc.assert(
    fc.property(
      lengths,
      fc.constantFrom(16 * KiB, 32 * KiB),
      fc.boolean(),
      fc.boolean(),
      (given, size, hybrid, tail) => {
        fc.pre(given.some((length) => length > 0));
        const files = given.map((length, i) => ({ path: [i % 2 === 0 ? 'd' : 'e', `${i}`], length }));
        const sorted = files.toSorted((a, b) => (a.path.join('/') < b.path.join('/') ? -1 : 1));
        const parts = v2Parts(sorted, size, { hybrid, tail });
        const { info } = parseTorrent(encodeV2(parts));
        const stored = info.files.filter(({ padding }) => !padding);
        expect(stored.map(({ path, length }) => ({ path: path.slice(1), length }))).toEqual(sorted);
        expect(toHex(info.pieceRoots ?? new Uint8Array())).toBe(toHex(parts.pieceRoots));
      },
    ),
    { numRuns: 60 },
  );
});
