import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MAX_PIECES } from '../../base/bounds.ts';
import { bytesPerSecond, type TorrentKey } from '../../base/ids.ts';
import type { Notice } from '../contract.ts';
import type { RpcClient } from '../window/client.ts';
import { Mirror } from '../window/mirror.ts';
import { offeredOptions } from '../../engine/testing/offered-options.ts';
import type { DemoService, PlayerService, ShellService } from './services.ts';
import { PIECE } from '../../engine/piece-codes.ts';
import { BridgeBench, LINES, until } from '../testing/bench.ts';

const FIRST = '1'.repeat(40) as TorrentKey;
const SEEDING = '2'.repeat(40) as TorrentKey;
const MAGNET = { kind: 'magnet', link: `magnet:?xt=urn:btih:${'e'.repeat(40)}&dn=small` } as const;
const SMALL = 'e'.repeat(40) as TorrentKey;

const line = LINES['in memory']!;
let bench: BridgeBench;
let client: RpcClient;
let notices: Notice[];

async function begin(change: ConstructorParameters<typeof BridgeBench>[1] = {}): Promise<void> {
  bench = new BridgeBench(line(), change);
  notices = [];
  bench.host.onNotice((notice) => {
    if (notice.key !== FIRST) notices.push(notice);
  });
  ({ client } = await bench.window());
}
beforeEach(() => begin());
afterEach(() => bench.close());

describe('notices', () => {
  test('what was so at the start is none; what becomes of a download is told once', async () => {
    await bench.pass(2000);
    expect(notices).toEqual([]);
    await client.call('add', { source: MAGNET, options: offeredOptions({ identities: 8, assemble: false }) });
    await bench.pass(120_000);
    expect(notices).toMatchObject([{ kind: 'complete', key: SMALL, name: 'small' }]);
    const files = client.call('assemble', { key: SMALL });
    await bench.pass(6000);
    expect(await files).toEqual(['/home/user/Downloads/small']);
    expect(notices.map(({ kind }) => kind)).toEqual(['complete', 'assembled']);
    await bench.pass(5000);
    expect(notices).toHaveLength(2);
  });

  test('one that assembles by itself is told when it is assembled', async () => {
    await client.call('add', { source: MAGNET, options: offeredOptions({ identities: 8 }) });
    await bench.pass(120_000);
    expect(notices.map(({ kind }) => kind)).toEqual(['assembled']);
  });
});

test('assembly: progress in the state, and it can be stopped', async () => {
  await client.call('add', { source: MAGNET, options: offeredOptions({ identities: 8, assemble: false }) });
  await bench.pass(120_000);
  const mirror = new Mirror(client);
  await until(() => mirror.now.state !== undefined);
  const small = () => mirror.now.state?.downloads.find((one) => one.key === SMALL);
  const stopped = client.call('assemble', { key: SMALL });
  const heard = expect(stopped).rejects.toMatchObject({ code: 'interrupted' });
  await bench.pass(2000);
  expect(small()).toMatchObject({ state: 'assembling', piecesToGo: 0 });
  expect(small()?.work).toBeGreaterThan(0.2);
  await client.call('cancelAssembly', { key: SMALL });
  await heard;
  await bench.pass(400);
  expect(small()).toMatchObject({ state: 'complete', work: null, result: null, assembledIn: null, trackers: 2 });
  void client.call('assemble', { key: SMALL });
  await bench.pass(6000);
  expect(small()).toMatchObject({ state: 'done', assembledIn: 4000 });
});

test('the log tells states and restarts, as far as the level asks for them', async () => {
  const mirror = new Mirror(client);
  mirror.watch(FIRST, ['log', 'identities']);
  await bench.pass(1000);
  await client.call('restartIdentity', { key: FIRST, identity: 2 as never });
  await bench.pass(1000);
  await client.call('pause', { key: FIRST });
  await bench.pass(1000);
  await client.call('changeSettings', { changes: { logLevel: 'error' } });
  await client.call('resume', { key: FIRST });
  await bench.pass(400);
  const log = mirror.now.detail?.log?.map(({ level, message }) => `${level} ${message}`);
  const lines = (...patterns: RegExp[]): unknown[] => patterns.map((pattern) => expect.stringMatching(pattern));
  expect(log?.slice(0, 2)).toEqual(lines(/^info .*download/i, /^info .*1.*192\.0\.2\.14:6881/));
  expect(log?.slice(-2)).toEqual(lines(/^warn .*identity 3\b/, /^info .*paused/i));
  expect(mirror.now.detail?.identities?.[2]).toMatchObject({ restarts: 1, interfaceName: 'wg0' });
});

test('where a piece came from is told to whoever asks', async () => {
  const map = bench.engine.pieceMap(FIRST);
  const fetched = map?.pieces.findIndex((code) => code === 2) ?? -1;
  const missing = map?.pieces.findIndex((code) => code === PIECE.missing) ?? -1;
  const source = (piece: number) => client.call('pieceSource', { key: FIRST, piece });
  expect(await source(fetched)).toEqual([expect.stringMatching(/^198\.51\.100\.[23]\d:6881$/)]);
  expect(await source(missing)).toEqual([]);
  expect(await source(MAX_PIECES - 1)).toEqual([]);
});

test('a priority is changed for the files that are named, and kept for the others', async () => {
  await client.call('setPriority', { key: FIRST, files: [1, 2], priority: 0 });
  await client.call('setPriority', { key: FIRST, files: [2], priority: 7 });
  expect(bench.engine.files(FIRST).map(({ priority }) => priority)).toEqual([4, 0, 7]);
});

test('limits of all downloads reach the engine; other settings do not bother it', async () => {
  await client.call('changeSettings', { changes: { appearance: 'dark' } });
  expect(bench.engine.calls).toEqual([]);
  await client.call('changeSettings', { changes: { down: bytesPerSecond(1000) } });
  expect(bench.engine.calls).toEqual(['setLimits']);
  expect(bench.host.state.settings).toMatchObject({ appearance: 'dark', down: 1000 });
});

describe('folders', () => {
  const folders = (permit: (folder: string) => Promise<string>) => ({ ...bench.services.folders, permit });

  test('where downloads may not go nothing is added, and nothing remembered', async () => {
    await begin({ folders: folders(() => Promise.reject(new Error('outside'))) });
    const added = client.call('add', { source: MAGNET, options: offeredOptions({ output: '/etc' }) });
    await expect(added).rejects.toThrow('outside');
    await expect(client.call('changeSettings', { changes: { folder: '/etc' } })).rejects.toThrow('outside');
    expect(bench.engine.calls).toEqual([]);
    expect(bench.host.state.settings).toMatchObject({ folder: '/home/user/Downloads', recentFolders: [] });
  });

  test('several are added in the order in which they were asked for, however long each folder takes', async () => {
    const waits: (() => void)[] = [];
    await begin({
      folders: folders((folder) => new Promise((resolve) => waits.push(() => resolve(folder)))),
    });
    const links = ['a', 'b', 'c'].map((letter) => `magnet:?xt=urn:btih:${letter.repeat(40)}`);
    const added = links.map((link) =>
      client.call('add', { source: { kind: 'magnet', link }, options: offeredOptions() }),
    );
    await until(() => waits.length === 3);
    for (const answer of waits.reverse()) answer();
    const keys = await Promise.all(added);
    const order = bench.engine.downloads().map(({ key }) => key);
    expect(order.filter((key) => keys.includes(key))).toEqual(keys);
  });

  test('the engine gets the plain form of what was named', async () => {
    await begin({ folders: folders(() => Promise.resolve('/srv/plain')) });
    const key = await client.call('add', { source: MAGNET, options: offeredOptions({ output: '/srv/x/../plain' }) });
    expect(bench.engine.download(key)?.options.output).toBe('/srv/plain');
  });
});

describe('the desktop shell', () => {
  test('shows files by number: no window names a path', async () => {
    const shown: string[] = [];
    const shell: ShellService = {
      chooseFile: () => Promise.resolve(null),
      chooseFolder: (start) => Promise.resolve(start === null ? null : `${start}/chosen`),
      reveal: (path) => Promise.resolve(void shown.push(`reveal ${path}`)),
      openFile: (path) => Promise.resolve(void shown.push(`open ${path}`)),
    };
    await begin({ shell });
    await client.call('reveal', { key: SEEDING });
    await client.call('openFile', { key: SEEDING, file: 0 });
    const file = '/home/user/Downloads/debian-13.2.0-amd64-DVD-1.iso';
    expect(shown).toEqual([`reveal ${file}`, `open ${file}`]);
    await expect(client.call('openFile', { key: SEEDING, file: 1 })).rejects.toMatchObject({ code: 'usage' });
    await expect(client.call('reveal', { key: FIRST })).rejects.toThrow('not assembled');
    expect(await client.call('chooseFolder', { start: '/a' })).toBe('/a/chosen');
    expect(shown).toHaveLength(2);
  });

  test('what is no film and no music is not played', async () => {
    const played: number[] = [];
    const play: PlayerService['play'] = (_, file) =>
      Promise.resolve({ by: played.push(file) > 0 ? 'player' : 'browser' });
    await begin({ player: { play } });
    const files = bench.engine.files(FIRST);
    const film = files.find(({ path }) => /\.(?:mp4|mkv|mp3)$/.test(path));
    for (const file of [files.find(({ path }) => path.endsWith('.txt'))?.index ?? 9999, 9999])
      await expect(client.call('play', { key: FIRST, file })).rejects.toMatchObject({ code: 'usage' });
    expect(played).toEqual([]);
    if (film === undefined) throw new Error('The made-up download has no film.');
    expect(await client.call('play', { key: FIRST, file: film.index })).toEqual({ by: 'player' });
  });

  test('in a browser there is none', async () => {
    await expect(client.call('reveal', { key: SEEDING })).rejects.toMatchObject({ code: 'usage' });
    await expect(client.call('chooseFolder', { start: null })).rejects.toMatchObject({ code: 'usage' });
  });
});

describe('the local swarm', () => {
  let stops: number;
  const demo = (fail = false): DemoService => ({
    start: () =>
      fail ? Promise.reject(new Error('no room')) : Promise.resolve({ key: SMALL, source: MAGNET, output: '/tmp/x' }),
    stop: () => Promise.resolve(void stops++),
  });
  const state = () => [bench.host.state.demo, bench.host.state.downloads.filter((one) => one.demo).length];
  beforeEach(() => {
    stops = 0;
    return begin({ demo: demo() });
  });

  test('is one download that goes with it', async () => {
    expect(await client.call('startDemo', null)).toBe(SMALL);
    expect(state()).toEqual(['on', 1]);
    await expect(client.call('startDemo', null)).rejects.toMatchObject({ code: 'in-use' });
    await client.call('stopDemo', null);
    expect([...state(), stops]).toEqual(['off', 0, 1]);
    expect(bench.engine.calls).toEqual(['prepare', 'add', 'remove with data']);
  });

  test('ends when its download is removed, with its files', async () => {
    await client.call('startDemo', null);
    await client.call('remove', { key: SMALL, data: false });
    expect([...state(), stops]).toEqual(['off', 0, 1]);
    expect(bench.engine.calls).toEqual(['prepare', 'add', 'remove with data']);
  });

  test('ends when the program does', async () => {
    await client.call('startDemo', null);
    await bench.host.close();
    expect([bench.engine.calls, stops]).toEqual([['prepare', 'add', 'remove with data'], 1]);
  });

  test('that cannot start leaves nothing behind, and can be tried again', async () => {
    await begin({ demo: demo(true) });
    await expect(client.call('startDemo', null)).rejects.toThrow('no room');
    expect([...state(), stops]).toEqual(['off', 0, 1]);
  });
});

test('peers are asked of the engine while a visible window shows them; several windows take turns', async () => {
  const watched: (string | undefined)[] = [];
  bench.engine.watchPeers = (key?: TorrentKey) => void watched.push(key?.[0]);
  await client.call('subscribe', { version: 1 });
  const other = (await bench.window()).client;
  await client.call('watch', { key: FIRST, parts: ['peers'] });
  await bench.pass(2000);
  await other.call('watch', { key: SEEDING, parts: ['peers', 'map'] });
  await bench.pass(4000);
  await client.call('setVisible', { visible: false });
  await bench.pass(1000);
  await other.call('watch', null);
  await bench.pass(1000);
  expect(watched.slice(0, 2)).toEqual(['1', '1']);
  expect(watched.slice(2, 6).filter((key) => key === '1')).toHaveLength(2);
  expect(watched.slice(6)).toEqual(['2', undefined]);
});

test('a window far behind gets no more until it has caught up, and then all of it', async () => {
  const posted: unknown[] = [];
  let backlog = 0;
  bench.host.attach({
    post: (message) => void posted.push(message),
    onMessage: (listener) => listener({ t: 'q', m: 'command', a: ['subscribe', { version: 1 }] }),
    onClose: () => {},
    close: () => {},
    get backlog() {
      return backlog;
    },
    drained: () => undefined,
  });
  await bench.pass(600);
  const before = posted.length;
  expect(before).toBeGreaterThan(1);
  backlog = 2 ** 21;
  await bench.pass(3000);
  expect(posted).toHaveLength(before);
  backlog = 0;
  await bench.pass(200);
  expect(posted).toHaveLength(before + 1);
});

test('a program that does one thing takes but the commands that it allows', async () => {
  await bench.close();
  await begin({ allowed: new Set(['pause', 'dhtNodes'] as const) });
  await client.call('pause', { key: FIRST });
  expect(await client.call('dhtNodes', null)).toEqual(bench.engine.dhtNodes());
  const refused = { code: 'usage' };
  await expect(client.call('add', { source: MAGNET, options: offeredOptions({}) })).rejects.toMatchObject(refused);
  await expect(client.call('startDemo', null)).rejects.toMatchObject(refused);
  await expect(client.call('remove', { key: FIRST, data: true })).rejects.toMatchObject(refused);
  expect(bench.engine.downloads()).toHaveLength(4);
});
