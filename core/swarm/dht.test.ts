import { AddressVotes } from '../discovery/address-votes.ts';
import { describe, expect, test } from 'vitest';
import type { Endpoint } from '../base/endpoint.ts';
import { identityIndex, type InfoHash, type PeerId, torrentKey } from '../base/ids.ts';
import { hashesOf } from '../metainfo/torrent-id.ts';
import { foundBy } from '../base/peer-source.ts';
import { PeerListener } from '../peer/listener.ts';
import { VirtualClock } from '../sim/clock.ts';
import { MemoryDisk } from '../sim/disk.ts';
import { SimHasher } from '../sim/hasher.ts';
import { SimHttp } from '../sim/http.ts';
import { SimNet } from '../sim/net.ts';
import { SeededRandom } from '../sim/random.ts';
import { SwarmCore } from './core.ts';
import { LinkHandler } from './link-handler.ts';
import { plainRole } from './testing/plain-role.ts';

const HASH = 'ab'.repeat(20) as InfoHash;

interface Side {
  readonly core: SwarmCore;
  /** What its DHT was told. */
  readonly heard: string[];
  on: boolean;
}

/** Two clients of one torrent, each of which may have a node; the first dials the second. */
async function meet(
  first: { readonly private?: boolean; readonly on?: boolean },
  second: { readonly private?: boolean; readonly on?: boolean; readonly node?: number | undefined } = {},
) {
  const clock = new VirtualClock();
  const net = new SimNet(clock, new SeededRandom(1));
  const side = async (at: number, options: typeof second): Promise<Side> => {
    const address = `10.0.0.${at}`;
    const host = net.host(address);
    const side: { core: SwarmCore; heard: string[]; on: boolean } = {
      core: undefined as never,
      heard: [],
      on: options.on ?? true,
    };
    const peerId = `0${at}`.repeat(20) as PeerId;
    const ports = {
      clock,
      net: host,
      interfaces: host,
      random: new SeededRandom(at),
      http: new SimHttp(clock),
      disk: new MemoryDisk(),
      hasher: new SimHasher(),
    };
    const endpoint = { host: address, port: 7000 };
    const core: SwarmCore = new SwarmCore(
      {
        ports,
        self: {
          key: torrentKey(HASH),
          hashes: hashesOf(HASH),
          identity: identityIndex(0),
          peerId,
          count: 1,
          claims: false,
          address,
          endpoint: () => endpoint,
          announced: () => endpoint,
          mapping: () => ({ kind: 'unknown' }) as const,
          external: new AddressVotes(),
        },
        encryption: () => 'off',
        transports: () => new Map([['tcp', host]]),
        client: 'test',
        pex: () => false,
        punches: () => false,
        isOutside: () => false,
        sources: () => [],
        events: { peer: () => {}, peersFound: () => {} },
        dht: {
          on: () => side.on,
          portAt: (local) => (local === address && 'node' in options ? options.node : 9000 + at),
          heardOf: (local, node: Endpoint) => side.heard.push(`${local}: ${node.host} ${node.port}`),
          reachedAt: (local) => side.heard.push(`${local}: reached`),
        },
      },
      plainRole((link) => new LinkHandler(link, core), { isPrivate: options.private ?? false }),
    );
    side.core = core;
    await PeerListener.open(ports, { address, port: 7000 }, (_, newcomer) => core.pool.admission(newcomer));
    core.start();
    return side;
  };
  const sides = [await side(1, first), await side(2, second)] as const;
  sides[0].core.pool.setDealt(foundBy('user', [{ host: '10.0.0.2', port: 7000 }]));
  await clock.advance(1000);
  expect(sides.map(({ core }) => core.pool.size)).toEqual([1, 1]);
  return sides;
}

describe('port messages', () => {
  test('tell each side of the node of the other, which was reached where it listens', async () => {
    const [first, second] = await meet({});
    expect(first.heard).toEqual(['10.0.0.1: 10.0.0.2 9002']);
    expect(second.heard.sort()).toEqual(['10.0.0.2: 10.0.0.1 9001', '10.0.0.2: reached']);
  });

  test('are not sent where there is no node, as before its first socket', async () => {
    const [first] = await meet({}, { node: undefined });
    expect(first.heard).toEqual([]);
  });

  test.each([
    ['private torrent', { private: true }],
    ['DHT that is switched off', { on: false }],
  ])('are neither offered nor heard with a %s', async (_, quiet) => {
    const [first, second] = await meet(quiet);
    expect([first.heard, second.heard]).toEqual([[], ['10.0.0.2: reached']]);
  });

  test('count once a connection, so that nobody fills the table', async () => {
    const [first, second] = await meet({});
    const heard = first.heard.length;
    for (const port of [1, 2, 3, 0]) {
      first.core.port(
        {
          session: { remote: { host: '10.0.0.2', port: 1 }, local: { host: '10.0.0.1', port: 1 } },
          dhtPort: 5,
        } as never,
        port,
      );
    }
    expect([first.heard.length, second.on]).toEqual([heard, true]);
  });
});
