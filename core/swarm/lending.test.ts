import { describe, expect, test, vi } from 'vitest';
import { sameBytes } from '../base/bytes.ts';
import { identityIndex, piece as p } from '../base/ids.ts';
import { foundBy } from '../base/peer-source.ts';
import { BLOCK_LENGTH } from '../metainfo/geometry.ts';
import { SimSwarm } from '../sim/swarm.ts';
import type { WirePeer } from '../sim/wire-peer.ts';
import { PieceShare, ShareMap } from '../strategy/pieces/share-map.ts';
import type { LentBlock } from './state.ts';
import type { Swarm } from './swarm.ts';
import { oneSwarm } from './testing/one-swarm.ts';

const PIECES = 8;
const BLOCKS = 16;
const SIBLING = identityIndex(1);
const OTHER = identityIndex(2);
const ALL = [0, 1, 2, 3, 4, 5, 6, 7];

interface Asked {
  readonly sibling: number;
  readonly piece: number;
  readonly blocks: readonly number[];
  readonly wanted: boolean;
}

/** A swarm with two siblings, which the test speaks for, and a seed. `theirs`: pieces of the siblings; `lacks`: what the seed has not. */
async function scene(theirs: readonly number[], lacks: readonly number[] = []) {
  const swarm = new SimSwarm(8, { files: PIECES * BLOCKS * BLOCK_LENGTH, pieceLength: BLOCKS * BLOCK_LENGTH });
  const share = new ShareMap(PIECES, PieceShare.mine);
  for (const piece of theirs) share.set(p(piece), PieceShare.theirs);
  const asked: Asked[] = [];
  const brought: LentBlock[] = [];
  const banned: string[] = [];
  const failed: (readonly string[])[] = [];
  const from = new Map<number, readonly string[]>();
  const claimer = { claim: vi.fn(), release: vi.fn(), verified: vi.fn(), idle: vi.fn() };
  const { client, payload } = await oneSwarm(swarm, {
    count: 3,
    claimer,
    share,
    ask: (sibling, piece, blocks, wanted) => void asked.push({ sibling, piece, blocks: [...blocks], wanted }),
    brought: (block) => void brought.push(block),
    banned: (host) => void banned.push(host),
    hashFailed: (_, names) => void failed.push(names),
    verified: (verified) => void from.set(verified.piece, verified.from),
  });
  await swarm.clock.resolve(client.start());
  const seed: WirePeer = await swarm
    .wirePeer(
      '10.0.3.1',
      { up: 256 * 1024 },
      {
        greet: (it) => {
          for (let piece = 0; piece < PIECES; piece++) if (!lacks.includes(piece)) it.batch.have(p(piece));
          it.batch.unchoke();
        },
        requested: (it, piece, begin, length) => it.block(piece, begin, swarm.block(piece, begin, length)),
      },
    )
    .listen();
  client.core.pool.setDealt(foundBy('user', [seed.endpoint]));
  await swarm.clock.advance(1000);
  return { swarm, client, share, seed, asked, brought, banned, failed, from, payload, claimer };
}

const lent = (swarm: SimSwarm, piece: number, block: number, host: string, wrong = false): LentBlock => {
  const data = Uint8Array.from(swarm.block(piece, block * BLOCK_LENGTH, BLOCK_LENGTH));
  if (wrong) data[0] = (data[0] ?? 0) ^ 1;
  return { sibling: SIBLING, piece: p(piece), block, data, sender: { host, name: `${host}:1` } };
};

describe('blocks that a sibling asks for', () => {
  test('are fetched before all else and handed over; the piece stays the sibling’s', async () => {
    const { swarm, client, brought, share, seed } = await scene([5]);
    client.askedBySibling(SIBLING, p(5), Uint32Array.of(3, 4, 9), true);
    const before = seed.open?.requests.length ?? 0;
    await swarm.clock.runUntil(() => brought.length === 3, 5000);
    expect(brought.map(({ sibling, piece, block }) => [sibling, piece, block])).toEqual([
      [1, 5, 3],
      [1, 5, 4],
      [1, 5, 9],
    ]);
    for (const { block, data } of brought)
      expect(sameBytes(data ?? new Uint8Array(), swarm.block(5, block * BLOCK_LENGTH, BLOCK_LENGTH))).toBe(true);
    expect(brought[0]?.sender?.host).toBe('10.0.3.1');
    expect(share.get(p(5))).toBe(PieceShare.theirs);
    expect(before).toBeGreaterThan(0);
    expect(client.status('downloading', false).wasted).toBe(0);
  });

  test('that no peer has are refused', async () => {
    const { client, brought } = await scene([5], [5]);
    client.askedBySibling(SIBLING, p(5), Uint32Array.of(3, 4), true);
    expect(brought).toEqual([{ sibling: 1, piece: 5, block: 3 }]);
  });

  test('that do not exist, of pieces that are ours, and of no piece are refused', async () => {
    const { client, brought } = await scene([5]);
    client.askedBySibling(SIBLING, p(5), Uint32Array.of(BLOCKS), true);
    client.askedBySibling(SIBLING, p(6), Uint32Array.of(0), true);
    client.askedBySibling(SIBLING, p(PIECES), Uint32Array.of(0), true);
    expect(brought.map(({ piece, data }) => [piece, data])).toEqual([
      [5, undefined],
      [6, undefined],
    ]);
  });

  test('are refused once their last peer has gone', async () => {
    const { swarm, client, brought } = await scene([5]);
    client.askedBySibling(SIBLING, p(5), Uint32Array.of(3), true);
    client.core.ban('10.0.3.1');
    await swarm.clock.runUntil(() => brought.length > 0, 5000);
    expect(brought).toEqual([expect.objectContaining({ piece: 5, block: 3 })]);
    expect(brought[0]?.data).toBeUndefined();
  });

  test('are dropped when it needs them no more, or the piece becomes ours', async () => {
    const { swarm, client, brought, share, payload } = await scene([5, 6]);
    client.askedBySibling(SIBLING, p(5), Uint32Array.of(3, 4), true);
    client.askedBySibling(SIBLING, p(6), Uint32Array.of(1, 2), true);
    client.askedBySibling(SIBLING, p(5), Uint32Array.of(3, 4), false);
    share.set(p(6), PieceShare.mine);
    share.set(p(5), PieceShare.mine);
    await swarm.clock.runUntil(() => client.complete, 60_000);
    expect(brought).toEqual([]);
    expect(sameBytes(payload() ?? new Uint8Array(), swarm.payload)).toBe(true);
  });
});

describe('blocks that a sibling asks for while they are on their way', () => {
  const told = (brought: readonly LentBlock[]): unknown =>
    brought.map(({ sibling, piece, block, data }) => [sibling, piece, block, data?.length]);

  test('and then another one, whose piece it is now, are brought to that one, and the first takes nothing back', async () => {
    const { swarm, client, brought } = await scene([5]);
    client.askedBySibling(SIBLING, p(5), Uint32Array.of(3, 4), true);
    client.askedBySibling(OTHER, p(5), Uint32Array.of(3, 4), true);
    client.askedBySibling(SIBLING, p(5), Uint32Array.of(3, 4), false);
    await swarm.clock.runUntil(() => brought.length === 2, 5000);
    expect(told(brought)).toEqual([
      [2, 5, 3, BLOCK_LENGTH],
      [2, 5, 4, BLOCK_LENGTH],
    ]);
  });

  const givenBack = [
    [1, 5, 3, undefined],
    [1, 5, 4, undefined],
  ];

  test('are given back when the piece is to be fetched here, too', async () => {
    const { client, brought, share } = await scene([5]);
    client.askedBySibling(SIBLING, p(5), Uint32Array.of(3, 4), true);
    share.set(p(5), PieceShare.both);
    expect(told(brought)).toEqual(givenBack);
  });

  test('are given back when it leaves the swarm', async () => {
    const { swarm, client, brought } = await scene([5]);
    client.askedBySibling(SIBLING, p(5), Uint32Array.of(3, 4), true);
    await swarm.clock.resolve(client.halt());
    expect(told(brought)).toEqual(givenBack);
  });
});

describe('a piece of ours with which a sibling helps', () => {
  /** Somebody comes to these pieces, which become ours. */
  const jump = (client: Swarm, share: ShareMap, ...pieces: number[]): void => {
    for (const piece of pieces) share.set(p(piece), PieceShare.mine);
    client.setUrgent({ pieces: Uint32Array.from(pieces), hurries: true, helps: false });
    client.setHelpers(pieces.map((piece) => ({ sibling: SIBLING, piece: p(piece), rate: 256 * 1024 })));
  };

  test('comes from our peers and from those of the sibling, who are named', async () => {
    const { swarm, client, share, asked, from, payload } = await scene([7]);
    jump(client, share, 7);
    const blocks: number[] = [];
    while (!from.has(7)) {
      await swarm.clock.advance(100);
      for (const block of asked.splice(0).flatMap((one) => one.blocks)) {
        blocks.push(block);
        client.brought(lent(swarm, 7, block, '10.0.4.4'));
      }
    }
    const unique = new Set(blocks).size;
    expect(unique).toBeGreaterThan(0);
    expect(unique).toBeLessThan(BLOCKS);
    expect([...(from.get(7) ?? [])].sort()).toEqual(['10.0.3.1:6881', '10.0.4.4:1']);
    // Counted where it came from the swarm, which is at the sibling.
    client.setHelpers([]);
    await swarm.clock.runUntil(() => client.complete, 60_000);
    const { downloaded, wasted } = client.status('downloading', false);
    expect(downloaded - wasted).toBe(swarm.payload.length - unique * BLOCK_LENGTH);
    expect(sameBytes(payload() ?? new Uint8Array(), swarm.payload)).toBe(true);
  });

  test('makes the sibling no peer: that it could bring more is no reason to ask for work, and its rate is its own', async () => {
    const { swarm, client, share, asked, claimer } = await scene(ALL, [7]);
    claimer.idle.mockClear();
    jump(client, share, 7);
    await swarm.clock.advance(600);
    const blocks = (): number[] => asked.flatMap((one) => one.blocks);
    for (let n = 0; n < BLOCKS - 1; n++) client.brought(lent(swarm, 7, blocks()[n] ?? BLOCKS, '10.0.4.4'));
    await swarm.clock.advance(1500);
    expect(new Set(blocks()).size).toBe(BLOCKS);
    expect(claimer.idle).not.toHaveBeenCalled();
    expect(client.status('downloading', false).down).toBe(0);
  });

  test('whoever sent the sibling a wrong block is found, and not the sibling', async () => {
    const { swarm, client, share, asked, banned, failed, from } = await scene([7]);
    jump(client, share, 7);
    let answered = 0;
    const answer = (): void => {
      for (; answered < asked.length; answered++)
        if (asked[answered]?.wanted)
          for (const block of asked[answered]?.blocks ?? [])
            client.brought(lent(swarm, 7, block, block % 2 === 0 ? '10.0.4.4' : '10.0.4.5', block % 2 === 0));
    };
    answer();
    await swarm.clock.runUntil(() => failed.length > 0, 5000);
    const before = asked.length;
    await swarm.clock.runUntil(() => from.has(7), 10_000);
    // The second time it comes from one peer alone.
    expect(asked.slice(before).flatMap((one) => (one.wanted ? one.blocks : []))).toEqual([]);
    expect(from.get(7)).toEqual(['10.0.3.1:6881']);
    expect(banned).toEqual(['10.0.4.4']);
  });

  test('what the sibling cannot bring, or never brings before it stops helping, our peers do', async () => {
    const { swarm, client, share, asked, from } = await scene([6, 7]);
    jump(client, share, 7, 6);
    expect(new Set(asked.map(({ piece }) => piece))).toEqual(new Set([7, 6]));
    client.brought({ sibling: SIBLING, piece: p(7), block: asked[0]?.blocks[0] ?? 0 });
    await swarm.clock.advance(500);
    client.setHelpers([]);
    // It is told that it need not.
    expect(asked.some(({ piece, wanted }) => piece === 6 && !wanted)).toBe(true);
    expect(await swarm.clock.runUntil(() => from.has(7) && from.has(6), 10_000)).toBe(true);
  });

  test('is asked of the sibling again when we are back in the swarm, by what was told last', async () => {
    const { swarm, client, share, asked, from } = await scene([6, 7]);
    jump(client, share, 7);
    await swarm.clock.resolve(client.halt());
    expect(asked.at(-1)).toMatchObject({ piece: 7, wanted: false });
    asked.length = 0;
    client.setHelpers([{ sibling: OTHER, piece: p(7), rate: 256 * 1024 }]);
    await swarm.clock.advance(500);
    expect(asked).toEqual([]);
    await swarm.clock.resolve(client.start());
    await swarm.clock.runUntil(() => asked.length > 0, 5000);
    expect(asked.map(({ sibling, piece, wanted }) => [sibling, piece, wanted])).toEqual([[OTHER, 7, true]]);
    client.setHelpers([]);
    expect(await swarm.clock.runUntil(() => from.has(7), 60_000)).toBe(true);
  });

  test('blocks that were not asked for, twice, of the wrong length or of another piece change nothing', async () => {
    const { swarm, client, share, asked, from, payload } = await scene([7]);
    jump(client, share, 7);
    const [block = 0] = asked[0]?.blocks ?? [];
    client.brought({ ...lent(swarm, 7, block, '10.0.4.4'), data: new Uint8Array(5) });
    client.brought(lent(swarm, 7, block, '10.0.4.4'));
    client.brought(lent(swarm, 7, block, '10.0.4.4', true));
    client.brought(lent(swarm, 3, 0, '10.0.4.4', true));
    client.brought(lent(swarm, 7, BLOCKS, '10.0.4.4'));
    client.setHelpers([]);
    expect(await swarm.clock.runUntil(() => client.complete, 60_000)).toBe(true);
    expect(from.size).toBe(PIECES);
    expect(sameBytes(payload() ?? new Uint8Array(), swarm.payload)).toBe(true);
  });
});
