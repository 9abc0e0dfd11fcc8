import { expect, test, vi } from 'vitest';
import { toHex } from '../base/bytes.ts';
import { type HashRange, uncleCount } from '../base/hash-range.ts';
import type { DownloadSetup } from '../identity/messages.ts';
import { layerRange, layerRequests, leafRange, leafRequests } from '../merkle/ranges.ts';
import { hashAt, HASH_LENGTH, proofRoot } from '../merkle/tree.ts';
import { fileTrees } from '../metainfo/file-trees.ts';
import { ordinaryTuning } from '../engine/tuning.ts';
import { bytesPerSecond } from '../base/ids.ts';
import { SimHasher } from '../sim/hasher.ts';
import { SimSwarm } from '../sim/swarm.ts';
import type { WireConnection } from '../sim/wire-peer.ts';
import { encodeHashRequest } from '../wire/hash-message.ts';

const KIB = 1024;
const FILES = [
  { path: ['a'], length: 1_030 * 32 * KIB - 20_000 },
  { path: ['b'], length: 50 * KIB },
  { path: ['c'], length: 20 * KIB },
  { path: ['d'], length: 9 },
];

/** A peer of a seed that has all of it, or nothing. */
async function asking(
  version: 2 | 'hybrid',
  whole: boolean,
  setup: Partial<DownloadSetup> = {},
  torrent: { files: typeof FILES; pieceLength: number; layers?: boolean } = { files: FILES, pieceLength: 32 * KIB },
): Promise<{ swarm: SimSwarm; it: WireConnection }> {
  const swarm = new SimSwarm(9, { ...torrent, version });
  const { id } = swarm.torrent.info;
  const client = whole ? swarm.seed('10.0.0.1', {}, setup) : swarm.leecher('10.0.0.1', {});
  const peer = swarm.wirePeer('10.0.3.1', {}, { ...(id.v2 !== undefined && { infoHash: id.v2 }) });
  await swarm.clock.advance(1_000);
  peer.dial({ host: '10.0.0.1', port: client.endpoint?.port ?? 0 });
  await swarm.clock.advance(1_000);
  const it = peer.open;
  if (it === undefined) throw new Error('no connection');
  return { swarm, it };
}

async function answers(swarm: SimSwarm, it: WireConnection, ranges: readonly HashRange[], wait = 30_000) {
  const [hashes, rejects] = [it.hashes.length, it.hashRejects];
  it.raw(...ranges.map((range) => encodeHashRequest(range)));
  await swarm.clock.advance(wait);
  return { given: it.hashes.slice(hashes), refused: it.hashRejects - rejects };
}

test.each([2, 'hybrid'] as const)(
  'a seed gives piece layers and leaves that prove themselves: version %s',
  async (version) => {
    const { swarm, it } = await asking(version, true);
    const { info } = swarm.torrent;
    const trees = fileTrees(info);
    for (const tree of trees) {
      const layers = Array.from({ length: layerRequests(tree) }, (_, n) => layerRange(tree, n));
      const { given, refused } = await answers(swarm, it, layers);
      expect([given.length, refused]).toEqual([layers.length, 0]);
      for (const { range, hashes } of given) {
        const own = hashes.subarray(0, range.length * HASH_LENGTH);
        expect(toHex(proofRoot(own, range.index, hashes.subarray(own.length)))).toBe(tree.root);
      }
      const place = layerRequests(tree) > 0 ? 1 : 0;
      const leaves = Array.from({ length: leafRequests(tree, place) }, (_, n) => leafRange(tree, place, n));
      for (const { range, hashes } of (await answers(swarm, it, leaves)).given) {
        const own = hashes.subarray(0, range.length * HASH_LENGTH);
        const piece = (tree.firstPieces[0] ?? 0) + place;
        const root = hashAt(info.pieceRoots as Uint8Array, piece);
        expect(toHex(proofRoot(own, 0, hashes.subarray(own.length)))).toBe(toHex(root));
      }
      expect(leaves.length).toBe(info.pieceLength > 16 * KIB && tree.leaves > 1 ? 1 : 0);
    }
  },
);

test('leaves with a proof up to the root, and over several pieces, are given as well', async () => {
  const { swarm, it } = await asking(2, true);
  const [tree] = fileTrees(swarm.torrent.info);
  const range = (index: number, length: number, proofLayers: number): HashRange => ({
    root: tree?.root ?? '',
    base: 0,
    index,
    length,
    proofLayers,
  });
  // 2,060 leaves: 12 layers up to the root.
  const { given } = await answers(swarm, it, [range(6, 2, 11), range(512, 512, 11), range(2_048, 16, 11)]);
  expect(given).toHaveLength(3);
  for (const { range: of, hashes } of given) {
    expect(hashes.length).toBe((of.length + uncleCount(of)) * HASH_LENGTH);
    const own = hashes.subarray(0, of.length * HASH_LENGTH);
    expect(toHex(proofRoot(own, of.index, hashes.subarray(own.length)))).toBe(tree?.root);
  }
});

test('what makes no sense, is of another torrent, or is too much at a time is refused, and all is answered', async () => {
  const { swarm, it } = await asking(2, true);
  const [tree] = fileTrees(swarm.torrent.info);
  const good: HashRange = { root: tree?.root ?? '', base: 1, index: 0, length: 512, proofLayers: 10 };
  const odd: readonly Partial<HashRange>[] = [
    { root: 'ff'.repeat(32) },
    { length: 1 },
    { length: 0 },
    { length: 3 },
    { index: 1 },
    { index: 2 ** 32 - 512 },
    { base: 12 },
    { proofLayers: 11 },
    { length: 2 ** 31 },
    { base: 0, length: 1_024, proofLayers: 0 },
  ];
  const bad = await answers(
    swarm,
    it,
    odd.map((change) => ({ ...good, ...change })),
  );
  expect([bad.given.length, bad.refused]).toEqual([0, odd.length]);
  const leaf: HashRange = { ...good, base: 0, length: 2, proofLayers: 0 };
  const leaves = Array.from({ length: 20 }, (_, i) => ({ ...leaf, index: 2 * i }));
  const many = await answers(swarm, it, leaves, 500);
  expect(many.given.length).toBeLessThan(12);
  expect(many.given.length + many.refused).toBe(20);
  const flood = await answers(
    swarm,
    it,
    Array.from({ length: 500 }, () => good),
  );
  expect(flood.given.length + flood.refused).toBe(500);
  expect(it.closed).toBeUndefined();
});

test('who has no piece gives its layer and not its leaves', async () => {
  const { swarm, it } = await asking(2, false);
  const [tree] = fileTrees(swarm.torrent.info);
  if (tree === undefined) throw new Error('no tree');
  const { given, refused } = await answers(swarm, it, [layerRange(tree, 0), leafRange(tree, 3, 0)]);
  expect([given.length, refused]).toEqual([1, 1]);
});

test('a flood of requests gets no more than the upload limit', async () => {
  const limits = { down: bytesPerSecond(0), up: bytesPerSecond(20 * KIB) };
  const { swarm, it } = await asking(2, true, { tuning: ordinaryTuning({ encryption: 'off', utp: false, limits }) });
  const [tree] = fileTrees(swarm.torrent.info);
  if (tree === undefined) throw new Error('no tree');
  const range = layerRange(tree, 0);
  const started = swarm.clock.now();
  for (let second = 0; second < 30; second++) {
    await answers(
      swarm,
      it,
      Array.from({ length: 40 }, () => range),
      1_000,
    );
  }
  const given = it.hashes.reduce((sum, { hashes }) => sum + hashes.length, 0);
  const seconds = (swarm.clock.now() - started) / 1_000;
  expect(given).toBeGreaterThan(seconds * 10 * KIB);
  // One answer more than was allowed, and what was saved up.
  expect(given).toBeLessThan(seconds * 20 * KIB + 64 * KIB);
});

test('all leaves of a large piece are read from disk once', async () => {
  const files = [{ path: ['a'], length: 33 * KIB * KIB }];
  const { swarm, it } = await asking(2, true, {}, { files, pieceLength: 16 * KIB * KIB });
  const [tree] = fileTrees(swarm.torrent.info);
  if (tree === undefined) throw new Error('no tree');
  const hashed = vi.spyOn(SimHasher.prototype, 'hash');
  const ranges = Array.from({ length: leafRequests(tree, 1) }, (_, n) => leafRange(tree, 1, n));
  const { given } = await answers(swarm, it, ranges);
  expect([ranges.length, given.length]).toEqual([2, 2]);
  expect(hashed.mock.calls).toHaveLength(1024);
  hashed.mockRestore();
});

test('of a hybrid that it fetched by version 1 alone a seed makes the layers of a file when it is asked for them', async () => {
  const { swarm, it } = await asking('hybrid', true, {}, { files: FILES, pieceLength: 32 * KIB, layers: false });
  const trees = fileTrees(swarm.torrent.info);
  const ranges = trees.flatMap((tree) =>
    Array.from({ length: layerRequests(tree) }, (_none, n) => layerRange(tree, n)),
  );
  const read = vi.spyOn(SimHasher.prototype, 'hash');
  const first = await answers(swarm, it, ranges);
  expect([first.given.length, first.refused]).toEqual([ranges.length, 0]);
  for (const { range, hashes } of first.given) {
    const own = hashes.subarray(0, range.length * HASH_LENGTH);
    expect(toHex(proofRoot(own, range.index, hashes.subarray(own.length)))).toBe(range.root);
  }
  const hashed = read.mock.calls.length;
  expect(hashed).toBeGreaterThan(1_030);
  const again = await answers(swarm, it, ranges);
  expect([again.given.length, read.mock.calls.length]).toEqual([ranges.length, hashed]);
  read.mockRestore();
});

test('of a file that it has in part a client without the layers gives none', async () => {
  const { swarm, it } = await asking('hybrid', false, {}, { files: FILES, pieceLength: 32 * KIB, layers: false });
  const [tree] = fileTrees(swarm.torrent.info);
  if (tree === undefined) throw new Error('no tree');
  const { given, refused } = await answers(swarm, it, [layerRange(tree, 0), layerRange(tree, 1)]);
  expect([given.length, refused]).toEqual([0, 2]);
});
