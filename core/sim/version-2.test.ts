import { describe, expect, test } from 'vitest';
import { concatBytes, sameBytes, toHex } from '../base/bytes.ts';
import type { Endpoint } from '../base/endpoint.ts';
import { type InfoHash, piece as pieceIndex } from '../base/ids.ts';
import { uncleCount, type HashRange } from '../base/hash-range.ts';
import type { FromIdentity } from '../identity/messages.ts';
import { layerRange, unclesOf } from '../merkle/ranges.ts';
import { fileTrees } from '../metainfo/file-trees.ts';
import { blankHash, HASH_LENGTH, leavesOf, rootOf } from '../merkle/tree.ts';
import { encodeHashes, encodeHashReject, encodeHashRequest } from '../wire/hash-message.ts';
import { times } from './acceptance.ts';
import type { SimClient } from './client.ts';
import { SimSwarm } from './swarm.ts';
import type { WireConnection, WirePeer, WirePeerOptions } from './wire-peer.ts';

const KIB = 1024;
const FILES = [
  { path: ['a'], length: 64 * 64 * KIB - 7_000 },
  { path: ['b'], length: 3 },
  { path: ['c'], length: 40 * KIB },
  { path: ['d', 'e'], length: 20 * 64 * KIB },
];
const SEEDS = Array.from({ length: times(1, 10) }, (_, i) => i + 1);
/** Version, and whether the clients have it without its piece layers: a hybrid that came by a link of version 1. */
const KINDS = [
  [2, false],
  ['hybrid', false],
  ['hybrid', true],
] as const;
const LINE = { up: 400 * KIB, down: 800 * KIB };

type HashAnswer = (it: WireConnection, range: HashRange) => void;
const reject: HashAnswer = (it, range) => it.raw(encodeHashReject(range));
const lie: HashAnswer = (it, range) =>
  it.raw(encodeHashes(range, new Uint8Array(32 * (range.length + uncleCount(range))).fill(7)));

/** What answers a request: hashes of a file's tree, then those that prove them. */
function answerTo(swarm: SimSwarm, range: HashRange): Uint8Array {
  const file = swarm.torrent.info.files.find(({ root }) => root !== undefined && toHex(root) === range.root);
  const leaves = leavesOf(swarm.payload.subarray(file?.offset ?? 0, (file?.offset ?? 0) + (file?.length ?? 0)));
  const at = (layer: number, index: number): Uint8Array => {
    const part = leaves.subarray(index * 2 ** layer * HASH_LENGTH, (index + 1) * 2 ** layer * HASH_LENGTH);
    return part.length === 0 ? blankHash(layer) : rootOf(part, 0, layer);
  };
  const own = Array.from({ length: range.length }, (_, i) => at(range.base, range.index + i));
  return concatBytes(...own, ...[...unclesOf(range)].map(({ layer, index }) => at(layer, index)));
}

const world = (seed: number, version: 2 | 'hybrid', bare = false) =>
  new SimSwarm(seed, { files: FILES, pieceLength: 64 * KIB, version, layers: !bare });

/** A peer with everything; `spoils` says which blocks it sends wrong. */
async function giver(
  swarm: SimSwarm,
  address: string,
  hashRequested: HashAnswer,
  spoils: (piece: number, begin: number) => boolean,
  changes: Partial<WirePeerOptions> = {},
): Promise<WirePeer> {
  const infoHash: InfoHash | undefined = swarm.torrent.info.id.v2;
  return swarm
    .wirePeer(address, LINE, {
      ...(infoHash !== undefined && { infoHash }),
      greet: (it) => {
        it.batch.haveAll();
        it.batch.unchoke();
      },
      requested: (it, piece, begin, length) => {
        const right = swarm.block(piece, begin, length);
        it.block(piece, begin, spoils(piece, begin) ? right.map((byte) => byte ^ 1) : right);
      },
      hashRequested,
      ...changes,
    })
    .listen();
}

async function complete(swarm: SimSwarm, client: SimClient, seconds = 600): Promise<void> {
  const { info } = swarm.torrent;
  expect(await swarm.clock.runUntil(() => client.verified.size === info.pieceCount, seconds * 1000)).toBe(true);
  const got = client.payload(swarm.torrent);
  expect(got !== undefined && sameBytes(got, swarm.payload.subarray(0, got.length))).toBe(true);
}

const banned = (client: SimClient): string[] => [
  ...new Set(client.heard.flatMap((one) => (one.type === 'banned' ? [one.host] : []))),
];

function introduce(swarm: SimSwarm, client: SimClient, peers: readonly { readonly endpoint?: Endpoint | undefined }[]) {
  const endpoints = peers.flatMap(({ endpoint }) => (endpoint === undefined ? [] : [endpoint]));
  client.introduce(swarm.torrent.info.id.key, endpoints);
}

describe.each(KINDS)('a swarm of version %s, without piece layers: %s', (version, bare) => {
  test.each(SEEDS)('all get all, from seeds and each other, %i', async (seed) => {
    const swarm = world(seed, version, bare);
    swarm.seed('10.0.0.1', LINE);
    const leechers = ['10.0.0.2', '10.0.0.3', '10.0.0.4'].map((address) => swarm.leecher(address, LINE));
    const seeker = swarm.machine({ ...LINE, addresses: ['10.9.0.1', '10.9.0.2'] });
    await seeker.add(swarm.torrent, { identities: 2, bind: ['10.9.0.1', '10.9.0.2'] });
    for (const leecher of leechers) await complete(swarm, leecher);
    const done = await seeker.until(swarm.torrent, ['done'], 600_000);
    expect(done).toMatchObject({ state: 'done', duplicatePieces: 0, hashFailures: 0 });
    const got = seeker.payload(swarm.torrent);
    expect(got !== undefined && sameBytes(got, swarm.payload.subarray(0, got.length))).toBe(true);
  });

  test.each(SEEDS)('one that sends a single bad block is found by that block alone, %i', async (seed) => {
    const swarm = world(seed, version, bare);
    let spoiled: number | undefined;
    const client = swarm.leecher('10.9.0.1', LINE);
    const give: HashAnswer = (it, range) => it.raw(encodeHashes(range, answerTo(swarm, range)));
    const failed = () => client.heard.find((one) => one.type === 'hash-failed');
    // It leaves the rest of the piece to others.
    const liar = await giver(swarm, '10.0.3.1', reject, () => false, {
      requested: (it, piece, begin, length) => {
        const right = swarm.block(piece, begin, length);
        if (spoiled === undefined && piece > 3 && piece < 60) {
          spoiled = piece;
          it.block(
            piece,
            begin,
            right.map((byte) => byte ^ 1),
          );
        } else if (piece === spoiled) it.batch.reject(piece, begin, length);
        else it.block(piece, begin, right);
      },
    });
    // Nobody sends the piece a second time: it is not found by that.
    const seeds = await Promise.all(
      ['10.0.0.1', '10.0.0.2', '10.0.0.3'].map((address) =>
        giver(swarm, address, give, () => false, {
          requested: (it, piece, begin, length) => {
            if (piece !== spoiled || failed() === undefined) it.block(piece, begin, swarm.block(piece, begin, length));
          },
        }),
      ),
    );
    introduce(swarm, client, [liar, ...seeds]);
    expect(await swarm.clock.runUntil(() => failed() !== undefined, 300_000)).toBe(true);
    const { from } = failed() as Extract<FromIdentity, { type: 'hash-failed' }>;
    expect(from.length, 'who had a part in it').toBeGreaterThan(1);
    await swarm.clock.advance(5_000);
    expect(banned(client)).toEqual(['10.0.3.1']);
    expect(client.verified.has(spoiled ?? 0)).toBe(false);
  });

  test.each(SEEDS)('where nobody gives a hash, one that spoils blocks is found all the same, %i', async (seed) => {
    const swarm = world(seed, version, bare);
    const liar = await giver(swarm, '10.0.3.1', reject, (piece, begin) => piece % 5 === 0 && begin === 0);
    const mute = await Promise.all(
      ['10.0.0.1', '10.0.0.2'].map((address) => giver(swarm, address, reject, () => false)),
    );
    const client = swarm.leecher('10.9.0.1', LINE);
    introduce(swarm, client, [liar, ...mute]);
    await complete(swarm, client);
    expect(banned(client)).toEqual(['10.0.3.1']);
  });

  test.each(SEEDS)('one that gives wrong hashes is banned, and one that gives none is not, %i', async (seed) => {
    const swarm = world(seed, version, bare);
    const spoiler = await giver(swarm, '10.0.3.1', reject, (piece, begin) => piece % 3 === 0 && begin === 16 * KIB);
    const liar = await giver(swarm, '10.0.3.2', lie, () => false);
    const mute = await giver(
      swarm,
      '10.0.3.3',
      () => {},
      () => false,
    );
    const client = swarm.leecher('10.9.0.1', LINE);
    introduce(swarm, client, [spoiler, liar, mute]);
    await complete(swarm, client);
    expect(banned(client)).not.toContain('10.0.3.3');
    expect(banned(client)).toContain('10.0.3.1');
  });

  test.each(SEEDS)('leavers in the middle of an answer hold nobody up, %i', async (seed) => {
    const swarm = world(seed, version, bare);
    const leavers = await Promise.all(
      ['10.0.3.1', '10.0.3.2', '10.0.3.3'].map((address) =>
        giver(
          swarm,
          address,
          (it) => it.connection.destroy(),
          (piece, begin) => begin === 0 && piece % 7 === 0,
        ),
      ),
    );
    swarm.seed('10.0.0.1', LINE);
    const client = swarm.leecher('10.9.0.1', LINE);
    introduce(swarm, client, leavers);
    await complete(swarm, client);
    await swarm.clock.resolve(client.stop());
    for (const other of swarm.clients.slice(0, 1)) await swarm.clock.resolve(other.stop());
  });
});

describe('a hybrid', () => {
  test('without piece layers finds a single bad block also where they come after it, and gives them on', async () => {
    const swarm = world(6, 'hybrid', true);
    const client = swarm.leecher('10.9.0.1', LINE);
    const failed = () => client.heard.find((one) => one.type === 'hash-failed');
    const held: (() => void)[] = [];
    let released = false;
    const late: HashAnswer = (it, range) => {
      const answer = (): void => it.raw(encodeHashes(range, answerTo(swarm, range)));
      if (released) answer();
      else held.push(answer);
    };
    let spoiled: number | undefined;
    const liar = await giver(swarm, '10.0.3.1', reject, () => false, {
      requested: (it, piece, begin, length) => {
        if (piece === spoiled) return it.batch.reject(piece, begin, length);
        if (piece <= 3 || piece >= 60 || spoiled !== undefined)
          return it.block(piece, begin, swarm.block(piece, begin, length));
        spoiled = piece;
        it.block(piece, begin, new Uint8Array(length));
      },
    });
    // Nobody sends the piece a second time: it is not found by that.
    const requested: WirePeerOptions['requested'] = (it, piece, begin, length) => {
      if (piece !== spoiled || failed() === undefined) it.block(piece, begin, swarm.block(piece, begin, length));
    };
    const seeds = await Promise.all(
      ['10.0.0.1', '10.0.0.2'].map((address) => giver(swarm, address, late, () => false, { requested })),
    );
    introduce(swarm, client, [liar, ...seeds]);
    expect(await swarm.clock.runUntil(() => failed() !== undefined && held.length > 0, 300_000)).toBe(true);
    expect(banned(client)).toEqual([]);
    released = true;
    for (const answer of held) answer();
    expect(await swarm.clock.runUntil(() => banned(client).length > 0, 10_000)).toBe(true);
    expect(banned(client)).toEqual(['10.0.3.1']);
    const { v2 } = swarm.torrent.info.id;
    const asker = swarm.wirePeer('10.0.3.9', {}, { ...(v2 !== undefined && { infoHash: v2 }) });
    asker.dial({ host: '10.9.0.1', port: client.endpoint?.port ?? 0 });
    await swarm.clock.advance(1_000);
    const [tree] = fileTrees(swarm.torrent.info);
    if (tree !== undefined) asker.open?.raw(encodeHashRequest(layerRange(tree, 0)));
    await swarm.clock.advance(5_000);
    expect(asker.open?.hashes).toHaveLength(1);
  });

  test('is one torrent for those that know one of its hashes, or both', async () => {
    const swarm = world(4, 'hybrid');
    const { v1, v2 } = swarm.torrent.info.id;
    swarm.seed('10.0.0.1', LINE);
    // As a client of version 1, and one that knows that hash alone.
    const old = swarm.leecher('10.0.0.2', LINE, { hashes: { v1: v1 as never } });
    const fresh = swarm.leecher('10.0.0.3', LINE, { hashes: { v2: v2 as never } });
    const both = swarm.leecher('10.0.0.4', LINE);
    for (const client of [old, fresh, both]) await complete(swarm, client);
    const started = (host: string): number =>
      swarm.tracker.heard.filter((one) => one.host === host && one.event === 'started').length;
    expect(['10.0.0.2', '10.0.0.3', '10.0.0.4'].map(started)).toEqual([1, 1, 2]);
  });
});

test('of version 2 alone blocks are given with the gap behind a file, as libtorrent 2.0.8 asks for them', async () => {
  const swarm = world(5, 2);
  const seed = swarm.seed('10.0.0.1', {});
  const last = 63;
  const peer = swarm.wirePeer(
    '10.0.3.1',
    {},
    {
      greet: (it) => it.batch.interested(),
      unchoked: (it) => {
        // The last block of a file with the gap behind it, a block of nothing but gap, and one behind the piece.
        for (const begin of [48 * KIB, 64 * KIB]) it.batch.request(pieceIndex(last), begin, 16 * KIB);
        it.batch.request(pieceIndex(last + 1), 16 * KIB, 16 * KIB);
      },
    },
  );
  await swarm.clock.advance(1_000);
  peer.dial({ host: '10.0.0.1', port: seed.endpoint?.port ?? 0 });
  await swarm.clock.advance(30_000);
  const got = peer.connections[0]?.blocks ?? [];
  expect(got.map(({ piece, begin }) => [piece, begin])).toEqual([
    [last, 48 * KIB],
    [last + 1, 16 * KIB],
  ]);
  for (const { piece, begin, data } of got) expect(sameBytes(data, swarm.block(piece, begin, 16 * KIB))).toBe(true);
  expect(peer.connections[0]?.rejects).toBeGreaterThan(0);
});
