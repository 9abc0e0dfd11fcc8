import { beforeEach, expect, test } from 'vitest';
import { EnsembleError } from '../../core/base/errors.ts';
import { encodeTorrent } from '../../core/metainfo/make-torrent.ts';
import { EXIT } from '../exit-codes.ts';
import { CliBench } from '../testing/run-cli.ts';

const whole = { have: 100, wanted: 100, total: 100 };
let bench: CliBench;

beforeEach(() => {
  bench = new CliBench();
  const pieceHashes = new Uint8Array(20);
  bench.disk.put(
    '/home/t.torrent',
    encodeTorrent({ name: 'a', files: 1, pieceLength: 16384, pieceHashes, trackers: [] }),
  );
});

test('checks first, then seeds until interrupted', async () => {
  bench.engine.first = { state: 'checking', pieces: { ...whole, have: 0 } };
  const code = bench.start('seed t.torrent dir --up 100K');
  await bench.clock.advance(1000);
  expect(bench.engine.options).toMatchObject({
    output: '/home/dir',
    paused: true,
    seed: { kind: 'forever' },
    up: 102400,
  });
  expect(bench.engine.calls).toEqual(['add']);
  bench.engine.become({ state: 'paused', pieces: whole });
  await bench.clock.advance(1000);
  expect(bench.engine.calls).toEqual(['add', 'resume']);
  bench.engine.become({ state: 'seeding' });
  await bench.clock.advance(60_000);
  bench.interruption.abort(new EnsembleError('interrupted', 'Interrupted.'));
  expect(await bench.clock.resolve(code)).toBe(EXIT.interrupted);
  expect(bench.engine.calls).toEqual(['add', 'resume', 'close']);
});

test('downloads nothing where pieces are missing', async () => {
  bench.engine.first = { state: 'paused', pieces: { ...whole, have: 97 } };
  expect(await bench.run('seed t.torrent dir --json')).toBe(EXIT.verification);
  expect(bench.engine.calls).toEqual(['add', 'remove', 'close']);
  expect(bench.err).toContain('3 pieces of 100');
});

test('a ratio ends it', async () => {
  bench.engine.first = { state: 'seeding', pieces: whole };
  const code = bench.start('seed t.torrent dir --seed 0.5 --json');
  await bench.clock.advance(1000);
  bench.engine.become({ state: 'done', result: ['/home/dir/a'] });
  expect(await bench.clock.resolve(code)).toBe(EXIT.done);
  expect(bench.engine.options?.seed).toEqual({ kind: 'ratio', ratio: 0.5 });
  expect(bench.json.at(-1)).toMatchObject({ event: 'done', files: ['/home/dir/a'] });
});

test('a magnet link cannot be checked', async () => {
  expect(await bench.run('seed magnet:?xt=urn:btih:x dir')).toBe(EXIT.usage);
});
