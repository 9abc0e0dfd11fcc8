import { expect, test } from 'vitest';
import type { Endpoint } from '../base/endpoint.ts';
import type { InfoHash, InfoHashV2, PeerId } from '../base/ids.ts';
import { millis } from '../base/ids.ts';
import type { ConnectionHandler } from '../ports/net.ts';
import { VirtualClock } from '../sim/clock.ts';
import { SimNet } from '../sim/net.ts';
import { SeededRandom } from '../sim/random.ts';
import { handshakeHash } from '../wire/handshake.ts';
import type { Encryption, Transport } from './connector.ts';
import { Connector } from './connector.ts';
import type { DialFailure } from './end-reason.ts';
import { PeerListener } from './listener.ts';
import type { PeerSession } from './session.ts';

const HASH = 'ab'.repeat(20) as InfoHash;
const OTHER = 'cd'.repeat(20) as InfoHash;
const OURS = '01'.repeat(20) as PeerId;
const THEIRS = '02'.repeat(20) as PeerId;
const OFFERS = { fast: true, extended: true };
/** What we say of ourselves. */
const US = { infoHash: HASH, peerId: OURS, offers: OFFERS };
const TIMES = { silenceTimeout: millis(150_000), stuckTimeout: millis(60_000) };
const FAR = '10.0.0.2';

/** How the peer takes what comes by one way; `dead`: nothing ever comes back. */
type Manner = 'answers' | 'refuses' | 'closes' | 'is silent' | 'has another' | 'dead';

/** Each way is a port of the peer, so that two real connections stand behind two transports and two encryptions. */
const PORTS = { 'tcp plain': 1000, 'tcp mse': 1001, 'utp plain': 2000, 'utp mse': 2001 } as const;
type WayName = keyof typeof PORTS;

async function world(manners: Partial<Record<WayName, Manner>>) {
  const clock = new VirtualClock();
  const net = new SimNet(clock, new SeededRandom(1));
  const near = net.host('10.0.0.1', { latency: 5 });
  const far = net.host(FAR, { latency: 5 });
  const log: string[] = [];
  const accepted: PeerSession[] = [];
  const manner = (port: number): Manner => {
    const [name] = Object.entries(PORTS).find(([, other]) => other === port) as [WayName, number];
    return manners[name] ?? 'refuses';
  };
  const dialTo = ({ port }: Endpoint): Endpoint => ({ host: manner(port) === 'dead' ? '10.9.9.9' : FAR, port });
  const peer = async (port: number): Promise<void> => {
    const answer = { peerId: THEIRS, offers: OFFERS, accept: (session: PeerSession) => void accepted.push(session) };
    const silent: ConnectionHandler = { data: () => {}, closed: () => {} };
    switch (manner(port)) {
      case 'answers':
        await PeerListener.open({ net: far, clock }, { port }, () => answer);
        break;
      case 'has another':
        await far.listen({ port, ...TIMES }, (connection) => {
          connection.write(otherHandshake());
          return silent;
        });
        break;
      case 'closes':
        await far.listen({ port, ...TIMES }, () => undefined);
        break;
      case 'is silent':
        await far.listen({ port, ...TIMES }, () => silent);
        break;
      case 'refuses':
      case 'dead':
    }
  };
  await Promise.all(Object.values(PORTS).map(peer));
  const tcp: Transport = {
    dial: (options, handler) => {
      const remote = dialTo(options.remote);
      const name = Object.entries(PORTS).find(([, port]) => port === remote.port)?.[0];
      log.push(`${clock.now()} ${name}`);
      return near.dial({ ...options, remote }, handler);
    },
  };
  const shifted = (by: number, beneath: Transport): Transport => ({
    dial: (options, handler) =>
      beneath.dial({ ...options, remote: { host: FAR, port: options.remote.port + by } }, handler),
  });
  const mse: Encryption = (beneath) => shifted(1, beneath);
  const connector = new Connector(clock, () => ({
    transports: new Map([
      ['tcp', tcp],
      ['utp', shifted(1000, tcp)],
    ]),
    encryptions: new Map([
      ['plain', (beneath: Transport) => beneath],
      ['mse', mse],
    ]),
  }));
  const results: (PeerSession | DialFailure)[] = [];
  const connect = () =>
    connector.connect({ remote: { host: FAR, port: 1000 }, ...US }, (result) => results.push(result));
  return { clock, near, far, connector, connect, results, accepted, log };
}

function otherHandshake(): Uint8Array {
  const out = new Uint8Array(68);
  out[0] = 19;
  out.set(new TextEncoder().encode('BitTorrent protocol'), 1);
  for (let i = 0; i < 20; i++) out[28 + i] = Number.parseInt(OTHER.slice(2 * i, 2 * i + 2), 16);
  return out;
}

test.each<[string, Partial<Record<WayName, Manner>>, string[], string]>([
  ['the first way is enough', { 'tcp plain': 'answers', 'utp plain': 'answers' }, ['0 tcp plain'], 'session'],
  [
    'a peer that closes gets the other encryption at once',
    { 'tcp plain': 'closes', 'tcp mse': 'answers' },
    ['0 tcp plain', '20 tcp mse'],
    'session',
  ],
  [
    'one that listens by no TCP the other transport at once',
    { 'utp plain': 'answers' },
    ['0 tcp plain', '20 utp plain'],
    'session',
  ],
  [
    'one that does not answer the other transport after a head start',
    { 'tcp plain': 'dead', 'utp plain': 'closes', 'utp mse': 'answers' },
    ['0 tcp plain', '1000 utp plain', '1020 utp mse'],
    'session',
  ],
  [
    'one that is silent keeps its connection until that has run out of time',
    { 'tcp plain': 'is silent', 'tcp mse': 'answers' },
    ['0 tcp plain', '20020 tcp mse'],
    'session',
  ],
  [
    'one that has another torrent nothing more',
    { 'tcp plain': 'has another', 'utp plain': 'answers' },
    ['0 tcp plain'],
    'protocol',
  ],
  [
    'one that does not want us is not asked over each transport',
    { 'tcp plain': 'closes', 'tcp mse': 'closes', 'utp plain': 'answers' },
    ['0 tcp plain', '20 tcp mse'],
    'remote',
  ],
  [
    'nothing helps: the last failure counts',
    { 'tcp plain': 'closes', 'utp plain': 'closes' },
    ['0 tcp plain', '20 tcp mse', '40 utp mse'],
    'error',
  ],
])('%s', async (_, manners, log, outcome) => {
  const w = await world(manners);
  w.connect();
  expect(w.results).toEqual([]);
  await w.clock.advance(60_000);
  expect(w.log).toEqual(log);
  expect(w.results).toHaveLength(1);
  const [result] = w.results;
  expect(result !== undefined && 'reason' in result ? result.reason.kind : 'session').toBe(outcome);
  const own = result !== undefined && 'reason' in result ? 0 : 1;
  expect([w.near.connections.size, w.accepted.length]).toEqual([own, own]);
  expect(w.log).toEqual(log);
});

test('what worked is tried first the next time, for that peer alone, until something else works', async () => {
  const w = await world({ 'tcp plain': 'closes', 'tcp mse': 'answers' });
  w.connect();
  await w.clock.advance(1000);
  w.log.length = 0;
  w.connect();
  await w.clock.advance(1000);
  expect(w.log).toEqual(['1000 tcp mse']);
  w.connector.connect({ remote: { host: '10.0.0.3', port: 1000 }, ...US }, () => {});
  expect(w.log.slice(1)).toEqual(['2000 tcp plain']);
});

test('given up before anything came of it: every attempt ends, and nothing is told', async () => {
  const w = await world({ 'tcp plain': 'dead', 'utp plain': 'is silent' });
  const connecting = w.connect();
  await w.clock.advance(3000);
  expect(w.near.connections.size).toBe(2);
  connecting.cancel();
  await w.clock.advance(60_000);
  expect([w.results, w.near.connections.size, w.clock.pending]).toEqual([[], 0, 0]);
});

test('our own address is gone: no other way is tried', async () => {
  const w = await world({ 'utp plain': 'answers' });
  w.connector.connect({ remote: { host: FAR, port: 1000 }, localAddress: '10.0.0.77', ...US }, (result) =>
    w.results.push(result),
  );
  await w.clock.advance(5000);
  expect(w.log).toEqual(['0 tcp plain']);
  expect(w.results).toMatchObject([{ reason: { kind: 'error', code: 'EADDRNOTAVAIL' } }]);
});

test('by plain TCP alone there is one attempt and no timer but those of the connection', async () => {
  const w = await world({ 'tcp plain': 'dead' });
  const results: unknown[] = [];
  const connector = new Connector(w.clock, () => ({
    transports: new Map([['tcp', w.near]]),
    encryptions: new Map([['plain', (beneath: Transport) => beneath]]),
  }));
  connector.connect({ remote: { host: '10.9.9.9', port: 1 }, ...US }, (it) => results.push(it));
  expect(w.clock.pending).toBe(1);
  await w.clock.advance(15_000);
  expect(results).toMatchObject([{ reason: { kind: 'timeout', what: 'connect' } }]);
  expect(w.clock.pending).toBe(0);
});

const V2 = 'ef'.repeat(32) as InfoHashV2;

test.each([
  ['of version 2, as was known', V2, true, ['ef', 'ef', 'ef'], [{ v2: true }, { v2: true }, { v2: true }]],
  ['of version 2', V2, false, ['ab', 'ef', 'ef'], [{ reason: { kind: 'remote' } }, { v2: true }, { v2: true }]],
  [
    'of version 1',
    US.infoHash,
    true,
    ['ef', 'ab', 'ab'],
    [{ reason: { kind: 'remote' } }, { v2: false }, { v2: false }],
  ],
])(
  'a peer that knows a hybrid by its hash %s, is dialled by that in the end',
  async (_, knows, knowsV2, dials, ends) => {
    const w = await world({});
    const named: string[] = [];
    await PeerListener.open({ net: w.far, clock: w.clock }, { port: 3000 }, (infoHash) => {
      named.push(infoHash.slice(0, 2));
      const v2 = knows === V2 ? V2 : undefined;
      return infoHash === handshakeHash(knows) ? { peerId: THEIRS, offers: OFFERS, v2, accept: () => {} } : undefined;
    });
    const connector = new Connector(w.clock, () => ({
      transports: new Map([['tcp', w.near]]),
      encryptions: new Map([['plain', (beneath: Transport) => beneath]]),
    }));
    const results: (PeerSession | DialFailure)[] = [];
    for (let i = 0; i < 3; i++) {
      const options = { remote: { host: FAR, port: 3000 }, upgrade: V2, knowsV2, ...US };
      connector.connect(options, (result) => results.push(result));
      await w.clock.advance(1000);
    }
    expect(named).toEqual(dials);
    expect(results).toMatchObject(ends);
  },
);
