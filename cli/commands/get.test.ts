import { beforeEach, describe, expect, test } from 'vitest';
import { bytesPerSecond } from '../../core/base/ids.ts';
import { EnsembleError } from '../../core/base/errors.ts';
import { ordinaryOptions } from '../../core/engine/download-options.ts';
import { encodeTorrent } from '../../core/metainfo/make-torrent.ts';
import { HASH } from '../../core/engine/testing/still-download.ts';
import { EXIT } from '../exit-codes.ts';
import { CliBench } from '../testing/run-cli.ts';

const MAGNET = `magnet:?xt=urn:btih:${HASH}`;

function torrent(): Uint8Array {
  const files = ['a.bin', 'b.txt'].map((name) => ({ path: ['sub', name], length: 16384 }));
  return encodeTorrent({ name: 'thing', files, pieceLength: 16384, pieceHashes: new Uint8Array(40), trackers: [] });
}

let bench: CliBench;
beforeEach(() => (bench = new CliBench()));

describe('options reach the engine', () => {
  test('defaults are an ordinary client’s', async () => {
    const code = bench.start(`get ${MAGNET}`);
    await bench.clock.advance(1000);
    bench.download.become({ state: 'done', result: [] });
    expect(await bench.clock.resolve(code)).toBe(EXIT.done);
    expect(bench.engine.source).toEqual({ kind: 'magnet', link: MAGNET });
    expect(bench.engine.options).toEqual(ordinaryOptions('/home'));
  });

  test('each option', async () => {
    const line = `get ${MAGNET} -o out -n 4 --select fixed --no-share --layout parts --common /common --bind 10.0.0.1,eth0 --port 7000 --gateway 10.0.0.254 --tracker udp://t.example:1 --tracker http://t.example/a --peer 1.2.3.4:5 --peer [2001:db8::1]:6 --down 1.5M --up 300K --identity-down 1G --identity-up 7 --max-uploads 9 --max-peers 50 --seed 1.5 --no-assemble --log log.jsonl --take-over --dealing striped --stay --sequential --allow-private --reuse`;
    const code = bench.start(line);
    await bench.clock.advance(1000);
    bench.download.become({ state: 'complete' });
    expect(await bench.clock.resolve(code)).toBe(EXIT.done);
    expect(bench.engine.options).toEqual({
      ...ordinaryOptions('/home/out'),
      identities: 4,
      selection: 'fixed',
      share: false,
      layout: 'parts',
      common: '/common',
      bind: ['10.0.0.1', 'eth0'],
      port: 7000,
      gateways: ['10.0.0.254'],
      trackers: ['udp://t.example:1', 'http://t.example/a'],
      peers: [
        { host: '1.2.3.4', port: 5 },
        { host: '2001:db8::1', port: 6 },
      ],
      down: 1.5 * 1024 ** 2,
      up: 300 * 1024,
      identityDown: 1024 ** 3,
      identityUp: 7,
      maxUploads: 9,
      maxPeers: 50,
      seed: { kind: 'ratio', ratio: 1.5 },
      assemble: false,
      log: '/home/log.jsonl',
      takeOver: true,
      dealing: 'striped',
      stay: true,
      sequential: true,
      allowPrivate: true,
      reuse: true,
    });
  });
});

test.each([
  ['--seed-time 30m', { kind: 'goals', ratio: 'none', time: 1_800_000, idle: 'none' }],
  ['--seed forever --seed-time 90s', { kind: 'goals', ratio: 'none', time: 90_000, idle: 'none' }],
  ['--seed-time 1d --seed 1.5', { kind: 'goals', ratio: 1.5, time: 86_400_000, idle: 'none' }],
  ['--seed 2,1h,idle=5m --seed-time 2h', { kind: 'goals', ratio: 2, time: 7_200_000, idle: 300_000 }],
])('%s', async (flags, seed) => {
  const code = bench.start(`get ${MAGNET} ${flags}`);
  await bench.clock.advance(100);
  bench.download.become({ state: 'done' });
  expect(await bench.clock.resolve(code)).toBe(EXIT.done);
  expect(bench.engine.options?.seed).toEqual(seed);
});

describe('--only', () => {
  test('of a torrent file: priorities from the start', async () => {
    bench.disk.put('/home/t.torrent', torrent());
    const code = bench.start('get t.torrent --only *.txt');
    await bench.clock.advance(1000);
    bench.download.become({ state: 'done' });
    expect(await bench.clock.resolve(code)).toBe(EXIT.done);
    expect(bench.engine.options?.filePriorities).toEqual([0, 4]);
  });

  test('that fits no file is refused before anything starts', async () => {
    bench.disk.put('/home/t.torrent', torrent());
    expect(await bench.run('get t.torrent --only *.mkv')).toBe(EXIT.usage);
    expect(bench.err).toContain('*.mkv');
    expect(bench.engine.calls).toEqual(['prepare', 'close']);
  });

  test('of a magnet link: once the metadata is there', async () => {
    bench.download.first = { state: 'metadata' };
    bench.download.fileList = ['thing/a.bin', 'thing/b.txt'].map((path, index) => ({
      index,
      path,
      length: 1,
      have: 0,
      priority: 4,
    }));
    const code = bench.start(`get ${MAGNET} --only a*`);
    await bench.clock.advance(1000);
    expect(bench.engine.changes).toBeUndefined();
    bench.download.become({ state: 'checking', fileSlots: 2 });
    // At once: what is at the target is looked at next, and what is not wanted does not matter there.
    expect(bench.engine.changes).toEqual({ filePriorities: [4, 0] });
    bench.download.become({ state: 'done' });
    expect(await bench.clock.resolve(code)).toBe(EXIT.done);
  });
});

describe('--only of a magnet link', () => {
  test('gives padding its place in the priorities', async () => {
    bench.download.first = { state: 'downloading', fileSlots: 4 };
    bench.download.fileList = [0, 2].map((index) => ({
      index,
      path: `thing/${index}`,
      length: 1,
      have: 0,
      priority: 4,
    }));
    const code = bench.start(`get ${MAGNET} --only 2`);
    await bench.clock.advance(1000);
    expect(bench.engine.changes).toEqual({ filePriorities: [0, 0, 4, 0] });
    bench.download.become({ state: 'done' });
    expect(await bench.clock.resolve(code)).toBe(EXIT.done);
  });
});

describe('sources', () => {
  test.each([
    ['get nothing.torrent', 'nothing.torrent'],
    ['get folder', 'a folder'],
    ['get huge.torrent', 'more than a .torrent file may have'],
  ])('%s is invalid', async (line, text) => {
    bench.disk.put('/home/folder/x', new Uint8Array(1));
    bench.disk.put('/home/huge.torrent', new Uint8Array(32 * 1024 * 1024 + 1));
    expect(await bench.run(line)).toBe(EXIT.invalid);
    expect(bench.err).toContain(text);
  });

  test('a link to a torrent file is followed', async () => {
    bench.disk.put('/data/t.torrent', torrent());
    bench.disk.put('/home/other', new Uint8Array(1));
    bench.disk.symlink('/data/t.torrent', '/home/t.torrent');
    const code = bench.start('get t.torrent');
    await bench.clock.advance(1000);
    bench.download.become({ state: 'done' });
    expect(await bench.clock.resolve(code)).toBe(EXIT.done);
    expect(bench.engine.source).toEqual({ kind: 'torrent', data: torrent() });
  });
});

describe('JSON', () => {
  test('progress about once a second, done at the end, the version first', async () => {
    const code = bench.start(`get ${MAGNET} -n 2 --json`);
    await bench.clock.advance(3100);
    const rate = { down: bytesPerSecond(10.4), up: bytesPerSecond(0) };
    bench.download.become({ state: 'done', rate, result: ['/home/thing.iso'] });
    expect(await bench.clock.resolve(code)).toBe(EXIT.done);
    const lines = bench.json;
    expect(lines.map(({ event }) => event)).toEqual([...Array<string>(5).fill('progress'), 'done']);
    expect(lines.map(({ version }) => version)).toEqual([1, ...Array<undefined>(5).fill(undefined)]);
    expect(lines[0]).toEqual({
      version: 1,
      event: 'progress',
      state: 'downloading',
      pieces: { have: 25, total: 100 },
      bytes: { have: 25600, total: 102400 },
      rate: { down: 2048, up: 512 },
      peers: 7,
      timeLeft: 92,
      identities: [
        {
          index: 0,
          state: 'downloading',
          pieces: 10,
          down: 1048576,
          up: 1000,
          peers: 3,
          punched: 0,
          address: '10.0.0.1',
          port: 6881,
          reachability: { kind: 'unknown' },
          sources: {},
        },
        {
          index: 1,
          state: 'downloading',
          pieces: 20,
          down: 2097152,
          up: 1000,
          peers: 4,
          punched: 0,
          address: '10.0.0.2',
          port: 6882,
          reachability: { kind: 'unknown' },
          sources: {},
        },
      ],
    });
    expect(lines[5]).toEqual({
      event: 'done',
      seconds: 2,
      infoHash: HASH,
      files: ['/home/thing.iso'],
      downloaded: 26000,
      uploaded: 900,
      wasted: 400,
      duplicatePieces: 0,
      hashFailures: 1,
      identities: [
        { index: 0, pieces: 10, downloaded: 1000, uploaded: 10, seconds: 1.5 },
        { index: 1, pieces: 20, downloaded: 2000, uploaded: 10, seconds: 1.5 },
      ],
    });
    expect(bench.err).toBe('');
  });

  test('warnings go to standard error', async () => {
    const code = bench.start(`get ${MAGNET} --json`);
    await bench.clock.advance(100);
    bench.engine.emit({ type: 'log', level: 'info', message: 'quiet' });
    bench.engine.emit({ type: 'log', level: 'warn', message: 'a tracker\u0007 refuses' });
    bench.download.become({ state: 'done' });
    await bench.clock.resolve(code);
    expect(bench.err).toBe('a tracker\ufffd refuses\n');
  });
});

describe('the end', () => {
  test('without --no-assemble, complete is not the end', async () => {
    const code = bench.start(`get ${MAGNET} --json`);
    for (const state of ['complete', 'assembling'] as const) {
      bench.download.become({ state });
      await bench.clock.advance(2000);
    }
    expect(bench.json.some(({ event }) => event === 'done')).toBe(false);
    bench.download.become({ state: 'done' });
    expect(await bench.clock.resolve(code)).toBe(EXIT.done);
  });

  test('seeding announces the assembled files once and goes on to the rule’s end', async () => {
    const code = bench.start(`get ${MAGNET} --seed 2 --json`);
    await bench.clock.advance(100);
    bench.download.become({ state: 'seeding', result: ['/home/x'] });
    await bench.clock.advance(5000);
    bench.download.become({ state: 'done' });
    expect(await bench.clock.resolve(code)).toBe(EXIT.done);
    const events = bench.json.map(({ event }) => event);
    expect(events.filter((event) => event !== 'progress')).toEqual(['assembled', 'done']);
  });

  test('a failed download gives its own code', async () => {
    const code = bench.start(`get ${MAGNET} --json`);
    await bench.clock.advance(100);
    bench.download.become({ state: 'failed', error: { code: 'disk', message: 'the disk is full' } });
    expect(await bench.clock.resolve(code)).toBe(EXIT.output);
    expect(bench.json.at(-1)).toEqual({ event: 'error', code: 'disk', message: 'the disk is full' });
    expect(bench.engine.calls).toEqual(['prepare', 'add', 'close']);
  });

  test('a seed whose files go away ends as one that is not right', async () => {
    const code = bench.start(`get ${MAGNET} --seed forever --json`);
    await bench.clock.advance(100);
    bench.download.become({ state: 'missing-files', error: { code: 'verification', message: '"/x" is missing' } });
    expect(await bench.clock.resolve(code)).toBe(EXIT.verification);
    expect(bench.json.at(-1)).toEqual({ event: 'error', code: 'verification', message: '"/x" is missing' });
  });

  test('an interruption closes the engine and keeps the state', async () => {
    const code = bench.start(`get ${MAGNET} --json`);
    await bench.clock.advance(100);
    bench.interruption.abort(new EnsembleError('interrupted', 'Interrupted.'));
    expect(await bench.clock.resolve(code)).toBe(EXIT.interrupted);
    expect(bench.engine.calls).toEqual(['prepare', 'add', 'close']);
    expect(bench.json.at(-1)).toMatchObject({ event: 'error', code: 'interrupted' });
  });

  test('so does one while the engine still adds', async () => {
    bench.engine.add = () => new Promise(() => {});
    const code = bench.start(`get ${MAGNET}`);
    await bench.clock.settle();
    bench.interruption.abort(new EnsembleError('interrupted', 'Interrupted.'));
    expect(await bench.clock.resolve(code)).toBe(EXIT.interrupted);
    expect(bench.engine.calls).toEqual(['prepare', 'close']);
  });

  test('--timeout', async () => {
    const code = bench.start(`get ${MAGNET} --timeout 90 --json`);
    await bench.clock.advance(89_900);
    expect(bench.engine.calls).toEqual(['prepare', 'add']);
    await bench.clock.advance(200);
    expect(await bench.clock.resolve(code)).toBe(EXIT.timedOut);
    expect(bench.engine.calls).toEqual(['prepare', 'add', 'close']);
  });

  test('nothing of the command stays on the clock', async () => {
    const code = bench.start(`get ${MAGNET} --timeout 90`);
    await bench.clock.advance(100);
    bench.download.become({ state: 'done' });
    await bench.clock.resolve(code);
    expect(bench.clock.pending).toBe(0);
  });
});
