import { describe, expect, test } from 'vitest';
import { type BencodeInput, encode } from '../bencode/bencode.ts';
import { SeededRandom } from '../sim/random.ts';
import { simTorrent } from '../sim/torrent.ts';
import { wrapInfo } from '../metainfo/wrap-info.ts';
import { readTransmission } from './transmission.ts';

const FILES = [
  { path: ['a.bin'], length: 40_000 },
  { path: ['sub', 'b.bin'], length: 25_000 },
  { path: ['c.txt'], length: 100 },
];

function torrentOf(pieceLength = 32_768) {
  const { torrent } = simTorrent(new SeededRandom(1), { files: FILES, pieceLength, name: 'thing' });
  return wrapInfo(torrent.info, [['http://t.example/announce']]);
}

/** A record as Transmission writes it, with changes. */
const resumeOf = (changes: Record<string, BencodeInput> = {}): Uint8Array =>
  encode({
    destination: '/home/u/Downloads/',
    name: 'thing',
    paused: 0,
    dnd: [0, 0, 0],
    priority: [0, 0, 0],
    progress: { blocks: 'none', 'time-checked': [0, 0, 0] },
    'ratio-limit': { 'ratio-limit': '2.000000', 'ratio-mode': 0 },
    'idle-limit': { 'idle-limit': 30, 'idle-mode': 0 },
    'speed-limit-down': { 'speed-Bps': 100_000, 'use-global-speed-limit': 1, 'use-speed-limit': 0 },
    'speed-limit-up': { 'speed-Bps': 100_000, 'use-global-speed-limit': 1, 'use-speed-limit': 0 },
    ...changes,
  });
const read = (changes?: Record<string, BencodeInput>, pieceLength?: number) =>
  readTransmission('x.resume', resumeOf(changes), torrentOf(pieceLength));
const bits = (...set: number[]): Uint8Array => {
  const out = new Uint8Array(1);
  for (const b of set) out[0]! |= 0x80 >> b;
  return out;
};

test('what a record says', () => {
  const found = read({
    'incomplete-dir': '/tmp/inc',
    'added-date': 1000,
    'done-date': 0,
    downloaded: 11,
    uploaded: 22,
    'seeding-time-seconds': 3,
    labels: ['films', 'a,b', ' films', ''],
    paused: 1,
  });
  expect(found).toMatchObject({
    client: 'transmission',
    name: 'thing',
    folders: ['/home/u/Downloads', '/tmp/inc'],
    paused: true,
    added: 1_000_000,
    downloaded: 11,
    uploaded: 22,
    seeded: 3000,
    have: 0,
    complete: false,
    options: { tags: ['films', 'a b'], seed: { kind: 'goals' } },
  });
  expect(found).not.toHaveProperty('finished');
  expect(found.options).not.toHaveProperty('down');
  expect(found.options).not.toHaveProperty('filePriorities');
});

test.each<[string, Record<string, BencodeInput>, object]>([
  ['its own ratio', { 'ratio-limit': { 'ratio-limit': '1.500000', 'ratio-mode': 1 } }, { ratio: 1.5 }],
  ['no ratio', { 'ratio-limit': { 'ratio-limit': '1.500000', 'ratio-mode': 2 } }, { ratio: 'none' }],
  ['an idle time', { 'idle-limit': { 'idle-limit': 5, 'idle-mode': 1 } }, { idle: 300_000 }],
  ['a ratio that is none', { 'ratio-limit': { 'ratio-limit': 'nan', 'ratio-mode': 1 } }, {}],
])('goals: %s', (_, changes, goals) => {
  expect(read(changes).options.seed).toEqual({ kind: 'goals', ...goals });
});

test('limits that hold', () => {
  const limit = { 'speed-Bps': 5000, 'use-global-speed-limit': 1, 'use-speed-limit': 1 };
  expect(read({ 'speed-limit-up': limit }).options).toMatchObject({ up: 5000 });
});

test('priorities, and files that are not wanted', () => {
  expect(read({ dnd: [0, 1, 0], priority: [-1, 0, 1] }).options.filePriorities).toEqual([1, 0, 7]);
});

describe('what is there', () => {
  // 65,100 bytes: pieces of two blocks, four blocks in all.
  test.each<[string, BencodeInput, number, boolean]>([
    ['all', 'all', 2, true],
    ['nothing', 'none', 0, false],
    ['one of a piece', bits(0), 0, false],
    ['a whole piece', bits(0, 1), 1, false],
    ['all by bits', bits(0, 1, 2, 3), 2, true],
    ['bits of another length', new Uint8Array(9).fill(255), 0, false],
  ])('%s', (_, blocks, have, complete) => {
    expect(read({ progress: { blocks } })).toMatchObject({ have, complete });
  });

  test('pieces of 49,152 bytes have blocks of 12,288', () => {
    // Six blocks, of which the first four are the first piece.
    expect(read({ progress: { blocks: bits(0, 1, 2) } }, 49_152).have).toBe(0);
    expect(read({ progress: { blocks: bits(0, 1, 2, 3) } }, 49_152).have).toBe(1);
  });

  test('all that is wanted', () => {
    // Only the first file begins in the first piece.
    const progress = { blocks: bits(2, 3) };
    expect(read({ progress, dnd: [0, 0, 0] })).toMatchObject({ have: 1, complete: false });
    expect(read({ progress, dnd: [1, 0, 0] }).complete).toBe(true);
  });
});

describe('renames', () => {
  test.each<[string, Record<string, BencodeInput>, [number, string][]]>([
    ['none', {}, []],
    [
      'the top folder',
      { name: 'other' },
      [
        [0, 'other/a.bin'],
        [1, 'other/sub/b.bin'],
        [2, 'other/c.txt'],
      ],
    ],
    ['one file', { files: ['thing/x.bin', '', ''] }, [[0, 'thing/x.bin']]],
    ['paths that lead out are not taken', { files: ['../x.bin', '/etc/passwd', 'thing/../../y'] }, []],
    ['a top folder that leads out is not taken', { name: '..' }, []],
  ])('%s', (_, changes, renamed) => {
    expect([...read(changes).renamed]).toEqual(renamed);
  });
});

describe('links whose metadata has not come', () => {
  const hash = new Uint8Array(20).fill(0x22);
  const magnet = encode({
    'announce-list': [['http://t.example/a'], ['udp://t.example:1/a']],
    'magnet-info': { 'display-name': 'hi & so', info_hash: hash },
  });
  test('as 3.00 keeps them', () => {
    const found = readTransmission('x.resume', resumeOf({ labels: ['m'] }), magnet);
    expect(found).toMatchObject({ name: 'hi & so', infoHash: '22'.repeat(20), options: { tags: ['m'] } });
    const { source } = found;
    expect(source.kind === 'magnet' && source.link).toContain('tr=udp%3A%2F%2Ft.example%3A1%2Fa');
  });

  test('as 4.0 does', () => {
    const link = `magnet:?xt=urn:btih:${'22'.repeat(20)}&dn=hi`;
    const found = readTransmission('x.resume', resumeOf(), new TextEncoder().encode(`${link}\n`));
    expect(found).toMatchObject({ name: 'hi', source: { kind: 'magnet', link } });
  });
});

test.each([
  ['a record that is none', new Uint8Array(10), torrentOf()],
  ['a torrent file that is none', resumeOf(), encode({ info: {} })],
])('%s is refused', (_, resume, torrent) => {
  expect(() => readTransmission('x.resume', resume, torrent)).toThrow();
});
