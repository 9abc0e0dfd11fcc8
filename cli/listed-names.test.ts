import { expect, test } from 'vitest';
import { type InfoHash, torrentKey } from '../core/base/ids.ts';
import { StillDownload } from '../core/engine/testing/still-download.ts';
import { encodeTorrent } from '../core/metainfo/make-torrent.ts';
import { parseTorrent } from '../core/metainfo/parse-torrent.ts';
import type { ChosenNames } from '../core/metainfo/torrent.ts';
import { EXIT } from './exit-codes.ts';
import { CliBench } from './testing/run-cli.ts';

const NAMES = [
  { path: 't', name: 'Series' },
  { path: 't/b', name: 'Episode 2' },
];

async function torrentOf(name: string) {
  const files = [
    { path: ['a'], length: 1 },
    { path: ['b'], length: 1 },
  ];
  const content = Uint8Array.of(7, 8);
  const pieceHashes = new Uint8Array(await crypto.subtle.digest('SHA-1', content));
  const torrent = encodeTorrent({ name, files, pieceLength: 16384, pieceHashes, trackers: [] });
  return { torrent, infoHash: parseTorrent(torrent).info.infoHash };
}

/** A torrent of two files, and a list, that of one state folder, in which they have other names. */
async function bench(names: ChosenNames = NAMES, state = '/home/.state') {
  const { torrent, infoHash } = await torrentOf('t');
  const kept = new Map<InfoHash, ChosenNames>([[infoHash, names]]);
  const made = new CliBench({ keptNames: (folder) => Promise.resolve(folder === state ? kept : new Map()) });
  made.disk.put('/home/t.torrent', torrent);
  const put = (path: string, byte: number): void => made.disk.put(`/home/dir/${path}`, Uint8Array.of(byte));
  return { made, put };
}

test('files are checked under the names that the user gave them', async () => {
  const { made, put } = await bench();
  put('Series/a', 7);
  put('Series/Episode 2', 8);
  expect(await made.run('check t.torrent dir --json')).toBe(EXIT.done);
  expect(made.json.at(-1)).toMatchObject({ files: [{ path: 'Series/a' }, { path: 'Series/Episode 2' }] });
});

test.each(['check t.torrent dir', 'seed t.torrent dir --seed-time 1s'])(
  '%s: the list is that of the state folder that is named',
  async (line) => {
    const { made, put } = await bench(NAMES, '/home/other');
    put('Series/a', 7);
    put('Series/Episode 2', 8);
    made.download.first = { state: 'done' };
    expect(await made.run(line)).toBe(EXIT.verification);
    expect(await made.run(`${line} --state other`)).toBe(EXIT.done);
  },
);

test('a copy under its own names is checked as that', async () => {
  const { made, put } = await bench();
  put('t/a', 7);
  put('t/b', 8);
  expect(await made.run('check t.torrent dir')).toBe(EXIT.done);
});

test.each(['seed t.torrent dir', 'get t.torrent -o dir --reuse', 'get t.torrent -o dir'])(
  '%s takes them under these names',
  async (line) => {
    const { made, put } = await bench();
    put('Series/a', 7);
    put('Series/Episode 2', 8);
    made.download.first = { state: 'done' };
    await made.run(line);
    expect(made.engine.options).toMatchObject({ output: '/home/dir', names: NAMES });
  },
);

test('where none lies under such a name, none is used', async () => {
  const { made } = await bench();
  made.download.first = { state: 'done' };
  await made.run('get t.torrent -o dir --reuse');
  expect(made.engine.options).not.toHaveProperty('names');
});

test('for several torrents the list is read once', async () => {
  let reads = 0;
  const keptNames = (): Promise<ReadonlyMap<InfoHash, ChosenNames>> => {
    reads++;
    return Promise.resolve(new Map());
  };
  const made = new CliBench({ keptNames });
  for (const name of ['t', 'u']) made.disk.put(`/home/${name}.torrent`, (await torrentOf(name)).torrent);
  made.downloadOf = (source) => {
    const { infoHash } = parseTorrent(source.kind === 'torrent' ? source.data : new Uint8Array()).info;
    const download = new StillDownload(torrentKey(infoHash));
    download.first = { state: 'done' };
    return download;
  };
  expect(await made.run('get t.torrent u.torrent -o dir')).toBe(EXIT.done);
  expect(reads).toBe(1);
});
