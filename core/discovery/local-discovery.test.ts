import { describe, expect, test } from 'vitest';
import { type Endpoint, formatEndpoint } from '../base/endpoint.ts';
import type { InfoHash } from '../base/ids.ts';
import type { DatagramSocket } from '../ports/datagram.ts';
import type { LocalAddress } from '../ports/interfaces.ts';
import { VirtualClock } from '../sim/clock.ts';
import type { SimHost } from '../sim/net-host.ts';
import { SimNet } from '../sim/net.ts';
import { SeededRandom } from '../sim/random.ts';
import { decodeLocalAnnounce, encodeLocalAnnounce, LOCAL_GROUPS } from '../wire/local-announce.ts';
import { LocalDiscovery, type LocalUser } from './local-discovery.ts';

const hash = (i: number): InfoHash => i.toString(16).padStart(40, '0') as InfoHash;

function scene() {
  const clock = new VirtualClock();
  const net = new SimNet(clock, new SeededRandom(1));
  const host = (addresses: string | readonly string[], segment = 'home'): SimHost => net.host(addresses, { segment });
  return { clock, net, host };
}

/** An identity on a machine, and whom it found for each torrent. */
function identity(
  clock: VirtualClock,
  host: SimHost,
  options: { address?: string; identity?: number; cookie?: string; prefix?: number } = {},
) {
  const list = (): LocalAddress[] =>
    host.list().map((own) => ({ ...own, ...(options.prefix === undefined ? {} : { prefix: options.prefix }) }));
  const discovery = new LocalDiscovery(
    { clock, net: host, interfaces: { list } },
    {
      address: options.address,
      identity: options.identity ?? 0,
      cookie: () => options.cookie ?? `of ${host.link().address}`,
    },
  );
  const found: string[] = [];
  const user = (i: number, port: number | undefined = 6881): LocalUser => ({
    infoHash: hash(i),
    port: () => port,
    found: (peer) => found.push(`${i} ${formatEndpoint(peer)}`),
  });
  return { discovery, found, user };
}

/** Hears all that is sent to the groups of a segment. */
async function listener(clock: VirtualClock, host: SimHost) {
  const heard: {
    readonly at: number;
    readonly from: string;
    readonly hashes: readonly string[];
    readonly port: number;
  }[] = [];
  const sockets: DatagramSocket[] = [];
  for (const own of host.list()) {
    const { family, address } = own;
    const multicast = { groups: [LOCAL_GROUPS[family]], ttl: 1 };
    const received = (data: Uint8Array, from: string): void => {
      const announce = decodeLocalAnnounce(data);
      if (announce === undefined) throw new Error('no announce');
      const { infoHashes, port } = announce;
      heard.push({
        at: clock.now() / 1000,
        from,
        hashes: infoHashes.map((one) => `${Number.parseInt(one, 16)}`),
        port,
      });
    };
    sockets.push(await host.datagram({ family, localAddress: address, multicast }, { received }));
  }
  const say = (data: Uint8Array | string, family: 4 | 6 = 4): void => {
    const { host: group, port } = LOCAL_GROUPS[family];
    const bytes = typeof data === 'string' ? new TextEncoder().encode(data) : data;
    sockets.find(({ local }) => local.host.includes(':') === (family === 6))?.send(bytes, group, port);
  };
  return { heard, say };
}

describe('local discovery', () => {
  test('two in one network find each other, in both families; in another one nobody hears', async () => {
    const { clock, host } = scene();
    const one = identity(clock, host(['10.0.0.1', 'fd00::1']));
    const two = identity(clock, host(['10.0.0.2', 'fd00::2']));
    const far = identity(clock, host('10.0.0.3', 'elsewhere'));
    one.discovery.join(one.user(1, 7001));
    await clock.advance(5_000);
    two.discovery.join(two.user(1, 7002));
    far.discovery.join(far.user(1, 7003));
    await clock.advance(300_000);
    expect(new Set(two.found)).toEqual(new Set(['1 10.0.0.1:7001', '1 [fd00::1]:7001']));
    expect(new Set(one.found)).toEqual(new Set(['1 10.0.0.2:7002', '1 [fd00::2]:7002']));
    expect(far.found).toEqual([]);
  });

  test('at the start, then every five minutes; one torrent a datagram, two a second', async () => {
    const { clock, host } = scene();
    const { heard } = await listener(clock, host('10.0.0.9'));
    const { discovery, user } = identity(clock, host('10.0.0.1'));
    for (let i = 0; i < 20; i++) discovery.join(user(i));
    await clock.advance(599_000);
    expect(heard).toHaveLength(40);
    expect(heard.every(({ hashes }) => hashes.length === 1)).toBe(true);
    const perSecond = new Map<number, number>();
    for (const { at } of heard) perSecond.set(Math.floor(at), (perSecond.get(Math.floor(at)) ?? 0) + 1);
    expect(Math.max(...perSecond.values())).toBe(2);
    const of7 = heard.filter(({ hashes }) => hashes[0] === '7').map(({ at }) => at);
    expect(Math.round((of7[1] ?? 0) - (of7[0] ?? 0))).toBe(300);
  });

  test('identities of one program on one interface take turns, each with its own port, and do not find each other', async () => {
    const { clock, host } = scene();
    const { heard } = await listener(clock, host('10.0.0.9'));
    const machine = host('10.0.0.1');
    const all = [0, 1, 2].map((i) => identity(clock, machine, { identity: i, cookie: 'one program' }));
    all.forEach(({ discovery, user }, i) => discovery.join(user(1, 7000 + i)));
    await clock.advance(290_000);
    expect(heard.map(({ port }) => port)).toEqual([7000, 7001, 7002]);
    heard.slice(1).forEach(({ at }, i) => expect(at - (heard[i]?.at ?? 0)).toBeGreaterThanOrEqual(60));
    expect(all.flatMap(({ found }) => found)).toEqual([]);
    const stranger = identity(clock, machine, { cookie: 'another program' });
    stranger.discovery.join(stranger.user(1, 7009));
    await clock.advance(20_000);
    expect(all.map(({ found }) => found)).toEqual([['1 10.0.0.1:7009'], ['1 10.0.0.1:7009'], ['1 10.0.0.1:7009']]);
  });

  test.each([[[0, 1, 2, 3, 4, 5]], [[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]], [[3, 4, 9, 17, 18, 30, 31]]])(
    'however many they are (%j), each gets its turn as often as the others, and all together announce once a minute at most',
    async (indexes) => {
      const { clock, host } = scene();
      const { heard } = await listener(clock, host('10.0.0.9'));
      const machine = host('10.0.0.1');
      for (const i of indexes) {
        const { discovery, user } = identity(clock, machine, { identity: i, cookie: 'one program' });
        discovery.join(user(1, 7000 + i));
      }
      await clock.advance(6 * 3_600_000);
      const counts = indexes.map((i) => heard.filter(({ port }) => port === 7000 + i).length);
      expect(Math.min(...counts)).toBeGreaterThan(20);
      expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
      heard.slice(1).forEach(({ at }, i) => expect(at - (heard[i]?.at ?? 0)).toBeGreaterThanOrEqual(60));
    },
  );

  test('one that is bound announces by its own address alone, others by each interface', async () => {
    const { clock, host } = scene();
    const { heard } = await listener(clock, host('10.0.0.9'));
    const machine = host(['10.0.0.1', '10.0.0.2']);
    const bound = identity(clock, machine, { address: '10.0.0.2', cookie: 'a' });
    const user = bound.user(1);
    bound.discovery.join(user);
    await clock.advance(10_000);
    expect(heard.map(({ from }) => from)).toEqual(['10.0.0.2']);
    bound.discovery.leave(user);
    const free = identity(clock, machine, { cookie: 'b' });
    free.discovery.join(free.user(1));
    await clock.advance(10_000);
    expect(heard.slice(1).map(({ from }) => from)).toEqual(['10.0.0.1', '10.0.0.2']);
  });

  test('follows the addresses of the machine, and sends nothing while it has none', async () => {
    const { clock, host } = scene();
    const { heard } = await listener(clock, host('10.0.0.9'));
    const machine = host('10.0.0.1');
    machine.link().present = false;
    const { discovery, user } = identity(clock, machine, { address: '10.0.0.1' });
    const mine = user(1);
    discovery.join(mine);
    await clock.advance(100_000);
    expect(heard).toEqual([]);
    expect(discovery.nextAt(mine)).toBeUndefined();
    machine.link().present = true;
    await clock.advance(40_000);
    expect(heard).toHaveLength(1);
    expect(discovery.nextAt(mine)).toBeGreaterThan(clock.now());
  });

  test('without torrents nothing is open; without a port nothing is said, and nobody else waits for it', async () => {
    const { clock, host } = scene();
    const { heard } = await listener(clock, host('10.0.0.9'));
    const { discovery, user } = identity(clock, host('10.0.0.1'));
    const silent = [1, 2, 3].map((i) => ({ ...user(i), port: () => undefined }));
    for (const one of silent) discovery.join(one);
    const speaking = user(4);
    discovery.join(speaking);
    await clock.advance(10_000);
    expect(heard.map(({ hashes }) => hashes)).toEqual([['4']]);
    for (const one of [...silent, speaking]) discovery.leave(one);
    expect(clock.pending).toBe(0);
  });

  test('asked for, it announces again, once a minute at most', async () => {
    const { clock, host } = scene();
    const { heard } = await listener(clock, host('10.0.0.9'));
    const { discovery, user } = identity(clock, host('10.0.0.1'));
    const mine = user(1);
    discovery.join(mine);
    for (let i = 0; i < 12; i++) {
      await clock.advance(10_000);
      discovery.ask(mine);
    }
    expect(heard).toHaveLength(2);
  });

  test('takes nothing from other networks, of other torrents, of nonsense, and not much in a second', async () => {
    const { clock, host } = scene();
    const { found, discovery, user } = identity(clock, host('10.0.0.1'), { prefix: 24 });
    discovery.join(user(1));
    const near = await listener(clock, host('10.0.0.9'));
    const far = await listener(clock, host('10.0.1.9'));
    await clock.advance(5_000);
    far.say(encodeLocalAnnounce(4, 1, hash(1), ''));
    near.say(encodeLocalAnnounce(4, 2, hash(9), ''));
    await clock.advance(2_000);
    expect(found).toEqual([]);
    for (let port = 1; port <= 500; port++) near.say(encodeLocalAnnounce(4, port, hash(1), ''));
    await clock.advance(2_000);
    expect(found.length).toBeGreaterThan(0);
    expect(found.length).toBeLessThanOrEqual(100);
    expect(new Set(found.map((one) => one.replace(/:\d+$/, '')))).toEqual(new Set(['1 10.0.0.9']));
  });

  test.each([
    [24, '10.0.0.200', true],
    [24, '10.0.1.200', false],
    [23, '10.0.1.200', true],
    [25, '10.0.0.200', false],
    [32, '10.0.0.200', false],
  ])('a network of /%i and %s', async (prefix, address, near) => {
    const { clock, host } = scene();
    const one = identity(clock, host('10.0.0.1'), { prefix });
    one.discovery.join(one.user(1));
    await clock.advance(5_000);
    const { say } = await listener(clock, host(address));
    say(encodeLocalAnnounce(4, 5, hash(1), 'x'));
    await clock.advance(1_000);
    expect(one.found).toEqual(near ? [`1 ${formatEndpoint({ host: address, port: 5 } satisfies Endpoint)}`] : []);
  });
});
