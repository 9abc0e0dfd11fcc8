import { describe, expect, test } from 'vitest';
import { type Endpoint, formatEndpoint } from '../base/endpoint.ts';
import { type PeerId, torrentKey } from '../base/ids.ts';
import type { SimClient } from '../sim/client.ts';
import { SimSwarm } from '../sim/swarm.ts';
import type { WireConnection, WirePeer } from '../sim/wire-peer.ts';
import { ordinaryTuning } from '../engine/tuning.ts';
import { encodeExtended } from '../wire/encode.ts';
import { decodeExtensionHandshake, encodeExtensionHandshake } from '../wire/extension-handshake.ts';
import { decodePeerExchange, encodePeerExchange, PEX_FLAG } from '../wire/peer-exchange.ts';

const KIB = 1024;
/** Our peers send us peer exchange under this number. */
const OURS = 9;

function scene(options: { readonly private?: boolean } = {}) {
  const swarm = new SimSwarm(5, { files: 640 * KIB, pieceLength: 64 * KIB, tracked: false, ...options });
  const key = torrentKey(swarm.torrent.info.infoHash);
  return { swarm, key };
}

const found = (client: SimClient): string[] =>
  client.heard.flatMap((one) =>
    one.type === 'peers-found' && one.source === 'pex' ? one.endpoints.map(formatEndpoint) : [],
  );
/** Hosts of connections that were made with peers of this source. */
const joined = (client: SimClient, source: string): string[] =>
  client.heard.flatMap((one) =>
    one.type === 'peer' && one.connected && one.source === source ? [one.endpoint.host] : [],
  );

/** A peer that speaks peer exchange: what it was told, and under which number it may tell. */
function partner(swarm: SimSwarm, address: string, more: { readonly seed?: boolean; readonly hears?: boolean } = {}) {
  const heard: {
    readonly at: number;
    readonly added: string[];
    readonly dropped: string[];
    readonly flags: number[];
  }[] = [];
  let number: number | undefined;
  const peer: WirePeer = swarm.wirePeer(
    address,
    {},
    {
      greet: (it) => {
        if (more.seed === true) it.batch.haveAll();
        else it.batch.haveNone();
        const messages = new Map(more.hears === false ? [] : [['ut_pex', OURS]]);
        it.flush();
        it.raw(encodeExtended(0, encodeExtensionHandshake({ messages, port: 6881 })));
      },
      extended: (_, id, payload) => {
        if (id === 0) number = decodeExtensionHandshake(payload).messages.get('ut_pex');
        else if (id === OURS) {
          const { added, dropped } = decodePeerExchange(payload);
          heard.push({
            at: swarm.clock.now(),
            added: added.map(formatEndpoint),
            dropped: dropped.map(formatEndpoint),
            flags: added.map(({ flags }) => flags),
          });
        }
      },
    },
  );
  const tell = (
    peers: readonly (Endpoint & { readonly flags?: number })[],
    dropped: readonly Endpoint[] = [],
  ): void => {
    const message = encodePeerExchange({ added: peers.map((one) => ({ flags: 0, ...one })), dropped });
    peer.open?.raw(encodeExtended(number ?? 0, message));
  };
  return { peer, heard, tell, number: () => number };
}

const at = (host: string): Endpoint => ({ host, port: 6881 });

describe('peers exchange peers', () => {
  test('one that knows a single peer finds the others through it, and they find it', async () => {
    const { swarm, key } = scene();
    const seed = swarm.seed('10.0.0.1', { up: 20 * KIB });
    const middle = swarm.leecher('10.0.0.2', {});
    const last = swarm.leecher('10.0.0.3', {});
    await swarm.clock.advance(100);
    middle.introduce(key, [at('10.0.0.1')]);
    last.introduce(key, [at('10.0.0.2')]);
    await swarm.clock.advance(10_000);
    expect(found(last)).toEqual(['10.0.0.1:6881']);
    expect(found(seed)).toContain('10.0.0.3:6881');
    // Whichever of them was told first has dialled the other.
    const between = [...joined(last, 'pex'), ...joined(seed, 'pex')].filter((host) => host !== '10.0.0.2');
    expect(between.length).toBeGreaterThan(0);
    // Who dialled us is not dialled, though others name it.
    expect([...joined(seed, 'pex'), ...joined(middle, 'pex')]).not.toContain('10.0.0.2');
    await swarm.clock.runUntil(() => last.verified.size === swarm.torrent.info.pieceCount, 60_000);
    expect(last.verified.size).toBe(swarm.torrent.info.pieceCount);
    expect(last.status?.sources.find(({ kind }) => kind === 'pex')).toMatchObject({ found: new Set(found(last)).size });
  });

  test('a magnet link that names one peer without the metadata leads to those that have it', async () => {
    const { swarm, key } = scene();
    const seed = swarm.seed('10.0.0.1', {});
    const { peer, tell } = partner(swarm, '10.0.0.2');
    await peer.listen();
    const seeker = swarm.seeker('10.0.0.3', {});
    await swarm.clock.advance(100);
    seeker.introduce(key, [peer.endpoint]);
    await swarm.clock.advance(3_000);
    tell([at('10.0.0.1')]);
    await swarm.clock.runUntil(() => seeker.heard.some(({ type }) => type === 'metadata'), 20_000);
    expect(seeker.heard.some(({ type }) => type === 'metadata')).toBe(true);
    void seed;
  });

  test('first soon, then once a minute what changed, with what is known of each', async () => {
    const { swarm, key } = scene();
    const ours = swarm.leecher('10.9.0.1', {});
    const told = partner(swarm, '10.0.0.2');
    const dialled = partner(swarm, '10.0.0.3', { hears: false, seed: true });
    const dialling = partner(swarm, '10.0.0.4', { hears: false });
    const unknown = swarm.wirePeer('10.0.0.5', {}, { greet: (it) => it.batch.haveNone() });
    const late = partner(swarm, '10.0.0.6', { hears: false });
    for (const { peer } of [told, dialled, late]) await peer.listen();
    await swarm.clock.advance(100);
    ours.introduce(key, [told.peer.endpoint, dialled.peer.endpoint]);
    dialling.peer.dial(at('10.9.0.1'));
    unknown.dial(at('10.9.0.1'));
    await swarm.clock.advance(5_000);
    expect(told.heard).toHaveLength(1);
    const [first] = told.heard;
    // Of one whose port is not known nobody is told.
    expect(first?.added.toSorted()).toEqual(['10.0.0.3:6881', '10.0.0.4:6881']);
    expect(first?.flags[first.added.indexOf('10.0.0.3:6881')]).toBe(PEX_FLAG.seed | PEX_FLAG.reachable);
    expect(first?.flags[first.added.indexOf('10.0.0.4:6881')]).toBe(0);
    ours.introduce(key, [late.peer.endpoint]);
    dialling.peer.open?.connection.end();
    await swarm.clock.advance(50_000);
    expect(told.heard).toHaveLength(1);
    await swarm.clock.advance(20_000);
    expect(told.heard).toHaveLength(2);
    expect(told.heard[1]).toMatchObject({ added: ['10.0.0.6:6881'], dropped: ['10.0.0.4:6881'] });
    expect((told.heard[1]?.at ?? 0) - (told.heard[0]?.at ?? 0)).toBeGreaterThanOrEqual(60_000);
    await swarm.clock.advance(60_000);
    expect(told.heard).toHaveLength(2);
  });

  test.each([
    ['switched off', { tuning: ordinaryTuning({ pex: false }) }, {}],
    ['a private torrent', {}, { private: true }],
  ])('%s: neither offered nor heard nor said', async (_, changes, torrent) => {
    const { swarm, key } = scene(torrent);
    const ours = swarm.leecher('10.9.0.1', {});
    ours.tell({ type: 'leave', key });
    await swarm.clock.advance(5_000);
    ours.add(swarm.torrent, undefined, changes);
    const told = partner(swarm, '10.0.0.2');
    const other = partner(swarm, '10.0.0.3', { hears: false });
    for (const { peer } of [told, other]) await peer.listen();
    await swarm.clock.advance(100);
    ours.introduce(key, [told.peer.endpoint, other.peer.endpoint]);
    await swarm.clock.advance(5_000);
    expect(told.peer.open).toBeDefined();
    expect(told.number()).toBeUndefined();
    // Under the number that it has elsewhere.
    told.peer.open?.raw(
      encodeExtended(2, encodePeerExchange({ added: [{ ...at('10.0.0.9'), flags: 0 }], dropped: [] })),
    );
    await swarm.clock.advance(200_000);
    expect(told.heard).toEqual([]);
    expect(found(ours)).toEqual([]);
    expect(ours.status?.sources.filter(({ kind }) => kind === 'pex')).toEqual([]);
  });

  test('switched off and on while it runs: peers are told so, and nothing passes meanwhile', async () => {
    const { swarm, key } = scene();
    const ours = swarm.leecher('10.9.0.1', {});
    const told = partner(swarm, '10.0.0.2');
    const other = partner(swarm, '10.0.0.3', { hears: false });
    for (const { peer } of [told, other]) await peer.listen();
    await swarm.clock.advance(100);
    ours.tell({ type: 'tune', key, tuning: ordinaryTuning({ pex: false }) });
    ours.introduce(key, [told.peer.endpoint, other.peer.endpoint]);
    await swarm.clock.advance(100_000);
    expect(told.heard).toEqual([]);
    ours.tell({ type: 'tune', key, tuning: ordinaryTuning() });
    await swarm.clock.advance(5_000);
    expect(told.number()).toBeGreaterThan(0);
    expect(told.heard.map(({ added }) => added)).toEqual([['10.0.0.3:6881']]);
    ours.tell({ type: 'tune', key, tuning: ordinaryTuning({ pex: false }) });
    await swarm.clock.advance(1_000);
    expect(told.number()).toBe(0);
  });

  test('siblings and ourselves are neither told nor taken', async () => {
    const { swarm, key } = scene();
    const ours = swarm.leecher('10.9.0.1', {});
    const told = partner(swarm, '10.0.0.2');
    const sibling = partner(swarm, '10.0.0.3', { hears: false });
    for (const { peer } of [told, sibling]) await peer.listen();
    await swarm.clock.advance(100);
    ours.introduce(key, [told.peer.endpoint, sibling.peer.endpoint]);
    await swarm.clock.advance(1_000);
    // It becomes known as one only now, by its endpoint.
    ours.tell({ type: 'siblings', key, peerIds: ['ee'.repeat(20) as PeerId], endpoints: [sibling.peer.endpoint] });
    await swarm.clock.advance(100_000);
    expect(told.heard).toEqual([]);
    // Peers see us at another address than the one that we are bound to.
    const { open } = told.peer;
    const again = encodeExtensionHandshake({
      messages: new Map([['ut_pex', OURS]]),
      yourIp: '203.0.113.7',
      port: 6881,
    });
    open?.raw(encodeExtended(0, again));
    told.tell([at('10.0.0.3'), at('10.9.0.1'), at('203.0.113.7'), { host: '203.0.113.7', port: 7 }, at('10.0.0.4')]);
    await swarm.clock.advance(1_000);
    expect(found(ours)).toEqual(['203.0.113.7:7', '10.0.0.4:6881']);
  });

  test('what its flags say of the way to a peer is passed on', async () => {
    const { swarm, key } = scene();
    const ours = swarm.leecher('10.9.0.1', {});
    const teller = partner(swarm, '10.0.0.2');
    await teller.peer.listen();
    await swarm.clock.advance(100);
    ours.introduce(key, [teller.peer.endpoint]);
    await swarm.clock.advance(5_000);
    const { reachable, utp } = PEX_FLAG;
    teller.tell([0, reachable, utp, utp | reachable].map((flags, i) => ({ ...at(`10.0.1.${i}`), flags })));
    await swarm.clock.advance(1_000);
    const heard = ours.heard.flatMap((one) => (one.type === 'peers-found' ? one.endpoints : []));
    expect(heard.map(({ unsure = false, overUtp = false }) => ({ unsure, overUtp }))).toEqual([
      { unsure: true, overUtp: false },
      { unsure: false, overUtp: false },
      { unsure: false, overUtp: true },
      { unsure: false, overUtp: false },
    ]);
  });

  test('an address inside is not taken from somebody outside', async () => {
    const { swarm, key } = scene();
    const ours = swarm.leecher('10.9.0.1', {});
    const outside = partner(swarm, '8.8.8.8');
    const inside = partner(swarm, '10.0.0.2');
    for (const { peer } of [outside, inside]) await peer.listen();
    await swarm.clock.advance(100);
    ours.introduce(key, [outside.peer.endpoint, inside.peer.endpoint]);
    await swarm.clock.advance(5_000);
    outside.tell([at('10.0.0.7'), at('127.0.0.1'), at('169.254.169.254'), at('fd00::1'), at('9.9.9.9')]);
    inside.tell([at('10.0.0.8'), at('127.0.0.1'), at('9.9.9.8')]);
    await swarm.clock.advance(1_000);
    expect(found(ours).toSorted()).toEqual(['10.0.0.8:6881', '9.9.9.8:6881', '9.9.9.9:6881'].toSorted());
    // And nobody outside is told of those inside.
    expect(outside.heard).toEqual([]);
    expect(inside.heard.flatMap(({ added }) => added)).toEqual(['8.8.8.8:6881']);
  });

  test('too many messages are passed over, far too many end the connection', async () => {
    const { swarm, key } = scene();
    const ours = swarm.leecher('10.9.0.1', {});
    const { peer, tell } = partner(swarm, '10.0.0.2');
    await peer.listen();
    await swarm.clock.advance(100);
    ours.introduce(key, [peer.endpoint]);
    await swarm.clock.advance(5_000);
    for (let i = 0; i < 6; i++) tell([at(`10.0.1.${i}`)]);
    await swarm.clock.advance(1_000);
    expect(found(ours)).toHaveLength(3);
    expect(peer.open).toBeDefined();
    tell([]);
    await swarm.clock.advance(1_000);
    expect(peer.open).toBeUndefined();
  });

  test('however many peers somebody names, few are taken of each, and none of nonsense', async () => {
    const { swarm, key } = scene();
    const ours = swarm.leecher('10.9.0.1', {});
    const { peer, tell } = partner(swarm, '10.0.0.2');
    await peer.listen();
    await swarm.clock.advance(100);
    ours.introduce(key, [peer.endpoint]);
    await swarm.clock.advance(5_000);
    for (let minute = 0; minute < 10; minute++) {
      for (const part of [0, 1]) tell(Array.from({ length: 100 }, (_, i) => at(`10.${minute + 1}.${part}.${i + 1}`)));
      await swarm.clock.advance(60_000);
    }
    expect(new Set(found(ours)).size).toBeLessThanOrEqual(200 + 10 * 50);
    expect(new Set(found(ours)).size).toBeGreaterThan(400);
  });

  test.each([
    ['no bencode', (it: WireConnection) => it.raw(encodeExtended(2, new TextEncoder().encode('hello')))],
    ['no dictionary', (it: WireConnection) => it.raw(encodeExtended(2, new TextEncoder().encode('li1ee')))],
    ['nothing at all', (it: WireConnection) => it.raw(encodeExtended(2, new Uint8Array(0)))],
  ])('a breach ends the connection: %s', async (_, breach) => {
    const { swarm, key } = scene();
    const ours = swarm.leecher('10.9.0.1', {});
    const { peer } = partner(swarm, '10.0.0.2');
    await peer.listen();
    await swarm.clock.advance(100);
    ours.introduce(key, [peer.endpoint]);
    await swarm.clock.advance(5_000);
    breach(peer.open as WireConnection);
    await swarm.clock.advance(1_000);
    expect(peer.open).toBeUndefined();
    expect(found(ours)).toEqual([]);
  });

  test('seeds are nothing to a seed: it neither dials those it hears of nor the same one for ever', async () => {
    const { swarm, key } = scene();
    const ours = swarm.seed('10.9.0.1', {});
    const { peer, tell } = partner(swarm, '10.0.0.2');
    const seeds = [partner(swarm, '10.0.0.3', { seed: true }), partner(swarm, '10.0.0.4', { seed: true })];
    for (const one of [peer, ...seeds.map((seed) => seed.peer)]) await one.listen();
    await swarm.clock.advance(100);
    ours.introduce(key, [peer.endpoint]);
    await swarm.clock.advance(5_000);
    tell([{ ...at('10.0.0.3'), flags: PEX_FLAG.seed }, at('10.0.0.4')]);
    for (let hour = 0; hour < 24; hour++) {
      await swarm.clock.advance(3_600_000);
      tell([{ ...at('10.0.0.3'), flags: PEX_FLAG.seed }, at('10.0.0.4')]);
    }
    expect(seeds[0]?.peer.connections).toHaveLength(0);
    expect(seeds[1]?.peer.connections.length).toBeLessThanOrEqual(6);
    expect(seeds[1]?.peer.connections.length).toBeGreaterThan(0);
  });

  test('a magnet link that turns out to be private drops whom neither its trackers nor the user named', async () => {
    const { swarm, key } = scene({ private: true });
    const named = swarm.seed('10.0.0.1', {});
    const hearsay = partner(swarm, '10.0.0.2');
    const exchanged = partner(swarm, '10.0.0.3');
    for (const { peer } of [hearsay, exchanged]) await peer.listen();
    const seeker = swarm.seeker('10.0.0.9', {});
    await swarm.clock.advance(100);
    seeker.introduce(key, [hearsay.peer.endpoint], 'dht');
    await swarm.clock.advance(3_000);
    hearsay.tell([exchanged.peer.endpoint]);
    await swarm.clock.advance(3_000);
    expect([hearsay, exchanged].filter(({ peer }) => peer.open !== undefined)).toHaveLength(2);
    seeker.introduce(key, [at('10.0.0.1')]);
    await swarm.clock.runUntil(() => seeker.heard.some(({ type }) => type === 'metadata'), 20_000);
    await swarm.clock.advance(1_000);
    expect([hearsay, exchanged].filter(({ peer }) => peer.open !== undefined)).toEqual([]);
    expect(seeker.status?.peers).toBe(1);
    void named;
  });
});
