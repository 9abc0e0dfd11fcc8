import { describe, expect, test } from 'vitest';
import { bytes, bytesPerSecond, type InfoHashV1, type InfoHashV2, millis } from '../base/ids.ts';
import { ordinaryOptions } from '../engine/download-options.ts';
import type {
  DownloadSnapshot,
  FileSnapshot,
  PeerSnapshot,
  PieceMapSnapshot,
  TrackerSnapshot,
} from '../engine/engine.ts';
import { PIECE } from '../engine/piece-codes.ts';
import { HASH, snapshotOf } from '../engine/testing/still-download.ts';
import { IdleLimits } from './idle-limits.ts';
import { TORRENT_FIELDS } from './torrent-fields.ts';
import { type Readable, RpcTorrent } from './torrent.ts';

const NOW = 1_800_000_000_000;
const GOALS = { ratio: 2, time: 'none', idle: 'none' } as const;

interface Seen {
  readonly files?: readonly Partial<FileSnapshot>[];
  readonly trackers?: readonly Partial<TrackerSnapshot>[];
  readonly tiers?: readonly (readonly string[])[];
  readonly peers?: readonly Partial<PeerSnapshot>[];
  readonly map?: Partial<PieceMapSnapshot>;
}

function field(name: string, change: Partial<DownloadSnapshot> = {}, seen: Seen = {}): unknown {
  const engine = {
    files: () => seen.files ?? [],
    trackers: () => seen.trackers ?? [],
    links: () => ({ trackers: seen.tiers ?? [] }),
    peers: () => seen.peers ?? [],
    pieceMap: () => seen.map,
    sources: () => [],
  } as unknown as Readable;
  const of = snapshotOf(ordinaryOptions('/out'), { infoHashV1: HASH as string as InfoHashV1, ...change });
  const torrent = new RpcTorrent({ engine, idle: new IdleLimits() }, of, {
    id: 7,
    now: NOW,
    lastActive: NOW,
    goals: GOALS,
  });
  return TORRENT_FIELDS[name]?.(torrent);
}

describe('status, and what other programs make of it', () => {
  const whole = { pieces: { have: 100, wanted: 100, total: 100, toGo: 0 } };
  test.each([
    ['metadata', { pieceLength: 0, pieces: { have: 0, wanted: 0, total: 0, toGo: 0 } }, 4, 1],
    ['checking', {}, 2, 75 * 1024],
    ['downloading', {}, 4, 75 * 1024],
    ['paused', {}, 0, 75 * 1024],
    // Files that have not got their names yet must not be taken for finished.
    ['complete', whole, 2, 0],
    ['assembling', whole, 2, 0],
    ['seeding', whole, 6, 0],
    ['queued', {}, 3, 75 * 1024],
    ['queued', whole, 5, 0],
    ['done', whole, 0, 0],
    ['failed', {}, 0, 75 * 1024],
    ['missing-files', {}, 0, 75 * 1024],
  ] as const)('%s', (state, change, status, left) => {
    expect([field('status', { state, ...change }), field('leftUntilDone', { state, ...change })]).toEqual([
      status,
      left,
    ]);
  });

  test('a magnet link without metadata has nothing, and is not complete', () => {
    const magnet = { state: 'metadata', pieceLength: 0, bytes: { have: 0, wanted: 0, total: 0 } } as const;
    expect(
      ['percentDone', 'percentComplete', 'metadataPercentComplete', 'totalSize'].map((one) => field(one, magnet)),
    ).toEqual([0, 0, 0, 0]);
  });

  test('only bytes that are wanted count', () => {
    const part = {
      pieces: { have: 40, wanted: 50, total: 100, toGo: 10 },
      bytes: { have: 40 * 1024, wanted: 50 * 1024, total: 100 * 1024 },
    };
    expect(['sizeWhenDone', 'leftUntilDone', 'percentDone', 'percentComplete'].map((one) => field(one, part))).toEqual([
      50 * 1024,
      10 * 1024,
      0.8,
      0.4,
    ]);
  });
});

describe('errors', () => {
  test.each([
    [{}, 0, ''],
    [{ stall: { kind: 'tracker', url: 'http://t/', message: 'not registered' } }, 2, 'not registered'],
    [{ stall: { kind: 'no-peers' } }, 0, ''],
    [{ error: { code: 'disk', message: 'It is full.' } }, 3, 'It is full.'],
  ] as const)('%j', (change, error, errorString) => {
    expect([field('error', change), field('errorString', change)]).toEqual([error, errorString]);
  });
});

describe('time left and ratio', () => {
  const seeding = { state: 'seeding', timeLeft: undefined, downloaded: bytes(1000), uploaded: bytes(500) } as const;
  const toRatio = (ratio: number) => ordinaryOptions('/out', { seed: { kind: 'ratio', ratio } });
  test.each([
    [{ timeLeft: millis(1500) }, 2],
    [{ timeLeft: undefined }, -2],
    [{ state: 'paused', timeLeft: undefined }, -1],
    [{ ...seeding, options: ordinaryOptions('/out', { seed: { kind: 'forever' } }) }, -1],
    [{ ...seeding, options: toRatio(1.5), rate: { down: bytesPerSecond(0), up: bytesPerSecond(100) } }, 10],
    [{ ...seeding, options: toRatio(1.5), rate: { down: bytesPerSecond(0), up: bytesPerSecond(0) } }, -2],
    [{ ...seeding, options: toRatio(0.2) }, 0],
    // By the rule of all.
    [
      {
        ...seeding,
        options: ordinaryOptions('/out', { seed: { kind: 'goals' } }),
        rate: { down: bytesPerSecond(0), up: bytesPerSecond(100) },
      },
      15,
    ],
  ] as const)('%j', (change, eta) => {
    expect(field('eta', change as Partial<DownloadSnapshot>)).toBe(eta);
  });

  test.each([
    [0, 0, 0, -1],
    [0, 7, 0, -2],
    [0, 50, 100, 0.5],
    [200, 50, 100, 0.25],
  ])('downloaded %i, uploaded %i, have %i', (downloaded, uploaded, have, ratio) => {
    const change = {
      downloaded: bytes(downloaded),
      uploaded: bytes(uploaded),
      bytes: { have, wanted: 100, total: 100 },
    };
    expect(field('uploadRatio', change)).toBe(ratio);
  });
});

describe('limits of seeding', () => {
  test.each([
    [{ kind: 'goals' }, [0, 2], [0, 30]],
    [{ kind: 'forever' }, [2, 2], [2, 30]],
    [{ kind: 'never' }, [1, 0], [2, 30]],
    [{ kind: 'ratio', ratio: 1.5 }, [1, 1.5], [2, 30]],
    [{ kind: 'goals', ratio: 'none', idle: 120_000 }, [2, 2], [1, 2]],
  ] as const)('%j', (seed, ratio, idle) => {
    const change = { options: ordinaryOptions('/out', { seed }) };
    const told = (name: string): unknown[] => [field(`seed${name}Mode`, change), field(`seed${name}Limit`, change)];
    expect([told('Ratio'), told('Idle')]).toEqual([ratio, idle]);
  });
});

test('labels: the category, then the tags', () => {
  const of = (category: string, tags: string[]): unknown =>
    field('labels', { options: ordinaryOptions('/out', { category, tags }) });
  expect([of('', []), of('tv', ['new', 'hd']), of('', ['hd'])]).toEqual([[], ['tv', 'new', 'hd'], ['hd']]);
});

test('pieces as bits and availability as numbers', () => {
  const pieces = Uint8Array.of(0, PIECE.missing, PIECE.fromBefore, PIECE.fetching, PIECE.unwanted, 31, 1, 0, 2);
  const map = { pieces, availability: Uint16Array.from([9, 3, 9, 4, 5, 9, 9, 9, 9]) };
  expect(field('pieces', {}, { map })).toBe(Buffer.from([0b10100111, 0b10000000]).toString('base64'));
  expect(field('availability', {}, { map })).toEqual([-1, 3, -1, 4, 5, -1, -1, -1, -1]);
  expect([field('pieces'), field('availability')]).toEqual(['', []]);
});

test('files with priorities of three kinds', () => {
  const files = [0, 1, 3, 4, 5, 7].map((priority, index) => ({
    index,
    path: `T/${index}`,
    length: 9,
    have: 3,
    priority,
  }));
  expect(field('priorities', {}, { files })).toEqual([0, -1, -1, 0, 1, 1]);
  expect(field('wanted', {}, { files })).toEqual([0, 1, 1, 1, 1, 1]);
  expect(field('fileStats', {}, { files: files.slice(0, 1) })).toEqual([
    { bytesCompleted: 3, wanted: false, priority: 0 },
  ]);
  expect(field('files', {}, { files: files.slice(0, 1) })).toEqual([{ name: 'T/0', length: 9, bytesCompleted: 3 }]);
});

describe('trackers', () => {
  const tiers = [['udp://a.example.org:6969'], ['http://b.example.org:80/announce']];
  const trackers = [
    { url: 'http://b.example.org:80/announce', tier: 1, state: 'failed', message: 'gone' },
    { url: 'udp://a.example.org:6969', tier: 0, state: 'failed', message: 'late' },
    { url: 'udp://a.example.org:6969', tier: 0, state: 'working', seeds: 3, leechers: 4, next: millis(5000) },
  ] as const;

  test('each once, with the best news of all identities', () => {
    expect(field('trackers', {}, { tiers, trackers })).toEqual([
      { id: 0, tier: 0, announce: 'udp://a.example.org:6969', scrape: 'udp://a.example.org:6969', sitename: 'example' },
      {
        id: 1,
        tier: 1,
        announce: 'http://b.example.org:80/announce',
        scrape: 'http://b.example.org:80/scrape',
        sitename: 'example',
      },
    ]);
    expect(field('trackerStats', {}, { tiers, trackers })).toMatchObject([
      { lastAnnounceSucceeded: true, seederCount: 3, leecherCount: 4, nextAnnounceTime: NOW / 1000 + 5 },
      { lastAnnounceSucceeded: false, lastAnnounceResult: 'gone', seederCount: -1 },
    ]);
    expect(field('trackerList', {}, { tiers, trackers })).toBe(
      'udp://a.example.org:6969\n\nhttp://b.example.org:80/announce\n',
    );
  });

  test('those of a torrent that does not run, of which no identity says anything', () => {
    expect(field('trackers', {}, { tiers })).toMatchObject([
      { id: 0, tier: 0 },
      { id: 1, tier: 1 },
    ]);
    expect(field('trackerStats', {}, { tiers })).toMatchObject([
      { host: 'a.example.org:6969', hasAnnounced: false, seederCount: -1 },
      { host: 'b.example.org:80', tier: 1, lastAnnounceSucceeded: false },
    ]);
    expect(field('trackerList', {}, { tiers })).toBe('udp://a.example.org:6969\n\nhttp://b.example.org:80/announce\n');
  });

  test('the link names all hashes and trackers', () => {
    const infoHashV2 = 'c'.repeat(64) as InfoHashV2;
    expect(field('magnetLink', { infoHashV2, name: 'a b' }, { tiers: tiers.slice(1) })).toBe(
      `magnet:?xt=urn:btih:${HASH}&xt=urn:btmh:1220${infoHashV2}&dn=a%20b&tr=http%3A%2F%2Fb.example.org%3A80%2Fannounce`,
    );
  });
});

test.each([
  [{}, '?'],
  [{ amInterested: true, peerChoking: false, down: 9 }, 'D?'],
  [{ amInterested: true, peerChoking: true }, 'd?'],
  [{ peerInterested: true, amChoking: false, up: 9, optimistic: true }, 'OU'],
  [
    { peerInterested: true, amChoking: true, encryption: 'rc4', source: 'dht', incoming: true, transport: 'utp' },
    'uEHIT',
  ],
  [{ peerChoking: false, amChoking: true, source: 'pex' }, 'KX'],
])('flags of a peer %j: %s', (change, flagStr) => {
  const plain = { endpoint: { host: '10.0.0.9', port: 5 }, peerChoking: true, encryption: 'plain', down: 0, up: 0 };
  const peers = [{ ...plain, ...change } as Partial<PeerSnapshot>];
  expect(field('peers', {}, { peers })).toMatchObject([{ flagStr, address: '10.0.0.9' }]);
});

test('numbers that clients read as whole are whole', () => {
  const change = {
    rate: { down: bytesPerSecond(1.5), up: bytesPerSecond(2.4) },
    added: millis(1999),
    active: millis(2700),
  };
  for (const name of ['rateDownload', 'rateUpload', 'addedDate', 'secondsDownloading', 'eta', 'activityDate']) {
    expect([name, Number.isInteger(field(name, change))]).toEqual([name, true]);
  }
});
