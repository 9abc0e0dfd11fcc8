import { afterEach, beforeEach, expect, test } from 'vitest';
import type { MakeChoices } from '../../engine/making.ts';
import { fakeServices } from '../testing/fake-services.ts';
import { BridgeBench, LINES } from '../testing/bench.ts';
import type { RpcClient } from '../window/client.ts';

const CHOICES: MakeChoices = {
  version: '1',
  trackers: [],
  webSeeds: [],
  private: false,
  links: 'refuse',
  hidden: true,
  anyNames: false,
  executable: false,
};
let bench: BridgeBench;
let client: RpcClient;
beforeEach(async () => {
  bench = new BridgeBench(LINES['in memory']!(), {}, []);
  ({ client } = await bench.window());
});
afterEach(() => bench.close());
const make = (path: string, changes: Partial<MakeChoices> = {}) =>
  client.call('makeTorrent', { path, choices: { ...CHOICES, ...changes } });

test('progress is in the state until it is made, and one is made at a time', async () => {
  const first = make('/home/user/film');
  await bench.pass(1000);
  expect(bench.host.state.making).toEqual({ path: '/home/user/film', done: 3e8, length: 1e9 });
  await expect(make('/home/user/other')).rejects.toThrow(/Another torrent/);
  await bench.pass(6000);
  expect(await first).toMatchObject({ name: 'film', folder: '/home/user' });
  await bench.pass(1000);
  expect(bench.host.state.making).toBeNull();
});

test('it can be cancelled, and what makes none is refused by name; then another can be made', async () => {
  const first = make('/home/user/film');
  const ended = expect(first).rejects.toMatchObject({ code: 'interrupted' });
  await bench.pass(200);
  await client.call('cancelMaking', null);
  await ended;
  await expect(make('/home/user/empty')).rejects.toThrow(/holds no bytes/);
});

test('where a window may see some folders alone, nothing outside of them is read, also not by a link', async () => {
  await bench.close();
  const permit = (folder: string): Promise<string> =>
    folder.startsWith('/home/user') ? Promise.resolve(folder) : Promise.reject(new Error('outside'));
  const { folders } = fakeServices(bench.clock, bench.engine);
  bench = new BridgeBench(LINES['in memory']!(), { folders: { ...folders, permit } }, []);
  ({ client } = await bench.window());
  await expect(make('/etc/passwd')).rejects.toThrow(/outside/);
  await expect(make('/home/user/film', { links: 'follow' })).rejects.toThrow(/not followed/);
});

test('a torrent file is saved under a name that says so', async () => {
  const data = new TextEncoder().encode('d4:infode');
  const save = (name: string) => client.call('saveTorrent', { folder: '/home/user', name, data });
  expect(await save('film')).toBe('/home/user/film.torrent');
  expect(await save('.bashrc')).toBe('/home/user/.bashrc.torrent');
  expect(await save('film.torrent')).toBe('/home/user/film.torrent');
});
