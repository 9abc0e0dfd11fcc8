import { afterEach, describe, expect, test } from 'vitest';
import type { Endpoint } from '../base/endpoint.ts';
import type { DatagramHandler, DatagramOptions, DatagramSocket } from '../ports/datagram.ts';
import { diskCode } from '../ports/disk.ts';
import type { Net } from '../ports/net.ts';
import { VirtualClock } from '../sim/clock.ts';
import { SimNet } from '../sim/net.ts';
import { SeededRandom } from '../sim/random.ts';
import { NodeNet } from './net.ts';

/** What the real and the simulated network must have in common where datagrams go. */
interface World {
  /** Two machines; the real one is both. */
  readonly near: Net;
  readonly far: Net;
  /** Each has two of each family but the far one, which has one. */
  readonly nearAddress: string;
  readonly farAddress: string;
  readonly farAddress6: string;
  until(condition: () => boolean): Promise<void>;
}

function simulated(): World {
  const clock = new VirtualClock();
  const net = new SimNet(clock, new SeededRandom(1));
  const link = { latency: 1, segment: 'lan' };
  return {
    near: net.host(['127.0.0.4', '127.0.0.5', '::2'], link),
    far: net.host(['127.0.0.1', '::1'], link),
    nearAddress: '127.0.0.5',
    farAddress: '127.0.0.1',
    farAddress6: '::1',
    until: async (condition) => {
      if (!(await clock.runUntil(condition, 60_000))) throw new Error('it did not come to that');
    },
  };
}

function real(): World {
  const net = new NodeNet();
  return {
    near: net,
    far: net,
    nearAddress: '127.0.0.5',
    farAddress: '127.0.0.1',
    farAddress6: '::1',
    until: async (condition) => {
      while (!condition()) await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

const GROUP = { host: '239.192.152.143', port: 6771 };
const sockets: DatagramSocket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.close();
});

interface Heard extends Endpoint {
  readonly data: Uint8Array;
}

async function open(net: Net, options: DatagramOptions) {
  const heard: Heard[] = [];
  const failures: string[] = [];
  const socket = await net.datagram(options, {
    received: (data, host, port) => heard.push({ data, host, port }),
    failed: (code, host, port) => failures.push(`${code} ${host} ${port}`),
  });
  sockets.push(socket);
  const send = (data: readonly number[], to: Endpoint): boolean => socket.send(Uint8Array.from(data), to.host, to.port);
  return { socket, local: socket.local, heard, failures, send };
}

const refusal = (opening: Promise<unknown>): Promise<string | undefined> =>
  opening.then(
    () => 'none',
    (error: unknown) => ((error as { code?: string }).code === 'network' ? diskCode(error) : String(error)),
  );

const IGNORE: DatagramHandler = { received: () => {} };

describe.each([
  ['simulated', simulated],
  ['real', real],
])('%s datagrams', (_name, make) => {
  test.each([4, 6] as const)(
    'IPv%i: arrive one by one from where they were sent, and are the receiver’s',
    async (family) => {
      const world = make();
      const host = family === 4 ? world.farAddress : world.farAddress6;
      const to = await open(world.far, { family, localAddress: host });
      const from = await open(world.near, { family });
      expect(to.local).toEqual({ host, port: to.local.port });
      const sent = [[1, 2, 3], [], [4]];
      for (const data of sent) {
        from.send(data, to.local);
        await world.until(() => to.heard.length === sent.indexOf(data) + 1);
      }
      expect(to.heard.map(({ data }) => [...data])).toEqual(sent);
      expect(new Set(to.heard.map(({ port }) => port))).toEqual(new Set([from.local.port]));
      const [first] = to.heard;
      to.send([5], first!);
      await world.until(() => from.heard.length === 1);
      expect(from.heard).toMatchObject([to.local]);
    },
  );

  test('what is bound to an address leaves from there alone', async () => {
    const world = make();
    const to = await open(world.far, { family: 4 });
    const from = await open(world.near, { family: 4, localAddress: world.nearAddress });
    from.send([1], { host: world.farAddress, port: to.local.port });
    await world.until(() => to.heard.length === 1);
    expect(to.heard).toMatchObject([from.local]);
    expect(from.local.host).toBe(world.nearAddress);
  });

  test('a port is taken once for each family, also beside one on all addresses', async () => {
    const world = make();
    const localAddress = world.farAddress;
    const first = await open(world.far, { family: 4, localAddress });
    const { port } = first.local;
    expect(await refusal(world.far.datagram({ family: 4, localAddress, port }, IGNORE))).toBe('EADDRINUSE');
    expect(await refusal(world.far.datagram({ family: 4, port }, IGNORE))).toBe('EADDRINUSE');
    expect((await open(world.far, { family: 6, port })).local.port).toBe(port);
    first.socket.close();
    await world.until(() => true);
    expect((await open(world.far, { family: 4, port })).local.port).toBe(port);
  });

  test.each<[string, DatagramOptions, string]>([
    ['an address that the machine does not have', { family: 4, localAddress: '192.0.2.1' }, 'EADDRNOTAVAIL'],
    ['an address of the other family', { family: 4, localAddress: '::1' }, 'EAFNOSUPPORT'],
    ['multicast without an address', { family: 4, multicast: { groups: [GROUP], ttl: 1 } }, 'EINVAL'],
  ])('%s is refused', async (_, options, code) => {
    expect(await refusal(make().far.datagram(options, IGNORE))).toBe(code);
  });

  test.each<[string, Endpoint, number, string]>([
    ['to the other family', { host: '::1', port: 9 }, 1, 'EINVAL'],
    ['to a name', { host: 'localhost', port: 9 }, 1, 'EINVAL'],
    ['to no port', { host: '127.0.0.1', port: 0 }, 1, 'EINVAL'],
    ['too long', { host: '127.0.0.1', port: 9 }, 65_508, 'EMSGSIZE'],
  ])(
    'what cannot be sent is told after the call, to who asks, and goes no further: %s',
    async (_, to, length, code) => {
      const world = make();
      const from = await open(world.near, { family: 4 });
      from.socket.send(new Uint8Array(length), to.host, to.port);
      expect(from.failures).toEqual([]);
      await world.until(() => from.failures.length === 1);
      expect(from.failures).toEqual([`${code} ${to.host} ${to.port}`]);
      const silent = await world.near.datagram({ family: 4 }, IGNORE);
      sockets.push(silent);
      silent.send(new Uint8Array(length), to.host, to.port);
      const other = await open(world.far, { family: 4, localAddress: world.farAddress });
      silent.send(Uint8Array.of(1), world.farAddress, other.local.port);
      await world.until(() => other.heard.length === 1);
    },
  );

  test('a port where nobody is swallows; the socket goes on', async () => {
    const world = make();
    const gone = await open(world.far, { family: 4, localAddress: world.farAddress });
    gone.socket.close();
    const to = await open(world.far, { family: 4, localAddress: world.farAddress });
    const from = await open(world.near, { family: 4 });
    for (let i = 0; i < 5; i++) from.send([0], gone.local);
    from.send([1], to.local);
    await world.until(() => to.heard.length === 1);
    expect([from.failures, gone.heard]).toEqual([[], []]);
  });

  test('after it was closed nothing leaves and nothing comes', async () => {
    const world = make();
    const to = await open(world.far, { family: 4, localAddress: world.farAddress });
    const from = await open(world.near, { family: 4, localAddress: world.nearAddress });
    from.socket.close();
    from.socket.close();
    from.send([1], to.local);
    from.send([1], { host: 'x', port: 0 });
    to.send([1], from.local);
    const other = await open(world.near, { family: 4 });
    other.send([2], to.local);
    await world.until(() => to.heard.length === 1);
    expect(to.heard.map(({ data }) => [...data])).toEqual([[2]]);
    expect([from.heard, from.failures]).toEqual([[], []]);
  });

  test('a group is heard by all who joined it, oneself too, from an address that is ours', async () => {
    const world = make();
    const multicast = { groups: [GROUP], ttl: 1 };
    const joined = [
      await open(world.near, { family: 4, localAddress: world.nearAddress, multicast }),
      await open(world.far, { family: 4, localAddress: world.farAddress, multicast }),
    ];
    const other = await open(world.far, { family: 4, localAddress: world.farAddress });
    joined[0]!.send([7], GROUP);
    await world.until(() => joined.every(({ heard }) => heard.length === 1));
    for (const { heard } of joined) expect(heard).toMatchObject([joined[0]!.local]);
    expect(other.heard).toEqual([]);
    joined[1]!.socket.close();
    joined[0]!.send([8], GROUP);
    await world.until(() => joined[0]!.heard.length === 2);
    expect(joined[1]!.heard).toHaveLength(1);
  });
});
