import { expect, test } from 'vitest';
import type { TorrentKey } from '../../base/ids.ts';
import { RpcClient } from './client.ts';
import type { BridgeTransport, ConnectionState } from '../contract.ts';
import { Mirror } from './mirror.ts';
import { BridgeBench, LINES, until } from '../testing/bench.ts';

const FIRST = '1'.repeat(40) as TorrentKey;
const line = LINES['in memory']!;

/** A client whose line a test breaks and mends. */
function start(refusals = 0): {
  bench: BridgeBench;
  client: RpcClient;
  states: ConnectionState[];
  attempts: number[];
  lines: BridgeTransport[];
  refuse(times: number): void;
} {
  const bench = new BridgeBench(line());
  const attempts: number[] = [];
  const lines: BridgeTransport[] = [];
  let left = refusals;
  const client = new RpcClient({
    connect: async () => {
      if (left-- > 0) throw new Error('not there');
      const { transport } = await bench.bare();
      lines.push(transport);
      return transport;
    },
    retry: (attempt) => Promise.resolve(void attempts.push(attempt)),
  });
  const states: ConnectionState[] = [client.state];
  client.onState((state) => states.push(state));
  return { bench, client, states, attempts, lines, refuse: (times) => (left = times) };
}

test('calls wait for a connection that takes several attempts', async () => {
  const { bench, client, attempts } = start(3);
  await client.call('pause', { key: FIRST });
  expect(attempts).toEqual([1, 2, 3]);
  expect(bench.engine.calls).toEqual(['pause']);
  client.close();
  await bench.close();
});

test('a lost connection comes back, and the window knows all again', async () => {
  const { bench, client, states, attempts, lines, refuse } = start();
  const mirror = new Mirror(client);
  mirror.watch(FIRST, ['identities']);
  await until(() => mirror.now.detail !== undefined);
  const waiting = client.call('chooseFolder', { start: null });
  const heard = expect(waiting).rejects.toMatchObject({ code: expect.any(String) });
  refuse(2);
  lines[0]?.close();
  // What happens while nobody is connected is in the new snapshot.
  await bench.engine.pause(FIRST);
  await heard;
  await until(() => client.state === 'open');
  await bench.pass(400);
  expect(mirror.now.state?.downloads[0]?.state).toBe('paused');
  expect(states).toEqual(['connecting', 'open', 'connecting', 'open']);
  expect(attempts).toEqual([1, 2, 3]);
  expect(mirror.now.detail?.identities?.[0]?.state).toBe('paused');
  client.close();
  await bench.close();
});

test('one that was closed stays closed: what waits is told, and no attempt is made', async () => {
  const { bench, client, states, lines } = start(1_000_000);
  const waiting = client.call('pause', { key: FIRST });
  const heard = expect(waiting).rejects.toMatchObject({ code: 'interrupted' });
  client.close();
  await heard;
  await expect(client.call('pause', { key: FIRST })).rejects.toMatchObject({ code: 'interrupted' });
  expect([states.slice(-1), lines]).toEqual([['closed'], []]);
  expect(bench.engine.calls).toEqual([]);
  await bench.close();
});

test('without another attempt a refused connection is the end', async () => {
  const client = new RpcClient({ connect: () => Promise.reject(new Error('not there')) });
  await expect(client.call('pause', { key: FIRST })).rejects.toMatchObject({ code: 'interrupted' });
  expect(client.state).toBe('closed');
});
