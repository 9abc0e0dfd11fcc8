import { afterEach, describe, expect, test } from 'vitest';
import type { Endpoint } from '../base/endpoint.ts';
import { millis } from '../base/ids.ts';
import { diskCode } from '../ports/disk.ts';
import type { CloseReason, Connection, ConnectionHandler, Listener, Net } from '../ports/net.ts';
import { VirtualClock } from '../sim/clock.ts';
import { SimNet } from '../sim/net.ts';
import { SeededRandom } from '../sim/random.ts';
import { NodeNet } from './net.ts';

/** What the real and the simulated network must have in common. */
interface World {
  /** Two machines; the real one is both. */
  readonly near: Net;
  readonly far: Net;
  readonly address: string;
  readonly address6: string;
  /** One that nobody here has. */
  readonly foreign: string;
  /** Lets things happen until the condition holds. */
  until(condition: () => boolean): Promise<void>;
}

const TIMES = { silenceTimeout: millis(150_000), stuckTimeout: millis(60_000) };

function simulated(): World {
  const clock = new VirtualClock();
  const net = new SimNet(clock, new SeededRandom(1));
  const [address, address6] = ['127.0.0.1', '::1'];
  return {
    near: net.host(['127.0.0.2', '::2'], { latency: 1 }),
    far: net.host([address, address6], { latency: 1 }),
    address,
    address6,
    foreign: '192.0.2.1',
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
    address: '127.0.0.1',
    address6: '::1',
    foreign: '192.0.2.1',
    until: async (condition) => {
      while (!condition()) await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

/** Copies what comes, as the port demands. */
class Recorder implements ConnectionHandler {
  readonly parts: Uint8Array[] = [];
  length = 0;
  reasons: CloseReason[] = [];
  connection: Connection | undefined;
  drains = 0;
  onData: (() => void) | undefined;

  connected(connection: Connection): void {
    this.connection = connection;
  }
  data(_: Connection, data: Uint8Array): void {
    expect(this.reasons).toEqual([]);
    this.parts.push(data.slice());
    this.length += data.length;
    this.onData?.();
  }
  drained(): void {
    this.drains++;
  }
  closed(_: Connection, reason: CloseReason): void {
    this.reasons.push(reason);
  }
  get bytes(): Uint8Array {
    const out = new Uint8Array(this.length);
    let at = 0;
    for (const part of this.parts) {
      out.set(part, at);
      at += part.length;
    }
    return out;
  }
}

function pattern(length: number, seed: number): Uint8Array {
  const out = new Uint8Array(length);
  for (let i = 0; i < length; i++) out[i] = (i * 31 + (i >>> 8) * 7 + seed) & 0xff;
  return out;
}

const listeners: Listener[] = [];
afterEach(async () => {
  await Promise.all(listeners.splice(0).map((listener) => listener.close()));
});

async function listen(world: World, accept: (c: Connection) => ConnectionHandler | undefined, host = world.address) {
  const listener = await world.far.listen({ address: host, port: 0, ...TIMES }, accept);
  listeners.push(listener);
  return listener;
}

function dial(world: World, remote: Endpoint, localAddress?: string) {
  const handler = new Recorder();
  const connection = world.near.dial(
    { remote, connectTimeout: millis(5000), ...TIMES, ...(localAddress === undefined ? {} : { localAddress }) },
    handler,
  );
  return { handler, connection };
}

async function pair(world: World) {
  const far = new Recorder();
  const listener = await listen(world, (connection) => {
    far.connection = connection;
    return far;
  });
  const { handler: near, connection } = dial(world, listener.local);
  await world.until(() => near.connection !== undefined && far.connection !== undefined);
  return { near, far, dialled: connection, accepted: far.connection!, listener };
}

describe.each([
  ['simulated', simulated],
  ['real', real],
])('%s Net', (_name, make) => {
  test('both ends know each other, and bytes arrive whole and in order both ways', async () => {
    const world = make();
    const { near, far, dialled, accepted } = await pair(world);
    expect(dialled.outgoing).toBe(true);
    expect(accepted.outgoing).toBe(false);
    expect(accepted.remote).toEqual(dialled.local);
    expect(dialled.remote).toEqual(accepted.local);
    const [up, down] = [pattern(700_001, 1), pattern(300_003, 2)];
    for (let i = 0; i < up.length; i += 99_999) dialled.write(up.subarray(i, i + 99_999));
    accepted.write(down);
    await world.until(() => far.length === up.length && near.length === down.length);
    expect(Buffer.compare(far.bytes, up)).toBe(0);
    expect(Buffer.compare(near.bytes, down)).toBe(0);
    dialled.destroy();
    await world.until(() => near.reasons.length + far.reasons.length === 2);
    expect(near.reasons).toEqual([{ kind: 'local' }]);
    expect(far.reasons).toEqual([{ kind: 'remote' }]);
  });

  test('what was written before the connection stood is sent', async () => {
    const world = make();
    const far = new Recorder();
    const listener = await listen(world, () => far);
    const { connection } = dial(world, listener.local);
    connection.write(pattern(10, 3));
    await world.until(() => far.length === 10);
    connection.destroy();
    await world.until(() => far.reasons.length === 1);
  });

  test('who took it over hears what follows and the end, and who had it before hears no more', async () => {
    const world = make();
    const { near, far, dialled, accepted } = await pair(world);
    const heirs = [new Recorder(), new Recorder()] as const;
    // In the midst of the call that brings the bytes, as when a handshake is through.
    far.onData = () => accepted.handOver(heirs[0]);
    near.onData = () => dialled.handOver(heirs[1]);
    dialled.write(pattern(10, 1));
    accepted.write(pattern(10, 2));
    await world.until(() => far.length === 10 && near.length === 10);
    dialled.write(pattern(20, 3));
    accepted.write(pattern(30, 4));
    await world.until(() => heirs[0].length === 20 && heirs[1].length === 30);
    dialled.destroy();
    await world.until(() => heirs.every(({ reasons }) => reasons.length === 1));
    expect([far.length, near.length, far.reasons, near.reasons]).toEqual([10, 10, [], []]);
  });

  test('end sends all that is queued first, and both ends hear of it once', async () => {
    const world = make();
    const { near, far, dialled } = await pair(world);
    const data = pattern(3_000_000, 4);
    dialled.write(data);
    dialled.end();
    expect(dialled.write(data)).toBe(false);
    await world.until(() => near.reasons.length === 1 && far.reasons.length === 1);
    expect(Buffer.compare(far.bytes, data)).toBe(0);
    expect(near.reasons).toEqual([{ kind: 'local' }]);
    expect(far.reasons).toEqual([{ kind: 'remote' }]);
  });

  test.each(['dialled', 'accepted'] as const)('the %s end can stop reading, and go on', async (which) => {
    const world = make();
    const ends = await pair(world);
    const [reader, heard, writer, wrote] =
      which === 'dialled'
        ? ([ends.dialled, ends.near, ends.accepted, ends.far] as const)
        : ([ends.accepted, ends.far, ends.dialled, ends.near] as const);
    const data = pattern(30_000_000, 5);
    // Pausing within the call that brings bytes is the usual case.
    heard.onData = () => reader.pause();
    expect(writer.write(data)).toBe(false);
    await world.until(() => heard.length > 0);
    const after = heard.length;
    const marker = dial(world, ends.listener.local);
    await world.until(() => marker.handler.connection !== undefined);
    expect(heard.length).toBe(after);
    expect(writer.queued).toBeGreaterThan(0);
    heard.onData = undefined;
    reader.resume();
    await world.until(() => heard.length === data.length && wrote.drains === 1);
    expect(writer.queued).toBe(0);
    expect(Buffer.compare(heard.bytes, data)).toBe(0);
    for (const connection of [reader, marker.connection]) connection.destroy();
    await world.until(() => wrote.reasons.length > 0);
  });

  test('little that was corked is told of too when it has left', async () => {
    const world = make();
    const { near, far, dialled, accepted } = await pair(world);
    accepted.pause();
    dialled.cork();
    expect(dialled.write(pattern(300_000, 6))).toBe(false);
    expect(near.drains).toBe(0);
    dialled.uncork();
    accepted.resume();
    await world.until(() => far.length === 300_000 && near.drains === 1);
    expect(dialled.queued).toBe(0);
    dialled.destroy();
    await world.until(() => far.reasons.length === 1);
  });

  test('many sockets at once do not see each other’s bytes', async () => {
    const world = make();
    const count = 20;
    const listener = await listen(world, (connection) => ({
      data: (_, data) => {
        // Each says which it is, and gets its own pattern back.
        connection.write(pattern(400_000, data[0] ?? 0));
        connection.end();
      },
      closed: () => {},
    }));
    const all = Array.from({ length: count }, (_, i) => {
      const dialled = dial(world, listener.local);
      dialled.connection.write(Uint8Array.of(i));
      return dialled.handler;
    });
    await world.until(() => all.every((handler) => handler.reasons.length === 1));
    all.forEach((handler, i) => expect(Buffer.compare(handler.bytes, pattern(400_000, i))).toBe(0));
  });

  test('corked writes leave when uncorked', async () => {
    const world = make();
    const { far, dialled } = await pair(world);
    dialled.cork();
    dialled.cork();
    dialled.write(pattern(5, 1));
    dialled.write(pattern(5, 2));
    expect(dialled.queued).toBe(10);
    dialled.uncork();
    await world.until(() => far.length === 10);
    dialled.destroy();
    await world.until(() => far.reasons.length === 1);
  });

  test('refused: closed, never connected', async () => {
    const world = make();
    const listener = await listen(world, () => undefined);
    await listener.close();
    listeners.pop();
    const { handler } = dial(world, listener.local);
    await world.until(() => handler.reasons.length === 1);
    expect(handler.connection).toBeUndefined();
    expect(handler.reasons).toEqual([{ kind: 'error', code: 'ECONNREFUSED' }]);
  });

  test('who is not let in is closed', async () => {
    const world = make();
    const listener = await listen(world, () => undefined);
    const { handler } = dial(world, listener.local);
    await world.until(() => handler.reasons.length === 1);
    expect(handler.length).toBe(0);
  });

  test('a listener knows how many that it took in stand', async () => {
    const world = make();
    const { listener, dialled } = await pair(world);
    const second = dial(world, listener.local);
    await world.until(() => listener.standing === 2);
    dialled.destroy();
    await world.until(() => listener.standing === 1);
    second.connection.destroy();
    await world.until(() => listener.standing === 0);
  });

  test('a local address that the machine does not have', async () => {
    const world = make();
    const listener = await listen(world, () => undefined);
    const { handler, connection } = dial(world, listener.local, world.foreign);
    await world.until(() => handler.reasons.length === 1);
    expect(handler.reasons).toEqual([{ kind: 'error', code: 'EADDRNOTAVAIL' }]);
    expect(connection.write(new Uint8Array(1))).toBe(false);
    connection.destroy();
    connection.end();
    const listening = world.far.listen({ address: world.foreign, port: 0, ...TIMES }, () => undefined);
    await expect(listening).rejects.toMatchObject({ code: 'network' });
  });

  test('a dial can be given up at once', async () => {
    const world = make();
    const listener = await listen(world, () => undefined);
    const { handler, connection } = dial(world, listener.local);
    connection.destroy();
    expect(handler.reasons).toEqual([]); // not from within the call
    await world.until(() => handler.reasons.length === 1);
    expect(handler.reasons).toEqual([{ kind: 'local' }]);
  });

  test('a port that is taken', async () => {
    const world = make();
    const { local } = await listen(world, () => undefined);
    const error: unknown = await world.far
      .listen({ address: local.host, port: local.port, ...TIMES }, () => undefined)
      .then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
    expect(error).toMatchObject({ code: 'network' });
    expect(diskCode(error)).toBe('EADDRINUSE');
    expect(String(error)).toContain(`${local.host}:${local.port}`);
  });

  test('listening on all addresses takes both families, and names IPv4 as IPv4', async () => {
    const world = make();
    const seen: Connection[] = [];
    const listener = await world.far.listen({ port: 0, ...TIMES }, (connection) => {
      seen.push(connection);
      return new Recorder();
    });
    listeners.push(listener);
    const both = [world.address, world.address6].map((host) => dial(world, { host, port: listener.local.port }));
    await world.until(() => seen.length === 2);
    expect(seen.map((connection) => connection.local.host).sort()).toEqual([world.address, world.address6]);
    for (const { connection } of both) connection.destroy();
    await world.until(() => both.every(({ handler }) => handler.reasons.length === 1));
  });

  test('literals resolve to themselves', async () => {
    const { near } = make();
    expect(await near.resolve('192.0.2.7')).toEqual([{ address: '192.0.2.7', family: 4 }]);
    expect(await near.resolve('2001:db8::7')).toEqual([{ address: '2001:db8::7', family: 6 }]);
  });
});
