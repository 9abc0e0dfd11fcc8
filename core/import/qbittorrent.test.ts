import { describe, expect, test } from 'vitest';
import { type BencodeInput, encode, encodeDictionary } from '../bencode/bencode.ts';
import { rowAbove } from '../merkle/tree.ts';
import { concatBytes, fromHex } from '../base/bytes.ts';
import { parseTorrent } from '../metainfo/parse-torrent.ts';
import type { TorrentVersion } from '../metainfo/torrent-id.ts';
import { SeededRandom } from '../sim/random.ts';
import { simTorrent } from '../sim/torrent.ts';
import { readCategories, readQbittorrent } from './qbittorrent.ts';

const PIECE = 16_384;
const FILES = [
  { path: ['a.bin'], length: 3 * PIECE },
  { path: ['b.bin'], length: PIECE },
];
const infoOf = (version: TorrentVersion = 1) =>
  simTorrent(new SeededRandom(1), { files: FILES, pieceLength: PIECE, name: 'thing', version }).torrent.info;
/** Its file has nothing but this. */
const torrentOf = (version?: TorrentVersion): Uint8Array =>
  encodeDictionary([
    ['comment', encode('so')],
    ['info', infoOf(version).raw],
  ]);

const resumeOf = (changes: Record<string, BencodeInput> = {}): Uint8Array =>
  encode({
    'info-hash': fromHex('22'.repeat(20)),
    'info-hash2': new Uint8Array(32),
    save_path: '/home/u/dl/',
    'qBt-savePath': '/home/u/dl/',
    'qBt-downloadPath': '',
    'qBt-category': '',
    'qBt-tags': [],
    'qBt-ratioLimit': -2000,
    'qBt-seedingTimeLimit': -2,
    pieces: new Uint8Array(4),
    file_priority: [1, 1],
    trackers: [['http://t.example/a', 'ftp://no.example'], ['udp://t.example:1']],
    'url-list': ['http://w.example/'],
    paused: 0,
    auto_managed: 1,
    upload_rate_limit: -1,
    download_rate_limit: -1,
    ...changes,
  });
const read = (changes?: Record<string, BencodeInput>, version?: TorrentVersion) =>
  readQbittorrent('x.fastresume', resumeOf(changes), torrentOf(version), new Map([['films', '/films']]));

test('what a record says', () => {
  const found = read({
    'qBt-category': 'films',
    'qBt-tags': ['one', 'two'],
    'qBt-downloadPath': '/home/u/inc',
    save_path: '/home/u/inc',
    paused: 1,
    auto_managed: 0,
    added_time: 7,
    completed_time: 8,
    total_downloaded: 9,
    total_uploaded: 10,
    seeding_time: 11,
    upload_rate_limit: 2048,
    sequential_download: 1,
    super_seeding: 1,
  });
  expect(found).toMatchObject({
    folders: ['/home/u/inc', '/home/u/dl', '/films'],
    paused: true,
    added: 7000,
    finished: 8000,
    downloaded: 9,
    uploaded: 10,
    seeded: 11_000,
    options: { category: 'films', tags: ['one', 'two'], up: 2048, sequential: true, superSeeding: true },
  });
  expect(found.options).not.toHaveProperty('down');
});

test('trackers and web seeds, which its torrent file lacks, are in ours', () => {
  const { source } = read();
  const torrent = source.kind === 'torrent' ? parseTorrent(source.data) : undefined;
  expect(torrent).toMatchObject({
    trackers: [['http://t.example/a'], ['udp://t.example:1']],
    webSeeds: ['http://w.example/'],
    comment: 'so',
  });
});

test.each<[string, Record<string, BencodeInput>, object]>([
  ['those of all', {}, {}],
  ['its own ratio', { 'qBt-ratioLimit': 1500 }, { ratio: 1.5 }],
  ['none', { 'qBt-ratioLimit': -1000, 'qBt-seedingTimeLimit': -1 }, { ratio: 'none', time: 'none' }],
  ['times', { 'qBt-seedingTimeLimit': 60, 'qBt-inactiveSeedingTimeLimit': 1 }, { time: 3_600_000, idle: 60_000 }],
])('goals: %s', (_, changes, goals) => {
  expect(read(changes).options.seed).toEqual({ kind: 'goals', ...goals });
});

test.each<[number[], number[] | undefined]>([
  [[1, 1], undefined],
  [
    [7, 0],
    [7, 0],
  ],
  [
    [6, 1],
    [6, 4],
  ],
  [[], undefined],
])('priorities %j', (given, priorities) => {
  expect(read({ file_priority: given }).options.filePriorities).toEqual(priorities);
});

test('paused by its queue is not paused', () => {
  expect(read({ paused: 1, auto_managed: 1 }).paused).toBe(false);
});

describe('what is there', () => {
  test.each<[number[], number, boolean]>([
    [[1, 1, 1, 1], 4, true],
    [[1, 3, 2, 1], 3, false],
    [[1, 1, 1], 0, false],
  ])('pieces %j', (pieces, have, complete) => {
    expect(read({ pieces: Uint8Array.from(pieces) })).toMatchObject({ have, complete });
  });

  test('all that is wanted', () => {
    expect(read({ pieces: Uint8Array.of(0, 0, 0, 1), file_priority: [0, 1] }).complete).toBe(true);
  });
});

test('renames, which may end before the last file', () => {
  expect([...read({ mapped_files: ['thing/new.bin'] }).renamed]).toEqual([[0, 'thing/new.bin']]);
  expect([...read({ mapped_files: ['', '../up', 'third'] }).renamed]).toEqual([]);
});

describe('version 2', () => {
  const root = infoOf(2).files[0]?.root ?? new Uint8Array();
  /** The roots of the three pieces of the first file, and what stands above them. */
  const layer = (infoOf(2).pieceRoots ?? new Uint8Array()).slice(0, 96);
  const above = rowAbove(layer, 0);
  const rootsOf = (trees: BencodeInput) => {
    const { source } = read({ trees }, 2);
    return source.kind === 'torrent' ? source.info.pieceRoots : undefined;
  };
  test.each<[string, BencodeInput]>([
    ['the piece layer alone', { hashes: layer, mask: '0001110' }],
    ['more than it', { hashes: concatBytes(root, layer), mask: '1001110' }],
    ['the whole tree', { hashes: concatBytes(root, above, layer, new Uint8Array(32)) }],
  ])('has its piece layers from %s', (_, tree) => {
    expect(rootsOf([tree, {}])).toEqual(infoOf(2).pieceRoots);
  });

  test.each<[string, BencodeInput]>([
    ['are not all there', [{ hashes: layer.slice(0, 64), mask: '0001100' }, {}]],
    ['are others', [{ hashes: new Uint8Array(96).fill(1), mask: '0001110' }, {}]],
    ['are missing', []],
  ])('where they %s, peers are to be asked', (_, trees) => {
    expect(rootsOf(trees)).toBeUndefined();
  });
});

describe('a link whose metadata has not come', () => {
  test('is made from its hashes, its name and its trackers', () => {
    const found = readQbittorrent('x.fastresume', resumeOf({ 'qBt-name': 'Shown & so' }), undefined, new Map());
    expect(found).toMatchObject({ name: 'Shown & so', infoHash: '22'.repeat(20), complete: false });
    expect(found.source.kind === 'magnet' && found.source.link).toContain('tr=udp%3A%2F%2Ft.example%3A1');
  });

  test('without a hash is refused', () => {
    const resume = resumeOf({ 'info-hash': new Uint8Array(20) });
    expect(() => readQbittorrent('x.fastresume', resume, undefined, new Map())).toThrow('info-hash');
  });
});

test.each([
  ['{"films":{"save_path":"/f"},"odd":1,"none":null}', [['films', '/f']]],
  ['junk', []],
  ['[]', []],
])('categories %s', (text, categories) => {
  expect([...readCategories(new TextEncoder().encode(text))]).toEqual(categories);
});
