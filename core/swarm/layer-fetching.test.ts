import { describe, expect, test } from 'vitest';
import { type HashRange, uncleCount } from '../base/hash-range.ts';
import { concatBytes, sameBytes } from '../base/bytes.ts';
import { millis } from '../base/ids.ts';
import { unclesOf } from '../merkle/ranges.ts';
import { HASH_LENGTH, rootOf } from '../merkle/tree.ts';
import { SimClient } from '../sim/client.ts';
import { SimSwarm } from '../sim/swarm.ts';
import type { WireConnection, WirePeer, WirePeerOptions } from '../sim/wire-peer.ts';
import { encodeExtended } from '../wire/encode.ts';
import { encodeExtensionHandshake } from '../wire/extension-handshake.ts';
import { encodeHashes, encodeHashReject } from '../wire/hash-message.ts';
import { encodeMetadataData } from '../wire/metadata-message.ts';

const KIB = 1024;
/** Two requests for the first file, one for the second; the last one is a piece by itself. */
const FILES = [
  { path: ['a'], length: 600 * 16 * KIB - 5 },
  { path: ['b'], length: 40 * KIB },
  { path: ['c'], length: 9 * KIB },
];

const world = (version: 2 | 'hybrid' = 2) => new SimSwarm(3, { files: FILES, pieceLength: 16 * KIB, version });

type Answer = (it: WireConnection, range: HashRange, right: Uint8Array) => void;

/** A peer that has the metadata, and answers hash requests as it is told. */
function peer(swarm: SimSwarm, n: number, answer: Answer, changes: Partial<WirePeerOptions> = {}): Promise<WirePeer> {
  const { raw, id } = swarm.torrent.info;
  return swarm
    .wirePeer(
      `10.0.3.${n}`,
      { latency: 10 * n },
      {
        ...(id.v2 !== undefined && { infoHash: id.v2 }),
        greet: (it) =>
          it.raw(
            encodeExtended(
              0,
              encodeExtensionHandshake({ messages: new Map([['ut_metadata', 7]]), metadataSize: raw.length }),
            ),
          ),
        extended: (it, id) => {
          if (id === 7) it.raw(encodeExtended(1, encodeMetadataData(0, raw.length, raw)));
        },
        hashRequested: (it, range) => answer(it, range, answerTo(swarm, range)),
        ...changes,
      },
    )
    .listen();
}

/** What answers a request for a piece layer, of pieces that are one leaf each. */
function answerTo(swarm: SimSwarm, range: HashRange): Uint8Array {
  const { info } = swarm.torrent;
  const file = info.files.find(({ root }) => root !== undefined && Buffer.from(root).toString('hex') === range.root);
  const first = (file?.offset ?? 0) / info.pieceLength;
  const count = Math.ceil((file?.length ?? 0) / info.pieceLength);
  const roots = (info.pieceRoots as Uint8Array).subarray(first * HASH_LENGTH, (first + count) * HASH_LENGTH);
  const at = (layer: number, index: number): Uint8Array =>
    rootOf(roots.subarray(index * 2 ** layer * HASH_LENGTH, (index + 1) * 2 ** layer * HASH_LENGTH), 0, layer);
  const own = Array.from({ length: range.length }, (_, i) => at(0, range.index + i));
  const uncles = [...unclesOf(range)].map(({ layer, index }) => at(layer, index));
  expect(uncles).toHaveLength(uncleCount(range));
  return concatBytes(...own, ...uncles);
}

const honest: Answer = (it, range, right) => it.raw(encodeHashes(range, right));

function found(client: SimClient): Uint8Array | undefined {
  const message = client.heard.find((one) => one.type === 'metadata');
  return message?.type === 'metadata' ? message.pieceRoots : undefined;
}

async function expectFound(swarm: SimSwarm, client: SimClient): Promise<void> {
  expect(await swarm.clock.runUntil(() => found(client) !== undefined, 120_000)).toBe(true);
  expect(sameBytes(found(client) as Uint8Array, swarm.torrent.info.pieceRoots as Uint8Array)).toBe(true);
}

function seeker(swarm: SimSwarm, peers: readonly WirePeer[]): SimClient {
  const client = swarm.seeker('10.9.0.1', {});
  client.introduce(
    swarm.torrent.info.id.key,
    peers.map(({ endpoint }) => endpoint),
  );
  return client;
}

describe('piece layers of a magnet link', () => {
  test('come from a seed of ours', async () => {
    const swarm = world();
    swarm.seed('10.0.0.1', {});
    await expectFound(swarm, swarm.seeker('10.9.0.1', {}));
  });

  test('come from an honest peer among those that lie, refuse, say nothing, or answer what nobody asked', async () => {
    const swarm = world();
    const wrong: Answer = (it, range, right) => {
      const hashes = right.slice();
      hashes[40] = (hashes[40] ?? 0) ^ 1;
      it.raw(encodeHashes(range, hashes));
    };
    const wrongProof: Answer = (it, range, right) => {
      const hashes = right.slice();
      hashes[hashes.length - 1] = (hashes.at(-1) ?? 0) ^ 1;
      it.raw(encodeHashes(range, hashes));
    };
    const unasked: Answer = (it, range, right) => {
      const one = { ...range, length: 2, index: 0, proofLayers: 0 };
      it.raw(encodeHashes(one, right.subarray(0, 2 * HASH_LENGTH)));
    };
    const bad = await Promise.all([
      peer(swarm, 1, wrong),
      peer(swarm, 2, wrongProof),
      peer(swarm, 3, (it, range) => it.raw(encodeHashReject(range))),
      peer(swarm, 4, () => {}),
      peer(swarm, 5, unasked),
      // Knows the torrent, and no hash of it.
      peer(swarm, 6, (it, range) => it.raw(encodeHashReject({ ...range, index: 99 }))),
    ]);
    const client = seeker(swarm, bad);
    await swarm.clock.advance(30_000);
    expect(found(client)).toBeUndefined();
    const good = await peer(swarm, 7, honest);
    client.introduce(swarm.torrent.info.id.key, [good.endpoint]);
    await expectFound(swarm, client);
    // The two that lied were not dialled again.
    expect(bad.slice(0, 2).map(({ connections }) => connections.length)).toEqual([1, 1]);
    await swarm.clock.resolve(client.stop());
    await swarm.clock.advance(60_000);
  });

  test('come from whoever stays, where others leave in the middle', async () => {
    const swarm = world();
    let asked = 0;
    const leaver: Answer = (it) => {
      asked++;
      it.connection.destroy();
    };
    const peers = [await peer(swarm, 1, leaver), await peer(swarm, 9, honest)];
    await expectFound(swarm, seeker(swarm, peers));
    expect(asked).toBeGreaterThan(0);
  });

  test('come late from a slow peer', async () => {
    const swarm = world();
    const slow: Answer = (it, range, right) => void swarm.clock.after(millis(8_000), () => honest(it, range, right));
    const one = seeker(swarm, [await peer(swarm, 1, slow)]);
    await expectFound(swarm, one);
  });

  test('of a hybrid are taken where they are given, and not waited for for long', async () => {
    const swarm = world('hybrid');
    const client = seeker(swarm, [await peer(swarm, 1, () => {})]);
    const other = world('hybrid');
    await expectFound(other, seeker(other, [await peer(other, 1, honest)]));
    const told = () => client.heard.find((one) => one.type === 'metadata');
    expect(await swarm.clock.runUntil(() => told() !== undefined, 20_000)).toBe(true);
    expect(told()).not.toHaveProperty('pieceRoots');
  });

  test('of a torrent file that lacks them: the metadata is not asked for again', async () => {
    const swarm = world();
    let metadata = 0;
    const good = await peer(swarm, 1, honest, { extended: (_, id) => void (metadata += id === 7 ? 1 : 0) });
    const { pieceRoots: _, ...info } = swarm.torrent.info;
    const address = '10.9.0.1';
    const { clock, random, net, tracker } = swarm;
    const host = net.host(address, { latency: 10 });
    const client = new SimClient({ clock, random, host, address, http: tracker.http(address) });
    client.add({ ...swarm.torrent, info }, undefined);
    client.introduce(info.id.key, [good.endpoint]);
    await expectFound(swarm, client);
    expect(metadata).toBe(0);
  });
});
