import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { EnsembleError } from '../../core/base/errors.ts';
import { parseTorrent } from '../../core/metainfo/parse-torrent.ts';
import { wrapInfo } from '../../core/metainfo/wrap-info.ts';
import { EXIT } from '../exit-codes.ts';
import { encodeTorrent } from '../../core/metainfo/make-torrent.ts';
import { CliBench } from '../testing/run-cli.ts';

/** `create`, `show`, `check` and `assemble` on the real metainfo, store and assembly, over a disk in memory. */
let bench: CliBench;
const PIECE = 16384;

function noise(length: number, seed: number): Uint8Array {
  let x = seed;
  return Uint8Array.from({ length }, () => (x = (x * 1103515245 + 12345) & 0x7fffffff) >>> 16);
}

const a = noise(PIECE * 2 + 100, 1);
const b = noise(50, 2);

beforeEach(() => {
  bench = new CliBench();
  bench.disk.put('/home/thing/b/b.bin', b);
  bench.disk.put('/home/thing/a.bin', a);
  bench.disk.put('/home/thing/empty', new Uint8Array(0));
});

const made = () => parseTorrent(bench.disk.content('/home/t.torrent')!);

describe('create', () => {
  test('a folder: files by path, hashes over their borders', async () => {
    const line =
      'create thing -o t.torrent --piece-length 16K --tracker http://t.example/announce --tracker udp://u.example:80 --private --comment hello --web-seed http://w.example/ --json';
    expect(await bench.run(line)).toBe(EXIT.done);
    const torrent = made();
    expect(torrent.info.files.map(({ path, length }) => [path.join('/'), length])).toEqual([
      ['thing/a.bin', a.length],
      ['thing/b/b.bin', b.length],
      ['thing/empty', 0],
    ]);
    const all = Buffer.concat([a, b]);
    const hashes = [0, 1, 2].map((i) =>
      createHash('sha1')
        .update(all.subarray(i * PIECE, (i + 1) * PIECE))
        .digest(),
    );
    expect(Buffer.from(torrent.info.pieceHashes)).toEqual(Buffer.concat(hashes));
    expect(torrent).toMatchObject({
      trackers: [['http://t.example/announce'], ['udp://u.example:80']],
      webSeeds: ['http://w.example/'],
      comment: 'hello',
      createdBy: 'Ensemble 1.2.3',
      info: { private: true, pieceLength: PIECE },
    });
    const last = bench.json.at(-1);
    expect(last).toMatchObject({
      event: 'done',
      file: '/home/t.torrent',
      infoHash: torrent.info.infoHash,
      pieceCount: 3,
    });
  });

  test('one file', async () => {
    expect(await bench.run('create thing/a.bin -o t.torrent')).toBe(EXIT.done);
    expect(made().info).toMatchObject({ name: 'a.bin', length: a.length });
    expect(made().info.files).toHaveLength(1);
  });

  test('never overwrites', async () => {
    bench.disk.put('/home/t.torrent', new Uint8Array(3));
    expect(await bench.run('create thing -o t.torrent')).toBe(EXIT.output);
    expect(bench.disk.content('/home/t.torrent')).toEqual(new Uint8Array(3));
  });

  test.each([
    ['create nothing -o t.torrent', 'nothing'],
    ['create thing/empty -o t.torrent', 'no bytes'],
    ['create linked -o t.torrent', 'a link'],
  ])('%s is refused', async (line, text) => {
    bench.disk.put('/home/linked/x', b);
    bench.disk.put('/dev/null', new Uint8Array(0));
    bench.disk.symlink('/etc/passwd', '/home/linked/y');
    expect(await bench.run(line)).toBe(EXIT.usage);
    expect(bench.err).toContain(text);
    expect(bench.disk.content('/home/t.torrent')).toBeUndefined();
  });

  test('an interruption leaves no file', async () => {
    bench.interruption.abort(new EnsembleError('interrupted', 'Interrupted.'));
    expect(await bench.run('create thing -o t.torrent')).toBe(EXIT.interrupted);
    expect(bench.disk.content('/home/t.torrent')).toBeUndefined();
    expect(bench.disk.openFiles).toBe(0);
  });
});

describe.each([
  ['2', 2],
  ['hybrid', 'hybrid'],
] as const)('version %s', (flag, version) => {
  test('is made, shown and checked', async () => {
    bench.disk.put('/home/thing/Z', noise(PIECE, 3));
    expect(await bench.run(`create thing -o t.torrent --piece-length 16K --version ${flag} --json`)).toBe(EXIT.done);
    const { info } = made();
    const { v1, v2 } = info.id;
    const hashes = { ...(v1 !== undefined && { infoHashV1: v1 }), infoHashV2: v2 };
    expect(bench.json.at(-1)).toMatchObject({ infoHash: info.infoHash, ...hashes, pieceCount: 5 });
    expect(info.pieceRoots).toHaveLength(5 * 32);

    bench.out = '';
    expect(await bench.run('show t.torrent --json')).toBe(EXIT.done);
    expect(bench.json[0]).toMatchObject({
      torrentVersion: version,
      ...hashes,
      length: a.length + b.length + PIECE,
      files: ['Z', 'a.bin', 'b/b.bin', 'empty'].map((name) => ({ path: `thing/${name}` })),
      magnet: expect.stringContaining(`xt=urn:btmh:1220${v2 ?? ''}`) as string,
    });
    bench.out = '';
    expect(await bench.run('show t.torrent')).toBe(EXIT.done);
    expect(bench.out).toContain(v2);
    expect(bench.out).toContain(v1 ?? v2);

    bench.out = '';
    expect(await bench.run('check t.torrent . --json')).toBe(EXIT.done);
    expect(bench.json.at(-1)).toMatchObject({ good: 5, total: 5, ...hashes });
    const spoilt = a.slice();
    spoilt[PIECE * 2 + 99] = (spoilt[PIECE * 2 + 99] ?? 0) ^ 1;
    bench.disk.put('/home/thing/a.bin', spoilt);
    expect(await bench.run('check t.torrent . --json')).toBe(EXIT.verification);
  });

  test('one file', async () => {
    expect(await bench.run(`create thing/a.bin -o t.torrent --version ${flag}`)).toBe(EXIT.done);
    expect(made().info.files).toMatchObject([{ path: ['a.bin'], length: a.length }]);
    expect(await bench.run('check t.torrent thing --json')).toBe(EXIT.done);
  });
});

test('a torrent of version 2 without its piece layers cannot be checked, and says so', async () => {
  await bench.run('create thing -o t.torrent --version 2 --piece-length 16K');
  const { pieceRoots: _, ...bare } = made().info;
  bench.disk.put('/home/bare.torrent', wrapInfo(bare, []));
  for (const line of ['check bare.torrent .', 'seed bare.torrent .', 'assemble bare.torrent /one -o /out']) {
    expect(await bench.run(line)).toBe(EXIT.invalid);
    expect(bench.err).toContain('piece layers');
  }
  expect(await bench.run('show bare.torrent')).toBe(EXIT.done);
});

describe('with a torrent', () => {
  beforeEach(async () => {
    await bench.run('create thing -o t.torrent --piece-length 16K --tracker http://t.example/announce');
    bench.out = '';
  });

  test('show as JSON', async () => {
    expect(await bench.run('show t.torrent --json')).toBe(EXIT.done);
    expect(bench.json).toEqual([
      {
        version: 1,
        name: 'thing',
        infoHash: made().info.infoHash,
        infoHashV1: made().info.infoHash,
        torrentVersion: 1,
        magnet: `magnet:?xt=urn:btih:${made().info.infoHash}&dn=thing&tr=http%3A%2F%2Ft.example%2Fannounce`,
        pieceLength: PIECE,
        pieceCount: 3,
        length: a.length + b.length,
        private: false,
        files: [
          { index: 0, path: 'thing/a.bin', length: a.length },
          { index: 1, path: 'thing/b/b.bin', length: b.length },
          { index: 2, path: 'thing/empty', length: 0 },
        ],
        trackers: [['http://t.example/announce']],
        webSeeds: [],
        createdBy: 'Ensemble 1.2.3',
        creationDate: expect.any(Number) as number,
      },
    ]);
  });

  test('show for people', async () => {
    expect(await bench.run('show t.torrent')).toBe(EXIT.done);
    expect(bench.out).toContain(made().info.infoHash);
    expect(bench.out).toContain('thing/b/b.bin');
  });

  test('show of a magnet link', async () => {
    const hash = made().info.infoHash;
    expect(await bench.run(`show magnet:?xt=urn:btih:${hash}&dn=thing&x.pe=1.2.3.4:5 --json`)).toBe(EXIT.done);
    expect(bench.json).toEqual([
      { version: 1, name: 'thing', infoHashV1: hash, infoHash: hash, trackers: [], peers: ['1.2.3.4:5'] },
    ]);
  });

  test.each([
    ['a bare info-hash', 'a'.repeat(40)],
    ['a link in quotes', `"magnet:?xt=urn:btih:${'a'.repeat(40)}"`],
  ])('show of %s', async (_, source) => {
    expect(await bench.run(`show ${source} --json`)).toBe(EXIT.done);
    expect(bench.json[0]).toMatchObject({ infoHash: 'a'.repeat(40) });
  });

  test('show tells which files a link names', async () => {
    const link = `magnet:?xt=urn:btih:${'a'.repeat(40)}&so=0,2-4`;
    expect(await bench.run(`show ${link} --json`)).toBe(EXIT.done);
    expect(bench.json[0]).toMatchObject({
      only: [
        [0, 0],
        [2, 4],
      ],
    });
  });

  test('show of what is on a web server, and of a pipe', async () => {
    await bench.run('create thing -o t.torrent --piece-length 16K');
    const data = bench.disk.content('/home/t.torrent')!;
    const asked: unknown[] = [];
    bench = new CliBench({
      fetchTorrent: (url, way) => (asked.push([url, way]), Promise.resolve({ kind: 'torrent', data })),
      readPipe: (path) => (asked.push(path), Promise.resolve(data)),
    });
    bench.disk.put('/dev/null', new Uint8Array(0));
    bench.disk.symlink('/proc/1/fd/pipe:[7]', '/dev/stdin');
    expect(await bench.run('show http://w.example/t.torrent --json')).toBe(EXIT.done);
    expect(await bench.run('show /dev/stdin --json')).toBe(EXIT.done);
    expect(asked).toEqual([['http://w.example/t.torrent', { bind: [], proxies: [] }], '/dev/stdin']);
    for (const shown of bench.json) expect(shown).toMatchObject({ name: 'thing' });
  });

  test.each([
    'get URL',
    'seed URL .',
    'identity URL --index 0 --count 2 --select fixed',
    'show URL',
    'check URL .',
    'assemble URL .',
  ])('%s fetches the torrent by the way that it is given', async (command) => {
    const ways: unknown[] = [];
    bench = new CliBench({
      fetchTorrent: (_, { bind, proxies }) => {
        ways.push({ bind, proxies });
        return Promise.reject(new EnsembleError('network', 'no way'));
      },
    });
    const line = `${command} --bind 10.0.0.2 --proxy socks5://10.0.0.1:1080`;
    await bench.run(line.replace('URL', 'http://w.example/t.torrent'));
    expect(ways).toEqual([{ bind: ['10.0.0.2'], proxies: ['socks5://10.0.0.1:1080'] }]);
  });

  test('a name with a line break stays on one line', async () => {
    bench.disk.put('/home/d/new\nline', a);
    expect(await bench.run('create d -o d.torrent')).toBe(EXIT.usage);
    expect(bench.err.trimEnd()).not.toContain('\n');
  });

  test('show of junk is invalid', async () => {
    bench.disk.put('/home/junk.torrent', b);
    expect(await bench.run('show junk.torrent')).toBe(EXIT.invalid);
  });

  test('check of whole files', async () => {
    expect(await bench.run('check t.torrent . --json')).toBe(EXIT.done);
    expect(bench.json.at(-1)).toMatchObject({ event: 'done', good: 3, total: 3, bad: [] });
  });

  test('check says which pieces and files are bad', async () => {
    const wrong = a.slice();
    wrong[PIECE + 5]! ^= 1;
    bench.disk.put('/home/thing/a.bin', wrong);
    await bench.disk.remove('/home/thing/empty');
    expect(await bench.run('check t.torrent . --json')).toBe(EXIT.verification);
    expect(bench.json.at(-2)).toMatchObject({
      good: 2,
      total: 3,
      bad: [1],
      files: [
        { badPieces: 1, found: a.length },
        { path: 'thing/b/b.bin', badPieces: 0 },
        { path: 'thing/empty', length: 0, badPieces: 0 },
      ],
    });
    expect(bench.json.at(-1)).toMatchObject({ event: 'error', code: 'verification' });
  });

  test('a file that goes on after its end is bad', async () => {
    bench.disk.put('/home/thing/b/b.bin', Buffer.concat([b, b]));
    expect(await bench.run('check t.torrent .')).toBe(EXIT.verification);
    expect(bench.out).toContain('bad: thing/b/b.bin (100 bytes instead of 50)');
  });

  test('check of an empty folder', async () => {
    expect(await bench.run('check t.torrent /nowhere')).toBe(EXIT.verification);
    expect(bench.out).toContain('0 of 3 pieces good');
  });

  describe('assemble', () => {
    const all = Buffer.concat([a, b]);
    const putPiece = (folder: string, i: number) =>
      bench.disk.put(`${folder}/pieces/${i}`, all.subarray(i * PIECE, (i + 1) * PIECE));

    test('pieces in several folders, the working folder itself or the one above it', async () => {
      putPiece('/one', 0);
      putPiece(`/two/.thing.${made().info.infoHash.slice(0, 8)}.ensemble`, 1);
      putPiece('/one', 2);
      expect(await bench.run('assemble t.torrent /one /two -o /out --json')).toBe(EXIT.done);
      expect(Buffer.from(bench.disk.content('/out/thing/a.bin')!)).toEqual(Buffer.from(a));
      expect(Buffer.from(bench.disk.content('/out/thing/b/b.bin')!)).toEqual(Buffer.from(b));
      expect(bench.disk.content('/out/thing/empty')).toHaveLength(0);
      expect(bench.json.at(-1)).toMatchObject({
        event: 'done',
        files: expect.arrayContaining(['/out/thing/a.bin']) as string[],
      });
      // What identities left is theirs.
      expect(bench.disk.content('/one/pieces/0')).toHaveLength(PIECE);
    });

    test('missing and wrong pieces are named and nothing gets its name', async () => {
      putPiece('/one', 0);
      bench.disk.put('/one/pieces/1', noise(PIECE, 9));
      expect(await bench.run('assemble t.torrent /one -o /out --json')).toBe(EXIT.verification);
      expect(bench.json.at(-2)).toEqual({ event: 'bad-pieces', pieces: [1, 2] });
      expect(bench.err).toContain('1-2');
      expect(bench.disk.content('/out/thing/a.bin')).toBeUndefined();
    });

    test('with fixed ranges the missing ones are those of somebody, who is named', async () => {
      const { infoHash } = made().info;
      putPiece('/one', 0);
      const manifest = { version: 1, infoHash, count: 2, layout: 'pieces', selection: 'fixed' };
      bench.disk.put('/one/manifest.json', Buffer.from(JSON.stringify(manifest)));
      expect(await bench.run('assemble t.torrent /one -o /out')).toBe(EXIT.verification);
      expect(bench.err).toContain('These are 2 of the pieces 1 to 2 of identity 1 (--index 1 --count 2). Let those');
    });

    test('a different file that is there is not replaced', async () => {
      for (const i of [0, 1, 2]) putPiece('/one', i);
      bench.disk.put('/out/thing/b/b.bin', noise(50, 7));
      expect(await bench.run('assemble t.torrent /one -o /out')).toBe(EXIT.output);
      expect(Buffer.from(bench.disk.content('/out/thing/b/b.bin')!)).toEqual(Buffer.from(noise(50, 7)));
    });

    test('--only asks for the pieces of those files alone', async () => {
      putPiece('/one', 2);
      expect(await bench.run('assemble t.torrent /one -o /out --only b.bin')).toBe(EXIT.done);
      expect(bench.disk.content('/out/thing/a.bin')).toBeUndefined();
      expect(bench.disk.content('/out/thing/b/b.bin')).toHaveLength(b.length);
    });

    test.each([['/nowhere'], ['/home/thing']])('%s holds nothing of ours', async (folder) => {
      expect(await bench.run(`assemble t.torrent ${folder} -o /out`)).toBe(EXIT.usage);
      expect(bench.err).toContain(folder);
    });
  });
});

describe('show --fetch', () => {
  const HASH = '0123456789abcdef0123456789abcdef01234567';
  const file = (): Uint8Array =>
    encodeTorrent({
      name: 'thing',
      files: [{ path: ['a.bin'], length: 16384 }],
      pieceLength: 16384,
      pieceHashes: new Uint8Array(20),
      trackers: [],
    });

  test('shows what peers told', async () => {
    const asked: unknown[] = [];
    bench = new CliBench({ fetchMetadata: (how) => (asked.push(how), Promise.resolve(file())) });
    const line = `show ${HASH} --fetch --json --peer 1.2.3.4:5 --tracker udp://t.example:1 --no-dht --bind 10.0.0.1`;
    expect(await bench.run(line)).toBe(EXIT.done);
    expect(bench.json).toMatchObject([{ name: 'thing', pieceCount: 1, files: [{ index: 0, path: 'thing/a.bin' }] }]);
    expect(asked).toMatchObject([
      {
        link: `magnet:?xt=urn:btih:${HASH}`,
        options: {
          peers: [{ host: '1.2.3.4', port: 5 }],
          trackers: ['udp://t.example:1'],
          dht: false,
          bind: ['10.0.0.1'],
        },
      },
    ]);
  });

  test('ends where nobody tells, with --timeout', async () => {
    bench = new CliBench({ fetchMetadata: () => new Promise(() => undefined) });
    expect(await bench.run(`show ${HASH} --fetch --timeout 5`)).toBe(EXIT.timedOut);
  });
});
