import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { InfoHash } from '../../core/base/ids.ts';
import { RpcClient } from '../../core/bridge/client.ts';
import { BridgeHost } from '../../core/bridge/host.ts';
import { mockServices } from '../../core/bridge/mock-bridge.ts';
import { mockDownloads, MockEngine } from '../../core/bridge/mock-engine.ts';
import { Mirror } from '../../core/bridge/mirror.ts';
import { until } from '../../core/bridge/testing/bench.ts';
import { connectSocket, type SocketLike } from '../../core/bridge/transports.ts';
import { VirtualClock } from '../../core/sim/clock.ts';
import { SeededRandom } from '../../core/sim/random.ts';
import { upgradeStatus } from '../testing/upgrade-status.ts';
import type { PageFile } from './page.ts';
import { UiServer } from './server.ts';

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

const file = (body: string, type: string, hashed = false): PageFile => ({ body: Buffer.from(body), type, hashed });
const PAGE = new Map([
  ['/', file('<!doctype html>the UI', 'text/html; charset=utf-8')],
  ['/assets/a.js', file('run()', 'text/javascript; charset=utf-8', true)],
]);

let clock: VirtualClock;
let engine: MockEngine;
let bridge: BridgeHost;
let server: UiServer;
let warnings: string[];

beforeEach(async () => {
  clock = new VirtualClock();
  engine = new MockEngine(clock, mockDownloads(clock.wall()));
  bridge = new BridgeHost(mockServices(clock, engine));
  warnings = [];
  const warn = (text: string): void => void warnings.push(text);
  server = await UiServer.open({
    clock,
    random: new SeededRandom(3),
    bridge,
    page: PAGE,
    host: '127.0.0.1',
    port: 0,
    warn,
  });
});

afterEach(async () => {
  await server.close();
  await bridge.close();
});

const host = (): string => `127.0.0.1:${server.port}`;
const token = (): string => new URL(server.url).searchParams.get('token') ?? '';

function ask(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port: server.port, path, method, headers, agent: false };
    const sent = httpRequest(options, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
    });
    sent.on('error', reject).end();
  });
}

async function cookie(): Promise<string> {
  const { headers } = await ask(`/?token=${token()}`);
  return headers['set-cookie']?.[0]?.split(';')[0] ?? '';
}

describe('the page', () => {
  test('the printed URL’s token becomes a cookie that scripts and other sites do not get', async () => {
    const { status, headers, body } = await ask(`/?token=${token()}`);
    expect(status).toBe(200);
    expect(headers['set-cookie']).toEqual([
      expect.stringMatching(/^ensemble-\d+=[\w-]{43}; HttpOnly; SameSite=Strict; Path=\/$/),
    ]);
    expect(body).not.toContain(token());
    expect(body).toContain('url=/"');
    expect((await ask('/', { cookie: await cookie() })).body).toContain('the UI');
  });

  test.each([
    ['without a cookie', 401, '/', {}],
    ['a file without a cookie', 401, '/assets/a.js', {}],
    ['a wrong cookie', 401, '/', { cookie: 'ensemble=x' }],
    ['a wrong token', 403, '/?token=wrong', {}],
    ['an empty token', 403, '/?token=', {}],
    ['another host', 421, '/', { host: 'evil.example' }],
    ['another host with the right token', 421, '/?token=TOKEN', { host: 'evil.example' }],
    ['another page', 403, '/', { origin: 'http://evil.example' }],
  ])('refused: %s', async (_, status, path, headers) => {
    const answer = await ask(path.replace('TOKEN', token()), headers as Record<string, string>);
    expect(answer.status).toBe(status);
    expect(answer.headers['set-cookie']).toBeUndefined();
    expect(answer.body).not.toContain('the UI');
  });

  test.each([
    '/nothing',
    '/../package.json',
    '/%2e%2e/package.json',
    '/assets/../../package.json',
    '//evil.example/',
    '/assets',
  ])('nothing but the files of the UI: %s', async (path) => {
    const { status, body } = await ask(path, { cookie: await cookie() });
    expect([200, 404]).toContain(status);
    expect(body).not.toContain('"name"');
  });

  test.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])('%s is not possible', async (method) => {
    const answer = await ask('/', { cookie: await cookie() }, method);
    expect([answer.status, answer.headers.allow]).toEqual([405, 'GET, HEAD']);
  });

  test('every answer bears the headers that protect it, and no inline script may run', async () => {
    for (const answer of [
      await ask('/'),
      await ask('/', { cookie: await cookie() }),
      await ask(`/?token=${token()}`),
    ]) {
      const policy = String(answer.headers['content-security-policy']);
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("script-src 'self';");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toContain('unsafe');
      expect(answer.headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'referrer-policy': 'no-referrer',
        'cross-origin-resource-policy': 'same-origin',
      });
      expect(answer.body).not.toMatch(/<script(?![^>]*src=)/);
    }
  });

  test('what changes its name with its content is kept, the rest is not', async () => {
    const jar = { cookie: await cookie() };
    expect((await ask('/assets/a.js', jar)).headers['cache-control']).toContain('immutable');
    expect((await ask('/', jar)).headers['cache-control']).toBe('no-store');
    expect(await ask('/assets/a.js', jar, 'HEAD')).toMatchObject({ status: 200, body: '' });
  });

  test('too many wrong tokens: the right one has to wait too; who is in stays in', async () => {
    const jar = { cookie: await cookie() };
    for (let n = 0; n < 5; n++) expect((await ask('/?token=guess')).status).toBe(403);
    const locked = await ask(`/?token=${token()}`);
    expect([locked.status, locked.headers['retry-after']]).toEqual([429, '30']);
    expect((await ask('/', jar)).status).toBe(200);
    expect(warnings).toHaveLength(5);
    await clock.advance(30_000);
    expect((await ask(`/?token=${token()}`)).status).toBe(200);
  });
});

describe('the bridge', () => {
  test.each<[string, number, string, Record<string, string>]>([
    ['no cookie', 401, '/bridge', { origin: 'OWN' }],
    ['another page', 403, '/bridge', { origin: 'http://evil.example', cookie: 'COOKIE' }],
    ['no origin', 403, '/bridge', { cookie: 'COOKIE' }],
    ['an opaque origin', 403, '/bridge', { origin: 'null', cookie: 'COOKIE' }],
    ['another host', 421, '/bridge', { host: 'evil.example', origin: 'http://evil.example', cookie: 'COOKIE' }],
    ['another path', 404, '/other', { origin: 'OWN', cookie: 'COOKIE' }],
    ['all of it right', 101, '/bridge', { origin: 'OWN', cookie: 'COOKIE' }],
  ])('%s: %i', async (_, status, path, headers) => {
    const right = { COOKIE: await cookie(), OWN: `http://${host()}` } as Record<string, string>;
    const real = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, right[value] ?? value]));
    expect(await upgradeStatus(`ws://${host()}${path}`, real)).toBe(status);
  });

  async function window(): Promise<{ client: RpcClient; socket: WebSocket }> {
    const headers = { origin: `http://${host()}`, cookie: await cookie() };
    const socket = new WebSocket(`ws://${host()}/bridge`, { headers });
    const client = new RpcClient({ connect: () => connectSocket(socket as unknown as SocketLike) });
    await until(() => client.state === 'open');
    return { client, socket };
  }

  test('a window works over it', async () => {
    const { client } = await window();
    const mirror = new Mirror(client);
    await until(() => mirror.now.state !== undefined);
    await client.call('pause', { infoHash: '1'.repeat(40) as InfoHash });
    expect(engine.calls).toEqual(['pause']);
  });

  test('a frame that is no message ends the connection', async () => {
    for (const frame of ['text', Buffer.from([0, 0, 0, 200, 1])]) {
      const { client, socket } = await window();
      socket.send(frame);
      await until(() => client.state === 'closed');
    }
    expect(engine.calls).toEqual([]);
  });

  test('a window that does not answer pings is dropped; one that does is kept', async () => {
    const { socket, client } = await window();
    const { client: mute, socket: silent } = await window();
    (silent as unknown as { _autoPong: boolean })._autoPong = false;
    let pings = 0;
    for (const one of [socket, silent]) one.on('ping', () => pings++);
    await clock.advance(30_000);
    await until(() => pings === 2);
    await new Promise((resolve) => setImmediate(resolve));
    await until(() => socket.bufferedAmount === 0);
    // The answer is on its way: the next message of the same line comes after it.
    await client.call('setVisible', { visible: false });
    await clock.advance(30_000);
    await until(() => mute.state === 'closed');
    expect(client.state).toBe('open');
  });

  test('when the server closes, windows hear it', async () => {
    const { client } = await window();
    await server.close();
    await until(() => client.state === 'closed');
  });
});

test('a port that is taken is said by name', async () => {
  const again = UiServer.open({
    clock,
    random: new SeededRandom(1),
    bridge,
    page: PAGE,
    host: '127.0.0.1',
    port: server.port,
    warn: () => {},
  });
  await expect(again).rejects.toMatchObject({ code: 'network', message: expect.stringContaining(`${server.port}`) });
});
