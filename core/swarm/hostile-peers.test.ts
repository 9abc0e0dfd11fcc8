import { describe, expect, test } from 'vitest';
import { sameBytes } from '../base/bytes.ts';
import { piece as pieceIndex, torrentKey } from '../base/ids.ts';
import { encodeExtensionHandshake } from '../wire/extension-handshake.ts';
import { encodeMetadataRequest } from '../wire/metadata-message.ts';
import * as wire from '../wire/encode.ts';
import { SimSwarm } from '../sim/swarm.ts';
import type { SimClient } from '../sim/client.ts';
import type { WireConnection, WirePeer, WirePeerOptions } from '../sim/wire-peer.ts';

const KIB = 1024;
const MIB = KIB * KIB;
const p = pieceIndex;
const bytes = (...list: readonly number[]): Uint8Array => Uint8Array.from(list);

interface Scene {
  readonly swarm: SimSwarm;
  readonly ours: SimClient;
  readonly bad: WirePeer;
}

/** A client that leeches from an honest, slow seed and from one peer that a test speaks for. */
async function scene(script: Partial<WirePeerOptions>, size = MIB): Promise<Scene> {
  const swarm = new SimSwarm(9, { files: size, pieceLength: 64 * KIB });
  swarm.seed('10.0.0.1', { up: 64 * KIB, down: MIB });
  const bad = await swarm.wirePeer('10.0.3.1', {}, script).listen();
  const ours = swarm.leecher('10.9.0.1', { up: 4 * MIB });
  ours.introduce(torrentKey(swarm.torrent.info.infoHash), [bad.endpoint]);
  return { swarm, ours, bad };
}

async function completes({ swarm, ours }: Scene, within = 120_000): Promise<void> {
  const { pieceCount } = swarm.torrent.info;
  expect(await swarm.clock.runUntil(() => ours.verified.size === pieceCount, within)).toBe(true);
  expect(sameBytes(ours.payload(swarm.torrent) ?? new Uint8Array(), swarm.payload)).toBe(true);
  expect(ours.heard.filter((one) => one.type === 'failed')).toEqual([]);
}

describe('a breach ends the connection, and nothing else', () => {
  const all = (it: WireConnection): void => it.batch.haveAll();
  const cases: [string, WirePeerOptions['greet'], Partial<WirePeerOptions>?][] = [
    ['a message of 4 GiB', (it) => it.raw(bytes(255, 255, 255, 255))],
    ['a message of 2 GiB, the sign bit set', (it) => it.raw(bytes(128, 0, 0, 5, 7))],
    ['a block of 1 MiB', (it) => it.raw(bytes(0, 16, 0, 9, 7))],
    ['a bitfield that is too short', (it) => it.raw(wire.encodeBitfield(bytes(255)))],
    ['a bitfield that is too long', (it) => it.raw(wire.encodeBitfield(bytes(255, 255, 0)))],
    ['a bitfield of 60 KiB', (it) => it.raw(wire.encodeBitfield(new Uint8Array(60 * KIB)))],
    ['one bitfield after the other', (it) => it.raw(...Array(20).fill(wire.encodeBitfield(bytes(255, 255))))],
    ['one have-all after the other', (it) => it.raw(...Array(20).fill(wire.encodeHaveAll()))],
    ['have-none after have', (it) => it.raw(wire.encodeHave(p(1)), wire.encodeHaveNone())],
    ['have of the piece after the last', (it) => it.raw(wire.encodeHave(p(16)))],
    ['have of piece 2^32 - 1', (it) => it.raw(wire.encodeHave(p(0xffffffff)))],
    ['a fast message that was not agreed on', (it) => it.raw(wire.encodeHaveAll()), { fast: false }],
    ['a choke of 3 bytes', (it) => it.raw(bytes(0, 0, 0, 3, 0, 0, 0))],
    ['an extension handshake that is no bencode', (it) => it.raw(wire.encodeExtended(0, bytes(1, 2, 3)))],
    ['an extension handshake nested deeply', (it) => it.raw(wire.encodeExtended(0, new Uint8Array(60_000).fill(0x6c)))],
    ['a metadata message that is no bencode', (it) => it.raw(wire.encodeExtended(1, bytes(9)))],
    [
      'a thousand blocks that nobody asked for',
      (it) => {
        all(it);
        for (let i = 0; i < 1000; i++) it.block(3, 0, new Uint8Array(16 * KIB));
      },
    ],
    [
      'blocks that nobody asked for, out of range',
      (it) => {
        for (let i = 0; i < 200; i++) it.block(0xffffffff - i, 0xfffffffe, new Uint8Array(1));
      },
    ],
  ];
  test.each(cases)('%s', async (_, greet, more) => {
    const world = await scene({ ...(greet === undefined ? {} : { greet }), ...more });
    await completes(world);
    expect(world.bad.connections.length).toBeGreaterThan(0);
    expect(world.bad.connections.every((it) => it.closed !== undefined)).toBe(true);
  });
});

test('a bitfield in place of haves, as aria2 sends it, the first one twice: what is new in it counts', async () => {
  const greet = (it: WireConnection): void => {
    it.raw(wire.encodeBitfield(bytes(128, 0)), wire.encodeBitfield(bytes(128, 0)), wire.encodeHave(p(3)));
    it.raw(wire.encodeBitfield(bytes(0, 1)), wire.encodeUnchoke());
  };
  const { swarm, ours, bad } = await scene({ greet });
  const asked = new Set<number>();
  await swarm.clock.runUntil(() => {
    for (const { piece } of bad.open?.requests ?? []) asked.add(piece);
    return ours.verified.size >= 8;
  }, 60_000);
  expect(bad.open).toBeDefined();
  expect([...asked].every((piece) => [0, 3, 15].includes(piece))).toBe(true);
  expect(asked.size).toBeGreaterThan(0);
  bad.open?.raw(wire.encodeHaveAll());
  await swarm.clock.advance(1_000);
  expect(bad.open).toBeDefined();
});

describe('a peer that only costs time does not stop a download', () => {
  const seedLike = (it: WireConnection): void => {
    it.batch.haveAll();
    it.batch.unchoke();
  };
  const cases: [string, Partial<WirePeerOptions>, ((swarm: SimSwarm, bad: WirePeer) => void)?][] = [
    ['it says nothing after the handshake', {}],
    ['it has all and never unchokes', { greet: (it) => it.batch.haveAll() }],
    ['it takes requests and sends nothing', { greet: seedLike }],
    [
      'it sends nothing and unchokes again and again',
      { greet: seedLike },
      (swarm, bad) => swarm.clock.every(5_000 as never, () => bad.open?.raw(wire.encodeUnchoke())),
    ],
    [
      'it chokes and unchokes and answers no request',
      { greet: seedLike },
      (swarm, bad) => swarm.clock.every(3_000 as never, () => bad.open?.raw(wire.encodeChoke(), wire.encodeUnchoke())),
    ],
    [
      'it sends blocks that were not asked for now and then, and none that was',
      { greet: seedLike },
      (swarm, bad) => swarm.clock.every(20_000 as never, () => bad.open?.block(15, 0, new Uint8Array(16 * KIB))),
    ],
    [
      'it sends one byte a second',
      {
        greet: seedLike,
        requested: (it, piece, begin, length) => it.raw(wire.encodePieceHeader(piece, begin, length)),
      },
      (swarm, bad) => swarm.clock.every(1_000 as never, () => bad.open?.raw(bytes(7))),
    ],
    [
      'it rejects under numbers that alias those of other blocks',
      {
        greet: seedLike,
        requested: (it, piece) => {
          it.batch.reject(p(Math.max(0, piece - 1)), 65_536 * 16 * KIB, 16 * KIB);
          it.batch.reject(p(Math.max(0, piece - 1)), 0xffffffff, 16 * KIB);
        },
      },
    ],
    [
      'it rejects every request and allows the piece again',
      {
        greet: seedLike,
        requested: (it, piece, begin, length) => {
          if (it.requests.length > 5000) return;
          it.batch.reject(piece, begin, length);
          it.batch.allowedFast(piece);
        },
      },
    ],
    [
      'it answers with blocks that are one byte short',
      {
        greet: seedLike,
        requested: (it, piece, begin, length) => it.block(piece, begin, new Uint8Array(length - 1)),
      },
    ],
    [
      'it answers each request twice',
      {
        greet: seedLike,
        requested: (it, piece, begin, length) => {
          it.block(piece, begin, new Uint8Array(length));
          it.block(piece, begin, new Uint8Array(length));
        },
      },
    ],
    [
      'it sends messages of unknown kinds',
      { greet: (it) => it.raw(bytes(0, 0, 0, 3, 99, 1, 2), bytes(0, 0, 0, 1, 200), wire.encodeExtended(77, bytes(1))) },
    ],
  ];
  test.each(cases)('%s', async (_, script, then) => {
    const world = await scene(script);
    then?.(world.swarm, world.bad);
    await completes(world, 400_000);
  });
});

describe('requests of a hostile peer', () => {
  async function asked(greet: (it: WireConnection) => void): Promise<Scene & { readonly it: WireConnection }> {
    const swarm = new SimSwarm(9, { files: MIB, pieceLength: 64 * KIB });
    const ours = swarm.seed('10.9.0.1', {});
    const bad = swarm.wirePeer('10.0.3.1', {}, { greet });
    await swarm.clock.advance(100);
    bad.dial({ host: '10.9.0.1', port: 6881 });
    await swarm.clock.advance(5_000);
    const [it] = bad.connections;
    if (it === undefined) throw new Error('not connected');
    return { swarm, ours, bad, it };
  }

  test('out of range or too long are rejected; those in range are served', async () => {
    const { it, swarm, ours } = await asked((one) => {
      one.batch.haveNone();
      one.batch.interested();
    });
    expect(it.choked).toBe(false);
    const wrong: [number, number, number][] = [
      [16, 0, 16 * KIB],
      [0xffffffff, 0, 16 * KIB],
      [0, 64 * KIB, 1],
      [0, 64 * KIB - 1, 2],
      [0, 0xfffffff0, 16 * KIB],
      [0, 0, 0],
      [0, 0, 256 * KIB],
      [15, 0, 0xffffffff],
    ];
    for (const [piece, begin, length] of wrong) it.batch.request(p(piece), begin, length);
    it.batch.request(p(15), 64 * KIB - 5, 5);
    it.flush();
    await swarm.clock.advance(2_000);
    expect(it.rejects).toBe(wrong.length);
    expect(it.blocks).toHaveLength(1);
    expect(sameBytes(it.blocks[0]!.data, swarm.block(15, 64 * KIB - 5, 5))).toBe(true);
    expect(it.closed).toBeUndefined();
    expect(ours.heard.some((one) => one.type === 'failed')).toBe(false);
  });

  test('while choked: only the pieces that were allowed, and each only once', async () => {
    const { it, swarm } = await asked((one) => one.batch.haveNone());
    const allowed = 10 * 64 * KIB;
    for (let round = 0; round < 5; round++) {
      for (let i = 0; i < 16; i++) for (let b = 0; b < 4; b++) it.batch.request(p(i), b * 16 * KIB, 16 * KIB);
      it.flush();
      await swarm.clock.advance(10_000);
    }
    const had = it.blocks.reduce((sum, { data }) => sum + data.length, 0);
    expect(had).toBeGreaterThan(0);
    expect(had).toBeLessThanOrEqual(allowed);
    expect(it.choked).toBe(true);
  });

  test('metadata is given a few times, then refused', async () => {
    const { it, swarm } = await asked((one) => {
      one.batch.haveNone();
      one.raw(wire.encodeExtended(0, encodeExtensionHandshake({ messages: new Map([['ut_metadata', 5]]) })));
    });
    for (let i = 0; i < 500; i++) it.raw(wire.encodeExtended(1, encodeMetadataRequest(0)));
    await swarm.clock.advance(5_000);
    const answers = it.extended.filter(({ id }) => id === 5);
    expect(answers).toHaveLength(500);
    expect(answers.filter(({ payload }) => payload.length > 100)).toHaveLength(3);
  });

  test('one that asks without end and reads nothing is heard slowly, and cut off before it costs memory', async () => {
    const { it, swarm, ours } = await asked((one) => one.batch.haveNone());
    it.connection.pause();
    const flood = new Uint8Array(17 * 60_000);
    for (let i = 0; i < 60_000; i++) flood.set(wire.encodeRequest(p(i % 16), 1, 300 * KIB), 17 * i);
    for (let sent = 0; sent < 20; sent++) it.raw(flood);
    const heard = (): number => 17 * 20 * 60_000 - it.connection.queued;
    await swarm.clock.advance(20_000);
    expect(ours.status?.peers).toBe(1);
    expect(heard()).toBeLessThan(17 * 100_000);
    await swarm.clock.advance(600_000);
    expect(ours.status?.peers).toBe(0);
    expect(heard()).toBeLessThan(17 * 700_000);
  });
});
