import { expect, test } from 'vitest';
import { torrentKey } from '../../base/ids.ts';
import { readFileRanges } from '../../metainfo/file-ranges.ts';
import type { Info } from '../../metainfo/torrent.ts';
import { simTorrent } from '../../sim/torrent.ts';
import { fetched, FILES, make, PIECE, README, TARGETS } from '../testing/three-files.ts';
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
