import { expect, test } from 'vitest';
import type { Endpoint } from '../base/endpoint.ts';
import { identityIndex, type InfoHash, type PeerId, torrentKey } from '../base/ids.ts';
import { hashesOf } from '../metainfo/torrent-id.ts';
import { AddressVotes } from '../discovery/address-votes.ts';
import type { SourceNeeds } from '../discovery/peer-source.ts';
import { VirtualClock } from '../sim/clock.ts';
import { MemoryDisk } from '../sim/disk.ts';
import { SimHasher } from '../sim/hasher.ts';
import { SimHttp } from '../sim/http.ts';
import { SimNet } from '../sim/net.ts';
import { SeededRandom } from '../sim/random.ts';
import { SwarmCore } from './core.ts';
import { plainRole } from './testing/plain-role.ts';

test.each(['tracker', 'dht', 'lsd'] as const)('of what %s names at once, few are of one machine', (source) => {
  const clock = new VirtualClock();
  const host = new SimNet(clock, new SeededRandom(1)).host('10.0.0.1');
  const found: Endpoint[] = [];
  let needs: SourceNeeds | undefined;
  const infoHash = 'ab'.repeat(20) as InfoHash;
  const ports = {
    net: host,
    interfaces: host,
    disk: new MemoryDisk(),
    hasher: new SimHasher(),
    http: new SimHttp(clock),
  };
  new SwarmCore(
    {
      ports: { ...ports, clock, random: new SeededRandom(2) },
      self: {
        key: torrentKey(infoHash),
        hashes: hashesOf(infoHash),
        identity: identityIndex(0),
        peerId: '01'.repeat(20) as PeerId,
        count: 1,
        claims: false,
        endpoint: () => undefined,
        announced: () => undefined,
        mapping: () => ({ kind: 'unknown' }),
        external: new AddressVotes(),
      },
      client: 'test',
      pex: () => false,
      punches: () => false,
      isOutside: () => false,
      encryption: () => 'off',
      transports: () => new Map(),
      sources: (its) => ((needs = its), []),
      events: { peer: () => {}, peersFound: (_, endpoints) => found.push(...endpoints) },
      dht: { on: () => false, portAt: () => undefined, heardOf: () => {}, reachedAt: () => {} },
    },
    plainRole(() => {
      throw new Error('nobody is there');
    }),
  );
  const victim = Array.from({ length: 2000 }, (_, i) => ({ host: '1.2.3.4', port: i + 1 }));
  needs?.found(source, [...victim, { host: '5.6.7.8', port: 1 }]);
  const ofVictim = found.filter((one) => one.host === '1.2.3.4').length;
  expect(ofVictim).toBeGreaterThan(0);
  expect(ofVictim).toBeLessThanOrEqual(16);
  expect(found.length - ofVictim).toBe(1);
});
