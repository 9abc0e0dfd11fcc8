import { describe, expect, test } from 'vitest';
import { sameBytes } from '../base/bytes.ts';
import { Bitfield } from '../base/bitfield.ts';
import { bytesPerSecond, type Millis, type PieceIndex } from '../base/ids.ts';
import { foundBy } from '../base/peer-source.ts';
import { TokenBucket } from '../base/token-bucket.ts';
import { Geometry } from '../metainfo/geometry.ts';
import { SimSwarm } from '../sim/swarm.ts';
import { BlockSource } from './block-source.ts';
import { type BlockIntake, BlockSources } from './block-sources.ts';
import type { VerifiedPiece } from '../engine/statuses.ts';
import type { OtherSources } from './other-sources.ts';
import { oneSwarm } from './testing/one-swarm.ts';

const KIB = 1024;

interface Script {
  /** For each block, ms. */
  readonly pause?: number;
  /** Wrong bytes, as of this block. */
  spoils?(count: number): boolean;
}

/** A server that has all files, as a web seed would be: it answers requests in order, one block at a time, and is asked like a peer. */
class FakeServer extends BlockSource implements OtherSources {
  readonly host = 'https://files.example/torrent/';
  readonly name = this.host;
  readonly requestQueue = 8;
  readonly cancelled: PieceIndex[] = [];
  banned = false;
  pauses = 0;
  most = 0;
  #blocks = 0;
  #paused = false;
  #busy = false;
  #skip = false;
  readonly #queue: { readonly piece: PieceIndex; readonly begin: number; readonly length: number }[] = [];
  readonly #intake: BlockIntake;
  readonly #swarm: SimSwarm;
  readonly #script: Script;

  constructor(intake: BlockIntake, swarm: SimSwarm, script: Script) {
    super(new Geometry(swarm.torrent.info), swarm.clock.now());
    this.#intake = intake;
    this.#swarm = swarm;
    this.#script = script;
  }

  start(): void {
    this.#intake.sources.join(this);
    this.peerChoking = false;
    this.#intake.sources.has(this, Bitfield.full(this.pieces.length));
  }

  status(): [] {
    return [];
  }

  sources(): [] {
    return [];
  }

  stop(): void {
    this.#queue.length = 0;
    this.#intake.sources.leave(this);
  }

  ask(piece: PieceIndex, begin: number, length: number): void {
    this.#queue.push({ piece, begin, length });
    this.most = Math.max(this.most, this.#queue.length);
  }

  cancel(piece: PieceIndex, begin: number): void {
    this.cancelled.push(piece);
    const at = this.#queue.findIndex((one) => one.piece === piece && one.begin === begin);
    if (at >= 0) this.#queue.splice(at, 1);
  }

  flush(): void {
    if (this.#busy || this.#paused || this.#queue.length === 0) return;
    this.#busy = true;
    this.#swarm.clock.after((this.#script.pause ?? 5) as Millis, () => {
      this.#busy = false;
      if (!this.#paused) this.#bring();
      this.flush();
    });
  }

  tellInterest(): void {}

  dropTarget(): void {
    this.#skip = true;
  }

  pauseReading(): void {
    this.#paused = true;
    this.pauses++;
  }

  resumeReading(): void {
    this.#paused = false;
    this.flush();
  }

  ban(): void {
    this.banned = true;
    this.stop();
  }

  #bring(): void {
    const request = this.#queue.shift();
    if (request === undefined) return;
    const { piece, begin, length } = request;
    const { downloads } = this.#intake;
    this.#skip = false;
    const target = downloads.target(this, piece, begin, length);
    target?.set(this.#swarm.block(piece, begin, length));
    if (target !== undefined && this.#script.spoils?.(this.#blocks) === true) target[0] = (target[0] ?? 0) ^ 1;
    this.#blocks++;
    downloads.arrived(this, piece, begin, length, target !== undefined && !this.#skip);
    downloads.chunkDone(this);
  }
}

async function scene(script: Script, down = 0) {
  const swarm = new SimSwarm(6, { files: 40 * 64 * KIB + 777, pieceLength: 64 * KIB });
  const { clock, torrent } = swarm;
  const { info } = torrent;
  const verified: VerifiedPiece[] = [];
  const made: { server?: FakeServer } = {};
  const { client, payload } = await oneSwarm(swarm, {
    buckets: { down: [new TokenBucket(bytesPerSecond(down), clock.now())], up: [] },
    verified: (piece) => void verified.push(piece),
    others: (intake) => (made.server = new FakeServer(intake, swarm, script)),
  });
  await clock.resolve(client.start());
  return { swarm, client, server: made.server!, verified, payload, pieceCount: info.pieceCount };
}

/** A peer that has everything and answers. */
const honest = (swarm: SimSwarm, up: number) =>
  swarm
    .wirePeer(
      '10.0.3.1',
      { up },
      {
        greet: (it) => {
          it.batch.haveAll();
          it.batch.unchoke();
        },
        requested: (it, piece, begin, length) => it.block(piece, begin, swarm.block(piece, begin, length)),
      },
    )
    .listen();

describe('a source of blocks that is no peer', () => {
  test('brings a whole torrent by itself, asked for no more at once than it takes', async () => {
    const { swarm, server, verified, payload, client, pieceCount } = await scene({});
    expect(await swarm.clock.runUntil(() => client.complete, 60_000)).toBe(true);
    expect(sameBytes(payload() ?? new Uint8Array(), swarm.payload)).toBe(true);
    expect(verified).toHaveLength(pieceCount);
    expect(new Set(verified.flatMap(({ from }) => from))).toEqual(new Set([server.name]));
    expect(server.most).toBeLessThanOrEqual(server.requestQueue);
    expect(server.most).toBeGreaterThan(1);
    expect(client.status('downloading', true)).toMatchObject({
      downloaded: swarm.payload.length,
      peers: 0,
      peerList: [],
    });
    expect(server.amInterested).toBe(false);
    await swarm.clock.resolve(client.halt());
    expect(client.availability().every((count) => count === 0)).toBe(true);
  });

  test('is held back by the limit of rate as a peer is', async () => {
    const { swarm, server, client } = await scene({ pause: 1 }, 100 * KIB);
    await swarm.clock.advance(10_000);
    expect(server.pauses).toBeGreaterThan(3);
    const { downloaded } = client.status('downloading', false);
    expect(downloaded).toBeGreaterThan(500 * KIB);
    expect(downloaded).toBeLessThan(1_400 * KIB);
  });

  test('shares the work with a peer: at the end the last blocks are asked of both, and cancelled at the slower', async () => {
    const { swarm, server, client, verified } = await scene({ pause: 3_000 });
    const peer = await honest(swarm, 400 * KIB);
    client.core.pool.setDealt(foundBy('user', [peer.endpoint]));
    expect(await swarm.clock.runUntil(() => client.complete, 60_000)).toBe(true);
    expect(server.cancelled.length).toBeGreaterThan(0);
    expect(new Set(verified.flatMap(({ from }) => from))).toEqual(new Set([server.name, '10.0.3.1:6881']));
  });

  test('that lies is found out and banned, and the rest comes from others', async () => {
    const { swarm, server, client, payload } = await scene({ spoils: (count) => count === 9 });
    await swarm.clock.runUntil(() => server.banned, 60_000);
    expect(server.banned).toBe(true);
    expect(client.complete).toBe(false);
    const peer = await honest(swarm, 400 * KIB);
    client.core.pool.setDealt(foundBy('user', [peer.endpoint]));
    expect(await swarm.clock.runUntil(() => client.complete, 60_000)).toBe(true);
    expect(sameBytes(payload() ?? new Uint8Array(), swarm.payload)).toBe(true);
  });
});

test('who takes back what was not asked of it makes no work with others', () => {
  const source = { pieces: Bitfield.full(8), counted: false, allowedFast: new Set(), amInterested: true };
  const refilled: unknown[] = [];
  const asked = new Set<unknown>([3]);
  const state = {
    sources: new Set([source, 'other', 'third']),
    interest: { lost: () => {}, count: () => 1 },
  };
  const downloads = {
    abandonPiece: (_: unknown, piece: PieceIndex) => asked.has(piece),
    refillAll: () => refilled.push(...state.sources),
  };
  const sources = new BlockSources(state as never, downloads as never, {} as never);
  sources.lost(source as never, 2 as PieceIndex);
  expect(refilled).toEqual([]);
  sources.lost(source as never, 3 as PieceIndex);
  expect(refilled).toEqual([source, 'other', 'third']);
});
