import { expect, test } from 'vitest';
import { identityIndex } from '../base/ids.ts';
import { foundBy } from '../base/peer-source.ts';
import { ordinaryOptions } from '../engine/download-options.ts';
import { parseTorrent } from '../metainfo/parse-torrent.ts';
import { MemoryDisk } from '../sim/disk.ts';
import { SimHasher } from '../sim/hasher.ts';
import { SimSwarm } from '../sim/swarm.ts';
import { LoneDht } from './lone-dht.ts';
import { fetchMetadata } from './metadata.ts';
import { loneSetup } from './setup.ts';
import { torrentOfMagnet } from './torrent-of-magnet.ts';

const SEED = { host: '10.0.0.1', port: 6881 };

/** One that has a magnet link alone. */
function newcomer(trackers: 'tracker' | 'none') {
  const swarm = new SimSwarm(7, { files: 300_000, pieceLength: 16_384 });
  const { clock, net, random, torrent, tracker } = swarm;
  const seed = swarm.seed(SEED.host, { up: 1 << 20, down: 1 << 20 });
  const host = net.host('10.9.0.1', { latency: 10, up: 1 << 20, down: 1 << 20 });
  const ports = {
    clock,
    random,
    net: host,
    interfaces: host,
    http: tracker.http('10.9.0.1'),
    disk: new MemoryDisk({ clock }),
    hasher: new SimHasher(),
    processFacts: {
      self: () => Promise.resolve({ pid: 1, startTime: '1', bootId: 'b', host: 'h' }),
      startTimeOf: () => Promise.resolve(undefined),
    },
    program: { client: 'Ensemble test', version: '0.0.0' },
  };
  const options = ordinaryOptions('/out', { identities: 2, bind: ['10.9.0.1'] });
  const origin = { id: torrent.info.id, trackers: trackers === 'none' ? [] : torrent.trackers, nodes: [] };
  return { swarm, seed, ports, setup: loneSetup(ports, origin, options, identityIndex(0), '/out') };
}

test.each(['tracker', 'none'] as const)('metadata comes from peers that are named by: %s', async (trackers) => {
  const { swarm, ports, setup } = newcomer(trackers);
  const named = trackers === 'none' ? foundBy('magnet', [SEED]) : [];
  const { info } = await swarm.clock.resolve(
    fetchMetadata(ports, new LoneDht(ports), setup, named, new AbortController().signal),
  );
  expect(info.raw).toEqual(swarm.torrent.info.raw);
});

test('a magnet link becomes a torrent file with its trackers and those that the user names besides', async () => {
  const { swarm, ports } = newcomer('none');
  const { info, trackers } = swarm.torrent;
  const link = `magnet:?xt=urn:btih:${info.infoHash}&tr=http%3A%2F%2Fnobody.example%2Fannounce`;
  const options = ordinaryOptions('/', { bind: ['10.9.0.1'], trackers: trackers.flat() });
  const { signal } = new AbortController();
  const file = await swarm.clock.resolve(torrentOfMagnet(ports, { link, options, signal }));
  const read = parseTorrent(file);
  expect(read.info.raw).toEqual(info.raw);
  expect(read.trackers).toEqual([['http://nobody.example/announce'], ...trackers]);
  expect(await ports.disk.list('/').catch(() => [])).toEqual([]);
});

test('who is interrupted hears why', async () => {
  const { swarm, ports, setup } = newcomer('none');
  const stop = new AbortController();
  const fetching = fetchMetadata(ports, new LoneDht(ports), setup, [], stop.signal);
  fetching.catch(() => {});
  await swarm.clock.advance(5000);
  stop.abort(new Error('enough'));
  await expect(swarm.clock.resolve(fetching)).rejects.toThrow('enough');
});
