import { describe, expect, test } from 'vitest';
import { concatBytes, toHex } from '../base/bytes.ts';
import { EnsembleError } from '../base/errors.ts';
import type { InfoHash, PeerId } from '../base/ids.ts';
import { millis, piece } from '../base/ids.ts';
import type { CloseReason, Connection, ConnectionHandler } from '../ports/net.ts';
import { VirtualClock } from '../sim/clock.ts';
import { SimNet } from '../sim/net.ts';
import { SeededRandom } from '../sim/random.ts';
import * as encode from '../wire/encode.ts';
import { encodeHandshake } from '../wire/handshake.ts';
import type { DialPeerOptions } from './dial.ts';
import { dialPeer } from './dial.ts';
import type { DialFailure } from './end-reason.ts';
import type { Admission } from './half-open.ts';
import { PeerListener } from './listener.ts';
import { PeerSession } from './session.ts';
import type { SessionHandler } from './session.ts';

const HASH = 'ab'.repeat(20) as InfoHash;
const OTHER = 'cd'.repeat(20) as InfoHash;
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

/** A side that speaks raw bytes. */
class Raw implements ConnectionHandler {
  connection: Connection | undefined;
  received = '';
  times: number[] = [];
  reason: CloseReason | undefined;
  readonly #clock: VirtualClock;
  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }
  connected(connection: Connection): void {
    this.connection = connection;
  }
  data(_: Connection, data: Uint8Array): void {
    this.received += toHex(data);
    this.times.push(this.#clock.now());
  }
  closed(_: Connection, reason: CloseReason): void {
    this.reason = reason;
  }
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
async function rawServer({ clock, far }: World): Promise<Raw> {
  const raw = new Raw(clock);
  await far.listen({ port: 6881, ...TIMES }, (connection) => {
    raw.connection = connection;
    return raw;
  });
  return raw;
}

function dial(w: World, options: Partial<DialPeerOptions> = {}) {
  const results: (PeerSession | DialFailure)[] = [];
  const dialling = dialPeer(
    { net: w.near, clock: w.clock },
    { remote: REMOTE, infoHash: HASH, peerId: OURS, ...options },
    (result) => results.push(result),
  );
  return { results, dialling };
}

/** A session with a raw other side, both handshakes done. */
async function session(w: World, extra: Uint8Array = new Uint8Array(0), extensions = EXTENSIONS) {
  const raw = await rawServer(w);
  const { results } = dial(w);
  await w.clock.advance(100);
  raw.connection!.write(concatBytes(shake(HASH, THEIRS, extensions), extra));
  await w.clock.advance(100);
  raw.received = '';
  return { raw, peer: results[0] as PeerSession };
}

async function listen(w: World, admission: (remote: string) => Admission | undefined, port = 6881) {
  return PeerListener.open({ net: w.far, clock: w.clock }, { port }, (infoHash, remote) =>
    infoHash === HASH ? admission(remote.host) : undefined,
  );
}

function rawDial(w: World): Raw {
  const raw = new Raw(w.clock);
  w.near.dial({ remote: REMOTE, ...TIMES }, raw);
  return raw;
}

describe('dialling', () => {
  test('meets the listener of another: both sides know each other', async () => {
    const w = world();
    const accepted: PeerSession[] = [];
    const listener = await listen(w, () => ({ peerId: THEIRS, accept: (it) => accepted.push(it) }));
    const { results } = dial(w, { localAddress: '10.0.0.9' });
    await w.clock.advance(1000);
    expect(listener.local.port).toBe(6881);
    expect(results).toMatchObject([{ peerId: THEIRS, incoming: false, fast: true, extended: true, remote: REMOTE }]);
    expect(accepted).toMatchObject([{ peerId: OURS, incoming: true, fast: true, remote: { host: '10.0.0.9' } }]);
  });

  test('ourselves ends in two sessions that show our own peer id, not in silence', async () => {
    const w = world();
    const accepted: PeerSession[] = [];
    await listen(w, () => ({ peerId: OURS, accept: (it) => accepted.push(it) }));
    const results: (PeerSession | DialFailure)[] = [];
    dialPeer({ net: w.far, clock: w.clock }, { remote: REMOTE, infoHash: HASH, peerId: OURS }, (it) =>
      results.push(it),
    );
    await w.clock.advance(1000);
    expect([...results, ...accepted]).toMatchObject([{ peerId: OURS }, { peerId: OURS }]);
  });

  test('says nothing of the peer before all 68 bytes', async () => {
    const w = world();
    const raw = await rawServer(w);
    const { results } = dial(w);
    await w.clock.advance(100);
    expect(raw.received).toBe(toHex(shake(HASH, OURS)));
    raw.connection!.write(shake().subarray(0, 67));
    await w.clock.advance(100);
    expect(results).toEqual([]);
    raw.connection!.write(shake().subarray(67));
    await w.clock.advance(100);
    expect(results).toMatchObject([{ peerId: THEIRS }]);
  });

  test.each<[string, (raw: Connection) => unknown, DialFailure['reason'] | object]>([
    ['another protocol', (raw) => raw.write(new TextEncoder().encode('HTTP/1.1 400')), { kind: 'protocol' }],
    ['another torrent', (raw) => raw.write(shake(OTHER).subarray(0, 48)), { kind: 'protocol' }],
    ['a close in the midst of it', (raw) => (raw.write(shake().subarray(0, 60)), raw.end()), { kind: 'remote' }],
    ['silence', () => {}, { kind: 'timeout', what: 'handshake' }],
    ['half a handshake', (raw) => raw.write(shake().subarray(0, 67)), { kind: 'timeout', what: 'handshake' }],
  ])('fails once and closes: %s', async (_, answer, reason) => {
    const w = world();
    const raw = await rawServer(w);
    const { results } = dial(w);
    await w.clock.advance(100);
    answer(raw.connection!);
    await w.clock.advance(30_000);
    expect(results).toMatchObject([{ reason }]);
    expect([...w.near.connections]).toEqual([]);
    expect(w.clock.pending).toBe(0);
  });

  test.each<[string, Partial<DialPeerOptions>, object]>([
    ['nobody listens', {}, { kind: 'error', code: 'ECONNREFUSED' }],
    ['no such host', { remote: { host: '10.9.9.9', port: 1 } }, { kind: 'timeout', what: 'connect' }],
    ['our address is gone', { localAddress: '10.0.0.77' }, { kind: 'error', code: 'EADDRNOTAVAIL' }],
  ])('fails where %s', async (_, options, reason) => {
    const w = world();
    const { results } = dial(w, options);
    expect(results).toEqual([]);
    await w.clock.advance(30_000);
    expect(results).toEqual([{ reason }]);
  });

  test('that was cancelled tells nothing', async () => {
    const w = world();
    await listen(w, () => ({ peerId: THEIRS, accept: () => {} }));
    const { results, dialling } = dial(w);
    await w.clock.advance(15);
    dialling.cancel();
    await w.clock.advance(60_000);
    expect(results).toEqual([]);
    expect([...w.near.connections]).toEqual([]);
  });
});

describe('the listener', () => {
  test('sends a peer where its torrent is, and answers as soon as it knows which', async () => {
    const w = world();
    const accepted: PeerSession[] = [];
    await listen(w, () => ({ peerId: OURS, accept: (it) => accepted.push(it) }));
    const raw = rawDial(w);
    await w.clock.advance(100);
    expect(raw.received).toBe('');
    raw.connection!.write(shake().subarray(0, 48));
    await w.clock.advance(100);
    expect(raw.received).toBe(toHex(shake(HASH, OURS)));
    expect(accepted).toEqual([]);
    raw.connection!.write(shake().subarray(48));
    await w.clock.advance(100);
    expect(accepted).toMatchObject([{ peerId: THEIRS }]);
  });

  test.each<[string, Uint8Array]>([
    ['an unknown torrent', shake(OTHER)],
    ['another protocol', new TextEncoder().encode('GET / HTTP/1.1\r\n\r\n')],
    ['half a handshake, then silence', shake().subarray(0, 60)],
    ['nothing', new Uint8Array(0)],
  ])('closes on %s', async (_, bytes) => {
    const w = world();
    const accepted: PeerSession[] = [];
    await listen(w, () => ({ peerId: OURS, accept: (it) => accepted.push(it) }));
    const raw = rawDial(w);
    await w.clock.advance(100);
    raw.connection!.write(bytes);
    await w.clock.advance(21_000);
    expect(raw.reason).toEqual({ kind: 'remote' });
    expect(accepted).toEqual([]);
    expect([...w.far.connections]).toEqual([]);
  });

  test('lets the oldest of too many silent ones go, so that honest peers still come in', async () => {
    const w = world();
    const accepted: PeerSession[] = [];
    await listen(w, () => ({ peerId: OURS, accept: (it) => accepted.push(it) }));
    const silent = Array.from({ length: 70 }, () => rawDial(w));
    await w.clock.advance(100);
    expect(silent.map((raw) => raw.reason?.kind)).toEqual([...Array(6).fill('remote'), ...Array(64).fill(undefined)]);
    const { results } = dial(w);
    await w.clock.advance(100);
    expect([results.length, accepted.length]).toEqual([1, 1]);
  });

  test('takes another port where its own is taken; closing leaves the sessions', async () => {
    const w = world();
    const accepted: PeerSession[] = [];
    const admission = { peerId: THEIRS, accept: (it: PeerSession) => accepted.push(it) };
    await listen(w, () => admission);
    const second = await listen(w, () => admission);
    expect(second.local.port).not.toBe(6881);
    const { results } = dial(w, { remote: { host: '10.0.0.2', port: second.local.port } });
    const half = new Raw(w.clock);
    w.near.dial({ remote: { host: '10.0.0.2', port: second.local.port }, ...TIMES }, half);
    await w.clock.advance(100);
    await second.close();
    await w.clock.advance(100);
    expect(half.reason).toEqual({ kind: 'remote' });
    const { handler, heard } = recorder();
    accepted[0]!.start(handler);
    (results[0] as PeerSession).batch.unchoke();
    await w.clock.advance(100);
    expect(heard).toEqual([['unchoke'], ['chunkDone']]);
  });

  test('rejects an address that is not ours', async () => {
    const w = world();
    const open = PeerListener.open({ net: w.far, clock: w.clock }, { address: '10.1.1.1', port: 0 }, () => undefined);
    await expect(open).rejects.toMatchObject({ code: 'network' });
  });
});

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
    dialPeer({ net: w.near, clock: w.clock }, { remote: REMOTE, infoHash: HASH, peerId: OURS }, (it) =>
      (it as PeerSession).start(handler),
    );
    await w.clock.advance(100);
    raw.connection!.write(concatBytes(shake(), encode.encodeInterested()));
    await w.clock.advance(100);
    expect(heard).toEqual([['interested'], ['chunkDone']]);
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
    expect(heard).toEqual([['blockTarget', 1, 0, 3], ['block', 1, 0, 3, true], ['chunkDone']]);
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
    expect(peer.sendBlock(piece(0), 0, new Uint8Array(1))).toBe(false);
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

  test('holds back when the peer does not take what is sent, and hears when it has', async () => {
    const w = world();
    const { raw, peer } = await session(w);
    const { handler, heard } = recorder();
    peer.start(handler);
    raw.connection!.pause();
    let sent = 0;
    while (peer.sendBlock(piece(sent), 0, new Uint8Array(131_072))) sent++;
    expect(sent).toBeLessThan(100);
    raw.connection!.resume();
    await w.clock.advance(1000);
    expect(heard).toEqual([['drained']]);
    expect(raw.received.length / 2).toBe((sent + 1) * (131_072 + 13));
  });

  test('sends a keep-alive 100 s after the last it sent, whatever that was', async () => {
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
    expect(after).toEqual([70, 170, 270]);
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
