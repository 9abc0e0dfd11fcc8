import { beforeEach, describe, expect, test } from 'vitest';
import { RpcBench } from './testing/rpc-bench.ts';

let bench: RpcBench;
beforeEach(() => {
  bench = new RpcBench();
});

const LIMITS = ['speed-limit-down', 'speed-limit-down-enabled'];
const OF_ONE = ['downloadLimit', 'downloadLimited', 'seedRatioLimit', 'seedRatioMode'];

describe('session-get', () => {
  test('all of it, or what was asked for', async () => {
    const all = await bench.ask('session-get');
    expect(Object.keys(all).length).toBeGreaterThan(50);
    expect(all).toMatchObject({
      'rpc-version': 17,
      version: expect.stringMatching(/^4\.0\.\d+ \(Ensemble 9\.8\.7\)$/),
      'download-dir': '/home/user/Downloads',
      'session-id': 'secret',
      'download-dir-free-space': 214e9,
      seedRatioLimited: true,
      encryption: 'preferred',
    });
    for (const [name, value] of Object.entries(all)) expect([name, value]).not.toEqual([name, null]);
    expect(await bench.ask('session-get', { fields: ['rpc-version', 'nothing'] })).toEqual({ 'rpc-version': 17 });
  });
});

describe('session-set', () => {
  test('switches, folders and counts are our settings', async () => {
    await bench.ask('session-set', {
      'dht-enabled': false,
      'utp-enabled': 0,
      'lpd-enabled': true,
      'download-dir': '/data',
      'peer-limit-per-torrent': 33,
      'peer-port': 6881,
      encryption: 'required',
      'nobody-knows': 7,
      'pex-enabled': 'perhaps',
    });
    expect(
      await bench.ask('session-get', {
        fields: [
          'dht-enabled',
          'utp-enabled',
          'lpd-enabled',
          'pex-enabled',
          'download-dir',
          'peer-limit-per-torrent',
          'peer-port',
          'encryption',
        ],
      }),
    ).toEqual({
      'dht-enabled': false,
      'utp-enabled': false,
      'lpd-enabled': true,
      'pex-enabled': true,
      'download-dir': '/data',
      'peer-limit-per-torrent': 33,
      'peer-port': 6881,
      encryption: 'required',
    });
  });

  test('a limit’s number stays known while it is off, in whatever order clients send both', async () => {
    const limits = (): Promise<unknown> => bench.ask('session-get', { fields: LIMITS });
    await bench.ask('session-set', { 'speed-limit-down': 300 });
    expect(await limits()).toEqual({ 'speed-limit-down': 300, 'speed-limit-down-enabled': false });
    await bench.ask('session-set', { 'speed-limit-down-enabled': true });
    expect(await limits()).toEqual({ 'speed-limit-down': 300, 'speed-limit-down-enabled': true });
    await bench.ask('session-set', { 'speed-limit-down': 400 });
    await bench.ask('session-set', { 'speed-limit-down-enabled': false });
    expect(await limits()).toEqual({ 'speed-limit-down': 400, 'speed-limit-down-enabled': false });
    expect(bench.engine.calls).toContain('setLimits');
  });

  test.each([
    [{ seedRatioLimited: true, seedRatioLimit: 1.5 }, { kind: 'ratio', ratio: 1.5 }, [true, 1.5]],
    [{ seedRatioLimited: false }, { kind: 'forever' }, [false, 2]],
    [{ seedRatioLimit: 0, seedRatioLimited: true }, { kind: 'never' }, [true, 0]],
  ])('%j is the rule of new downloads', async (args, rule, told) => {
    await bench.ask('session-set', args);
    await bench.ask('torrent-add', { filename: `magnet:?xt=urn:btih:${'b'.repeat(40)}` });
    expect(bench.engine.options?.seed).toEqual(rule);
    const now = await bench.ask('session-get', { fields: ['seedRatioLimited', 'seedRatioLimit'] });
    expect([now.seedRatioLimited, now.seedRatioLimit]).toEqual(told);
  });

  test.each([
    [{ 'download-dir': 'x' }, 'not absolute'],
    [{ 'download-dir': '/a\0b' }, 'absolute'],
  ])('%j is refused, and nothing changes', async (args, why) => {
    expect((await bench.reply('session-set', { ...args, 'dht-enabled': false })).result).toContain(why);
    expect(await bench.ask('session-get', { fields: ['dht-enabled'] })).toEqual({ 'dht-enabled': true });
  });
});

describe('torrent-set', () => {
  const told = async (): Promise<unknown> => (await bench.get(1, ...OF_ONE))[0];

  test('limits of one torrent: number and switch in any order', async () => {
    expect(await told()).toMatchObject({ downloadLimit: 100, downloadLimited: false });
    await bench.ask('torrent-set', { ids: [1], downloadLimit: 50 });
    expect(await told()).toMatchObject({ downloadLimit: 50, downloadLimited: false });
    await bench.ask('torrent-set', { ids: [1], downloadLimited: true });
    expect(await told()).toMatchObject({ downloadLimit: 50, downloadLimited: true });
    expect(bench.engine.changes).toEqual({ down: 50_000 });
    await bench.ask('torrent-set', { ids: [1], downloadLimited: false });
    expect(await told()).toMatchObject({ downloadLimit: 50, downloadLimited: false });
  });

  test.each([
    [
      { seedRatioLimit: 1.5, seedRatioMode: 1 },
      { kind: 'ratio', ratio: 1.5 },
    ],
    [{ seedRatioMode: 1 }, { kind: 'ratio', ratio: 2 }],
    [{ seedRatioMode: 2 }, { kind: 'forever' }],
    [{ seedRatioLimit: 0, seedRatioMode: 1 }, { kind: 'never' }],
  ])('%j', async (args, seed) => {
    await bench.ask('torrent-set', { ids: [1], seedRatioMode: 2 });
    await bench.ask('torrent-set', { ids: [1], ...args });
    expect(bench.engine.changes).toEqual({ seed });
  });

  test.each([
    [{ 'files-unwanted': [1] }, [4, 0, 4]],
    [{ 'files-unwanted': [], 'files-wanted': [2] }, [0, 0, 4]],
    [{ 'priority-high': [0], 'priority-low': [1] }, [7, 1, 4]],
    [{ 'files-unwanted': [0], 'priority-high': [] }, [0, 7, 7]],
  ])('files: %j', async (args, filePriorities) => {
    await bench.ask('torrent-set', { ids: [1], ...args });
    expect(bench.engine.changes).toEqual({ filePriorities });
  });

  test('a file that is not there is refused by name, and nothing changes', async () => {
    expect((await bench.reply('torrent-set', { ids: [1], 'files-wanted': [0, 3] })).result).toBe(
      'file index out of range',
    );
    expect(bench.engine.changes).toBeUndefined();
  });

  test('what says nothing changes nothing', async () => {
    await bench.ask('torrent-set', { ids: [1], honorsSessionLimits: false, bandwidthPriority: 1 });
    expect(bench.engine.changes).toBeUndefined();
  });
});
