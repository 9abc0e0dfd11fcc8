import { afterEach, beforeEach, expect, test } from 'vitest';
import { decodeMessage, encodeMessage } from '../line/codec.ts';
import { type FolderList, MAX_BACKLOG } from '../contract.ts';
import { hostSocketTransport, type HostSocket } from './host-socket.ts';
import { offeredOptions } from '../../engine/testing/offered-options.ts';
import { BridgeBench, LINES, settle, until } from '../testing/bench.ts';

type Listener = (event: { data?: unknown }) => void;

/** A socket whose other end takes what was sent when it is told to. */
class FakeSocket implements HostSocket {
  binaryType = '';
  readyState = 1;
  bufferedAmount = 0;
  paused = false;
  closedWith: number | undefined;
  /** Ids of the calls that were answered. */
  readonly answers: string[] = [];
  readonly #unsent: { size: number; sent: (() => void) | undefined }[] = [];
  readonly #listeners = new Map<string, Listener[]>();

  send(data: Uint8Array, sent?: () => void): void {
    const { t, i } = decodeMessage(data) as { t: string; i: string };
    if (t === 's') this.answers.push(i);
    this.#unsent.push({ size: data.length, sent });
    this.bufferedAmount += data.length;
  }

  /** The other end takes the next message. */
  take(): void {
    const next = this.#unsent.shift();
    if (next === undefined) return;
    this.bufferedAmount -= next.size;
    next.sent?.();
  }

  takeAll(): void {
    while (this.#unsent.length > 0) this.take();
  }

  close(code?: number): void {
    this.closedWith = code;
    this.readyState = 2;
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
  }

  addEventListener(type: string, listener: Listener): void {
    this.#listeners.set(type, [...(this.#listeners.get(type) ?? []), listener]);
  }

  emit(type: string, event: { data?: unknown } = {}): void {
    for (const listener of this.#listeners.get(type) ?? []) listener(event);
  }

  /** The other end sends it. */
  come(message: unknown): void {
    this.emit('message', { data: encodeMessage(message).slice().buffer });
  }

  command(name: string, args: unknown, id: string): void {
    this.come({ t: 'q', m: 'command', a: [name, args], i: id });
  }
}

const MANY = Array.from({ length: 2000 }, (_, i) => ({ name: 'n'.repeat(100), path: `/a/${i}` }));
let bench: BridgeBench;
let socket: FakeSocket;
let browsed: number;
beforeEach(() => {
  browsed = 0;
  bench = new BridgeBench(LINES['in memory']!());
  const browse = (): Promise<FolderList> => {
    browsed++;
    return Promise.resolve({ folder: '/a', parent: null, free: null, folders: MANY });
  };
  Object.assign(bench.services.folders, { browse });
  socket = new FakeSocket();
  bench.host.attach(hostSocketTransport(socket));
});
afterEach(() => bench.close());

test('of a window that does not read its answers nothing more is read, and what waits stays small', async () => {
  let asked = 0;
  for (; asked < 1000 && !socket.paused; asked++) {
    socket.command('browse', { folder: '/a' }, `b${asked}`);
    await settle();
  }
  expect(socket.paused).toBe(true);
  // What had been read already waits for its turn.
  for (let more = 0; more < 200; more++) socket.command('browse', { folder: '/a' }, `m${more}`);
  await settle();
  expect(socket.bufferedAmount).toBeLessThan(2 * MAX_BACKLOG);
  expect(browsed).toBeLessThan(asked + 10);
  // A window that reads again gets every answer, once.
  await until(() => {
    socket.takeAll();
    return socket.answers.length === asked + 200;
  });
  await settle();
  socket.takeAll();
  expect(socket.paused).toBe(false);
  expect(socket.answers).toHaveLength(asked + 200);
  expect(new Set(socket.answers).size).toBe(asked + 200);
});

test('commands whose answers are small pass those that wait', async () => {
  socket.bufferedAmount = 2 * MAX_BACKLOG;
  socket.command('browse', { folder: '/a' }, 'large');
  socket.command('setVisible', { visible: true }, 'small');
  await settle();
  expect(socket.answers).toEqual(['small']);
});

test('what waits for a window that goes is not carried out', async () => {
  socket.bufferedAmount = 2 * MAX_BACKLOG;
  for (let n = 0; n < 100; n++) socket.command('browse', { folder: '/a' }, `b${n}`);
  socket.emit('close');
  await settle();
  expect(browsed).toBe(0);
});

test('while much of what came is being dealt with nothing more is read', async () => {
  let finish = (): void => {};
  bench.engine.add = () => new Promise((resolve) => (finish = () => resolve('1'.repeat(40) as never)));
  const source = { kind: 'torrent', data: new Uint8Array(32 * 1024 * 1024) };
  socket.command('add', { source, options: offeredOptions() }, 'add');
  await settle();
  expect(socket.paused).toBe(true);
  finish();
  await settle();
  expect([socket.paused, socket.answers]).toEqual([false, ['add']]);
});

test('what follows a message that cannot be read is not looked at', async () => {
  socket.emit('message', { data: 'text' });
  socket.command('pause', { key: '1'.repeat(40) }, 'p');
  await settle();
  expect([socket.closedWith, bench.engine.calls]).toEqual([1003, []]);
});

test('a message of millions of values ends the connection unparsed', () => {
  socket.come(JSON.parse(`[${'{},'.repeat(400_000)}{}]`));
  expect(socket.closedWith).toBe(1003);
});
