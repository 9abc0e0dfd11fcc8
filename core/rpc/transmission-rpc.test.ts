import { beforeEach, describe, expect, test } from 'vitest';
import type { TorrentKey } from '../base/ids.ts';
import { RpcBench } from './testing/rpc-bench.ts';

let bench: RpcBench;
beforeEach(() => {
  bench = new RpcBench();
});

const key = (n: number): TorrentKey => `${n}`.repeat(40) as TorrentKey;
const MAGNET = `magnet:?xt=urn:btih:${'a'.repeat(40)}&dn=thing`;

describe('requests', () => {
  test.each([
    ['', 'JSON'],
    ['[]', 'JSON'],
    ['null', 'JSON'],
    ['{"method":', 'JSON'],
    ['['.repeat(100_000), 'JSON'],
    [`{"method":"torrent-get","arguments":${'['.repeat(20)}${']'.repeat(20)}}`, 'JSON'],
    ['{}', 'no method name'],
    ['{"method":7}', 'no method name'],
    ['{"method":"torrent-eat"}', 'method name not recognized'],
    ['{"method":"__proto__"}', 'method name not recognized'],
    ['{"method":"torrent-get","arguments":7}', 'no fields specified'],
  ])('%j: a sentence, never a rejection', async (body, result) => {
    expect((await bench.send(body)).result).toContain(result);
  });

  test('a number as tag comes back, also with a failure, and nothing else does', async () => {
    expect(await bench.send('{"method":"group-get","tag":7}')).toEqual({
      arguments: { group: [] },
      result: 'success',
      tag: 7,
    });
    expect((await bench.send('{"method":"nothing","tag":8}')).tag).toBe(8);
    expect(await bench.send('{"method":"group-get","tag":"x"}')).not.toHaveProperty('tag');
  });
});

describe('which torrents', () => {
  test.each([
    [undefined, [1, 2, 3, 4]],
    [2, [2]],
    [
      [3, 1],
      [3, 1],
    ],
    ['2'.repeat(40), [2]],
    [['F'.repeat(40), '4'.repeat(40)], [4]],
    [[1, '1'.repeat(40), 1], [1]],
    // As in Transmission: a number is no text, and nothing is nothing.
    ['2', []],
    [['2'], []],
    [[], []],
    [null, []],
    [[99, -1, 1.5, 'x', {}], []],
  ])('ids %j', async (ids, found) => {
    expect((await bench.get(ids, 'id')).map(({ id }) => id)).toEqual(found);
  });

  test('recently active: what moves, and for a minute what changed; numbers of what was removed', async () => {
    await bench.clock.advance(120_000);
    const ids = async (): Promise<unknown> => {
      const { torrents, removed } = await bench.ask('torrent-get', { ids: 'recently-active', fields: ['id'] });
      return { active: torrents.map(({ id }: { id: number }) => id), removed };
    };
    expect(await ids()).toEqual({ active: [1, 2, 4], removed: [] });
    await bench.ask('torrent-set', { ids: [3], 'peer-limit': 7 });
    await bench.ask('torrent-remove', { ids: [4] });
    expect(await ids()).toEqual({ active: [1, 2, 3], removed: [4] });
    await bench.clock.advance(61_000);
    expect(await ids()).toEqual({ active: expect.not.arrayContaining([3]), removed: [] });
    expect(await bench.ask('torrent-get', { ids: [1], fields: ['id'] })).not.toHaveProperty('removed');
  });

  test('numbers are as before after a restart, and that of a removed torrent is never dealt again', () => {
    const ids = { [key(1)]: 7, [key(3)]: 2, [key(9)]: 30 };
    const later = new RpcBench({ next: 31, ids });
    return later.get(undefined, 'id').then((all) => {
      expect(all).toEqual([{ id: 7 }, { id: 31 }, { id: 2 }, { id: 32 }]);
      expect(later.rpc.kept.ids).not.toHaveProperty(key(9));
      expect(later.changed).toBeGreaterThan(0);
    });
  });
});

describe('torrent-get', () => {
  test('only what was asked for, what is not known left out', async () => {
    expect(await bench.get([2], 'id', 'name', 'nothing', 'constructor', 'id')).toEqual([
      { id: 2, name: 'debian-13.2.0-amd64-DVD-1.iso' },
    ]);
  });

  test('as a table: the names, then the values', async () => {
    const { torrents } = await bench.ask('torrent-get', {
      ids: [2, 1],
      fields: ['status', 'nothing', 'id'],
      format: 'table',
    });
    expect(torrents).toEqual([
      ['status', 'id'],
      [6, 2],
      [4, 1],
    ]);
  });

  test('of an engine that is asked about one torrent nothing else is looked up', async () => {
    const asked: string[] = [];
    const { engine } = bench;
    for (const name of ['files', 'trackers', 'peers', 'pieceMap', 'sources', 'downloads'] as const) {
      const before = engine[name].bind(engine) as (of: TorrentKey) => never;
      Object.assign(engine, { [name]: (of: TorrentKey) => (asked.push(name), before(of)) });
    }
    await bench.get(1, 'id', 'name', 'status', 'rateDownload', 'percentDone');
    expect(asked).toEqual([]);
    await bench.get(1, 'files', 'fileStats', 'wanted');
    expect(asked).toEqual(['files']);
  });
});

describe('torrent-add', () => {
  test('a link, with what the client chose', async () => {
    const added = await bench.ask('torrent-add', {
      filename: MAGNET,
      'download-dir': '/data/films',
      paused: true,
      'peer-limit': 12,
      identities: 3,
    });
    expect(added).toEqual({ 'torrent-added': { id: 5, name: 'thing', hashString: 'a'.repeat(40) } });
    expect(bench.engine.options).toMatchObject({ output: '/data/films', paused: true, maxPeers: 12, identities: 3 });
  });

  test('by default as the settings say', async () => {
    await bench.ask('session-set', { 'download-dir': '/data/all', 'start-added-torrents': false });
    await bench.ask('torrent-add', { filename: `  "${MAGNET}" ` });
    expect(bench.engine.options).toMatchObject({ output: '/data/all', paused: true, identities: 1 });
  });

  test('a torrent file; files by their places in it', async () => {
    const metainfo = Buffer.from('d4:infode').toString('base64');
    await bench.ask('torrent-add', { metainfo, 'files-unwanted': [0], 'priority-high': [1, 0], 'priority-low': [2] });
    expect(bench.engine.source).toEqual({ kind: 'torrent', data: new Uint8Array(Buffer.from('d4:infode')) });
    expect(bench.engine.options?.filePriorities).toEqual([0, 7, 1]);
  });

  test('one by its address is fetched', async () => {
    await bench.ask('torrent-add', { filename: 'https://example.org/a.torrent' });
    expect(bench.engine.source).toMatchObject({ kind: 'torrent' });
  });

  test('one that is there: a success that says which', async () => {
    expect(await bench.ask('torrent-add', { filename: `magnet:?xt=urn:btih:${'2'.repeat(40)}` })).toEqual({
      'torrent-duplicate': { id: 2, name: expect.any(String), hashString: '2'.repeat(40) },
    });
    expect(bench.engine.calls).not.toContain('add');
  });

  test.each([
    [{}, 'no filename or metainfo specified'],
    [{ filename: '/etc/passwd' }, 'unrecognized info'],
    [{ metainfo: '!!!!' }, 'unrecognized info'],
    [{ filename: MAGNET, 'download-dir': 'films' }, 'download directory path is not absolute'],
    [{ metainfo: 'ZDQ6aW5mb2Rl', 'files-wanted': [3] }, 'file index out of range'],
  ])('refused: %j', async (args, result) => {
    expect((await bench.reply('torrent-add', args)).result).toBe(result);
    expect(bench.engine.calls).not.toContain('add');
  });

  test('what was refused leaves no number behind', async () => {
    bench.engine.refusal = new Error('full');
    expect((await bench.reply('torrent-add', { filename: MAGNET })).result).toContain('full');
    expect(bench.rpc.kept.ids).not.toHaveProperty('a'.repeat(40));
  });
});

describe('actions', () => {
  test.each([
    ['torrent-stop', { ids: [1] }, ['pause']],
    ['torrent-start', { ids: [3] }, ['resume']],
    ['torrent-start-now', { ids: [3] }, ['change', 'resume']],
    ['queue-move-top', { ids: [3] }, ['reorder']],
    ['queue-move-down', { ids: [] }, []],
    ['torrent-set', { ids: [3], queuePosition: 0 }, ['reorder']],
    ['torrent-verify', { ids: [2] }, ['recheck']],
    ['torrent-remove', { ids: [2] }, ['remove']],
    ['torrent-remove', { ids: ['1'.repeat(40)], 'delete-local-data': true }, ['remove with data']],
    // As transmission-qt sends it.
    ['torrent-remove', { ids: [2], 'delete-local-data': 1 }, ['remove with data']],
    ['torrent-set-location', { ids: [2], location: '/there' }, ['reopen']],
    ['torrent-set-location', { ids: [2], location: '/there', move: true }, ['move']],
    ['torrent-set', { ids: [2], location: '/there' }, ['move']],
    ['torrent-stop', {}, ['pause', 'pause', 'pause', 'pause']],
    ['torrent-stop', { ids: [] }, []],
  ])('%s %j', async (method, args, calls) => {
    expect(await bench.ask(method, args)).toEqual({});
    expect(bench.engine.calls).toEqual(calls);
  });

  test('torrent-rename-path is of one torrent', async () => {
    const args = { ids: [2], path: 'a/b', name: 'c' };
    expect(await bench.ask('torrent-rename-path', args)).toEqual({ id: 2, path: 'a/b', name: 'c' });
    expect(bench.engine.calls).toEqual(['rename a/b to c']);
  });

  test('all get their turn, and the first that fails is told', async () => {
    bench.engine.pause = (of) =>
      of === key(1) ? Promise.reject(new Error('no')) : (bench.engine.calls.push(of), Promise.resolve());
    expect((await bench.reply('torrent-stop', { ids: [1, 2] })).result).toContain('no');
    expect(bench.engine.calls).toEqual([key(2)]);
  });

  test('of a move only what fails at once is told; it goes on after the answer', async () => {
    bench.engine.move = () => Promise.reject(new Error('full'));
    const args = { ids: [1], location: '/there', move: true };
    expect((await bench.reply('torrent-set-location', args)).result).toContain('full');
    let fail: (error: Error) => void = () => undefined;
    bench.engine.move = () => new Promise((_, reject) => (fail = reject));
    await bench.ask('torrent-set-location', args);
    fail(new Error('gone'));
    await bench.clock.advance(1);
    expect(bench.warnings).toEqual(['gone']);
  });

  test('a check that fails later is a warning', async () => {
    bench.engine.recheck = () => Promise.reject(new Error('broken'));
    await bench.ask('torrent-verify', { ids: [1] });
    expect(bench.warnings).toEqual(['broken']);
  });

  test('a client may end the program', async () => {
    await bench.ask('session-close');
    expect(bench.ended).toBe(1);
  });

  test.each([
    ['torrent-set-location', { ids: [1] }, 'no location'],
    ['torrent-set-location', { ids: [1], location: 'there' }, 'new location path is not absolute'],
    ['torrent-rename-path', { path: 'a', name: 'b' }, 'torrent-rename-path requires 1 torrent'],
    ['torrent-rename-path', { ids: [1], name: 'b' }, 'no path or no name'],
    ['free-space', {}, 'directory path argument is missing'],
    ['free-space', { path: 'x' }, 'directory path is not absolute'],
  ])('%s %j: %s', async (method, args, result) => {
    expect((await bench.reply(method, args)).result).toBe(result);
  });
});

test('free-space', async () => {
  expect(await bench.ask('free-space', { path: '/data' })).toEqual({
    path: '/data',
    'size-bytes': 214e9,
    total_size: -1,
  });
});

test('session-stats: what moves in all', async () => {
  await bench.clock.advance(5000);
  const stats = await bench.ask('session-stats');
  expect(stats).toMatchObject({ torrentCount: 4, pausedTorrentCount: 1, activeTorrentCount: 3 });
  const all = await bench.get(undefined, 'rateDownload', 'downloadedEver');
  const sum = (name: string): number => all.reduce((n, one) => n + Number(one[name]), 0);
  expect(stats.downloadSpeed).toBeGreaterThan(0);
  expect(stats['cumulative-stats']).toMatchObject({ secondsActive: 5, downloadedBytes: sum('downloadedEver') });
  expect(stats['current-stats']).toMatchObject({ secondsActive: 5, sessionCount: 1, filesAdded: 0 });
});
