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
      seedRatioLimit: 1,
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
    ['seedRatioLimit', 'seedRatioLimited', 1.5, { seedGoals: { ratio: 1.5 } }, { seedGoals: { ratio: 'none' } }],
    [
      'idle-seeding-limit',
      'idle-seeding-limit-enabled',
      20,
      { seedGoals: { idle: 1_200_000 } },
      { seedGoals: { idle: 'none' } },
    ],
    ['download-queue-size', 'download-queue-enabled', 7, { activeDownloads: 7 }, { activeDownloads: 0 }],
    ['seed-queue-size', 'seed-queue-enabled', 8, { activeSeeds: 8 }, { activeSeeds: 0 }],
    ['queue-stalled-minutes', 'queue-stalled-enabled', 9, { stalledAfter: 9 }, { stalledAfter: 0 }],
  ])('%s has a switch of its own, and is our setting', async (number, enabled, value, on, off) => {
    await bench.ask('session-set', { [number]: value, [enabled]: false });
    expect(await bench.ask('session-get', { fields: [number, enabled] })).toEqual({
      [number]: value,
      [enabled]: false,
    });
    expect(bench.settings).toMatchObject(off);
    await bench.ask('session-set', { [enabled]: true });
    expect(await bench.ask('session-get', { fields: [number, enabled] })).toEqual({ [number]: value, [enabled]: true });
    expect(bench.settings).toMatchObject(on);
  });

  test('two goals in one request, and other goals stay', async () => {
    await bench.ask('session-set', {
      seedRatioLimit: 3,
      seedRatioLimited: true,
      'idle-seeding-limit': 5,
      'idle-seeding-limit-enabled': true,
    });
    expect(bench.settings.seedGoals).toEqual({ ratio: 3, time: 'none', idle: 300_000, after: 'stop' });
  });

  test('the alternative limits are switched by hand', async () => {
    for (const on of [true, false]) {
      await bench.ask('session-set', { 'alt-speed-enabled': on });
      expect(await bench.ask('session-get', { fields: ['alt-speed-enabled'] })).toEqual({ 'alt-speed-enabled': on });
    }
  });

  test('alternative limits and their schedule', async () => {
    const said = {
      'alt-speed-down': 30,
      'alt-speed-up': 20,
      'alt-speed-time-enabled': true,
      'alt-speed-time-begin': 60,
      'alt-speed-time-end': 120,
      'alt-speed-time-day': 0b1000001,
    };
    await bench.ask('session-set', said);
    expect(bench.settings).toMatchObject({
      alternativeDown: 30_000,
      alternativeUp: 20_000,
      schedule: { on: true, days: [0, 6], from: 60, to: 120 },
    });
    expect(await bench.ask('session-get', { fields: Object.keys(said) })).toEqual(said);
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
      { ratio: 1.5, idle: 'none' },
    ],
    [{ seedRatioMode: 1 }, { ratio: 2, idle: 'none' }],
    [{ seedRatioMode: 0 }, { idle: 'none' }],
    // As Sonarr sends it.
    [
      { seedRatioLimit: 1, seedRatioMode: 1, seedIdleLimit: 60, seedIdleMode: 1 },
      { ratio: 1, idle: 3_600_000 },
    ],
    [{ seedIdleMode: 1 }, { ratio: 'none', idle: 1_800_000 }],
  ])('%j', async (args, goals) => {
    await bench.ask('torrent-set', { ids: [1], seedRatioLimit: 2, seedRatioMode: 2, seedIdleMode: 2 });
    expect(bench.engine.changes?.seed).toMatchObject({ ratio: 'none', idle: 'none' });
    await bench.ask('torrent-set', { ids: [1], ...args });
    expect(bench.engine.changes?.seed).toEqual({ kind: 'goals', time: 'none', ...goals });
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

  test('labels: the name of a category makes it one of that, the others are tags', async () => {
    await bench.ask('torrent-set', { ids: [1], labels: [' hd ', 'new', 'hd'] });
    expect(bench.engine.changes).toEqual({ category: '', tags: ['hd', 'new'] });
    await bench.bridge.call('changeSettings', {
      changes: { categories: [{ name: 'tv', folder: '/data/tv', identities: 3 }] },
    });
    await bench.ask('torrent-set', { ids: [1], labels: ['hd', 'tv'] });
    expect(bench.engine.changes).toEqual({ category: 'tv', tags: ['hd'] });
    await bench.ask('torrent-add', { filename: `magnet:?xt=urn:btih:${'e'.repeat(40)}`, labels: ['tv', 'x'] });
    expect(bench.engine.options).toMatchObject({ category: 'tv', tags: ['x'], output: '/data/tv', identities: 3 });
  });

  test.each([
    [['', 'x'], 'labels cannot be empty'],
    [['a,b'], 'labels cannot contain comma (,) character'],
  ])('labels %j are refused', async (labels, result) => {
    expect((await bench.reply('torrent-set', { ids: [1], labels })).result).toBe(result);
  });

  test('what says nothing changes nothing', async () => {
    await bench.ask('torrent-set', { ids: [1], honorsSessionLimits: false, bandwidthPriority: 1 });
    expect(bench.engine.changes).toBeUndefined();
  });
});
