import { describe, expect, test } from 'vitest';
import { torrentKey } from '../base/ids.ts';
import { sameBytes } from '../base/bytes.ts';
import type { FoundPeer } from '../base/peer-source.ts';
import { VirtualClock } from '../sim/clock.ts';
import { SimClient } from '../sim/client.ts';
import { SimNet } from '../sim/net.ts';
import { SeededRandom } from '../sim/random.ts';
import { simTorrent } from '../sim/torrent.ts';

function world(seed = 1) {
  const clock = new VirtualClock();
  const random = new SeededRandom(seed);
  const net = new SimNet(clock, random);
  const client = (address: string, rate = 4_000_000) =>
    new SimClient({ clock, random, host: net.host(address, { up: rate, down: rate, latency: 10 }), address });
  return { clock, random, net, client };
}

const endpoint = (address: string): FoundPeer => ({ host: address, port: 6881, source: 'user' });

describe('an ordinary client', () => {
  test('downloads a torrent of several odd files from a seed, byte for byte', async () => {
    const { clock, random, client } = world();
    const { torrent, payload } = simTorrent(random, {
      files: [
        { path: ['a'], length: 100_000 },
        { path: ['empty'], length: 0 },
        { path: ['sub', 'b'], length: 777_777 },
        { path: ['c'], length: 3 },
      ],
      pieceLength: 65_536,
    });
    const seed = client('10.0.0.1');
    const leech = client('10.0.0.2');
    seed.add(torrent, payload);
    leech.add(torrent, undefined);
    leech.tell({ type: 'peers', key: torrentKey(torrent.info.infoHash), dial: [endpoint('10.0.0.1')] });
    const done = await clock.runUntil(() => leech.verified.size === torrent.info.pieceCount, 60_000);
    expect(done).toBe(true);
    expect(sameBytes(leech.payload(torrent) ?? new Uint8Array(), payload)).toBe(true);
  });

  test('trades: leechers that see only each other and a slow seed all finish', async () => {
    const { clock, random, client } = world(2);
    const { torrent, payload } = simTorrent(random, { files: 3_000_000, pieceLength: 65_536 });
    const seed = client('10.0.0.1', 300_000);
    seed.add(torrent, payload);
    const leechers = ['10.0.0.2', '10.0.0.3', '10.0.0.4', '10.0.0.5'].map((address) => client(address, 1_000_000));
    for (const leecher of leechers) {
      leecher.add(torrent, undefined);
      const others = ['10.0.0.1', ...leechers.map((other) => other.address)].filter((a) => a !== leecher.address);
      leecher.tell({ type: 'peers', key: torrentKey(torrent.info.infoHash), dial: others.map(endpoint) });
    }
    const done = await clock.runUntil(
      () => leechers.every((leecher) => leecher.verified.size === torrent.info.pieceCount),
      300_000,
    );
    expect(done).toBe(true);
    for (const leecher of leechers) {
      expect(sameBytes(leecher.payload(torrent) ?? new Uint8Array(), payload)).toBe(true);
    }
    await clock.advance(1000);
    // The slow seed alone would need 40 s for four: most came from each other.
    expect(seed.status?.uploaded).toBeLessThan(2.5 * payload.length);
  });
});
