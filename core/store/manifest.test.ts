import { describe, expect, it } from 'vitest';
import type { InfoHashV1 } from '../base/ids.ts';
import { MemoryDisk } from '../sim/disk.ts';
import { agreeOnManifest, type Manifest, readManifest } from './manifest.ts';

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
