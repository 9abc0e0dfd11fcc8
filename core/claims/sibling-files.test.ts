import { describe, expect, it } from 'vitest';
import { identityIndex, type PeerId } from '../base/ids.ts';
import { MemoryDisk } from '../sim/disk.ts';
import { readSiblings, registerSibling, unregisterSibling } from './sibling-files.ts';

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
