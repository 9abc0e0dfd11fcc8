import { expect, test } from 'vitest';
import { parseMagnet } from '../../metainfo/magnet.ts';
import { parseTorrent } from '../../metainfo/parse-torrent.ts';
import { ends, make, type Made } from '../testing/three-files.ts';

const A = 'http://a.example/announce';
const B = 'udp://b.example:6969';

async function start({ world }: Made): Promise<void> {
  world.coordinator = world.build('/state');
  await world.clock.resolve(world.coordinator.start());
}

const set = ({ world, key }: Made, tiers: string[][]): Promise<void> =>
  world.clock.resolve(world.coordinator.setTrackers(key, tiers));

test('trackers that a user chose hold over restarts, in links and torrent files for others too', async () => {
  const made = make();
  const { world, key } = made;
  await start(made);
  await world.add(made, { identities: 1, seed: { kind: 'forever' } });
  await ends(made, 'seeding');
  await set(made, [[A, A], [], [B]]);
  for (let life = 0; life < 2; life++) {
    const { magnet = '', trackers } = world.coordinator.links(key) ?? {};
    expect(trackers).toEqual([[A], [B]]);
    expect(parseMagnet(magnet).trackers).toEqual([[A], [B]]);
    const file = parseTorrent(world.coordinator.torrentFile(key) ?? new Uint8Array());
    expect([file.info.infoHash, file.trackers]).toEqual([parseMagnet(magnet).infoHash, [[A], [B]]]);
    await world.clock.resolve(world.coordinator.close());
    await world.clock.advance(5000);
    await start(made);
    await ends(made, 'seeding');
  }
  // None at all is a choice, too.
  await set(made, []);
  expect(world.coordinator.links(key)?.trackers).toEqual([]);
});

test.each(['ftp://a.example/', 'udp://b.example', 'a.example', ''])(
  '%j is no tracker: nothing changes',
  async (url) => {
    const made = make();
    const { world, key } = made;
    await world.add(made, { identities: 1 });
    const before = world.coordinator.links(key)?.trackers;
    await expect(set(made, [[A], [url]])).rejects.toMatchObject({ code: 'usage' });
    expect(world.coordinator.links(key)?.trackers).toEqual(before);
  },
);
