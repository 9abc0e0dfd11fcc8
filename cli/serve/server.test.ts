import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { TorrentKey } from '../../core/base/ids.ts';
import { RpcClient } from '../../core/bridge/window/client.ts';
import { BridgeHost } from '../../core/bridge/host/host.ts';
import { fakeServices } from '../../core/bridge/testing/fake-services.ts';
import { movingDownloads, movingEngine } from '../../core/engine/testing/moving-engine.ts';
import { Mirror } from '../../core/bridge/window/mirror.ts';
import { until } from '../../core/bridge/testing/bench.ts';
import { connectSocket, type SocketLike } from '../../core/bridge/line/transports.ts';
import { VirtualClock } from '../../core/sim/clock.ts';
import { SeededRandom } from '../../core/sim/random.ts';
import { upgradeStatus } from '../testing/upgrade-status.ts';
import type { PageFile } from './page.ts';
import { Player } from './player.ts';
import { type ServeOptions, UiServer } from './server.ts';

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
let engine: ReturnType<typeof movingEngine>;
let bridge: BridgeHost;
let server: UiServer;
let warnings: string[];

function options(port: number, warn: (text: string) => void): ServeOptions {
  const player = new Player(engine);
  return { clock, random: new SeededRandom(3), bridge, player, page: PAGE, host: '127.0.0.1', port, warn };
}

beforeEach(async () => {
  clock = new VirtualClock();
  engine = movingEngine(clock, movingDownloads(clock.wall()));
  bridge = new BridgeHost(fakeServices(clock, engine));
  warnings = [];
  server = await UiServer.open(options(0, (text) => void warnings.push(text)));
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
      expect.stringMatching(/^ensemble-\d+=[\w-]{43}; HttpOnly; SameSite=Strict; Path=\/; Max-Age=\d+$/),
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
    ['a link of another page', 403, '/?token=TOKEN', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }],
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
        'referrer-policy': expect.stringMatching(/^(?:no-referrer|same-origin)$/),
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

  test('too many wrong tokens: their address is told to wait; a right one and a session always pass', async () => {
    const jar = { cookie: await cookie() };
    for (let n = 0; n < 5; n++) expect((await ask('/?token=guess')).status).toBe(403);
    const locked = await ask('/?token=guess');
    expect([locked.status, locked.headers['retry-after']]).toEqual([429, '30']);
    expect(warnings).toHaveLength(5);
    expect((await ask('/', jar)).status).toBe(200);
    expect((await ask('/?token=guess', jar)).status).toBe(200);
    expect((await ask(`/?token=${token()}`)).status).toBe(200);
  });

  test('tokens that another site makes a browser send are not even looked at', async () => {
    const picture = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' };
    for (let n = 0; n < 9; n++) expect((await ask('/?token=guess', picture)).status).toBe(403);
    const right = await ask(`/?token=${token()}`, picture);
    expect([right.status, right.headers['set-cookie']]).toEqual([403, undefined]);
    expect(warnings).toEqual([]);
    expect((await ask('/?token=guess')).status).toBe(403);
  });

  test('a session is one however often its browser brings the token', async () => {
    const jar = { cookie: await cookie() };
    for (let n = 0; n < 70; n++) expect((await ask(`/?token=${token()}`, jar)).headers['set-cookie']).toBeUndefined();
    expect((await ask('/', jar)).status).toBe(200);
  });
});

describe('what else may come over a connection', () => {
  /** Sends this and keeps its half open; what came back until the server ended it. */
  function raw(text: string | (() => string)): Promise<string> {
    return new Promise((resolve) => {
      let answer = '';
      const socket = connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true });
      socket.setEncoding('latin1').on('data', (chunk: string) => (answer += chunk));
      socket.on('error', () => {});
      socket.on('end', () => {
        // Whether the server has gone altogether, and does not wait for us, is told by a reset of what we still say.
        const speak = (): void => void socket.write('x', () => setImmediate(speak));
        speak();
      });
      socket.on('close', () => resolve(answer));
      socket.write(typeof text === 'string' ? text : text());
    });
  }
  const head = (line: string, ...headers: string[]): string =>
    [line, `Host: ${host()}`, ...headers, '', ''].join('\r\n');
  const status = (answer: string): number => Number(/^HTTP\/1\.1 (\d+) /.exec(answer)?.[1]);
  const UPGRADE = ['Connection: Upgrade', 'Upgrade: websocket'];

  test.each<[string, number, () => string]>([
    ['no session', 401, () => head('GET / HTTP/1.1')],
    ['another method', 405, () => head('POST / HTTP/1.1', 'Content-Length: 5') + 'hello'],
    ['TRACE', 405, () => head('TRACE / HTTP/1.1')],
    ['a body', 413, () => head('GET / HTTP/1.1', 'Content-Length: 5') + 'hello'],
    ['a body that never ends', 413, () => head('GET / HTTP/1.1', 'Transfer-Encoding: chunked') + '5\r\nhel'],
    ['a body that is asked for', 413, () => head('GET / HTTP/1.1', 'Expect: 100-continue', 'Content-Length: 9')],
    ['what cannot be expected', 401, () => head('GET / HTTP/1.1', 'Expect: the-moon')],
    ["a proxy's form", 400, () => head('GET http://evil.example/?token=x HTTP/1.1')],
    ['no path', 400, () => head('OPTIONS * HTTP/1.1').replace('OPTIONS', 'GET')],
    ['no Host', 400, () => 'GET / HTTP/1.1\r\n\r\n'],
    ['two lengths', 400, () => head('GET / HTTP/1.1', 'Content-Length: 1', 'Transfer-Encoding: chunked')],
    ['no HTTP', 400, () => '\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001'],
    ['HTTP/2', 400, () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['headers without end', 431, () => `GET / HTTP/1.1\r\nX: ${'x'.repeat(20_000)}`],
    ['a WebSocket without a session', 403, () => head('GET /bridge HTTP/1.1', ...UPGRADE)],
    ['one with more behind it', 403, () => head('GET /bridge HTTP/1.1', ...UPGRADE) + 'x'.repeat(100_000)],
    ['another protocol', 403, () => head('GET / HTTP/1.1', 'Connection: Upgrade', 'Upgrade: h2c')],
  ])('%s: %i, and the connection is gone though its other half is open', async (_, expected, text) => {
    expect(status(await raw(text))).toBe(expected);
  });

  test('CONNECT gets no answer at all', async () => {
    expect(await raw(head('CONNECT evil.example:80 HTTP/1.1'))).toBe('');
  });

  test('of many requests at once without a session one is answered', async () => {
    const answers = await raw(head('GET /?token=guess HTTP/1.1').repeat(500));
    expect(answers.match(/HTTP\/1\.1/g)).toHaveLength(1);
    expect(warnings).toHaveLength(1);
  });

  test('of many requests at once with one all are, in order', async () => {
    const jar = `Cookie: ${await cookie()}`;
    const answers = await raw(
      head('GET / HTTP/1.1', jar).repeat(20) + head('GET /assets/a.js HTTP/1.1', jar, 'Connection: close'),
    );
    expect(answers.match(/the UI/g)).toHaveLength(20);
    expect(answers.endsWith('run()')).toBe(true);
  });

  test('a session is found among very many cookies, and nothing else costs more than its bytes', async () => {
    const jar = `${'a=b; '.repeat(2000)}${await cookie()}`;
    expect((await ask('/', { cookie: jar })).status).toBe(200);
    expect((await ask('/', { cookie: 'ensemble'.repeat(1500) })).status).toBe(401);
  });
});

describe('places', () => {
  const silent: Socket[] = [];
  /** Those that the server has closed. */
  const over = new Set<Socket>();
  afterEach(() => {
    over.clear();
    for (const socket of silent.splice(0)) socket.destroy();
  });
  function hold(text = ''): Promise<void> {
    return new Promise((resolve) => {
      const socket = connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true }, () => resolve());
      socket.on('error', () => {}).on('data', () => {});
      for (const end of ['end', 'close']) socket.on(end, () => over.add(socket));
      socket.write(text);
      silent.push(socket);
    });
  }

  test.each([
    ['that say nothing', ''],
    ['that begin to say something', 'GET / HTTP/1.1\r\nHost: '],
    [
      'that were refused a WebSocket',
      'GET /bridge HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
    ],
    ['that were refused a page', 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'],
  ])('300 connections %s keep nobody out', async (_, text) => {
    const jar = { cookie: await cookie() };
    await Promise.all(Array.from({ length: 300 }, () => hold(text)));
    expect((await ask('/', jar)).status).toBe(200);
    expect((await ask(`/?token=${token()}`)).status).toBe(200);
    await until(() => silent.length - over.size <= 128);
    await clock.advance(1000);
    await until(() => silent.length - over.size <= 16);
    expect((await ask('/', jar)).status).toBe(200);
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
    await client.call('pause', { key: '1'.repeat(40) as TorrentKey });
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

  test('a window that is behind is not asked: its answer would wait behind all that it has not taken', async () => {
    const { client, socket } = await window();
    new Mirror(client);
    await client.call('setVisible', { visible: true });
    const { _socket: raw } = socket as unknown as { _socket: Socket };
    raw.pause();
    bridge.offer({ source: { kind: 'torrent', data: new Uint8Array(32 * 1024 * 1024) }, fileName: null });
    await clock.advance(300_000);
    raw.resume();
    let offered = 0;
    client.on('offer', () => offered++);
    await until(() => offered === 1);
    expect(client.state).toBe('open');
  });

  test('messages that never end do not fill the memory: the longest is given up', async () => {
    const begun = 30 * 1024 * 1024;
    const open = await Promise.all([window(), window(), window()]);
    const header = Buffer.alloc(14);
    header.set([0x82, 0xff]);
    header.writeBigUInt64BE(BigInt(begun + 1), 2);
    for (const { socket } of open) {
      const { _socket: raw } = socket as unknown as { _socket: Socket };
      raw.write(header);
      raw.write(Buffer.alloc(begun));
    }
    const closed = (): number => open.filter(({ client }) => client.state === 'closed').length;
    await until(() => closed() > 0);
    const other = open.find(({ client }) => client.state === 'open')!;
    expect(closed()).toBe(1);
    await expect((await window()).client.call('setVisible', { visible: true })).resolves.toBeNull();
    (other.socket as unknown as { _socket: Socket })._socket.write(Buffer.alloc(1));
    // Zeros are no message.
    await until(() => other.client.state === 'closed');
  });

  test('when the server closes, windows hear it', async () => {
    const { client } = await window();
    await server.close();
    await until(() => client.state === 'closed');
  });
});

test('a port that is taken is said by name', async () => {
  const again = UiServer.open(options(server.port, () => {}));
  await expect(again).rejects.toMatchObject({ code: 'network', message: expect.stringContaining(`${server.port}`) });
});
