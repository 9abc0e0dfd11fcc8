import { describe, expect, test } from 'vitest';
import { concatBytes, toHex } from '../base/bytes.ts';
import { EnsembleError } from '../base/errors.ts';
import type { InfoHash, PeerId } from '../base/ids.ts';
import { millis, piece } from '../base/ids.ts';
import type { Connection } from '../ports/net.ts';
import { VirtualClock } from '../sim/clock.ts';
import { SimNet } from '../sim/net.ts';
import { SeededRandom } from '../sim/random.ts';
import { RawPeer } from '../sim/raw-peer.ts';
import * as encode from '../wire/encode.ts';
import { encodeHandshake } from '../wire/handshake.ts';
import { dialPeer } from './dial.ts';
import type { SessionHandler } from './session.ts';
import { PeerSession } from './session.ts';

const HASH = 'ab'.repeat(20) as InfoHash;
const OURS = '01'.repeat(20) as PeerId;
const THEIRS = '02'.repeat(20) as PeerId;
const EXTENSIONS = { fast: true, extended: true };
const TIMES = { silenceTimeout: millis(150_000), stuckTimeout: millis(60_000), connectTimeout: millis(5_000) };
const REMOTE = { host: '10.0.0.2', port: 6881 };
const shake = (infoHash = HASH, peerId = THEIRS, extensions = EXTENSIONS): Uint8Array =>
  encodeHandshake({ infoHash, peerId, extensions });

/** Writes down what a session tells: messages by name and numbers, bytes as hex digits. */
function recorder(overrides: Partial<SessionHandler> = {}): { handler: SessionHandler; heard: unknown[][] } {
  const heard: unknown[][] = [];
  const handler = new Proxy(overrides, {
    get: (known, name) =>
      Reflect.get(known, name) ??
      ((...values: unknown[]) => {
        heard.push([String(name), ...values.map((value) => (value instanceof Uint8Array ? toHex(value) : value))]);
        return name === 'blockTarget' ? new Uint8Array(values[2] as number) : undefined;
      }),
  }) as SessionHandler;
  return { handler, heard };
}

function world() {
  const clock = new VirtualClock();
  const net = new SimNet(clock, new SeededRandom(1));
  const near = net.host(['10.0.0.1', '10.0.0.9'], { latency: 5 });
  const far = net.host('10.0.0.2', { latency: 5 });
  return { clock, near, far };
}
type World = ReturnType<typeof world>;

/** The far host takes connections and leaves them to the test. */
async function rawServer({ clock, far }: World): Promise<RawPeer> {
  const raw = new RawPeer(clock);
  await far.listen({ port: 6881, ...TIMES }, (connection) => {
    raw.connection = connection;
    return raw;
  });
  return raw;
}

/** A session with a raw other side, both handshakes done. */
async function session(w: World, extra: Uint8Array = new Uint8Array(0), extensions = EXTENSIONS) {
  const raw = await rawServer(w);
  let result: unknown;
  dialPeer(
    { net: w.near, clock: w.clock },
    { remote: REMOTE, infoHash: HASH, peerId: OURS, offers: EXTENSIONS },
    (it) => (result = it),
  );
  await w.clock.advance(100);
  raw.connection!.write(concatBytes(shake(HASH, THEIRS, extensions), extra));
  await w.clock.advance(100);
  raw.received = '';
  return { raw, peer: result as PeerSession };
}

describe('a session', () => {
  test('keeps what came right behind the handshake until it is started, reading no further', async () => {
    const w = world();
    const { raw, peer } = await session(w, concatBytes(encode.encodeHaveAll(), encode.encodeUnchoke()));
    raw.connection!.write(encode.encodeHave(piece(4)));
    await w.clock.advance(1000);
    const { handler, heard } = recorder();
    peer.start(handler);
    expect(heard).toEqual([]);
    await w.clock.advance(100);
    expect(heard).toEqual([['haveAll'], ['unchoke'], ['chunkDone'], ['have', 4], ['chunkDone']]);
    expect(() => peer.start(handler)).toThrow(/started already/);
  });

  test('started at once, tells what came in the same chunk', async () => {
    const w = world();
    const raw = await rawServer(w);
    const { handler, heard } = recorder();
    dialPeer(
      { net: w.near, clock: w.clock },
      { remote: REMOTE, infoHash: HASH, peerId: OURS, offers: EXTENSIONS },
      (it) => (it as PeerSession).start(handler),
    );
    await w.clock.advance(100);
    raw.connection!.write(concatBytes(shake(), encode.encodeInterested()));
    await w.clock.advance(100);
    expect(heard).toEqual([['interested'], ['chunkDone']]);
  });

  test('that is not started keeps no more than 1 MiB, whatever the connection brings', async () => {
    const clock = new VirtualClock();
    const calls: string[] = [];
    const connection = new Proxy(
      { remote: REMOTE, local: REMOTE, outgoing: true, queued: 0 } as unknown as Connection,
      {
        get: (known, name) => Reflect.get(known, name) ?? (() => calls.push(String(name))),
      },
    );
    const peer = new PeerSession(clock, connection, {
      peerId: THEIRS,
      fast: true,
      extended: true,
      dht: false,
      v2: false,
    });
    for (let i = 0; i < 5; i++) peer.data(connection, new Uint8Array(262_144));
    expect(calls.filter((call) => call === 'destroy')).toHaveLength(1);
    peer.closed(connection, { kind: 'local' });
    const { handler, heard } = recorder();
    peer.start(handler);
    await clock.settle();
    expect(heard).toEqual([['closed', { kind: 'protocol', message: expect.stringContaining('1310720 bytes') }]]);
  });

  test('that ended before it was started says so then', async () => {
    const w = world();
    const { raw, peer } = await session(w);
    raw.connection!.end();
    await w.clock.advance(100);
    const { handler, heard } = recorder();
    peer.start(handler);
    await w.clock.advance(100);
    expect(heard).toEqual([['closed', { kind: 'remote' }]]);
  });

  test('takes blocks, and what it sends leaves in the order in which it was given', async () => {
    const w = world();
    const { raw, peer } = await session(w);
    const { handler, heard } = recorder();
    peer.start(handler);
    const data = new Uint8Array(70_000).fill(7);
    peer.sendBitfield(Uint8Array.of(0xf0));
    peer.batch.unchoke();
    peer.sendExtended(3, Uint8Array.of(9));
    peer.batch.have(piece(1));
    peer.sendBlock(piece(2), 16384, data);
    peer.batch.choke();
    expect(peer.queued).toBeGreaterThan(70_000);
    peer.flush();
    await w.clock.advance(1000);
    const sent = [
      encode.encodeBitfield(Uint8Array.of(0xf0)),
      encode.encodeUnchoke(),
      encode.encodeExtended(3, Uint8Array.of(9)),
      encode.encodeHave(piece(1)),
      encode.encodePieceHeader(piece(2), 16384, data.length),
      data,
      encode.encodeChoke(),
    ];
    expect(raw.received).toBe(toHex(concatBytes(...sent)));
    expect(peer.queued).toBe(0);
    raw.connection!.write(concatBytes(encode.encodePieceHeader(piece(1), 0, 3), Uint8Array.of(1, 2, 3)));
    await w.clock.advance(100);
    expect(heard).toEqual([['drained'], ['blockTarget', 1, 0, 3], ['block', 1, 0, 3, true], ['chunkDone']]);
  });

  test('skips the rest of a block whose target was dropped', async () => {
    const w = world();
    const { raw, peer } = await session(w);
    const { handler, heard } = recorder();
    peer.start(handler);
    raw.connection!.write(encode.encodePieceHeader(piece(1), 0, 2));
    await w.clock.advance(100);
    peer.dropTarget();
    raw.connection!.write(Uint8Array.of(1, 2));
    await w.clock.advance(100);
    expect(heard.at(-2)).toEqual(['block', 1, 0, 2, false]);
  });

  test('flush sends at once; without it the batch leaves by itself', async () => {
    const w = world();
    const { raw, peer } = await session(w);
    peer.batch.interested();
    peer.flush();
    expect(peer.batch.size).toBe(0);
    peer.batch.request(piece(0), 0, 16384);
    await w.clock.advance(20);
    expect(raw.received).toBe(toHex(concatBytes(encode.encodeInterested(), encode.encodeRequest(piece(0), 0, 16384))));
  });

  test.each<[string, Uint8Array, RegExp, typeof EXTENSIONS?]>([
    ['a length prefix of 4 GiB', Uint8Array.of(255, 255, 255, 255), /4294967295 bytes/],
    ['a have of the wrong length', Uint8Array.of(0, 0, 0, 2, 4), /length of 2 instead of 5/],
    ['the fast extension unasked', encode.encodeHaveAll(), /not agreed/, { fast: false, extended: true }],
    ['a bitfield over the bound', encode.encodeBitfield(new Uint8Array(4)), /length of 5/],
  ])('ends on a breach: %s', async (_, bytes, message, extensions) => {
    const w = world();
    const { raw, peer } = await session(w, new Uint8Array(0), extensions);
    const { handler, heard } = recorder();
    peer.setMaxBitfield(3);
    peer.start(handler);
    raw.connection!.write(concatBytes(encode.encodeUnchoke(), bytes, encode.encodeChoke()));
    await w.clock.advance(100);
    expect(heard).toEqual([['unchoke'], ['closed', { kind: 'protocol', message: expect.stringMatching(message) }]]);
    expect(raw.reason).toEqual({ kind: 'remote' });
  });

  test('ends likewise when its handler finds the breach', async () => {
    const w = world();
    const { raw, peer } = await session(w);
    const { handler, heard } = recorder({
      have: () => {
        throw new EnsembleError('protocol', 'no such piece');
      },
    });
    peer.start(handler);
    raw.connection!.write(concatBytes(encode.encodeHave(piece(9)), encode.encodeChoke()));
    await w.clock.advance(100);
    expect(heard).toEqual([['closed', { kind: 'protocol', message: 'no such piece' }]]);
  });

  test('passes on what only the swarm can judge', async () => {
    const w = world();
    const { raw, peer } = await session(w);
    const { handler, heard } = recorder();
    peer.start(handler);
    raw.connection!.write(
      concatBytes(
        encode.encodeBitfield(new Uint8Array(0)),
        encode.encodeHave(piece(0xffffffff)),
        encode.encodeRequest(piece(0), 0, 0xffffffff),
      ),
    );
    await w.clock.advance(100);
    expect(heard).toEqual([['bitfield', ''], ['have', 0xffffffff], ['request', 0, 0, 0xffffffff], ['chunkDone']]);
  });

  test('closed by its handler tells nothing more of the chunk at hand', async () => {
    const w = world();
    const { raw, peer } = await session(w);
    const { handler, heard } = recorder({ choke: () => peer.close() });
    peer.start(handler);
    raw.connection!.write(concatBytes(encode.encodeUnchoke(), encode.encodeChoke(), encode.encodeUnchoke()));
    await w.clock.advance(100);
    expect(heard).toEqual([['unchoke'], ['closed', { kind: 'local' }]]);
    peer.batch.unchoke();
    peer.sendBlock(piece(0), 0, new Uint8Array(1));
    await w.clock.advance(200_000);
    expect(raw.received).toBe('');
    expect(w.clock.pending).toBe(0);
  });

  test('reads nothing while it is paused', async () => {
    const w = world();
    const { raw, peer } = await session(w);
    const { handler, heard } = recorder();
    peer.start(handler);
    peer.pauseReading();
    raw.connection!.write(encode.encodeUnchoke());
    await w.clock.advance(1000);
    expect(heard).toEqual([]);
    peer.resumeReading();
    await w.clock.advance(100);
    expect(heard).toEqual([['unchoke'], ['chunkDone']]);
  });

  test('paused before it is started stays paused', async () => {
    const w = world();
    const { raw, peer } = await session(w, encode.encodeHaveNone());
    const { handler, heard } = recorder();
    peer.pauseReading();
    peer.resumeReading();
    peer.pauseReading();
    peer.start(handler);
    raw.connection!.write(encode.encodeUnchoke());
    await w.clock.advance(1000);
    expect(heard).toEqual([['haveNone'], ['chunkDone']]);
    peer.resumeReading();
    await w.clock.advance(100);
    expect(heard.slice(2)).toEqual([['unchoke'], ['chunkDone']]);
  });

  test('knows what waits for a peer that does not take it, and hears when it has left', async () => {
    const w = world();
    const { raw, peer } = await session(w);
    const { handler, heard } = recorder();
    peer.start(handler);
    raw.connection!.pause();
    for (let i = 0; i < 10; i++) peer.sendBlock(piece(i), 0, new Uint8Array(131_072));
    peer.flush();
    await w.clock.advance(1000);
    expect(peer.queued).toBeGreaterThan(500_000);
    expect(heard).toEqual([]);
    raw.connection!.resume();
    await w.clock.advance(1000);
    expect(peer.queued).toBe(0);
    expect(heard).toEqual([['drained']]);
    expect(raw.received.length / 2).toBe(10 * (131_072 + 13));
  });

  test.each([
    ['keep-alives', encode.encodeKeepAlive()],
    ['news of one piece', encode.encodeHave(piece(4))],
  ])('%s without end are heard slowly, and what comes behind them is heard in the end', async (_, message) => {
    const w = world();
    const { raw, peer } = await session(w);
    const heard = new Map<string, number>();
    const handler = new Proxy({} as SessionHandler, {
      get: (_known, name) => () => heard.set(String(name), (heard.get(String(name)) ?? 0) + 1),
    });
    peer.start(handler);
    const count = (): number => (heard.get('keepAlive') ?? 0) + (heard.get('have') ?? 0);
    for (let i = 0; i < 10; i++) raw.connection!.write(concatBytes(...Array<Uint8Array>(12_000).fill(message)));
    raw.connection!.write(encode.encodeUnchoke());
    await w.clock.advance(10_000);
    expect(count()).toBeGreaterThanOrEqual(45_000);
    expect(count()).toBeLessThan(56_000);
    // Others that stop and go on reading, as the disk does, change nothing.
    peer.pauseReading();
    peer.resumeReading();
    await w.clock.advance(100);
    expect(count()).toBeLessThan(56_000);
    await w.clock.advance(40_000);
    expect([count(), heard.get('unchoke')]).toEqual([120_000, 1]);
  });

  test('sends a keep-alive 100 to 110 s after the last it sent, whatever that was', async () => {
    const w = world();
    const { raw, peer } = await session(w);
    raw.times = [];
    const start = w.clock.now();
    const chat = w.clock.every(millis(60_000), () => raw.connection!.write(encode.encodeKeepAlive()));
    await w.clock.advance(70_000);
    peer.batch.interested();
    await w.clock.advance(240_000);
    expect(raw.received).toBe(toHex(concatBytes(encode.encodeInterested(), new Uint8Array(8))));
    const after = raw.times.map((time) => Math.round((time - start) / 1000));
    const gaps = after.map((time, i) => time - (after[i - 1] ?? 0));
    expect(gaps).toHaveLength(3);
    expect(gaps[0]).toBe(70);
    for (const gap of gaps.slice(1)) {
      expect(gap).toBeGreaterThanOrEqual(100);
      expect(gap).toBeLessThanOrEqual(111);
    }
    chat.cancel();
  });

  test('ends when the peer has been silent for 150 s', async () => {
    const w = world();
    const { peer } = await session(w);
    const { handler, heard } = recorder();
    peer.start(handler);
    await w.clock.advance(149_000);
    expect(heard).toEqual([]);
    await w.clock.advance(2_000);
    expect(heard).toEqual([['closed', { kind: 'timeout', what: 'silence' }]]);
  });
});
