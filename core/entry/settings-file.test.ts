import { describe, expect, test } from 'vitest';
import { bytesPerSecond } from '../base/ids.ts';
import { fakeServices } from '../bridge/testing/fake-services.ts';
import { SHOWS as RULE } from '../engine/testing/feed-rule.ts';
import { movingEngine } from '../engine/testing/moving-engine.ts';
import type { SettingsKeeper } from '../bridge/host/services.ts';
import { VirtualClock } from '../sim/clock.ts';
import { MemoryDisk } from '../sim/disk.ts';
import { openSettings } from './settings-file.ts';

const clock = new VirtualClock();
const defaults = fakeServices(clock, movingEngine(clock, [])).settings.current;
const anywhere = { permit: (folder: string) => Promise.resolve(folder) };
const below = (root: string) => ({
  permit: (folder: string) =>
    folder.startsWith(root) ? Promise.resolve(folder) : Promise.reject(new Error('outside')),
});
const open = (disk: MemoryDisk, folders = anywhere): Promise<SettingsKeeper> =>
  openSettings(disk, '/state', defaults, folders);

test('what was chosen is there at the next start; what was not is as the program has it', async () => {
  const disk = new MemoryDisk();
  const first = await open(disk);
  expect(first.current).toEqual(defaults);
  await first.change({ identities: 9, appearance: 'dark' });
  await first.change({ down: bytesPerSecond(1000) });
  const second = await open(disk);
  expect(second.current).toEqual({ ...defaults, identities: 9, appearance: 'dark', down: 1000 });
});

test('without a state folder they hold as long as the program runs', async () => {
  const settings = await openSettings(new MemoryDisk(), undefined, defaults, anywhere);
  await settings.change({ identities: 9 });
  expect(settings.current.identities).toBe(9);
});

test('a folder that may not be used any more gives way', async () => {
  const disk = new MemoryDisk();
  const first = await open(disk);
  await first.change({ folder: '/old', recentFolders: ['/old/films', '/home/films'] });
  expect((await open(disk)).current.recentFolders).toEqual(['/old/films', '/home/films']);
  const { current } = await open(disk, below('/home'));
  expect([current.folder, current.recentFolders]).toEqual([defaults.folder, ['/home/films']]);
});

test('where fewer folders may be used for once, others are still chosen afterwards', async () => {
  const disk = new MemoryDisk();
  const watched = (folder: string) => ({ folder, category: '', paused: false, rename: true });
  const rule = { ...RULE, output: '/mnt/shows' };
  const chosen = {
    folder: '/mnt/films',
    watchFolders: [watched('/mnt/box'), watched('/home/box')],
    feedRules: [rule, { ...RULE, name: 'other' }],
  };
  await (await open(disk)).change(chosen);
  const fewer = await open(disk, below('/home'));
  expect(fewer.current).toMatchObject({
    folder: defaults.folder,
    watchFolders: [{ folder: '/home/box' }],
    feedRules: [{ on: false }, { on: true }],
  });
  await fewer.change({ identities: 3 });
  await fewer.change({
    watchFolders: [...fewer.current.watchFolders, watched('/home/more')],
  });
  const after = (await open(disk)).current;
  expect(after).toMatchObject({ folder: '/mnt/films', identities: 3, feedRules: chosen.feedRules });
  expect(after.watchFolders.map(({ folder }) => folder)).toEqual(['/home/box', '/home/more', '/mnt/box']);
  await fewer.change({ folder: '/home/new', feedRules: [] });
  expect((await open(disk)).current).toMatchObject({ folder: '/home/new', feedRules: [] });
});

const put = (disk: MemoryDisk, name: string, content: object | string): void =>
  disk.put(`/state/${name}`, new TextEncoder().encode(typeof content === 'string' ? content : JSON.stringify(content)));
const read = async (disk: MemoryDisk, name: string): Promise<string | undefined> => {
  const data = await disk.readFile(`/state/${name}`, 10_000);
  return data && new TextDecoder().decode(data);
};

describe('a file that cannot be used is never written over', () => {
  test.each([
    ['settings.json', 'newer', '{"version":3,"identities":4}', 'newer-version'],
    ['settings.json', 'damaged', '{"version":2,"identities":99}', 'disk'],
    ['settings.json', 'no JSON', 'identities=4', 'disk'],
    ['settings.json', 'damaged, of the first version', '{"version":1,"limits":7}', 'disk'],
    ['preferences.json', 'newer', '{"version":2,"identities":4}', 'newer-version'],
    ['preferences.json', 'damaged', '{"version":1,"identities":99}', 'disk'],
  ])('%s, %s', async (name, _, content, code) => {
    const disk = new MemoryDisk();
    if (name === 'preferences.json') put(disk, 'settings.json', oldLimits);
    put(disk, name, content);
    await expect(open(disk)).rejects.toMatchObject({ code });
    expect(await read(disk, name)).toBe(content);
  });
});

const oldLimits = { version: 1, limits: { down: 1000, up: 2000 } };
const oldPreferences = { version: 1, folder: '/films', identities: 9, down: 3000, up: 0, appearance: 'dark' };
const lastOfAll = { folder: '/films', identities: 9, down: 3000, up: 0, appearance: 'dark' };

describe('the two files of older programs become one', () => {
  test.each<[string, object | undefined, object | undefined, object]>([
    ['both: what was chosen last holds', oldLimits, oldPreferences, lastOfAll],
    [
      'both, no limits among the preferences',
      oldLimits,
      { version: 1, identities: 9 },
      { ...oldLimits.limits, identities: 9 },
    ],
    ['limits alone', oldLimits, undefined, oldLimits.limits],
    ['preferences alone', undefined, oldPreferences, lastOfAll],
  ])('%s', async (_, limits, preferences, expected) => {
    const disk = new MemoryDisk();
    if (limits !== undefined) put(disk, 'settings.json', limits);
    if (preferences !== undefined) put(disk, 'preferences.json', preferences);
    for (let start = 0; start < 2; start++) {
      expect((await open(disk)).current).toEqual({ ...defaults, ...expected });
      expect(JSON.parse((await read(disk, 'settings.json')) ?? '')).toEqual({ version: 2, ...expected });
      expect(await read(disk, 'preferences.json')).toBeUndefined();
    }
  });

  test('a folder that may not be used this time is kept for the next', async () => {
    const disk = new MemoryDisk();
    put(disk, 'preferences.json', oldPreferences);
    expect((await open(disk, below('/home'))).current.folder).toBe(defaults.folder);
    expect((await open(disk)).current.folder).toBe('/films');
  });

  test('preferences that were left behind do not come back', async () => {
    const disk = new MemoryDisk();
    put(disk, 'settings.json', { version: 2, identities: 3 });
    put(disk, 'preferences.json', oldPreferences);
    const settings = await open(disk);
    expect(settings.current.identities).toBe(3);
    await settings.change({ identities: 4 });
    expect(await read(disk, 'preferences.json')).toBeUndefined();
  });

  test.each(['replaceFile', 'makeDirectory', 'remove'] as const)(
    'nothing is lost where %s fails',
    async (operation) => {
      const disk = new MemoryDisk();
      put(disk, 'settings.json', oldLimits);
      put(disk, 'preferences.json', oldPreferences);
      const works = disk[operation].bind(disk);
      Object.assign(disk, { [operation]: () => Promise.reject(new Error('full')) });
      expect((await open(disk)).current).toMatchObject(lastOfAll);
      expect((await open(disk)).current).toMatchObject(lastOfAll);
      Object.assign(disk, { [operation]: works });
      const settings = await open(disk);
      await settings.change({ logLevel: 'error' });
      expect((await open(disk)).current).toMatchObject({ ...lastOfAll, logLevel: 'error' });
      expect(await read(disk, 'preferences.json')).toBeUndefined();
    },
  );
});

test('where they cannot be kept nothing changes, and it is said', async () => {
  const disk = new MemoryDisk();
  const settings = await open(disk);
  disk.makeDirectory = () => Promise.reject(new Error('full'));
  disk.replaceFile = () => Promise.reject(new Error('full'));
  await expect(settings.change({ identities: 9 })).rejects.toThrow('full');
  expect(settings.current.identities).toBe(defaults.identities);
});

test('nothing is written where another program has the folder now, and what holds is as it was', async () => {
  const disk = new MemoryDisk();
  let held = true;
  const settings = await openSettings(disk, '/state', defaults, anywhere, () => Promise.resolve(held));
  await settings.change({ identities: 2 });
  held = false;
  await expect(settings.change({ identities: 3 })).rejects.toMatchObject({ code: 'in-use' });
  expect(settings.current.identities).toBe(2);
  expect((await open(disk)).current.identities).toBe(2);
});

test('the same choices of many torrents are written once, and none of them is told that they are kept where they are not', async () => {
  const disk = new MemoryDisk();
  let writes = 0;
  let fails = false;
  const replace = disk.replaceFile.bind(disk);
  disk.replaceFile = (...args) => {
    writes++;
    return fails ? Promise.reject(new Error('full')) : replace(...args);
  };
  const settings = await open(disk);
  const remember = (folder: string): Promise<unknown> =>
    Promise.allSettled(Array.from({ length: 300 }, () => settings.change({ recentFolders: [folder] })));
  await remember('/films');
  await remember('/films');
  expect(writes).toBe(1);
  expect((await open(disk)).current.recentFolders).toEqual(['/films']);
  fails = true;
  const outcomes = (await remember('/full')) as PromiseSettledResult<void>[];
  expect(new Set(outcomes.map(({ status }) => status))).toEqual(new Set(['rejected']));
  expect(settings.current.recentFolders).toEqual(['/films']);
  // What holds already is no failure, however the last write ended.
  await settings.change({ identities: settings.current.identities });
  fails = false;
  await remember('/full');
  expect((await open(disk)).current.recentFolders).toEqual(['/full']);
});
