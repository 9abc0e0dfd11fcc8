import { describe, expect, test } from 'vitest';
import { toHex } from '../base/bytes.ts';
import type { InfoHash, InfoHashV2, PeerId } from '../base/ids.ts';
import { millis } from '../base/ids.ts';
import type { Connection } from '../ports/net.ts';
import { VirtualClock } from '../sim/clock.ts';
import { SimNet } from '../sim/net.ts';
import { SeededRandom } from '../sim/random.ts';
import { RawPeer } from '../sim/raw-peer.ts';
import { encodeHandshake, handshakeHash } from '../wire/handshake.ts';
import type { DialPeerOptions } from './dial.ts';
import { dialPeer } from './dial.ts';
import type { DialFailure } from './end-reason.ts';
import type { Admission } from './half-open.ts';
import { PeerListener } from './listener.ts';
import type { PeerSession } from './session.ts';

const HASH = 'ab'.repeat(20) as InfoHash;
const V2 = 'ef'.repeat(32) as InfoHashV2;
const OTHER = 'cd'.repeat(20) as InfoHash;
const OURS = '01'.repeat(20) as PeerId;
const THEIRS = '02'.repeat(20) as PeerId;
const EXTENSIONS = { fast: true, extended: true };
const TIMES = { silenceTimeout: millis(150_000), stuckTimeout: millis(60_000), connectTimeout: millis(5_000) };
const REMOTE = { host: '10.0.0.2', port: 6881 };
const shake = (infoHash = HASH, peerId = THEIRS, extensions = EXTENSIONS): Uint8Array =>
  encodeHandshake({ infoHash, peerId, extensions });

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

function dial(w: World, options: Partial<DialPeerOptions> = {}) {
  const results: (PeerSession | DialFailure)[] = [];
  const dialling = dialPeer(
    { net: w.near, clock: w.clock },
    { remote: REMOTE, infoHash: HASH, peerId: OURS, offers: EXTENSIONS, ...options },
    (result) => results.push(result),
  );
  return { results, dialling };
}

async function listen(w: World, admission: (remote: string, crowded: boolean) => Admission | undefined, port = 6881) {
  return PeerListener.open({ net: w.far, clock: w.clock }, { port }, (infoHash, { remote, crowded }) =>
    infoHash === HASH ? admission(remote.host, crowded) : undefined,
  );
}

function rawDial(w: World, localAddress = '10.0.0.1'): RawPeer {
  const raw = new RawPeer(w.clock);
  w.near.dial({ remote: REMOTE, localAddress, ...TIMES }, raw);
  return raw;
}

describe('dialling', () => {
  test('meets the listener of another: both sides know each other', async () => {
    const w = world();
    const accepted: PeerSession[] = [];
    const listener = await listen(w, () => ({ peerId: THEIRS, offers: EXTENSIONS, accept: (it) => accepted.push(it) }));
    const { results } = dial(w, { localAddress: '10.0.0.9' });
    await w.clock.advance(1000);
    expect(listener.local.port).toBe(6881);
    expect(results).toMatchObject([{ peerId: THEIRS, incoming: false, fast: true, extended: true, remote: REMOTE }]);
    expect(accepted).toMatchObject([{ peerId: OURS, incoming: true, fast: true, remote: { host: '10.0.0.9' } }]);
  });

  test.each([
    ['offers', { fast: true, extended: true, dht: true }, [true, true, false]],
    ['does not offer', { fast: false, extended: false, dht: true }, [false, false, false]],
  ])('a session speaks only what both sides announced: one %s it', async (_, offers, both) => {
    const w = world();
    const accepted: PeerSession[] = [];
    await listen(w, () => ({ peerId: THEIRS, offers: EXTENSIONS, accept: (it) => accepted.push(it) }));
    const { results } = dial(w, { offers });
    await w.clock.advance(1000);
    for (const it of [...results, ...accepted] as PeerSession[]) expect([it.fast, it.extended, it.dht]).toEqual(both);
    expect(results.length + accepted.length).toBe(2);
  });

  // What the two say on the wire is what libtorrent 2.0 says in their place.
  test.each<[string, Partial<DialPeerOptions>, readonly InfoHash[], InfoHashV2 | undefined, boolean | undefined]>([
    ['both know both: by that of version 2', { upgrade: V2 }, [HASH], V2, true],
    ['only the dialler knows both', { upgrade: V2 }, [HASH], undefined, false],
    ['only the other side knows both', {}, [HASH], V2, false],
    ['the dialler has it by its hash of version 2', { infoHash: V2 }, [HASH, handshakeHash(V2)], V2, true],
    ['neither knows any but that of version 2', { infoHash: V2 }, [handshakeHash(V2)], V2, true],
    ['the other side knows that of version 2 alone', { upgrade: V2 }, [handshakeHash(V2)], V2, undefined],
    ['the dialler knows that of version 1 alone', {}, [handshakeHash(V2)], V2, undefined],
  ])('a hybrid torrent goes by one of its hashes: %s', async (_, options, known, v2, agreed) => {
    const w = world();
    const accepted: PeerSession[] = [];
    const admission = { peerId: THEIRS, offers: EXTENSIONS, v2, accept: (it: PeerSession) => void accepted.push(it) };
    await PeerListener.open({ net: w.far, clock: w.clock }, { port: 6881 }, (infoHash) =>
      known.includes(infoHash) ? admission : undefined,
    );
    const { results } = dial(w, options);
    await w.clock.advance(1000);
    const sessions = [...results, ...accepted].map((it) => ('reason' in it ? undefined : it.v2));
    expect(sessions).toEqual(agreed === undefined ? [undefined] : [agreed, agreed]);
  });

  test('what a hybrid torrent is called by whom: the answer of version 2 has no upgrade bit any more', async () => {
    const w = world();
    await listen(w, () => ({ peerId: THEIRS, offers: EXTENSIONS, v2: V2, accept: () => {} }));
    const said = async (upgrade: boolean): Promise<string> => {
      const raw = rawDial(w);
      await w.clock.advance(100);
      raw.connection!.write(encodeHandshake({ infoHash: HASH, peerId: OURS, extensions: { ...EXTENSIONS, upgrade } }));
      await w.clock.advance(100);
      return raw.received.slice(40, 96);
    };
    expect(await said(true)).toBe(`0000000000100004${V2.slice(0, 40)}`);
    expect(await said(false)).toBe(`0000000000100014${HASH}`);
  });

  test('ourselves ends in two sessions that show our own peer id, not in silence', async () => {
    const w = world();
    const accepted: PeerSession[] = [];
    await listen(w, () => ({ peerId: OURS, offers: EXTENSIONS, accept: (it) => accepted.push(it) }));
    const results: (PeerSession | DialFailure)[] = [];
    dialPeer(
      { net: w.far, clock: w.clock },
      { remote: REMOTE, infoHash: HASH, peerId: OURS, offers: EXTENSIONS },
      (it) => results.push(it),
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
    await listen(w, () => ({ peerId: THEIRS, offers: EXTENSIONS, accept: () => {} }));
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
    await listen(w, () => ({ peerId: OURS, offers: EXTENSIONS, accept: (it) => accepted.push(it) }));
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
    await listen(w, () => ({ peerId: OURS, offers: EXTENSIONS, accept: (it) => accepted.push(it) }));
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
    await listen(w, () => ({ peerId: OURS, offers: EXTENSIONS, accept: (it) => accepted.push(it) }));
    const silent = Array.from({ length: 70 }, () => rawDial(w));
    await w.clock.advance(100);
    expect(silent.map((raw) => raw.reason?.kind)).toEqual([...Array(6).fill('remote'), ...Array(64).fill(undefined)]);
    const { results } = dial(w);
    await w.clock.advance(100);
    expect([results.length, accepted.length]).toEqual([1, 1]);
  });

  test('lets those of whoever has most go first, however many come', async () => {
    const w = world();
    await listen(w, () => ({ peerId: OURS, offers: EXTENSIONS, accept: () => {} }));
    const slow = rawDial(w);
    await w.clock.advance(50);
    const crowd = Array.from({ length: 200 }, () => rawDial(w, '10.0.0.9'));
    await w.clock.advance(5_000);
    expect(slow.reason).toBeUndefined();
    expect(crowd.filter(({ reason }) => reason === undefined)).toHaveLength(63);
  });

  test('says when a peer needs the place of another', async () => {
    const w = world();
    const crowded: boolean[] = [];
    await listen(w, (_, full) => {
      crowded.push(full);
      return { peerId: OURS, offers: EXTENSIONS, accept: () => {} };
    });
    for (let i = 0; i < 900; i++) {
      const raw = rawDial(w);
      await w.clock.advance(100);
      raw.connection!.write(shake());
    }
    await w.clock.advance(100);
    expect([crowded.slice(0, 895).includes(true), crowded.slice(897)]).toEqual([false, [true, true, true]]);
  });

  test('takes another port where its own is taken; closing leaves the sessions', async () => {
    const w = world();
    const accepted: PeerSession[] = [];
    const admission = { peerId: THEIRS, offers: EXTENSIONS, accept: (it: PeerSession) => accepted.push(it) };
    await listen(w, () => admission);
    const second = await listen(w, () => admission);
    expect(second.local.port).not.toBe(6881);
    dial(w, { remote: { host: '10.0.0.2', port: second.local.port } });
    const half = new RawPeer(w.clock);
    w.near.dial({ remote: { host: '10.0.0.2', port: second.local.port }, ...TIMES }, half);
    await w.clock.advance(100);
    await second.close();
    await w.clock.advance(100);
    expect(half.reason).toEqual({ kind: 'remote' });
    expect([...w.near.connections]).toHaveLength(1);
    expect(accepted).toHaveLength(1);
  });

  test('rejects an address that is not ours', async () => {
    const w = world();
    const open = PeerListener.open({ net: w.far, clock: w.clock }, { address: '10.1.1.1', port: 0 }, () => undefined);
    await expect(open).rejects.toMatchObject({ code: 'network' });
  });
});
