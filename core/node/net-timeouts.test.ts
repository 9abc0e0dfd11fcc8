import type { AddressInfo, Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { millis } from '../base/ids.ts';
import type { CloseReason } from '../ports/net.ts';
import { NodeConnection } from './net-connection.ts';
import { Quiet } from './net-sweep.ts';

const cleanups: (() => void)[] = [];
afterEach(() => cleanups.splice(0).forEach((clean) => clean()));

const LIMITS = { connectTimeout: millis(5000), silenceTimeout: millis(60_000), stuckTimeout: millis(20_000) };

/** A connection to a server that neither reads nor writes, and the time-outs in the test's own hand. */
async function silentPeer() {
  let far: Socket | undefined;
  const server = createServer({ pauseOnConnect: true }, (socket) => (far = socket.on('error', () => {})));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  const remote = { host: '127.0.0.1', port };
  const socket = connect(port, '127.0.0.1');
  const connection = new NodeConnection(socket, { remote, local: { host: '', port: 0 }, outgoing: true }, LIMITS);
  cleanups.push(() => {
    connection.destroy();
    far?.destroy();
    server.close();
  });
  let connected = (): void => {};
  let closed: (reason: CloseReason) => void = () => {};
  const stands = new Promise<void>((resolve) => (connected = resolve));
  const over = new Promise<CloseReason>((resolve) => (closed = resolve));
  connection.attach({ connected, data: () => {}, closed: (_, reason) => closed(reason) }, 'events');
  return { connection, stands, over, far: () => far! };
}

describe('NodeConnection', () => {
  test('no answer in time', async () => {
    const { connection, over } = await silentPeer();
    connection.sweep(0);
    connection.sweep(4999);
    connection.sweep(5000);
    expect(await over).toEqual({ kind: 'timeout', what: 'connect' });
  });

  test('silence ends it, bytes put that off, and a pause of ours does not count', async () => {
    const { connection, stands, over } = await silentPeer();
    await stands;
    connection.sweep(0);
    connection.received(new Uint8Array(1));
    connection.sweep(59_000);
    connection.sweep(118_000);
    connection.pause();
    connection.sweep(500_000);
    connection.resume();
    connection.sweep(500_001);
    connection.sweep(560_000);
    expect(connection.write(new Uint8Array(0))).toBe(true); // it still stands
    connection.sweep(560_001);
    expect(await over).toEqual({ kind: 'timeout', what: 'silence' });
  });

  test('bytes that make no way end it, bytes that trickle do not', async () => {
    const { connection, stands, over, far } = await silentPeer();
    await stands;
    connection.write(new Uint8Array(40_000_000));
    const quiet = async (): Promise<void> => {
      // Until the system's buffers have filled and nothing moves any more.
      for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
    };
    await quiet();
    connection.sweep(0);
    connection.sweep(10_000);
    // One write, of which some more leaves: its callback is far away.
    await new Promise<void>((resolve) => {
      let got = 0;
      far().on('data', (data: Buffer) => {
        got += data.length;
        if (got < 20_000_000) return;
        far().pause().removeAllListeners('data');
        resolve();
      });
      far().resume();
    });
    await quiet();
    connection.sweep(21_000);
    connection.sweep(40_999);
    expect(connection.queued).toBeGreaterThan(0);
    connection.sweep(41_000);
    expect(await over).toEqual({ kind: 'timeout', what: 'stuck' });
  });

  test('an end that the other side never answers is cut short', async () => {
    const { connection, stands, over } = await silentPeer();
    await stands;
    connection.end();
    connection.sweep(0);
    connection.sweep(20_000);
    expect(await over).toEqual({ kind: 'local' });
  });
});

test('Quiet counts from the sweep that saw the last stir', () => {
  const quiet = new Quiet(millis(100));
  expect([10, 60, 109].map((now) => quiet.over(now))).toEqual([false, false, false]);
  quiet.stir();
  expect([115, 200, 214, 215].map((now) => quiet.over(now))).toEqual([false, false, false, true]);
});
