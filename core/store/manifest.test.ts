import { describe, expect, it } from 'vitest';
import { type InfoHashV1, identityIndex, type PeerId } from '../base/ids.ts';
import { MemoryDisk } from '../sim/disk.ts';
import { agreeOnManifest, type Manifest, readManifest } from './manifest.ts';
import { readSiblings, registerSibling, unregisterSibling } from './siblings.ts';

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

describe('the siblings of a common directory', () => {
  const sibling = (index: number) => ({
    index: identityIndex(index),
    peerId: String(index % 10).repeat(40) as PeerId,
    endpoint: { host: '2001:db8::1', port: 6881 + index },
    machine: 'a host',
    heartbeat: 1_700_000_000_000 + index,
  });

  it('come back as they registered, in order, until they leave', async () => {
    const disk = new MemoryDisk();
    await disk.makeDirectory('/c');
    for (const index of [10, 2, 0]) await registerSibling(disk, '/c', sibling(index));
    await registerSibling(disk, '/c', { ...sibling(2), heartbeat: 5 });
    expect(await readSiblings(disk, '/c')).toEqual([sibling(0), { ...sibling(2), heartbeat: 5 }, sibling(10)]);
    await unregisterSibling(disk, '/c', identityIndex(0));
    expect((await readSiblings(disk, '/c')).map(({ index }) => index)).toEqual([2, 10]);
  });

  it.each([
    ['another index', { index: 2 }],
    ['a peer id that is none', { peerId: 'zz' }],
    ['a port that is none', { port: 65536 }],
    ['an address that is none', { address: 'a b' }],
    ['no heartbeat', { heartbeat: null }],
  ])('are passed over with %s', async (_, over) => {
    const disk = new MemoryDisk();
    await disk.makeDirectory('/c');
    await registerSibling(disk, '/c', sibling(1));
    const fields = JSON.parse(new TextDecoder().decode(disk.content('/c/sibling-1.json'))) as object;
    disk.put('/c/sibling-1.json', new TextEncoder().encode(JSON.stringify({ ...fields, ...over })));
    expect(await readSiblings(disk, '/c')).toEqual([]);
  });

  it('are none in a folder that is not there', async () => {
    expect(await readSiblings(new MemoryDisk(), '/c')).toEqual([]);
  });
});
