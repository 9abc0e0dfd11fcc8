import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseTorrent } from '../../core/metainfo/parse-torrent.ts';
import { NodeDisk } from '../../core/node/disk.ts';
import { EXIT } from '../exit-codes.ts';
import { listPayload } from '../../core/making/payload-files.ts';
import { CliBench } from '../testing/run-cli.ts';

/** What `create` takes of a folder, and what it refuses; see also torrents.test.ts. */
let bench: CliBench;
const bytes = (length: number): Uint8Array => new Uint8Array(length).fill(length);

beforeEach(() => {
  bench = new CliBench();
  bench.disk.put('/home/t/a', bytes(3));
  bench.disk.put('/home/t/sub/b', bytes(5));
});

const made = () => parseTorrent(bench.disk.content('/home/t.torrent')!).info;
const paths = (): string[] => made().files.map(({ path: parts, length }) => `${parts.slice(1).join('/')} ${length}`);
const refused = async (line: string): Promise<string> => {
  expect(await bench.run(line)).toBe(EXIT.usage);
  expect(bench.disk.content('/home/t.torrent')).toBeUndefined();
  return bench.err;
};

describe('links', () => {
  beforeEach(() => {
    bench.disk.put('/home/elsewhere/c', bytes(7));
    bench.disk.symlink('/home/elsewhere', '/home/t/link');
    bench.disk.symlink('/home/t/sub/b', '/home/t/zz');
  });

  test('are refused by name', async () => {
    expect(await refused('create t -o t.torrent')).toContain('/home/t/link is a link');
  });

  test('are followed', async () => {
    expect(await bench.run('create t -o t.torrent --links follow')).toBe(EXIT.done);
    expect(paths()).toEqual(['a 3', 'link/c 7', 'sub/b 5', 'zz 5']);
  });

  test('are kept where they stay in the folder', async () => {
    expect(await refused('create t -o t.torrent --links keep')).toContain('/home/t/link leads out of /home/t');
    await bench.disk.remove('/home/t/link');
    expect(await bench.run('create t -o t.torrent --links keep')).toBe(EXIT.done);
    expect(paths()).toEqual(['a 3', 'sub/b 5']);
    expect(new TextDecoder('latin1').decode(made().raw)).toContain(
      '4:attr1:l6:lengthi0e4:pathl2:zze12:symlink pathl3:sub1:be',
    );
  });

  test.each([
    ['/home/t', 'it has no end'],
    ['/home/nothing', 'leads to nothing'],
  ])('one to %s is refused', async (target, why) => {
    bench.disk.symlink(target, '/home/t/sub/again');
    expect(await refused('create t -o t.torrent --links follow')).toContain(why);
  });

  test('the path itself may be one', async () => {
    bench.disk.symlink('/home/elsewhere', '/home/named');
    expect(await bench.run('create named -o t.torrent')).toBe(EXIT.done);
    expect([made().name, ...paths()]).toEqual(['named', 'c 7']);
  });
});

test('hidden files and folders, by choice', async () => {
  bench.disk.put('/home/t/.git/x', bytes(1));
  bench.disk.put('/home/t/sub/.DS_Store', bytes(2));
  expect(await bench.run('create t -o t.torrent --no-hidden')).toBe(EXIT.done);
  expect(paths()).toEqual(['a 3', 'sub/b 5']);
  await bench.disk.remove('/home/t.torrent');
  expect(await bench.run('create t -o t.torrent')).toBe(EXIT.done);
  expect(paths()).toEqual(['.git/x 1', 'a 3', 'sub/.DS_Store 2', 'sub/b 5']);
});

test('names that are no UTF-8 are all refused by name, and so is what goes meanwhile', async () => {
  // The system's names come as text, in which such bytes are U+FFFD: nothing is found under these.
  const { list } = bench.disk;
  bench.disk.list = async (folder) => {
    const names = await list.call(bench.disk, folder);
    return folder === '/home/t' ? [...names, 'caf\ufffd.txt'] : folder === '/home/t/sub' ? [...names, '\ufffd'] : names;
  };
  const err = await refused('create t -o t.torrent');
  expect(err).toContain('/home/t/caf');
  expect(err).toContain('/home/t/sub/');
  bench.disk.list = async (folder) => [...(await list.call(bench.disk, folder)), 'gone'];
  expect(await refused('create t -o t.torrent')).toContain('/home/t/gone has gone');
});

test('names that cannot stay everywhere are refused before anything is read, unless any will do', async () => {
  bench.disk.put('/home/t/Vol. 1./c', bytes(4));
  bench.disk.put('/home/t/A', bytes(4));
  const { open } = bench.disk;
  bench.disk.open = () => Promise.reject(new Error('nothing is opened'));
  expect(await refused('create t -o t.torrent')).toContain('cannot keep its name');
  bench.disk.open = open;
  expect(await bench.run('create t -o t.torrent --any-names')).toBe(EXIT.done);
  expect(made().files.map(({ path: parts, own }) => (own ?? parts).slice(1).join('/'))).toEqual([
    'A',
    'Vol. 1./c',
    'a',
    'sub/b',
  ]);
  bench.out = '';
  expect(await bench.run('check t.torrent .')).toBe(EXIT.done);
});

test('the number of pieces, and the source', async () => {
  bench.disk.put('/home/t/large', bytes(300_000));
  expect(await bench.run('create t -o t.torrent --pieces 5 --source TRACKER')).toBe(EXIT.done);
  expect(made()).toMatchObject({ pieceLength: 65_536, pieceCount: 5 });
  expect(new TextDecoder('latin1').decode(made().raw)).toContain('6:source7:TRACKER');
  expect(await bench.run('create t -o u.torrent --pieces 5 --piece-length 16K')).toBe(EXIT.usage);
  expect(await bench.run('create t -o u.torrent --pieces 0')).toBe(EXIT.usage);
});

describe('on the real disk', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'ensemble-create-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  test.skipIf(process.platform !== 'linux')('programs are known, and names that are no UTF-8 refused', async () => {
    const choices = { links: 'refuse', hidden: true } as const;
    mkdirSync(path.join(folder, 'd'));
    writeFileSync(path.join(folder, 'd', 'run'), 'x');
    writeFileSync(path.join(folder, 'd', 'text'), 'x');
    chmodSync(path.join(folder, 'd', 'run'), 0o755);
    const { files } = await listPayload(new NodeDisk(), folder, choices);
    expect(files.map(({ path: parts, executable }) => [parts.join('/'), executable])).toEqual([
      ['d/run', true],
      ['d/text', false],
    ]);
    writeFileSync(Buffer.concat([Buffer.from(`${folder}/d/caf`), Buffer.of(0xe9)]), 'x');
    await expect(listPayload(new NodeDisk(), folder, choices)).rejects.toThrow(`${folder}/d/caf`);
  });
});
