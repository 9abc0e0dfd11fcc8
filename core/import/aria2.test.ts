import { describe, expect, test } from 'vitest';
import { Bitfield } from '../base/bitfield.ts';
import { concatBytes } from '../base/bytes.ts';
import { SeededRandom } from '../sim/random.ts';
import { simTorrent } from '../sim/torrent.ts';
import { wrapInfo } from '../metainfo/wrap-info.ts';
import { readAria2Control } from './aria2-control.ts';
import { type Aria2Entry, aria2Folder, readAria2, readAria2Session } from './aria2.ts';

const PIECE = 16_384;
const { torrent } = simTorrent(new SeededRandom(1), {
  files: ['a', 'b', 'c'].map((name) => ({ path: [name], length: PIECE })),
  pieceLength: PIECE,
  name: 'thing',
});
const data = wrapInfo(torrent.info, []);

const u32 = (value: number): Uint8Array => Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
const u64 = (value: number): Uint8Array => concatBytes(u32(0), u32(value));
/** A control file of three pieces, as aria2 1.36.0 writes it, one of them in flight. */
function control({ version = 1, kind = 1, pieceLength = PIECE, length = 3 * PIECE, bits = 0xa0 } = {}): Uint8Array {
  const hash = new Uint8Array(20).fill(0xab);
  const head = concatBytes(Uint8Array.of(0, version), u32(kind), u32(20), hash, u32(pieceLength), u64(length), u64(77));
  const flying = concatBytes(u32(1), u32(PIECE), u32(1), Uint8Array.of(0x80));
  return concatBytes(head, u32(1), Uint8Array.of(bits), u32(1), flying);
}

describe('a control file', () => {
  test('says which pieces are there', () => {
    const read = readAria2Control(control());
    expect(read).toMatchObject({ infoHash: 'ab'.repeat(20), pieceLength: PIECE, length: 3 * PIECE, uploaded: 77 });
    expect([...read.pieces.indexes()]).toEqual([0, 2]);
  });

  test.each([
    ['of another version', control({ version: 2 }), 'version 1'],
    ['of a download that is no torrent', control({ kind: 0 }), 'torrent'],
    ['without a piece length', control({ pieceLength: 0 }), 'pieces of 0'],
    ['with more pieces than there can be', control({ pieceLength: 1, length: 2 ** 31 }), 'pieces of 1'],
    ['with bits for pieces that are not there', control({ bits: 0xff }), 'bits'],
    ['that ends too early', control().subarray(0, 50), 'early'],
    ['that is empty', new Uint8Array(), 'version'],
  ])('%s is refused', (_, file, why) => {
    expect(() => readAria2Control(file)).toThrow(why);
  });
});

describe('a session', () => {
  const text = [
    '# comment',
    'http://w.example/file.iso\thttp://mirror.example/file.iso',
    ' gid=1',
    'some/t.torrent',
    ' gid=2',
    ' dir=av',
    ' index-out=1=q.bin',
    ' index-out=2=r.bin',
    'magnet:?xt=urn:btih:1111111111111111111111111111111111111111',
    ' gid=3',
    'just text',
    '',
  ].join('\n');
  test('has torrents and links among other downloads', () => {
    expect(readAria2Session(text)).toEqual([
      {
        uri: 'some/t.torrent',
        options: [
          ['gid', '2'],
          ['dir', 'av'],
          ['index-out', '1=q.bin'],
          ['index-out', '2=r.bin'],
        ],
      },
      { uri: 'magnet:?xt=urn:btih:1111111111111111111111111111111111111111', options: [['gid', '3']] },
    ]);
  });

  test.each([
    ['/srv/x/', '/srv/x'],
    ['av', '/from/av'],
    ['./a//b', '/from/a/b'],
    ['../up', '/from'],
  ])('dir=%s', (dir, folder) => {
    expect(aria2Folder({ options: [['dir', dir]] }, '/from')).toBe(folder);
  });
});

describe('a torrent', () => {
  const place = { record: 'session', folders: ['/dl'], control: undefined };
  const read = (options: Aria2Entry['options'], held?: Parameters<typeof readAria2>[2]['control']) =>
    readAria2({ uri: 't.torrent', options }, data, { ...place, control: held });

  test.each<[string, number[] | undefined]>([
    ['1,3', [4, 0, 4]],
    ['2-9', [0, 4, 4]],
    ['1-3', undefined],
    ['junk', undefined],
    ['0', undefined],
  ])('select-file=%s', (chosen, priorities) => {
    expect(read([['select-file', chosen]]).options.filePriorities).toEqual(priorities);
  });

  test('limits, goals, pause and names of its own', () => {
    const found = read([
      ['max-upload-limit', '10K'],
      ['max-download-limit', '0'],
      ['seed-ratio', '0.0'],
      ['seed-time', '2'],
      ['pause', 'true'],
      ['index-out', '2=q.bin'],
      ['index-out', '3=../up'],
    ]);
    expect(found).toMatchObject({
      paused: true,
      options: { up: 10_240, seed: { kind: 'goals', ratio: 'none', time: 120_000 } },
    });
    expect(found.options).not.toHaveProperty('down');
    expect([...found.renamed]).toEqual([[1, 'q.bin']]);
  });

  test('counts what its control file says', () => {
    const held = readAria2Control(control());
    expect(read([], held)).toMatchObject({ have: 2, complete: false, downloaded: 2 * PIECE, uploaded: 77 });
    expect(read([['select-file', '1,3']], held).complete).toBe(true);
  });

  test('does not count one of another torrent', () => {
    const pieces = Bitfield.full(9);
    const found = read([], { infoHash: '', pieceLength: 5, length: 45, uploaded: 0, pieces });
    expect(found).toMatchObject({ have: 0, notes: [expect.stringContaining('another')] });
  });

  test('of which the file is gone is refused', () => {
    expect(() => readAria2({ uri: 't.torrent', options: [] }, undefined, place)).toThrow('t.torrent');
  });
});
