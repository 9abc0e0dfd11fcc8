import { describe, expect, it } from 'vitest';
import type { InfoHashV1 } from '../../base/ids.ts';
import { MemoryDisk } from '../../sim/disk.ts';
import { agreeOnManifest, makeOwnFolder, type Manifest, meetingFolder, readManifest } from './manifest.ts';

const manifest: Manifest = {
  infoHash: 'a'.repeat(40) as InfoHashV1,
  count: 4,
  layout: 'pieces',
  selection: 'random',
};

describe('the manifest of a common directory', () => {
  it('is made by the first, and agreed to by the others', async () => {
    const disk = new MemoryDisk();
    expect(await readManifest(disk, '/c')).toBeUndefined();
    await Promise.all(['x', 'y', 'z'].map((unique) => agreeOnManifest(disk, '/c', manifest, unique)));
    expect(await readManifest(disk, '/c')).toEqual(manifest);
    expect(await disk.list('/c')).toEqual(['manifest.json']);
  });

  it.each<[Partial<Manifest>, RegExp]>([
    [{ infoHash: 'b'.repeat(40) as InfoHashV1 }, /torrent is a{40}, not b{40}/],
    [{ count: 5 }, /number of identities is 4, not 5/],
    [{ layout: 'parts' }, /layout is pieces, not parts/],
    [{ selection: 'fixed', count: 2 }, /identities is 4, not 2; its selection is random, not fixed/],
  ])('refuses who differs, naming it: %j', async (other, message) => {
    const disk = new MemoryDisk();
    await agreeOnManifest(disk, '/c', manifest, 'x');
    const agreeing = agreeOnManifest(disk, '/c', { ...manifest, ...other }, 'y');
    await expect(agreeing).rejects.toMatchObject({ code: 'usage', message: expect.stringMatching(message) });
  });

  it.each([
    ['no JSON', 'usage', '{'],
    ['a list', 'usage', '[]'],
    ['a wrong count', 'usage', JSON.stringify({ version: 1, ...manifest, count: 0 })],
    ['a wrong hash', 'usage', JSON.stringify({ version: 1, ...manifest, infoHash: '../../x' })],
    ['an unknown layout', 'usage', JSON.stringify({ version: 1, ...manifest, layout: 'toString' })],
    ['a newer one', 'newer-version', JSON.stringify({ version: 2 })],
  ])('refuses %s', async (_, code, text) => {
    const disk = new MemoryDisk();
    disk.put('/c/manifest.json', new TextEncoder().encode(text));
    await expect(agreeOnManifest(disk, '/c', manifest, 'x')).rejects.toMatchObject({ code });
  });
});

describe('where identities meet', () => {
  const OWN = '/dir/.t.aaaaaaaa.ensemble';
  const lock = { pid: 1, startTime: '1', bootId: 'b', host: 'h', token: 'ab12', lease: 1 };
  const held = new TextEncoder().encode(JSON.stringify({ version: 1, ...lock }));
  const text = (value: string): Uint8Array => new TextEncoder().encode(value);

  it.each<[string, Readonly<Record<string, Uint8Array>>, string]>([
    ['in a folder that is missing or empty', {}, '/dir'],
    ['where another is making its lock', { lock: held, [`lock.${'0'.repeat(24)}.new`]: held }, '/dir'],
    ['where one has met before', { 'manifest.json': text('{}'), files: text('x') }, '/dir'],
    ['below files of the user', { 'thesis.txt': text('x') }, OWN],
    ["below the user's file that has our name", { lock: text('mine') }, OWN],
    ...[
      'lock.2026-01-01',
      'lock.abc',
      'lock.copy.1',
      'lock.old.new',
      'manifest.json.backup.new',
      'manifest.json.copy.2',
    ].map((name): [string, Readonly<Record<string, Uint8Array>>, string] => [
      `below the user's ${name}`,
      { [name]: text('mine') },
      OWN,
    ]),
    [
      'where another died over its lock',
      { [`lock.damaged-1a2b3c`]: held, [`lock.${'0'.repeat(16)}.tmp`]: text('') },
      '/dir',
    ],
    [
      'where another died over its manifest',
      { 'manifest.json.identity-11.new': text(''), 'manifest.json.coordinator.new': text('') },
      '/dir',
    ],
    ["below the user's files/", { 'files/thesis': text('x') }, OWN],
    ['below, once that was made, whatever is there now', { '.t.aaaaaaaa.ensemble/lock': held }, OWN],
  ])('%s', async (_, there, expected) => {
    const disk = new MemoryDisk();
    for (const [name, content] of Object.entries(there)) disk.put(`/dir/${name}`, content);
    expect(await meetingFolder(disk, '/dir', OWN)).toBe(expected);
  });

  it("a folder of somebody else's is not taken, and stays as it is", async () => {
    const disk = new MemoryDisk();
    disk.put('/dir/files/t', text('mine'));
    await expect(makeOwnFolder(disk, '/dir')).rejects.toMatchObject({ code: 'exists' });
    expect(disk.paths()).toEqual(['/dir/', '/dir/files/', '/dir/files/t']);
  });
});
