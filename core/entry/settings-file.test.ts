import { describe, expect, test } from 'vitest';
import { bytesPerSecond } from '../base/ids.ts';
import { choicesOf, ordinaryOptions } from '../engine/download-options.ts';
import { mockServices } from '../bridge/mock-bridge.ts';
import { MockEngine } from '../bridge/mock-engine.ts';
import type { SettingsKeeper } from '../bridge/services.ts';
import { VirtualClock } from '../sim/clock.ts';
import { MemoryDisk } from '../sim/disk.ts';
import { openSettings } from './settings-file.ts';

const clock = new VirtualClock();
const defaults = mockServices(clock, new MockEngine(clock, [])).settings.current;
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
  await first.change({ folder: '/old', lastChoices: choicesOf(ordinaryOptions('/old/films')) });
  expect((await open(disk)).current.lastChoices).toMatchObject({ output: '/old/films' });
  const { current } = await open(disk, below('/home'));
  expect([current.folder, current.lastChoices]).toEqual([defaults.folder, null]);
});

describe('a file that cannot be used is never written over', () => {
  test.each([
    ['newer', '{"version":2,"identities":4}', 'newer-version'],
    ['damaged', '{"version":1,"identities":99}', 'disk'],
    ['no JSON', 'identities=4', 'disk'],
  ])('%s', async (_, content, code) => {
    const disk = new MemoryDisk();
    disk.put('/state/preferences.json', new TextEncoder().encode(content));
    await expect(open(disk)).rejects.toMatchObject({ code });
    expect(new TextDecoder().decode(await disk.readFile('/state/preferences.json', 1000))).toBe(content);
  });
});

test('where they cannot be kept nothing changes, and it is said', async () => {
  const disk = new MemoryDisk();
  const settings = await open(disk);
  disk.makeDirectory = () => Promise.reject(new Error('full'));
  disk.replaceFile = () => Promise.reject(new Error('full'));
  await expect(settings.change({ identities: 9 })).rejects.toThrow('full');
  expect(settings.current.identities).toBe(defaults.identities);
});
