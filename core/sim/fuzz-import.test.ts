import { encode } from '../bencode/bencode.ts';
import { concatBytes } from '../base/bytes.ts';
import { readAria2Control } from '../import/aria2-control.ts';
import { readAria2, readAria2Session } from '../import/aria2.ts';
import type { Found } from '../import/found.ts';
import { readCategories, readQbittorrent } from '../import/qbittorrent.ts';
import { readTransmission } from '../import/transmission.ts';
import { ordinaryOptions } from '../engine/download-options.ts';
import { wrapInfo } from '../metainfo/wrap-info.ts';
import { checkOptions } from '../coordinator/catalog/catalog.ts';
import { fuzzParsers, type ParserRow } from './fuzz-parsers.ts';
import { SeededRandom } from './random.ts';
import { simTorrent } from './torrent.ts';

const text = (data: string): Uint8Array => new TextEncoder().encode(data);
const random = new SeededRandom(4714);
const FILES = ['a', 'b', 'c'].map((name) => ({ path: [name], length: 40_000 }));
const { torrent } = simTorrent(random, { files: FILES, pieceLength: 16_384, version: 'hybrid' });
const data = wrapInfo(torrent.info, [['http://t.example/a']]);

/** Whatever a record says is something that the engine takes, below the folders that it names. */
function expectUsable({ options, renamed, folders, downloaded, uploaded, seeded, added }: Found): void {
  checkOptions(ordinaryOptions('/out', options));
  for (const path of renamed.values()) {
    if (path.split('/').some((name) => name === '' || name === '.' || name === '..')) throw new Error(path);
  }
  for (const folder of folders) if (!/^(?:\/|[A-Za-z]:|\/\/|\\\\)/.test(folder)) throw new Error(folder);
  for (const count of [downloaded, uploaded, seeded, added ?? 0]) {
    if (!Number.isSafeInteger(count) || count < 0) throw new Error(`${count}`);
  }
}

const resume = encode({
  destination: '/dl',
  'incomplete-dir': 'C:\\inc',
  name: 'other',
  files: ['payload/x', '', 'payload/z'],
  dnd: [0, 1, 0],
  priority: [-1, 0, 1],
  paused: 1,
  labels: ['films', 'a b'],
  progress: { blocks: Uint8Array.of(0xff, 0), 'time-checked': [0, [5, 1, 2], 0] },
  'added-date': 1_700_000_000,
  downloaded: 500,
  uploaded: 600,
  'ratio-limit': { 'ratio-limit': '2.500000', 'ratio-mode': 1 },
  'idle-limit': { 'idle-limit': 30, 'idle-mode': 1 },
  'speed-limit-up': { 'speed-Bps': 100_000, 'use-speed-limit': 1 },
  'seeding-time-seconds': 82,
});
const fastresume = encode({
  'info-hash': new Uint8Array(20).fill(3),
  'info-hash2': new Uint8Array(32).fill(4),
  save_path: '/dl',
  'qBt-category': 'films',
  'qBt-tags': ['a', 'b'],
  'qBt-ratioLimit': 1500,
  'qBt-seedingTimeLimit': 60,
  mapped_files: ['x/y', ''],
  pieces: new Uint8Array(9).fill(1),
  file_priority: [1, 0, 7],
  trackers: [['http://t.example/a']],
  trees: [{ hashes: new Uint8Array(96), mask: '0001110' }, {}],
  upload_rate_limit: 2000,
  added_time: 1_700_000_000,
});
const u32 = (n: number): Uint8Array => Uint8Array.of(n >>> 24, n >>> 16, n >>> 8, n);
const hash = new Uint8Array(20);
const control = concatBytes(
  Uint8Array.of(0, 1),
  u32(1),
  u32(20),
  hash,
  u32(16_384),
  u32(0),
  u32(120_000),
  u32(0),
  u32(5),
  u32(1),
  Uint8Array.of(0x80),
  u32(0),
);
const session = text(
  't.torrent\n gid=1\n dir=av\n select-file=1,3-5\n index-out=1=q.bin\n seed-ratio=1.5\n seed-time=2\n',
);
const code = ['invalid-bencode', 'invalid-torrent', 'usage'] as const;

const ROWS: readonly ParserRow[] = [
  {
    name: 'record of Transmission',
    corpus: [resume],
    code,
    parse: (given) => expectUsable(readTransmission('x', given, data)),
  },
  {
    name: 'record of qBittorrent',
    corpus: [fastresume],
    code,
    parse: (given) => {
      expectUsable(readQbittorrent('x', given, data, new Map()));
      expectUsable(readQbittorrent('x', given, undefined, new Map()));
    },
  },
  { name: 'categories of qBittorrent', corpus: [text('{"a":{"save_path":"/x"}}')], code: [], parse: readCategories },
  { name: 'control file of aria2', corpus: [control], code, parse: readAria2Control },
  {
    name: 'session of aria2',
    corpus: [session, text('magnet:?xt=urn:btih:1111111111111111111111111111111111111111\n gid=2\n')],
    code,
    parse: (given) => {
      for (const entry of readAria2Session(new TextDecoder().decode(given))) {
        expectUsable(readAria2(entry, data, { record: 'x', folders: [], control: undefined }));
      }
    },
  },
];

fuzzParsers(ROWS, random);
