import { describe, expect, test } from 'vitest';
import type { Endpoint } from '../base/endpoint.ts';
import { type InfoHash, millis, type PeerId, torrentKey } from '../base/ids.ts';
import { dialPeer } from '../peer/dial.ts';
import type { DatagramOptions } from '../ports/datagram.ts';
import type { Net } from '../ports/net.ts';
import { networkError, systemError } from '../ports/system-error.ts';
import { VirtualClock } from '../sim/clock.ts';
import type { SimHost } from '../sim/net-host.ts';
import { SimHttp } from '../sim/http.ts';
import { SimNet } from '../sim/net.ts';
import { routeBy, type RouterMood, SimRouter } from '../sim/router.ts';
import { SeededRandom } from '../sim/random.ts';
import type { DatagramKind } from '../wire/datagram-kind.ts';
import { ListenSockets } from './listen-sockets.ts';
import { silentUser } from './testing/silent-user.ts';

const ADDRESS = '10.5.0.1';
/** Unbound. */
const ANY = '*';
const TIMES = { silenceTimeout: millis(150_000), stuckTimeout: millis(60_000) };
const hash = (name: string): InfoHash => name as InfoHash;
const key = (name: string) => torrentKey(hash(name));

function world(udp: (options: DatagramOptions) => string | undefined = () => undefined) {
  const clock = new VirtualClock();
  const random = new SeededRandom(1);
  const http = new SimHttp(clock);
  const net = new SimNet(clock, random);
  const host = net.host([ADDRESS, '10.5.0.9', 'fd00::1']);
  const far = net.host(['10.6.0.1', 'fd00::2']);
  const own: Net = {
    dial: (options, handler) => host.dial(options, handler),
    listen: (options, accept) => host.listen(options, accept),
    resolve: (name) => host.resolve(name),
    ownNameServers: () => host.ownNameServers(),
    leadsOut: (family, from) => host.leadsOut(family, from),
    datagram: (options, handler) => {
      const code = udp(options);
      return code === undefined
        ? host.datagram(options, handler)
        : Promise.reject(networkError('x', systemError(code)));
    },
  };
  const sockets = new ListenSockets({ net: own, clock, interfaces: host, random, http });
  const heard: string[] = [];
  /** Torrents that want their port mapped. */
  const mapped = new Set<string>();
  const join = (name: string, address: string = ADDRESS, port = 7000): Promise<void> =>
    sockets.at(address === ANY ? undefined : address).join(key(name), [hash(name)], port, {
      encryption: () => 'off',
      takes: (transport) => transport === 'tcp',
      admit: () => undefined,
      up: () => heard.push(`${name} up`),
      down: (error) => heard.push(`${name} down${error === undefined ? '' : ' refused'}`),
      get mapAt() {
        return mapped.has(name) ? [] : undefined;
      },
      moved: () => heard.push(`${name} moved`),
      wayCame: () => {},
    });
  const present = (is: boolean): Promise<void> => {
    host.link(ADDRESS).present = is;
    sockets.check();
    return clock.settle();
  };
  const router = (mood: Partial<RouterMood> = {}): Promise<SimRouter> => {
    routeBy(host, '10.5.0.254');
    return SimRouter.start(clock, net.host('10.5.0.254'), http, undefined, { outer: '93.184.216.34', ...mood });
  };
  return { clock, host, far, sockets, socket: sockets.at(ADDRESS), heard, mapped, join, present, router };
}

/** Whether somebody listens there. */
async function listens(w: ReturnType<typeof world>, port: number): Promise<boolean> {
  try {
    const probe = await w.host.listen({ address: ADDRESS, port, ...TIMES }, () => undefined);
    await probe.close();
    return false;
  } catch {
    return true;
  }
}

async function from(host: SimHost, to: Endpoint, data: readonly number[]): Promise<void> {
  const socket = await host.datagram({ family: to.host.includes(':') ? 6 : 4 }, { received: () => {} });
  socket.send(Uint8Array.from(data), to.host, to.port);
  socket.close();
}

describe('one an address', () => {
  test('all torrents share it; the last one closes it; the next one gets the same port again', async () => {
    const w = world();
    await Promise.all([w.join('a', ADDRESS, 0), w.join('b', ADDRESS, 7000)]);
    const { local } = w.socket;
    expect([w.socket.udp.port, await listens(w, local!.port)]).toEqual([local!.port, true]);
    await w.socket.leave(key('a'));
    expect(w.socket.local).toEqual(local);
    const going = w.socket.leave(key('b'));
    const coming = w.join('c', ADDRESS, 0);
    await Promise.all([going, coming]);
    expect(w.socket.local).toEqual(local);
    await w.socket.leave(key('c'));
    await w.socket.leave(key('c'));
    expect([w.socket.local, w.socket.udp.port, await listens(w, local!.port)]).toEqual([undefined, undefined, false]);
    expect(w.heard).toEqual(['a up', 'b up', 'c up']);
  });

  test('what goes with the address comes back with it, on the same ports, and each torrent is told once', async () => {
    const w = world();
    await w.join('a', ADDRESS, 0);
    const { local, external } = w.socket;
    external.vote('a tracker', '203.0.113.1');
    await w.present(false);
    await w.present(false);
    expect([w.socket.local, w.socket.announced, w.socket.udp.port]).toEqual([undefined, undefined, undefined]);
    expect(external.agreed(4)).toBeUndefined();
    await w.join('b');
    await w.present(true);
    await w.present(true);
    expect([w.socket.local, w.socket.udp.port]).toEqual([local, local!.port]);
    expect(w.heard).toEqual(['a up', 'a down', 'b down', 'a up', 'b up']);
  });

  test('an address that is not there from the start is waited for; what the system refuses is tried again', async () => {
    const w = world();
    w.host.link(ADDRESS).present = false;
    await w.join('a');
    expect(w.heard).toEqual(['a down']);
    await w.present(true);
    expect(w.heard).toEqual(['a down', 'a up']);
    const late = world();
    await late.join('x', 'eth7');
    late.sockets.check();
    expect(late.heard).toEqual(['x down']);
  });

  test('where nobody may listen at all, an unbound torrent hears why, once for each time that it asks', async () => {
    const w = world();
    const blocked = await w.host.listen({ port: 7000, ...TIMES }, () => undefined);
    const { listen } = w.host;
    w.host.listen = () => Promise.reject(networkError('listen', systemError('EMFILE')));
    const socket = w.sockets.at(undefined);
    const join = (): Promise<void> => w.join('a', ANY);
    await join();
    w.sockets.check();
    await w.clock.settle();
    expect(w.heard).toEqual(['a down refused']);
    w.host.listen = listen.bind(w.host);
    await join();
    expect(w.heard).toEqual(['a down refused', 'a up']);
    expect(socket.local!.port).not.toBe(7000);
    await blocked.close();
  });

  test('a torrent with two info-hashes is found by both, and by neither when it has left', async () => {
    const w = world();
    const asked: string[] = [];
    const v1 = 'ab'.repeat(20) as InfoHash;
    const v2 = 'cd'.repeat(32) as InfoHash;
    const offers = { fast: true, extended: true };
    const user = silentUser({
      admit: ({ remote }) => {
        asked.push(remote.host);
        return { peerId: '01'.repeat(20) as PeerId, offers, accept: () => {} };
      },
    });
    await w.socket.join(torrentKey(v1), [v1, v2], 7000, user);
    const knock = async (infoHash: InfoHash): Promise<boolean> => {
      let answered = false;
      dialPeer(
        { clock: w.clock, net: w.far },
        { remote: { host: ADDRESS, port: 7000 }, infoHash, peerId: '02'.repeat(20) as PeerId, offers },
        (result) => (answered = !('reason' in result)),
      );
      await w.clock.advance(2_000);
      return answered;
    };
    expect([await knock(v1), await knock(v2), await knock('ef'.repeat(20) as InfoHash)]).toEqual([true, true, false]);
    expect(asked).toHaveLength(2);
    await w.join('other');
    await w.socket.leave(torrentKey(v1));
    expect([await knock(v1), await knock(v2)]).toEqual([false, false]);
  });

  test('a torrent that fails when it is told does not keep the socket from the others', async () => {
    const w = world();
    const fail = (): never => {
      throw new Error('as if');
    };
    const user = silentUser({ up: fail, down: fail, moved: fail, wayCame: fail });
    const broken = w.socket.join(key('x'), [hash('x')], 7000, user);
    await expect(broken).rejects.toThrow('as if');
    await w.join('a');
    expect(w.heard).toEqual(['a up']);
    await w.socket.leave(key('x'));
    await w.socket.leave(key('a'));
    expect(await listens(w, 7000)).toBe(false);
  });
});

describe('a mapped port', () => {
  const mapping = (w: ReturnType<typeof world>) => ({ ...w.socket.mapping, until: undefined });
  const by = { kind: 'mapped', by: 'pcp', host: '93.184.216.34', until: undefined };

  test('where it listens and what is announced are two things; who was told another port hears of it', async () => {
    const w = world();
    const router = await w.router();
    router.occupy('tcp', 7000, '10.5.0.77');
    w.mapped.add('a');
    await w.join('a');
    expect(w.socket.announced).toEqual({ host: ADDRESS, port: 7000 });
    await w.join('b');
    await w.clock.advance(5_000);
    expect(mapping(w)).toEqual({ ...by, port: 7001 });
    expect([w.socket.local?.port, w.socket.announced]).toEqual([7000, { host: '93.184.216.34', port: 7001 }]);
    expect(w.heard).toEqual(['a up', 'b up', 'a moved', 'b moved']);
    await w.clock.resolve(w.sockets.unmap(), 2_000);
    expect([...router.entries.values()].map(({ client }) => client)).toEqual(['10.5.0.77']);
  });

  test('is there while any torrent wants it, and for a moment longer', async () => {
    const w = world();
    const router = await w.router();
    await w.join('a');
    await w.clock.advance(5_000);
    expect([router.asked, w.socket.mapping.kind]).toEqual([[], 'unknown']);
    w.mapped.add('a');
    w.socket.remap(key('a'));
    await w.clock.advance(1_000);
    expect(router.entries.size).toBe(2);
    // A magnet link's metadata is there: the download comes next.
    await w.socket.leave(key('a'));
    w.mapped.add('b');
    await w.join('b');
    await w.clock.advance(60_000);
    expect(router.asked).toEqual(['pcp map tcp 7000', 'pcp map udp 7000']);
    w.mapped.clear();
    w.socket.remap(key('b'));
    await w.clock.advance(10_000);
    expect(router.entries.size).toBe(0);
    expect(w.socket.mapping).toEqual({ kind: 'unknown' });
  });

  test('goes with the address, and comes back with it', async () => {
    const w = world();
    const router = await w.router();
    w.mapped.add('a');
    await w.join('a');
    await w.clock.advance(1_000);
    await w.present(false);
    await w.clock.advance(20_000);
    expect(w.socket.mapping).toEqual({ kind: 'unknown' });
    router.restart(false);
    await w.present(true);
    await w.clock.advance(1_000);
    expect(mapping(w)).toEqual({ ...by, port: 7000 });
    expect(router.behind('tcp', 7000)).toMatchObject({ client: ADDRESS, inner: 7000 });
  });

  test('of a socket on all addresses is that of the one that the machine sends from', async () => {
    const w = world();
    const router = await w.router();
    w.mapped.add('a');
    await w.join('a', ANY);
    await w.clock.advance(1_000);
    expect(w.sockets.at(undefined).mapping).toMatchObject({ kind: 'mapped', port: 7000 });
    expect(router.behind('udp', 7000)).toMatchObject({ client: ADDRESS });
    // It moves to another network.
    w.host.link(ADDRESS).present = false;
    w.host.table = [];
    await w.clock.advance(40_000);
    expect(w.sockets.at(undefined).mapping).toEqual({ kind: 'unknown' });
    await w.clock.resolve(w.sockets.unmap(), 2_000);
  });
});

describe('pairs of ports', () => {
  test('where any port will do and UDP is taken, another pair is tried', async () => {
    const taken: number[] = [];
    const w = world(({ port = 0 }) => (taken.length < 3 && taken.push(port) ? 'EADDRINUSE' : undefined));
    await w.join('a', ADDRESS, 0);
    const { port } = w.socket.local!;
    expect([w.socket.udp.port, new Set([...taken, port]).size]).toEqual([port, 4]);
    for (const old of taken) expect(await listens(w, old)).toBe(false);
  });

  test('a port that was asked for stays TCP’s, and UDP takes another', async () => {
    const w = world(({ port }) => (port === 7000 ? 'EADDRINUSE' : undefined));
    await w.join('a');
    expect(w.socket.local?.port).toBe(7000);
    expect(w.socket.udp.port).not.toBe(7000);
    expect(w.socket.udp.port).toBeGreaterThan(0);
  });

  test('without UDP at all torrents go on by TCP; who sends hears why, and it is tried again on the same port', async () => {
    let refuses = true;
    const w = world(() => (refuses ? 'EMFILE' : undefined));
    await w.join('a');
    expect([w.heard, w.socket.udp.port]).toEqual([['a up'], undefined]);
    const failures: string[] = [];
    w.socket.udp.handle('dht', { received: () => {}, failed: (code, host) => failures.push(`${code} ${host}`) });
    w.socket.udp.send(new Uint8Array(1), '10.6.0.1', 9);
    expect(failures).toEqual([]);
    await w.clock.settle();
    expect(failures).toEqual(['EMFILE 10.6.0.1']);
    refuses = false;
    w.sockets.check();
    await w.clock.settle();
    expect(w.socket.udp.port).toBe(7000);
  });

  test('unbound it has one port for both families, and does without one that the machine does not speak', async () => {
    const both = world();
    await both.join('a', ANY);
    const socket = both.sockets.at(undefined);
    const heard: string[] = [];
    socket.udp.handle('dht', { received: (_, host) => heard.push(host) });
    for (const host of [ADDRESS, 'fd00::1']) await from(both.far, { host, port: 7000 }, [0x64, 0x65]);
    await both.clock.advance(10);
    expect(heard).toEqual(['10.6.0.1', 'fd00::2']);
    const one = world(({ family }) => (family === 6 ? 'EAFNOSUPPORT' : undefined));
    await one.join('a', ANY);
    expect(one.sockets.at(undefined).udp.port).toBe(7000);
  });
});

describe('datagrams', () => {
  test('go by their kind to who registered for it, or nowhere', async () => {
    const w = world();
    await w.join('a');
    const heard: string[] = [];
    const hear = (kind: DatagramKind): void =>
      w.socket.udp.handle(kind, { received: (data, host) => heard.push(`${kind} ${data.length} ${host}`) });
    const to = w.socket.local!;
    const sent = [[0x64, 0x65], [0x41, ...Array<number>(19).fill(0)], [0, 0, 0, 1, 1, 2, 3, 4], [0xff]];
    const sendAll = async (): Promise<void> => {
      for (const data of sent) await from(w.far, to, data);
      await w.clock.advance(10);
    };
    await sendAll();
    expect(heard).toEqual([]);
    hear('dht');
    hear('tracker');
    await sendAll();
    expect(heard).toEqual(['dht 2 10.6.0.1', 'tracker 8 10.6.0.1']);
    await w.present(false);
    await w.present(true);
    await sendAll();
    expect(heard).toHaveLength(4);
  });

  test('leave from the address alone, and while it is gone not at all', async () => {
    const w = world();
    await w.join('a');
    const heard: string[] = [];
    await w.far.datagram({ family: 4, port: 9 }, { received: (_, host, port) => heard.push(`${host} ${port}`) });
    const send = (): Promise<void> => {
      w.socket.udp.send(new Uint8Array(1), '10.6.0.1', 9);
      return w.clock.advance(10);
    };
    await send();
    await w.present(false);
    await send();
    w.socket.udp.send(new Uint8Array(1), 'fd00::2', 9);
    await w.present(true);
    await send();
    expect(heard).toEqual([`${ADDRESS} 7000`, `${ADDRESS} 7000`]);
    expect(w.host.link('10.5.0.9').sent).toBe(0);
  });
});

test('thousands of torrents that join and leave are not asked anew for each of them', async () => {
  const w = world();
  let asked = 0;
  w.mapped.has = () => ++asked < 0;
  for (let i = 0; i < 500; i++) await w.join(`${i}`);
  for (let i = 0; i < 500; i++) await w.clock.resolve(w.socket.leave(key(`${i}`)));
  expect(asked).toBeLessThanOrEqual(1000);
});
