import { expect, test } from 'vitest';
import type { TorrentKey } from '../../base/ids.ts';
import type { BridgeClient, ConnectionState, EventName, Events } from '../contract.ts';
import { Mirror } from './mirror.ts';
import type { AppState } from '../views.ts';

const HASH = 'a'.repeat(40) as TorrentKey;

/** A window's line that a test speaks over. */
class ScriptedClient {
  readonly calls: string[] = [];
  state: ConnectionState = 'open';
  readonly #listeners = new Map<EventName, (payload: never) => void>();
  #states: ((state: ConnectionState) => void)[] = [];

  call = (name: string): Promise<null> => {
    this.calls.push(name);
    return Promise.resolve(null);
  };
  on = (name: EventName, listener: (payload: never) => void): (() => void) => {
    this.#listeners.set(name, listener);
    return () => this.#listeners.delete(name);
  };
  onState = (listener: (state: ConnectionState) => void): (() => void) => {
    this.#states.push(listener);
    return () => (this.#states = []);
  };
  close(): void {}

  say<K extends EventName>(name: K, payload: Events[K]): void {
    this.#listeners.get(name)?.(payload as never);
  }

  become(state: ConnectionState): void {
    this.state = state;
    for (const listener of this.#states) listener(state);
  }
}

function start(): { client: ScriptedClient; mirror: Mirror } {
  const client = new ScriptedClient();
  return { client, mirror: new Mirror(client as unknown as BridgeClient) };
}
const state = (down: number): AppState => ({ down, downloads: [] }) as unknown as AppState;
const patch = (seq: number, down: number): Events['patch'] => ({ seq, state: { down }, downloads: [], removed: [] });

test('patches in order are taken over', () => {
  const { client, mirror } = start();
  client.say('snapshot', { seq: 7, state: state(0) });
  client.say('patch', patch(8, 1));
  client.say('patch', patch(9, 2));
  expect(mirror.now.state?.down).toBe(2);
  expect(client.calls).toEqual(['subscribe']);
});

test('a patch that does not follow asks for a snapshot, once, and is not taken over', () => {
  const { client, mirror } = start();
  client.say('snapshot', { seq: 0, state: state(0) });
  client.say('patch', patch(2, 5));
  client.say('patch', patch(3, 6));
  expect(mirror.now.state?.down).toBe(0);
  expect(client.calls).toEqual(['subscribe', 'subscribe']);
  client.say('snapshot', { seq: 3, state: state(6) });
  client.say('patch', patch(4, 7));
  expect(mirror.now.state?.down).toBe(7);
});

test('patches before the first snapshot are nothing', () => {
  const { client, mirror } = start();
  client.say('patch', patch(1, 5));
  expect(mirror.now.state).toBeUndefined();
});

test('a line that is there again begins anew, and what is watched is watched again', () => {
  const { client, mirror } = start();
  mirror.watch(HASH, ['map']);
  client.become('connecting');
  client.become('open');
  expect(client.calls).toEqual(['subscribe', 'watch', 'subscribe', 'watch']);
});

test('a gap in the detail asks for it again; another download’s detail is nothing', () => {
  const { client, mirror } = start();
  mirror.watch(HASH, ['peers', 'log']);
  client.say('detail', { key: 'b'.repeat(40) as TorrentKey, seq: 0, peers: [] });
  expect(mirror.now.detail).toBeUndefined();
  client.say('detail', { key: HASH, seq: 0, peers: [], log: [] });
  client.say('detail', { key: HASH, seq: 2, log: [{ time: 0, level: 'info', message: 'lost' }] });
  client.say('detail', { key: HASH, seq: 3, log: [{ time: 0, level: 'info', message: 'too' }] });
  expect(client.calls).toEqual(['subscribe', 'watch', 'watch']);
  expect(mirror.now.detail?.log).toEqual([]);
  client.say('detail', { key: HASH, seq: 0, peers: [] });
  expect(mirror.now.detail).toMatchObject({ peers: [], log: null });
});

test('when closed it hears nothing more', () => {
  const { client, mirror } = start();
  client.say('snapshot', { seq: 0, state: state(1) });
  mirror.close();
  client.say('patch', patch(1, 2));
  expect(mirror.now.state?.down).toBe(1);
});
