import { mkdir, readdir, rename, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { address, Lab } from './support/lab.ts';
import { Ensemble } from './support/ensemble.ts';
import { COMMAND_LINE, interop } from './support/requirements.ts';
import { startOwnSeed } from './support/own-seed.ts';
import { treeOf } from './support/trees.ts';

const KIB = 1024;
/** The long form (`npm run acceptance`). */
const LONG = process.env['ENSEMBLE_ACCEPTANCE'] === '1';
const SERVER = new URL('support/bad-server.mjs', import.meta.url).pathname;

/** Bencode written by hand, so that a test can make it wrong. */
const str = (text: string): string => `${Buffer.byteLength(text)}:${text}`;
const hash = 'h'.repeat(20);
const info = (changes: Record<string, string | undefined> = {}): string => {
  const fields: Record<string, string | undefined> = {
    length: 'i1000e',
    name: str('x'),
    'piece length': 'i16384e',
    pieces: str(hash),
    ...changes,
  };
  const keys = Object.keys(fields).sort();
  return `d${keys.map((key) => (fields[key] === undefined ? '' : str(key) + fields[key])).join('')}e`;
};
const torrent = (dict: string): string => `d8:announce${str('http://10.77.0.1:1/announce')}4:info${dict}e`;
const files = (...paths: readonly (readonly string[])[]): string =>
  info({
    length: undefined,
    files: `l${paths.map((path) => `d6:lengthi500e4:pathl${path.map(str).join('')}ee`).join('')}e`,
    name: str('folder'),
  });

const BAD_TORRENTS: readonly (readonly [string, string])[] = [
  ['an empty file', ''],
  ['truncated', torrent(info()).slice(0, -20)],
  ['nested a million deep', 'l'.repeat(1_000_000)],
  ['a string of 9 GB', 'd4:info9999999999:x'],
  ['a string of 2^64 bytes', 'd4:info18446744073709551616:x'],
  ['a list where a dictionary belongs', 'd4:infolee'],
  ['no info', 'd8:announce3:abce'],
  ['piece length 0', torrent(info({ 'piece length': 'i0e' }))],
  ['piece length -1', torrent(info({ 'piece length': 'i-1e' }))],
  ['piece length 2^62', torrent(info({ 'piece length': 'i4611686018427387904e' }))],
  ['a negative length', torrent(info({ length: 'i-5e' }))],
  ['pieces of 19 bytes', torrent(info({ pieces: str('h'.repeat(19)) }))],
  ['pieces of 21 bytes', torrent(info({ pieces: str('h'.repeat(21)) }))],
  ['no pieces', torrent(info({ pieces: str('') }))],
  ['too few pieces', torrent(info({ length: 'i100000e' }))],
  ['a name of ..', torrent(info({ name: str('..') }))],
  ['an empty name', torrent(info({ name: str('') }))],
  ['an empty path', torrent(files([]))],
];

/** What other clients open too: where each file goes. */
const ODD_TORRENTS: readonly (readonly [string, readonly string[]])[] = [
  [`${torrent(info())}x`, ['x']],
  [`d4:info${info()}8:announce${str('http://a/')}4:infodee`, ['x']],
  [torrent(info({ length: 'i01000e', junk: 'i-0e', 'piece length': 'i1073741824e' })), ['x']],
  [torrent(info({ name: str('../../etc/passwd') })), ['.._.._etc_passwd']],
  [torrent(info({ name: str('/etc/passwd') })), ['_etc_passwd']],
  [torrent(files(['..', '..', 'victim'])), ['folder/_/_/victim']],
  [torrent(files(['a/../../victim'])), ['folder/a_.._.._victim']],
  [torrent(files(['a', '', 'b'], ['.', 'b'], ['a\0b'])), ['folder/a/_/b', 'folder/_/b', 'folder/a_b']],
  [torrent(files(['NUL'], ['com1.txt'])), ['folder/NUL_', 'folder/com1_.txt']],
  [torrent(files(['Read'], ['read'], ['Read'])), ['folder/Read', 'folder/read (2)', 'folder/Read (3)']],
  [torrent(files(['a'], ['a', 'b'])), ['folder/a (2)', 'folder/a/b']],
];

interop('hostile input', [], true, () => {
  it('torrents: each is refused with exit code 3 and a sentence, and nothing is written', async () => {
    const lab = await Lab.open();
    try {
      const out = await lab.makeFolder('out');
      const input = await lab.makeFolder('in');
      const rows = BAD_TORRENTS.map(async ([what, data], i) => {
        const path = join(input, `${i}.torrent`);
        await writeFile(path, data);
        return [what, path] as const;
      });
      const queue = await Promise.all(rows);
      const wrong: string[] = [];
      const work = async (): Promise<void> => {
        for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
          const [what, path] = next;
          const run = new Ensemble(lab, ['get', path, '-o', out, '--timeout', '5']);
          const { code } = await run.exit(20);
          const message = run.last('error')?.['message'];
          const named = typeof message === 'string' && message.length >= 20;
          if (code !== 3 || !named) wrong.push(`${what}: exit ${code} ${run.child.output}`);
        }
      };
      await Promise.all([work(), work(), work()]);
      expect(wrong).toEqual([]);
      expect(await treeOf(out)).toEqual([]);

      // What is odd and means something is read, and made fit for every file system.
      for (const [i, [data, paths]] of ODD_TORRENTS.entries()) {
        const odd = join(input, `odd-${i}.torrent`);
        await writeFile(odd, data);
        const show = new Ensemble(lab, ['show', odd]);
        expect((await show.exit(20)).code, show.child.output).toBe(0);
        expect(show.events[0]).toMatchObject({ files: paths.map((path) => ({ path })) });
      }
      expect((await readdir(lab.folder)).sort()).toEqual(['in', 'out']);
    } finally {
      await lab.close();
    }
  });

  it('trackers and peers of all bad kinds beside one honest seed: the download completes', async () => {
    const lab = await Lab.open();
    try {
      const bad = address(1);
      let ready = false;
      const server = lab.start('bad server', [process.execPath, SERVER, bad], {
        onLine: (line) => (ready ||= line === 'ready'),
      });
      await server.until(() => ready, 'its ports', 20);
      const http = ['garbage', 'empty', 'html', 'nested', 'peers-odd', 'interval-negative', 'failure', 'huge'];
      const more = ['endless', 'silent', 'dribble', 'redirect', 'file', 'nothing'];
      const trackers = [...http, ...more].map((name) => `http://${bad}:8000/${name}`);
      const { file, folder, peer } = await startOwnSeed(lab, {
        files: { 'big.bin': 700 * KIB },
        pieceLength: '64K',
        trackers: [...trackers, `udp://${bad}:8000/announce`],
      });

      const out = await lab.makeFolder('out');
      const peers = [7001, 7002, 7003, 7004, 7005, 7006].map((port) => `${bad}:${port}`);
      const args = [...peers.flatMap((one) => ['--peer', one]), ...peer];
      for (const count of LONG ? ['1', '3', '8'] : ['3']) {
        const into = join(out, count);
        await mkdir(into);
        const how = ['-o', into, '-n', count, '--identity-down', '100K', '--timeout', '70'];
        const done = await new Ensemble(lab, ['get', file, ...how, ...args]).done(80);
        expect(done).toMatchObject({ duplicatePieces: 0 });
        expect(await treeOf(into)).toEqual(await treeOf(folder));
      }
    } finally {
      await lab.close();
    }
  });

  it('links planted in the output folder are never followed', async () => {
    const lab = await Lab.open();
    try {
      const { file, peer } = await startOwnSeed(lab, {
        files: { 'tree/sub/a.bin': 600 * KIB, 'tree/b.bin': 300 * KIB },
        pieceLength: '32K',
      });
      const victim = await lab.makeFolder('victim');
      await writeFile(join(victim, 'b.bin'), 'precious');
      const before = await treeOf(victim);

      // A link under the final names, before anything is there.
      const planted: [string, string][] = [
        ['tree', victim],
        ['tree/sub', victim],
        ['tree/b.bin', join(victim, 'b.bin')],
      ];
      for (const [i, [path, target]] of planted.entries()) {
        for (const more of [[], ['--reuse']]) {
          const out = await lab.makeFolder(`out-${i}${more.join('')}`);
          await mkdir(dirname(join(out, path)), { recursive: true });
          await symlink(target, join(out, path));
          const { code } = await new Ensemble(lab, ['get', file, '-o', out, '--timeout', '30', ...peer, ...more]).exit(
            40,
          );
          expect([0, 4], `${path} ${more.join('')}`).toContain(code);
          expect(await treeOf(victim)).toEqual(before);
        }
      }
      // A link in the working folder, made while the download runs.
      const out = await lab.makeFolder('out-late');
      const slow = ['get', file, '-o', out, '--down', '150K', '--timeout', '40', ...peer];
      const run = new Ensemble(lab, slow);
      await run.child.until(() => run.have > 9, 'pieces of more than one file', 30);
      run.child.signal('SIGINT');
      expect((await run.exit(10)).code).toBe(5);
      const hidden = (await readdir(out, { recursive: true })).find((path) => path.endsWith('tree/sub'));
      expect(hidden).toBeDefined();
      await rename(join(out, hidden ?? ''), join(out, 'aside'));
      await symlink(victim, join(out, hidden ?? ''));
      const { code } = await new Ensemble(lab, ['get', file, '-o', out, '--timeout', '30', ...peer]).exit(40);
      expect([0, 4]).toContain(code);
      expect(await treeOf(victim)).toEqual(before);

      // The same, but the download is not stopped in between: identities write there already.
      const running = await lab.makeFolder('out-running');
      const live = new Ensemble(lab, ['get', file, '-o', running, '--down', '150K', '--timeout', '40', ...peer]);
      await live.child.until(() => live.have > 9, 'pieces of more than one file', 30);
      const inside = (await readdir(running, { recursive: true })).find((path) => path.endsWith('tree')) ?? '';
      await rename(join(running, inside), join(running, 'aside'));
      await symlink(victim, join(running, inside));
      const refused = await live.exit(50);
      expect(refused.code, live.child.output).toBe(4);
      expect(live.child.output).toContain('a link is there');
      expect(await treeOf(victim)).toEqual(before);

      // A link in place of the working folder itself.
      const name = (await readdir(running)).find((path) => path.endsWith('.ensemble')) ?? '';
      const linked = await lab.makeFolder('out-linked');
      await symlink(victim, join(linked, name));
      expect((await new Ensemble(lab, ['get', file, '-o', linked, '--timeout', '30', ...peer]).exit(40)).code).toBe(4);
      expect(await treeOf(victim)).toEqual(before);
    } finally {
      await lab.close();
    }
  });

  it("a common directory that holds the user's own files keeps them", async () => {
    const lab = await Lab.open();
    try {
      const { file, folder, peer } = await startOwnSeed(lab, {
        files: { 'tree/sub/a.bin': 300 * KIB, 'tree/b.bin': 100 * KIB },
        pieceLength: '32K',
      });
      const mine = await lab.makeFolder('mine');
      const names = ['files/tree/b.bin', 'pieces/0', 'claims/0', 'torrent', 'resume', 'part-0', 'part-1', 'lock'];
      for (const name of names) {
        await mkdir(dirname(join(mine, name)), { recursive: true });
        await writeFile(join(mine, name), `my ${name}`);
      }
      const before = await treeOf(mine);
      for (const layout of ['in-place', 'parts', 'pieces']) {
        const out = await lab.makeFolder(`out-${layout}`);
        const how = ['--layout', layout, '--common', mine, '-n', '2', '--timeout', '30'];
        await new Ensemble(lab, ['get', file, '-o', out, ...how, ...peer]).done(40);
        expect(await treeOf(out)).toEqual(await treeOf(folder));
        expect(await treeOf(mine)).toEqual(before);
      }
    } finally {
      await lab.close();
    }
  });

  it('an output folder that is full or read-only is exit 4, a second program exit 8', async () => {
    const lab = await Lab.open();
    try {
      const {
        file,
        folder,
        peer: seed,
      } = await startOwnSeed(lab, { files: { 'big.bin': 6000 * KIB }, pieceLength: '64K' });
      const peer = [...seed, '--timeout', '40'];

      const small = await lab.makeFolder('small');
      for (const how of ['size=3m', 'ro']) {
        const get = [process.execPath, COMMAND_LINE, 'get', file, '-o', small, ...peer].join(' ');
        const mounted = `mount -t tmpfs -o ${how} tmpfs ${small} && exec ${get}`;
        const run = lab.start(`get on ${how}`, ['unshare', '--mount', 'sh', '-c', mounted]);
        expect((await run.ends(60)).code, run.output).toBe(4);
        expect(run.output.length).toBeGreaterThan(20);
      }

      const out = await lab.makeFolder('out');
      const first = new Ensemble(lab, ['get', file, '-o', out, '--down', '1M', ...peer]);
      await first.child.until(() => first.last('progress') !== undefined, 'its start', 20);
      const second = new Ensemble(lab, ['get', file, '-o', out, ...peer]);
      expect((await second.exit(20)).code, second.child.output).toBe(8);
      await first.done(60);
      expect(await treeOf(out)).toEqual(await treeOf(folder));
    } finally {
      await lab.close();
    }
  });
});
