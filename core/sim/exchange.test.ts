import { describe, expect, test } from 'vitest';
import { sameBytes } from '../base/bytes.ts';
import { torrentKey } from '../base/ids.ts';
import { ordinaryOptions } from '../engine/download-options.ts';
import { encodeExtended } from '../wire/encode.ts';
import { decodeExtensionHandshake, encodeExtensionHandshake } from '../wire/extension-handshake.ts';
import { encodePeerExchange } from '../wire/peer-exchange.ts';
import type { SimMachine } from './machine.ts';
import { SimSwarm } from './swarm.ts';
import type { WirePeer } from './wire-peer.ts';

const KIB = 1024;
const at = (host: string) => ({ host, port: 6881 });

/** A swarm without a tracker: a hub that has nothing, and seeds that only the hub knows. */
async function world(options: { readonly private?: boolean; readonly up?: number } = {}) {
  const { up = 200 * KIB, ...torrent } = options;
  const swarm = new SimSwarm(3, { files: 1600 * KIB, pieceLength: 64 * KIB, tracked: false, ...torrent });
  const key = torrentKey(swarm.torrent.info.infoHash);
  const hub = swarm.leecher('10.0.0.1', { up: 100 * KIB, down: 20 * KIB });
  const seeds = [2, 3, 4].map((i) => swarm.seed(`10.0.0.${i}`, { up }));
  await swarm.clock.advance(100);
  hub.introduce(
    key,
    seeds.map(({ address }) => at(address)),
  );
  await swarm.clock.advance(2_000);
  return { swarm, key, hub, seeds };
}

/** With whom an identity is connected, now. */
function peersOf(ours: SimMachine, identity: number): string[] {
  const { connections } = ours.alive(identity) ?? { connections: new Map() };
  return [...connections.values()].map(({ connection }) => connection.remote.host);
}

describe('what one identity hears from peers', () => {
  test('is everybody´s, each at an address of its own; nobody dials a sibling', async () => {
    const { swarm, seeds } = await world();
    const addresses = ['10.9.0.1', '10.9.0.2', '10.9.0.3'];
    const ours = swarm.machine({ addresses, down: 100 * KIB });
    await ours.add(swarm.torrent, { identities: 3, bind: addresses, peers: [at('10.0.0.1')] });
    const seen = new Set<string>();
    const over = (): boolean => {
      for (const i of [0, 1, 2]) for (const host of peersOf(ours, i)) seen.add(`${i} ${host}`);
      return ours.snapshot(swarm.torrent).state === 'done';
    };
    expect(await swarm.clock.runUntil(over, 200_000)).toBe(true);
    expect(sameBytes(ours.payload(swarm.torrent) ?? new Uint8Array(), swarm.payload)).toBe(true);
    for (const seed of seeds) expect([...seen].some((one) => one.endsWith(` ${seed.address}`))).toBe(true);
    expect(new Set([...seen].map((one) => one[0])).size).toBe(3);
    expect([...seen].filter((one) => / 10\.9\.0\.\d$/.test(one))).toEqual([]);
  });

  test.each([
    ['is handed on to the download', {}, true],
    ['is forgotten where it is private', { private: true }, false],
  ])('while the metadata of a magnet link is fetched, %s', async (_, options, handedOn) => {
    const { swarm, seeds } = await world(options);
    // It tells of the seeds, once, and has nothing itself, not even the metadata; on a private torrent it breaks the rules.
    const added = seeds.map(({ address }) => ({ ...at(address), flags: 0 }));
    const gossip: WirePeer = swarm.wirePeer(
      '10.0.0.9',
      {},
      {
        greet: (it) => {
          it.batch.haveNone();
          it.flush();
          it.raw(encodeExtended(0, encodeExtensionHandshake({ messages: new Map([['ut_pex', 1]]) })));
        },
        extended: (it, id, payload) => {
          const number =
            id === 0 && gossip.connections.length === 1
              ? decodeExtensionHandshake(payload).messages.get('ut_pex')
              : undefined;
          if (number !== undefined) it.raw(encodeExtended(number, encodePeerExchange({ added, dropped: [] })));
        },
      },
    );
    await gossip.listen();
    const ours = swarm.machine({ down: 100 * KIB });
    const link = `magnet:?xt=urn:btih:${swarm.torrent.info.infoHash}&x.pe=10.0.0.9:6881`;
    await swarm.clock.resolve(ours.coordinator.add({ kind: 'magnet', link }, ordinaryOptions('/out')));
    expect(await swarm.clock.runUntil(() => ours.snapshot(swarm.torrent).state === 'downloading', 60_000)).toBe(true);
    await swarm.clock.advance(3_000);
    expect(peersOf(ours, 0).some((host) => seeds.some(({ address }) => address === host))).toBe(handedOn);
  });
});
