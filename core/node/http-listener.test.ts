import { Agent, request, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { HttpListener, ServedAnswer } from '../ports/http-server.ts';
import { listenHttp } from './http-listener.ts';

let listener: HttpListener;
let answer: (path: string, method: string) => ServedAnswer;
let barred: (host: string) => boolean;
const sockets: Socket[] = [];

beforeEach(async () => {
  answer = () => ({ status: 200, headers: { 'Content-Length': 2 }, body: once('ok') });
  barred = () => false;
  listener = await listenHttp({
    host: '127.0.0.1',
    port: 0,
    answer: ({ path, method }) => answer(path, method),
    barred: (host) => barred(host),
  });
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await listener.close();
});

const once = (text: string) =>
  async function* () {
    yield await Promise.resolve(Buffer.from(text));
  };

function ask(path: string, options: { method?: string; body?: string; agent?: false } = {}): Promise<IncomingMessage> {
  const { body = '', ...rest } = options;
  return new Promise((resolve, reject) => {
    const asking = request({ ...listener.local, path, agent: false, ...rest }, resolve);
    asking.once('error', reject);
    asking.end(body);
  });
}

async function text(response: IncomingMessage): Promise<string> {
  let all = '';
  for await (const part of response) all += String(part);
  return all;
}

test('the path comes as it was asked for, without a query', async () => {
  const paths: string[] = [];
  answer = (path) => {
    paths.push(path);
    return { status: 204, headers: {} };
  };
  for (const path of ['/a%2Fb/../c?d=e', 'http://elsewhere/x%20y?z']) await ask(path);
  expect(paths).toEqual(['/a%2Fb/../c', '/x%20y']);
});

test('a body is refused', async () => {
  expect((await ask('/', { method: 'POST', body: 'x' })).statusCode).toBe(413);
});

test('a target that is none is refused', async () => {
  expect((await ask('*', { method: 'OPTIONS' })).statusCode).toBe(400);
});

test('an answer is held until its next bytes are there, however long', async () => {
  let go = (): void => {};
  const wait = new Promise<void>((resolve) => (go = resolve));
  answer = () => ({
    status: 200,
    headers: { 'Content-Length': 2 },
    body: async function* () {
      yield Buffer.from('a');
      await wait;
      yield Buffer.from('b');
    },
  });
  const response = await ask('/');
  const [first] =
    (await new Promise<Buffer[]>((resolve) => response.once('data', (data: Buffer) => resolve([data])))) ?? [];
  expect(String(first)).toBe('a');
  // Nothing ends it meanwhile: neither side has a timer on it.
  expect(response.socket.timeout ?? 0).toBe(0);
  go();
  expect(await text(response)).toBe('b');
});

test('when the other side goes, the answer hears it', async () => {
  const aborted = new Promise<void>((resolve) => {
    answer = () => ({
      status: 200,
      headers: { 'Content-Length': 2 },
      body: async function* (signal) {
        yield Buffer.from('a');
        await new Promise<void>((done) => signal.addEventListener('abort', () => done()));
        resolve();
      },
    });
  });
  const response = await ask('/');
  response.destroy();
  await aborted;
});

test('an answer that cannot go on is cut, so that nobody takes it for whole', async () => {
  answer = () => ({
    status: 200,
    headers: { 'Content-Length': 2 },
    body: async function* () {
      yield Buffer.from('a');
      throw await Promise.resolve(new Error('gone'));
    },
  });
  const response = await ask('/');
  await expect(text(response)).rejects.toThrow('aborted');
});

test('no more is read than is taken', async () => {
  let read = 0;
  answer = () => ({
    status: 200,
    headers: { 'Content-Length': 1024 * 1024 * 1024 },
    body: async function* (signal) {
      for (; !signal.aborted; read++) yield await Promise.resolve(Buffer.alloc(1024 * 1024));
    },
  });
  const response = await ask('/');
  response.pause();
  let before = -1;
  // As much as the sockets hold goes out, and then nothing more.
  while (before !== read) {
    before = read;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  expect(read).toBeLessThan(64);
  response.destroy();
});

test('one address gets a bounded number of connections', async () => {
  const open = (): Promise<Socket> =>
    new Promise((resolve) => {
      const socket = connect(listener.local.port, '127.0.0.1', () => resolve(socket));
      sockets.push(socket);
    });
  for (let i = 0; i < 16; i++) await open();
  const more = await open();
  await new Promise((resolve) => more.once('close', resolve));
  sockets[0]!.destroy();
  await new Promise((resolve) => sockets[0]!.once('close', resolve));
  await expect.poll(async () => (await ask('/').catch(() => undefined))?.statusCode).toBe(200);
});

test('a port that is taken is said by name', async () => {
  await expect(listenHttp({ ...listener.local, answer: () => answer('', '') })).rejects.toMatchObject({
    code: 'network',
    message: expect.stringContaining(String(listener.local.port)),
  });
});

test('whoever is kept out gets nothing, also over a connection that stands', async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const again = (): Promise<IncomingMessage> =>
    new Promise((resolve, reject) =>
      request({ ...listener.local, agent }, resolve)
        .once('error', reject)
        .end(),
    );
  expect(await text(await again())).toBe('ok');
  barred = (host) => host === '127.0.0.1';
  await expect(again()).rejects.toThrow();
  await expect(ask('/')).rejects.toThrow();
  barred = () => false;
  expect(await text(await ask('/'))).toBe('ok');
  agent.destroy();
});
