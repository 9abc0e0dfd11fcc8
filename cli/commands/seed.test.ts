import { beforeEach, expect, test } from 'vitest';
import { EnsembleError } from '../../core/base/errors.ts';
import { encodeTorrent } from '../../core/metainfo/make-torrent.ts';
import { EXIT } from '../exit-codes.ts';
import { CliBench } from '../testing/run-cli.ts';

let bench: CliBench;

beforeEach(() => {
  bench = new CliBench();
  bench.disk.put('/home/dir/a', new Uint8Array(1));
  const pieceHashes = new Uint8Array(20);
  bench.disk.put(
    '/home/t.torrent',
    encodeTorrent({ name: 'a', files: 1, pieceLength: 16384, pieceHashes, trackers: [] }),
  );
});

test('checks first, then seeds until interrupted', async () => {
  bench.download.first = { state: 'checking' };
  const code = bench.start('seed t.torrent dir --up 100K');
  await bench.clock.advance(1000);
  expect(bench.engine.options).toMatchObject({
    output: '/home/dir',
    reuse: false,
    seed: { kind: 'forever' },
    up: 102400,
  });
  bench.download.become({ state: 'seeding' });
  await bench.clock.advance(60_000);
  bench.interruption.abort(new EnsembleError('interrupted', 'Interrupted.'));
  expect(await bench.clock.resolve(code)).toBe(EXIT.interrupted);
  expect(bench.engine.calls).toEqual(['add', 'close']);
});

test.each([
  ['a missing file', () => bench.disk.remove('/home/dir/a')],
  ['a file of another length', async () => bench.disk.put('/home/dir/a', new Uint8Array(2))],
])('%s is refused before anything starts', async (_name, change) => {
  await change();
  expect(await bench.run('seed t.torrent dir')).toBe(EXIT.verification);
  expect(bench.engine.calls).toEqual([]);
});

test('files may lie under names that we would change', async () => {
  const files = ['Vol. 1.', 'a', 'A'].map((name) => ({ path: [name], length: 1 }));
  const pieceHashes = new Uint8Array(20);
  const input = { name: 't', files, pieceLength: 16384, pieceHashes, trackers: [], anyNames: true };
  bench.disk.put('/home/odd.torrent', encodeTorrent(input));
  for (const { path } of files) bench.disk.put(`/home/dir/t/${path.join('/')}`, new Uint8Array(1));
  bench.download.first = { state: 'seeding' };
  const code = bench.start('seed odd.torrent dir');
  await bench.clock.advance(1000);
  bench.interruption.abort(new EnsembleError('interrupted', 'Interrupted.'));
  expect(await bench.clock.resolve(code)).toBe(EXIT.interrupted);
});

test('wrong content is refused, whether the engine rejects it or would download', async () => {
  bench.engine.refusal = new EnsembleError('exists', 'something else is there');
  expect(await bench.run('seed t.torrent dir')).toBe(EXIT.verification);
  bench.engine.refusal = undefined;
  bench.download.first = { state: 'downloading' };
  expect(await bench.run('seed t.torrent dir')).toBe(EXIT.verification);
  expect(bench.err).toContain('ensemble check');
});

test('with --http its files are served, and it says where', async () => {
  const pieceHashes = new Uint8Array(20);
  const said: Record<string, unknown>[] = [];
  const calls: unknown[] = [];
  for (const isPrivate of [false, true]) {
    bench = new CliBench({
      serveFiles: (_, at) => {
        calls.push(at);
        return Promise.resolve({
          seedUrls: (_key, secret) => [`http://10.0.0.1:80/${secret ?? 'new'}/`],
          playUrl: () => undefined,
          close: () => Promise.resolve(void calls.push('closed')),
        });
      },
    });
    bench.disk.put('/home/dir/a', new Uint8Array(1));
    const input = { name: 'a', files: 1, pieceLength: 16384, pieceHashes, trackers: [], private: isPrivate };
    bench.disk.put('/home/t.torrent', encodeTorrent(input));
    bench.download.first = { state: 'seeding' };
    const code = bench.start('seed t.torrent dir --seed 0.5 --json --http 0.0.0.0:80/0123456789abcdef');
    await bench.clock.advance(1000);
    bench.download.become({ state: 'done', result: ['/home/dir/a'] });
    expect(await bench.clock.resolve(code)).toBe(EXIT.done);
    said.push(...bench.json.filter(({ event }) => event === 'web-seed'));
  }
  expect(calls).toEqual([{ host: '0.0.0.0', port: 80 }, 'closed', { host: '0.0.0.0', port: 80 }, 'closed']);
  const urls = ['http://10.0.0.1:80/0123456789abcdef/'];
  // A link to a private torrent leads nowhere, and shows its hash.
  expect(said).toEqual([
    { event: 'web-seed', urls, magnet: expect.stringContaining('&ws=http%3A%2F%2F10.0.0.1') },
    { event: 'web-seed', urls },
  ]);
});

test('a ratio ends it', async () => {
  bench.download.first = { state: 'seeding' };
  const code = bench.start('seed t.torrent dir --seed 0.5 --json');
  await bench.clock.advance(1000);
  bench.download.become({ state: 'done', result: ['/home/dir/a'] });
  expect(await bench.clock.resolve(code)).toBe(EXIT.done);
  expect(bench.engine.options?.seed).toEqual({ kind: 'ratio', ratio: 0.5 });
  expect(bench.json.at(-1)).toMatchObject({ event: 'done', files: ['/home/dir/a'] });
});

test('a magnet link cannot be checked', async () => {
  expect(await bench.run('seed magnet:?xt=urn:btih:x dir')).toBe(EXIT.usage);
});
