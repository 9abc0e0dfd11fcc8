import { describe, expect, test } from 'vitest';
import { piece as pieceIndex, torrentKey } from '../base/ids.ts';
import { SimSwarm } from '../sim/swarm.ts';
import type { WirePeer } from '../sim/wire-peer.ts';
import { DONT_HAVE_EXTENSION, encodeDontHave } from '../wire/dont-have.ts';
import { encodeExtended } from '../wire/encode.ts';
import { decodeExtensionHandshake, encodeExtensionHandshake } from '../wire/extension-handshake.ts';

const KIB = 1024;
/** Under this number our peers hear of pieces that are gone. */
const OURS = 7;
const PIECES = 10;

function scene() {
  const swarm = new SimSwarm(5, { files: PIECES * 64 * KIB, pieceLength: 64 * KIB, tracked: false });
  return { swarm, key: torrentKey(swarm.torrent.info.infoHash) };
}

/** A peer that speaks BEP 54 and has everything, or nothing; what it was told is gone, and what it was told of wishes. */
function partner(swarm: SimSwarm, address: string, has: 'all' | 'none', serves: boolean) {
  const gone: number[] = [];
  const uploadOnly: (boolean | undefined)[] = [];
  let number: number | undefined;
  const peer: WirePeer = swarm.wirePeer(
    address,
    {},
    {
      greet: (it) => {
        if (has === 'all') it.batch.haveAll();
        else it.batch.haveNone();
        it.batch.unchoke();
        it.flush();
        it.raw(encodeExtended(0, encodeExtensionHandshake({ messages: new Map([[DONT_HAVE_EXTENSION, OURS]]) })));
      },
      requested: (it, piece, begin, length) => {
        if (serves) it.block(piece, begin, swarm.block(piece, begin, length));
      },
      extended: (_, id, payload) => {
        if (id === OURS) gone.push(payload[3] ?? -1);
        if (id !== 0) return;
        const handshake = decodeExtensionHandshake(payload);
        number = handshake.messages.get(DONT_HAVE_EXTENSION);
        uploadOnly.push(handshake.uploadOnly);
      },
    },
  );
  const say = (payload: Uint8Array): void => peer.open?.raw(encodeExtended(number ?? 0, payload));
  return { peer, gone, uploadOnly, say, takeBack: (piece: number) => say(encodeDontHave(piece)) };
}

describe('a peer takes pieces back', () => {
  test('what was asked of it there is asked of others, and it is not asked again', async () => {
    const { swarm, key } = scene();
    const silent = partner(swarm, '10.0.1.1', 'all', false);
    await silent.peer.listen();
    const ours = swarm.leecher('10.9.0.1', {});
    ours.add(swarm.torrent, undefined);
    ours.introduce(key, [silent.peer.endpoint]);
    await swarm.clock.advance(3000);
    const asked = new Set(silent.peer.open!.requests.map(({ piece }) => piece as number));
    expect(asked.size).toBeGreaterThan(0);
    for (let piece = 0; piece < PIECES; piece++) if (asked.has(piece) || piece % 2 === 0) silent.takeBack(piece);
    const before = silent.peer.open!.requests.length;
    const good = partner(swarm, '10.0.2.1', 'all', true);
    await good.peer.listen();
    ours.introduce(key, [good.peer.endpoint]);
    // Far sooner than a silent peer counts as snubbed.
    await swarm.clock.advance(10_000);
    for (const piece of asked) expect(ours.verified.has(piece)).toBe(true);
    const later = silent.peer.open!.requests.slice(before).map(({ piece }) => piece as number);
    expect(later.filter((piece) => asked.has(piece) || piece % 2 === 0)).toEqual([]);
  });

  test('we are interested in it no longer where nothing is left, and again when it has more', async () => {
    const { swarm, key } = scene();
    const one = partner(swarm, '10.0.1.1', 'all', false);
    await one.peer.listen();
    const ours = swarm.leecher('10.9.0.1', {});
    ours.add(swarm.torrent, undefined);
    ours.introduce(key, [one.peer.endpoint]);
    await swarm.clock.advance(3000);
    expect(one.peer.open!.interested).toBe(true);
    for (let piece = 0; piece < PIECES; piece++) one.takeBack(piece);
    await swarm.clock.advance(3000);
    expect(one.peer.open!.interested).toBe(false);
    one.peer.open!.batch.have(pieceIndex(3));
    one.peer.open!.flush();
    await swarm.clock.advance(3000);
    expect(one.peer.open!.interested).toBe(true);
  });

  test.each([
    ['no piece', encodeDontHave(PIECES)],
    ['too short', Uint8Array.of(0, 0, 1)],
    ['too long', Uint8Array.of(0, 0, 0, 1, 0)],
    ['nothing', new Uint8Array()],
  ])('%s ends the connection', async (_, payload) => {
    const { swarm, key } = scene();
    const one = partner(swarm, '10.0.1.1', 'all', false);
    await one.peer.listen();
    const ours = swarm.leecher('10.9.0.1', {});
    ours.add(swarm.torrent, undefined);
    ours.introduce(key, [one.peer.endpoint]);
    await swarm.clock.advance(3000);
    one.say(payload);
    await swarm.clock.advance(1000);
    expect(one.peer.open).toBeUndefined();
  });

  test('over and over, of pieces that it never had too, it changes nothing but its own row', async () => {
    const { swarm, key } = scene();
    const one = partner(swarm, '10.0.1.1', 'none', false);
    const good = partner(swarm, '10.0.2.1', 'all', true);
    await Promise.all([one.peer.listen(), good.peer.listen()]);
    const ours = swarm.leecher('10.9.0.1', {});
    ours.add(swarm.torrent, undefined);
    ours.introduce(key, [one.peer.endpoint, good.peer.endpoint]);
    await swarm.clock.advance(200);
    for (let round = 0; round < 200; round++) {
      one.takeBack(round % PIECES);
      one.peer.open?.batch.have(pieceIndex((round * 3) % PIECES));
      one.peer.open?.flush();
    }
    await swarm.clock.advance(30_000);
    expect(ours.verified.size).toBe(PIECES);
  });
});

describe('we take pieces back', () => {
  test('that turned out wrong: it is told, what was asked is rejected, and they are ours again when fetched anew', async () => {
    const { swarm, key } = scene();
    const seed = swarm.seed('10.9.0.1', { up: 20 * KIB });
    await swarm.clock.advance(1000);
    const one = partner(swarm, '10.0.1.1', 'none', false);
    one.peer.dial(seed.endpoint!);
    await swarm.clock.advance(1000);
    one.peer.open!.batch.interested();
    one.peer.open!.flush();
    await swarm.clock.advance(15_000);
    expect(one.peer.open!.choked).toBe(false);
    for (let block = 0; block < 4; block++) one.peer.open!.batch.request(pieceIndex(4), block * 16 * KIB, 16 * KIB);
    one.peer.open!.flush();
    await swarm.clock.advance(100);
    seed.tell({ type: 'lost', key, pieces: Uint32Array.of(4, 6) });
    await swarm.clock.advance(3000);
    expect(one.gone).toEqual([4, 6]);
    expect(one.peer.open!.rejects).toBeGreaterThan(0);
    expect(one.peer.open!.rejects + one.peer.open!.blocks.length).toBe(4);
    // It is a leecher again, and says so.
    expect(one.uploadOnly).toEqual([true, false]);
    one.peer.open!.has.clear();
    seed.tell({ type: 'present', key, pieces: Uint32Array.of(4, 6), owners: Uint8Array.of(0, 0) });
    await swarm.clock.advance(3000);
    expect(one.peer.open!.has).toEqual(new Set([4, 6]));
  });
});

describe('who wants nothing (BEP 21)', () => {
  test('says so when the last piece is there', async () => {
    const { swarm, key } = scene();
    const good = partner(swarm, '10.0.2.1', 'all', true);
    await good.peer.listen();
    const ours = swarm.leecher('10.9.0.1', {});
    ours.add(swarm.torrent, undefined);
    ours.introduce(key, [good.peer.endpoint]);
    await swarm.clock.advance(30_000);
    expect(ours.verified.size).toBe(PIECES);
    expect(good.uploadOnly).toEqual([undefined, true]);
  });

  test.each([true, false])('two of them part, else they stay: %s', async (uploadOnly) => {
    const { swarm } = scene();
    const seed = swarm.seed('10.9.0.1', {});
    await swarm.clock.advance(1000);
    const other = swarm.wirePeer(
      '10.0.1.1',
      {},
      {
        greet: (it) => {
          it.batch.haveNone();
          it.flush();
          it.raw(encodeExtended(0, encodeExtensionHandshake({ messages: new Map(), uploadOnly })));
        },
      },
    );
    other.dial(seed.endpoint!);
    await swarm.clock.advance(5000);
    expect(other.open === undefined).toBe(uploadOnly);
  });
});
