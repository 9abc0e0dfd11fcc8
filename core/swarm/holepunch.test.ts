import { describe, expect, test } from 'vitest';
import { fromHex } from '../base/bytes.ts';
import { type Endpoint, formatEndpoint, parseEndpoint } from '../base/endpoint.ts';
import { type PeerId, torrentKey } from '../base/ids.ts';
import type { DownloadSetup } from '../identity/messages.ts';
import { ordinaryTuning } from '../engine/tuning.ts';
import { SimSwarm } from '../sim/swarm.ts';
import type { WirePeer } from '../sim/wire-peer.ts';
import { encodeExtended } from '../wire/encode.ts';
import { decodeExtensionHandshake, encodeExtensionHandshake } from '../wire/extension-handshake.ts';
import { decodeHolepunch, encodeHolepunch, encodeHolepunchError, HOLEPUNCH } from '../wire/holepunch-message.ts';
import { encodePeerExchange, PEX_FLAG } from '../wire/peer-exchange.ts';

const OURS = 9;
const US = '93.184.216.1';
const at = (text: string): Endpoint => parseEndpoint(text)!;

/** One client of ours in the internet, and peers that a test speaks for, which dial it. */
async function scene(setup: Partial<DownloadSetup> = {}, more: { readonly private?: boolean } = {}) {
  const swarm = new SimSwarm(5, { files: 640 * 1024, pieceLength: 64 * 1024, tracked: false, ...more });
  const key = torrentKey(swarm.torrent.info.infoHash);
  const tuning = ordinaryTuning({ encryption: 'off' });
  const ours = swarm.leecher(US, {}, { tuning, ...setup });
  await swarm.clock.advance(100);

  /** Dials us. `port`: where it says that it listens; `speaks`: it knows hole punching. */
  const join = async (host: string, { speaks = true, port = 6881 } = {}) => {
    const heard: string[] = [];
    let numbers: ReadonlyMap<string, number> = new Map();
    let known: number | undefined;
    const peer: WirePeer = swarm.wirePeer(
      host,
      {},
      {
        greet: (it) => {
          it.batch.haveNone();
          it.flush();
          const messages = new Map(speaks ? [[HOLEPUNCH, OURS]] : []);
          it.raw(encodeExtended(0, encodeExtensionHandshake({ messages, port })));
        },
        extended: (_, number, payload) => {
          if (number === 0) numbers = decodeExtensionHandshake(payload).messages;
          if (number !== OURS) return;
          const message = decodeHolepunch(payload);
          const code = message?.kind === 'error' ? ` ${message.code}` : '';
          heard.push(`${message?.kind} ${formatEndpoint(message!.peer)}${code}`);
        },
      },
    );
    peer.dial({ host: US, port: 6881 });
    await swarm.clock.advance(1_000);
    const say = async (...payloads: readonly Uint8Array[]): Promise<void> => {
      if ((numbers.get(HOLEPUNCH) ?? 0) > 0) known = numbers.get(HOLEPUNCH);
      // Where it was never offered, it would have been the one behind the others.
      const number = known ?? Math.max(...numbers.values()) + 1;
      peer.open?.raw(...payloads.map((payload) => encodeExtended(number, payload)));
      await swarm.clock.advance(1_000);
    };
    /** Tells us that it is connected with these. */
    const name = async (
      peers: readonly string[],
      dropped: readonly string[] = [],
      flags: number = PEX_FLAG.holepunch,
    ) => {
      const added = peers.map((one) => ({ ...at(one), flags }));
      const payload = encodePeerExchange({ added, dropped: dropped.map(at) });
      peer.open?.raw(encodeExtended(numbers.get('ut_pex') ?? 0, payload));
      await swarm.clock.advance(1_000);
    };
    return { peer, heard, say, name, offered: () => numbers.has(HOLEPUNCH) };
  };
  return { swarm, key, ours, join };
}

const rendezvous = (text: string): Uint8Array => encodeHolepunch('rendezvous', at(text));
const connect = (text: string): Uint8Array => encodeHolepunch('connect', at(text));

describe('between two others', () => {
  test('each hears of the other, by where it is known to listen', async () => {
    const { join } = await scene();
    const a = await join('93.184.216.10', { port: 7001 });
    const b = await join('93.184.216.20', { port: 7002 });
    await a.say(rendezvous('93.184.216.20:7002'));
    expect([a.heard, b.heard]).toEqual([['connect 93.184.216.20:7002'], ['connect 93.184.216.10:7001']]);
  });

  test.each([
    ['us', '93.184.216.1:6881', 4],
    ['itself', '93.184.216.10:6881', 4],
    ['a stranger', '93.184.216.99:6881', 2],
    ['another port of somebody', '93.184.216.20:22', 2],
    ['nobody', '0.0.0.0:6881', 1],
    ['somebody inside', '192.168.1.5:6881', 2],
    ['one that does not know the extension', '93.184.216.30:6881', 3],
  ])('who asks for %s hears why not, and nobody else hears anything', async (_, wanted, code) => {
    const { join } = await scene();
    const a = await join('93.184.216.10');
    const rest = [
      await join('93.184.216.20'),
      await join('93.184.216.30', { speaks: false }),
      await join('192.168.1.5'),
    ];
    await a.say(rendezvous(wanted));
    expect(a.heard).toEqual([`error ${wanted} ${code}`]);
    expect(rest.flatMap(({ heard }) => heard)).toEqual([]);
  });

  test('who has not said that it knows the extension, or is inside, is not helped', async () => {
    const { join } = await scene();
    const b = await join('93.184.216.20');
    await (await join('93.184.216.10', { speaks: false })).say(rendezvous('93.184.216.20:6881'));
    await (await join('10.1.2.3')).say(rendezvous('93.184.216.20:6881'));
    expect(b.heard).toEqual([]);
  });

  test('a flood is not passed on: neither of one, nor of many to one', async () => {
    const { join } = await scene();
    const victim = await join('93.184.216.20');
    const flood = Array.from({ length: 500 }, () => rendezvous('93.184.216.20:6881'));
    for (let i = 1; i <= 5; i++) await (await join(`93.184.217.${i}`)).say(...flood);
    expect(victim.heard.length).toBeLessThan(40);
    expect(victim.heard.length).toBeGreaterThan(10);
    expect(victim.peer.open).toBeDefined();
  });
});

describe('a peer that tells us to dial somebody', () => {
  /** The datagrams of ours that came to hosts that are no peers. */
  async function told(hosts: readonly string[], play: Parameters<typeof scene>[0] = {}) {
    const world = await scene(play);
    const came: string[] = [];
    for (const host of hosts) {
      const machine = world.swarm.net.host(host, { latency: 10 });
      const options = { localAddress: host, family: 4 as const, port: 7000 };
      await machine.datagram(options, {
        received: (_, from, port) => came.push(`${from}:${port} > ${host}`),
        failed: () => {},
      });
    }
    return { ...world, came };
  }

  test('is heard: uTP, from the port that we announce, a few times', async () => {
    const { join, came, swarm } = await told(['93.184.216.50']);
    const a = await join('93.184.216.10');
    await a.say(connect('93.184.216.50:7000'));
    await swarm.clock.advance(60_000);
    expect(new Set(came)).toEqual(new Set(['93.184.216.1:6881 > 93.184.216.50']));
    expect(came.length).toBeLessThanOrEqual(3);
    expect(a.peer.open).toBeDefined();
  });

  test('is not heard where it names us, a sibling, somebody further inside, or nobody', async () => {
    const { join, came, ours, key, swarm } = await told(['192.168.1.5', '127.0.0.1', '93.184.216.60']);
    ours.tell({
      type: 'siblings',
      key,
      peerIds: ['ab'.repeat(20) as PeerId],
      endpoints: [at('93.184.216.60:7000')],
    });
    const a = await join('93.184.216.10');
    const names = ['192.168.1.5:7000', '127.0.0.1:7000', '93.184.216.60:7000', `${US}:6881`, '0.0.0.0:7000'];
    await a.say(...names.map(connect));
    await swarm.clock.advance(30_000);
    expect(came).toEqual([]);
  });

  test('cannot make us flood anybody, nor can many', async () => {
    const { join, came, swarm } = await told(['93.184.216.50']);
    const flood = Array.from({ length: 200 }, (_, i) => connect(`93.184.216.50:${7000 + (i % 3)}`));
    for (let i = 1; i <= 5; i++) await (await join(`93.184.217.${i}`)).say(...flood);
    await swarm.clock.advance(60_000);
    expect(came.length).toBeLessThanOrEqual(10);
  });

  test('that is connected, is not dialled again', async () => {
    const { join, ours } = await told([]);
    const a = await join('93.184.216.10');
    const b = await join('93.184.216.20');
    await a.say(connect('93.184.216.20:6881'));
    expect(ours.host.connections.size).toBe(2);
    expect(b.heard).toEqual([]);
  });
});

describe('a peer that does not answer', () => {
  test('is asked for at one that names it, once; at another one where that one does not have it', async () => {
    const { join, swarm, ours, key } = await scene();
    const a = await join('93.184.216.10');
    const b = await join('93.184.216.20');
    for (const one of [a, b]) await one.name(['93.184.216.70:6881']);
    ours.introduce(key, [at('93.184.216.70:6881')]);
    await swarm.clock.advance(10_000);
    expect([...a.heard, ...b.heard]).toEqual(['rendezvous 93.184.216.70:6881']);
    const [first, second] = a.heard.length > 0 ? [a, b] : [b, a];
    await first.say(encodeHolepunchError(rendezvous('93.184.216.70:6881'), 2));
    expect(second.heard).toEqual(['rendezvous 93.184.216.70:6881']);
    await second.say(encodeHolepunchError(rendezvous('93.184.216.70:6881'), 2));
    await swarm.clock.advance(600_000);
    expect(a.heard.length + b.heard.length).toBe(2);
  });

  test.each([
    ['that says that it is not connected with it any more', ['93.184.216.70:6881'], PEX_FLAG.holepunch, true],
    ['that says nothing of hole punching', [], PEX_FLAG.utp, true],
    ['that does not know it itself', [], PEX_FLAG.holepunch, false],
  ])('is not asked for at one %s', async (_, dropped, flags, speaks) => {
    const { join, swarm } = await scene();
    const a = await join('93.184.216.10', { speaks });
    await a.name(['93.184.216.70:6881'], [], flags);
    if (dropped.length > 0) await a.name([], dropped);
    await swarm.clock.advance(120_000);
    expect(a.heard).toEqual([]);
  });
});

describe('not offered', () => {
  test.each([
    ['on a private torrent', {}, { private: true }],
    ['without uTP', { tuning: ordinaryTuning({ encryption: 'off', utp: false }) }, {}],
  ] as const)('%s', async (_, setup, more) => {
    const { join } = await scene(setup, more);
    const [a, b] = [await join('93.184.216.10'), await join('93.184.216.20')];
    expect(a.offered()).toBe(false);
    await a.say(rendezvous('93.184.216.20:6881'), connect('93.184.216.30:6881'));
    expect([...a.heard, ...b.heard]).toEqual([]);
    expect(a.peer.open).toBeDefined();
  });

  test('any more, once uTP is switched off; and again', async () => {
    const { join, ours, key, swarm } = await scene();
    const a = await join('93.184.216.10');
    const b = await join('93.184.216.20');
    expect(a.offered()).toBe(true);
    await a.say(rendezvous('93.184.216.20:6881'));
    const told = ['connect 93.184.216.20:6881'];
    expect(a.heard).toEqual(told);
    ours.tell({ type: 'tune', key, tuning: ordinaryTuning({ encryption: 'off', utp: false }) });
    await swarm.clock.advance(1_000);
    await a.say(rendezvous('93.184.216.20:6881'));
    expect(a.heard).toEqual(told);
    expect(b.heard).toHaveLength(1);
    ours.tell({ type: 'tune', key, tuning: ordinaryTuning({ encryption: 'off' }) });
    await swarm.clock.advance(1_000);
    await a.say(rendezvous('93.184.216.20:6881'));
    expect(a.heard).toEqual([...told, ...told]);
  });
});

test.each(['', '00', '000201020304 1ae1', '000001020304', '0000010203041ae10000000000'])(
  'a message that breaks the rules ends the connection: %s',
  async (hex) => {
    const { join } = await scene();
    const a = await join('93.184.216.10');
    await a.say(fromHex(hex.replaceAll(' ', ''))!);
    expect(a.peer.open).toBeUndefined();
  },
);
