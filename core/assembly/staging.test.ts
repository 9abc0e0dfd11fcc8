import { expect, test } from 'vitest';
import { MemoryDisk } from '../sim/disk.ts';
import { testTorrent } from '../store/testing/torrent.ts';
import { Staging } from './staging.ts';

const { info } = testTorrent([100, 200, 300], 16_384);
const folder = `/out/.${info.infoHash.slice(0, 8)}.assembling`;

async function begin(...names: string[]): Promise<{ disk: MemoryDisk; staging: Staging }> {
  const disk = new MemoryDisk();
  const staging = new Staging(disk.within('/out'), '/out', info);
  if (names.length > 0) await staging.open();
  for (const name of names) disk.put(`${folder}/${name}`, new Uint8Array(3));
  return { disk, staging };
}

test('what copies were made of goes, and the folder with it', async () => {
  const { disk, staging } = await begin('0', '2');
  expect(await staging.remove()).toBe(true);
  expect(disk.paths()).toEqual(['/out/']);
  expect(await staging.remove()).toBe(false);
});

test('whatever else is in it stays', async () => {
  const { disk, staging } = await begin('0', '3', '01', 'notes', '1/x');
  expect(await staging.remove()).toBe(true);
  const left = disk.paths().filter((path) => path.startsWith(folder));
  expect(left).toEqual(['/', '/01', '/1/', '/1/x', '/3', '/notes'].map((name) => `${folder}${name}`));
});

test('nothing is made or removed through a link in its place', async () => {
  const { disk, staging } = await begin();
  disk.put('/elsewhere/0', new Uint8Array(3));
  disk.put('/out/other', new Uint8Array(3));
  disk.symlink('/elsewhere', folder);
  expect(await staging.remove()).toBe(false);
  await expect(staging.open()).rejects.toMatchObject({ code: 'disk' });
  expect(disk.content('/elsewhere/0')).toHaveLength(3);
});

test('a folder of the user that has its name, and files with numbers in it, is not taken', async () => {
  const { disk, staging } = await begin();
  for (const name of ['0', '1', 'assembling.json']) disk.put(`${folder}/${name}`, new Uint8Array(3));
  expect(await staging.remove()).toBe(false);
  await expect(staging.open()).rejects.toMatchObject({ code: 'exists' });
  expect(await staging.remove()).toBe(false);
  expect(disk.paths().filter((path) => path.startsWith(`${folder}/`))).toHaveLength(4);
});
