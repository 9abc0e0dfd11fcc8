import { describe, expect, test } from 'vitest';
import { torrentKey } from '../../base/ids.ts';
import { readFileRanges } from '../../metainfo/file-ranges.ts';
import type { Info } from '../../metainfo/torrent.ts';
import { simTorrent } from '../../sim/torrent.ts';
import { fetched, FILES, type Made, make, PIECE, README, TARGETS } from '../testing/three-files.ts';
import { options, World } from '../testing/world.ts';
import { linkedPriorities } from './source.ts';

test('a magnet link that chooses files gets those alone', async () => {
  const made = make();
  const { world, key } = made;
  const link = `magnet:?xt=urn:btih:${key}&x.pe=10.5.0.1:1000&so=1`;
  await world.clock.resolve(world.coordinator.add({ kind: 'magnet', link }, options()));
  await world.until(key, 'done');
  expect(world.coordinator.download(key)?.result).toEqual([TARGETS[1]]);
  expect(world.coordinator.download(key)?.options.filePriorities).toEqual([0, 4, 0]);
  expect(fetched(made)).toEqual([0, 1, 2, 3]);
});

test('what the user chose counts more than the link', async () => {
  const made = make();
  const link = `magnet:?xt=urn:btih:${made.key}&so=1`;
  const choice = options({ filePriorities: README });
  await made.world.clock.resolve(made.world.coordinator.add({ kind: 'magnet', link }, choice));
  await made.world.until(made.key, 'done');
  expect(made.world.coordinator.download(made.key)?.options.filePriorities).toEqual(README);
});

test('files that the torrent does not have are refused by name', async () => {
  const made = make();
  const link = `magnet:?xt=urn:btih:${made.key}&so=3-9`;
  await made.world.clock.resolve(made.world.coordinator.add({ kind: 'magnet', link }, options()));
  await made.world.until(made.key, 'failed');
  expect(made.world.state(made.key)).toContain('so=');
  expect(fetched(made)).toEqual([]);
});

describe('a further link of a torrent that is there', () => {
  const add = ({ world, key }: Made, so: string, more = ''): Promise<unknown> =>
    world.clock.resolve(
      world.coordinator.add({ kind: 'magnet', link: `magnet:?xt=urn:btih:${key}${more}&so=${so}` }, options()),
    );

  test('adds the files that it chooses, and changes nothing else', async () => {
    const made = make();
    await add(made, '0', '&x.pe=10.5.0.1:1000');
    await made.world.until(made.key, 'done');
    await add(made, '0,2');
    await made.world.until(made.key, 'done');
    expect(made.world.coordinator.download(made.key)?.options.filePriorities).toEqual([4, 0, 4]);
    expect(made.world.coordinator.download(made.key)?.result).toEqual([TARGETS[0], TARGETS[2]]);
    expect(fetched(made)).toEqual([0, 3]);
  });

  test('also while the metadata is still to come, and after a restart', async () => {
    const made = make();
    const { world, key } = made;
    const info = world.script.infos.get(key)!;
    world.coordinator = world.build('/state');
    await world.clock.resolve(world.coordinator.start());
    world.script.infos.delete(key);
    await add(made, '0', '&x.pe=10.5.0.1:1000');
    await add(made, '2');
    expect(world.state(key)).toBe('metadata');
    await world.clock.resolve(world.coordinator.close());
    world.script.infos.set(key, info);
    world.coordinator = world.build('/state');
    await world.clock.resolve(world.coordinator.start());
    await world.until(key, 'done');
    expect(world.coordinator.download(key)?.options.filePriorities).toEqual([4, 0, 4]);
  });

  test.each(['', '0'])('is refused where it adds nothing (so=%s)', async (so) => {
    const made = make();
    await add(made, '0', '&x.pe=10.5.0.1:1000');
    await expect(add(made, so)).rejects.toMatchObject({ code: 'in-use' });
    await made.world.until(made.key, 'done');
    await expect(add(made, so)).rejects.toMatchObject({ code: 'in-use' });
    await expect(add(made, '7')).rejects.toMatchObject({ code: 'usage' });
    expect(made.world.coordinator.download(made.key)?.options.filePriorities).toEqual(README);
  });

  test('adds nothing where all is wanted', async () => {
    const made = make();
    const link = `magnet:?xt=urn:btih:${made.key}&x.pe=10.5.0.1:1000`;
    await made.world.clock.resolve(made.world.coordinator.add({ kind: 'magnet', link }, options()));
    await expect(add(made, '0')).rejects.toMatchObject({ code: 'in-use' });
    await made.world.until(made.key, 'done');
    await expect(add(made, '0')).rejects.toMatchObject({ code: 'in-use' });
  });
});

test.each([
  ['0', [4, 0, 0]],
  ['2', [0, 0, 4]],
  ['1-2', [0, 4, 4]],
  ['1', 'so='],
  ['3', 'so='],
])('padding counts among the files, and is nothing to fetch: so=%s', (so, chosen) => {
  const files = [false, true, false].map((padding, i) => ({ path: [`${i}`], length: 1, offset: i, padding }));
  const priorities = (): unknown =>
    linkedPriorities({ only: readFileRanges(so) }, { name: 'payload', files } as unknown as Info);
  if (typeof chosen === 'string') expect(priorities).toThrow(chosen);
  else expect(priorities()).toEqual(chosen);
});

test('of a magnet link that turns out to be private only the user’s peers are left', async () => {
  const world = new World();
  const { torrent, payload } = simTorrent(world.random, { files: FILES, pieceLength: PIECE, private: true });
  const key = torrentKey(torrent.info.infoHash);
  world.script.payloads.set(key, payload);
  world.script.infos.set(key, torrent.info.raw);
  const link = `magnet:?xt=urn:btih:${key}&x.pe=10.5.0.1:1000`;
  const choice = options({ identities: 1, peers: [{ host: '10.5.0.2', port: 1000 }] });
  world.script.pace.set(0, 1000);
  await world.clock.resolve(world.coordinator.add({ kind: 'magnet', link }, choice));
  await world.until(key, 'done');
  const dealt = world.script.received.flatMap(({ message }) =>
    message.type === 'peers' ? [message.dial.map(({ host }) => host).sort()] : [],
  );
  expect(dealt[0]).toEqual(['10.5.0.1', '10.5.0.2']);
  expect(dealt.at(-1)).toEqual(['10.5.0.2']);
});
