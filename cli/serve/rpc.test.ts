import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BridgeHost } from '../../core/bridge/host/host.ts';
import { fakeServices } from '../../core/bridge/testing/fake-services.ts';
import { movingDownloads, movingEngine } from '../../core/engine/testing/moving-engine.ts';
import type { TransmissionRpc } from '../../core/rpc/transmission-rpc.ts';
import { VirtualClock } from '../../core/sim/clock.ts';
import { SeededRandom } from '../../core/sim/random.ts';
import { Player } from './player.ts';
import { UiServer } from './server.ts';

const PATH = '/transmission/rpc';
const right = { authorization: `Basic ${Buffer.from('me:secret:word').toString('base64')}` };
const wrong = { authorization: `Basic ${Buffer.from('me:wrong').toString('base64')}` };
const session = { 'x-transmission-session-id': 'the-id' };

let clock: VirtualClock;
let bridge: BridgeHost;
let server: UiServer;
let warnings: string[];
let bodies: string[];
/** What is answered. */
let answer: Awaited<ReturnType<TransmissionRpc['answer']>>;

async function open(isOn = true): Promise<void> {
  const engine = movingEngine(clock, movingDownloads(clock.wall()));
  bridge = new BridgeHost(fakeServices(clock, engine));
  const rpc = {
    answer: (body: Uint8Array) => {
      bodies.push(Buffer.from(body).toString('utf8'));
      return Promise.resolve(answer);
    },
  };
  server = await UiServer.open({
    clock,
    random: new SeededRandom(3),
    bridge,
    player: new Player(engine),
    page: new Map(),
    host: '127.0.0.1',
    port: 0,
    warn: (text) => void warnings.push(text),
    ...(isOn ? { rpc: { rpc, sessionId: 'the-id', credentials: 'me:secret:word' } } : {}),
  });
}

beforeEach(async () => {
  [clock, warnings, bodies, answer] = [new VirtualClock(), [], [], { result: 'success', arguments: {} }];
  await open();
});

const close = async (): Promise<void> => {
  await server.close();
  await bridge.close();
};
afterEach(close);

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

function send(
  headers: Record<string, string>,
  body = '',
  change: { method?: string; path?: string } = {},
): Promise<Answer> {
  const { method = 'POST', path = PATH } = change;
  return new Promise((resolve, reject) => {
    const sent = httpRequest(
      { host: '127.0.0.1', port: server.port, path, method, headers, agent: false },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
        );
      },
    );
    sent.on('error', reject).end(body);
  });
}

test('the dance: who it is, then the id, then the answer', async () => {
  const stranger = await send({}, '{}');
  expect([stranger.status, stranger.headers['www-authenticate']]).toEqual([401, expect.stringContaining('Basic')]);
  expect(stranger.headers['x-transmission-session-id']).toBeUndefined();
  const first = await send(right, '{}');
  expect([first.status, first.headers['x-transmission-session-id']]).toEqual([409, 'the-id']);
  expect(bodies).toEqual([]);
  const second = await send({ ...right, ...session }, '{"method":"x"}');
  expect([second.status, second.body.toString()]).toEqual([200, '{"result":"success","arguments":{}}']);
  expect(bodies).toEqual(['{"method":"x"}']);
});

test.each([
  ['without anything', {}, 401],
  ['a wrong password', { ...wrong, ...session }, 401],
  ['another way to say who it is', { authorization: 'Bearer me:secret:word', ...session }, 401],
  ['a wrong id', { ...right, 'x-transmission-session-id': 'old' }, 409],
  ['another name of this machine', { ...right, ...session, host: 'evil.example' }, 421],
  ['a page of another site', { ...right, ...session, origin: 'http://evil.example' }, 403],
  ['one that the browser tells of', { ...right, ...session, 'sec-fetch-site': 'cross-site' }, 403],
  ['an extension of the browser', { ...right, ...session, origin: 'moz-extension://1234' }, 200],
])('%s: %s', async (_, headers, status) => {
  expect((await send(headers as Record<string, string>, '{"method":"x"}')).status).toBe(status);
  expect(bodies.length).toBe(status === 200 ? 1 : 0);
});

test.each([
  ['GET', PATH, right, 409],
  ['GET', PATH, { ...right, ...session }, 405],
  ['POST', `${PATH}/`, { ...right, ...session }, 200],
  ['POST', `${PATH}?x=1`, { ...right, ...session }, 200],
  ['POST', `${PATH}/x`, { ...right, ...session }, 405],
  ['POST', '/transmission/web/', { ...right, ...session }, 405],
])('%s %s', async (method, path, headers, status) => {
  expect((await send(headers, method === 'POST' ? '{}' : '', { method, path })).status).toBe(status);
});

test('its password opens nothing else, and the window’s token not this', async () => {
  expect((await send(right, '', { method: 'GET', path: '/' })).status).toBe(401);
  const token = new URL(server.url).searchParams.get('token') ?? '';
  const page = await send({}, '', { method: 'GET', path: `/?token=${token}` });
  const cookie = page.headers['set-cookie']?.[0]?.split(';')[0] ?? '';
  expect((await send({ cookie, ...session }, '{}')).status).toBe(401);
});

test('a client that finds it off has guessed nothing, whatever it calls what it sends', async () => {
  await close();
  await open(false);
  // As transmission-remote has it from curl.
  const form = { ...right, 'content-type': 'application/x-www-form-urlencoded' };
  for (let i = 0; i < 10; i++) expect((await send(form, '{"method":"session-get"}')).status).toBe(405);
  const typed = { 'content-type': 'application/x-www-form-urlencoded' };
  expect((await send(typed, 'secret=wrong', { path: '/' })).status).toBe(403);
  expect(warnings).toHaveLength(1);
});

test('off by default', async () => {
  await close();
  await open(false);
  expect((await send({ ...right, ...session }, '{}')).status).toBe(405);
});

describe('guessing', () => {
  test('after five wrong passwords an address has to wait, even for the right one; without one nothing is counted', async () => {
    for (let i = 0; i < 20; i++) await send({}, '{}');
    expect((await send(right, '{}')).status).toBe(409);
    for (let i = 0; i < 5; i++) expect((await send(wrong, '{}')).status).toBe(401);
    const late = await send({ ...right, ...session }, '{}');
    expect([late.status, late.headers['retry-after']]).toEqual([429, '30']);
    expect(warnings.length).toBeGreaterThan(0);
    await clock.advance(31_000);
    expect((await send({ ...right, ...session }, '{}')).status).toBe(200);
  });
});

test('a long answer is packed for whoever takes that', async () => {
  answer = { result: 'success', arguments: { long: 'x'.repeat(10_000) } };
  const packed = await send({ ...right, ...session, 'accept-encoding': 'deflate, gzip' }, '{}');
  expect(packed.headers['content-encoding']).toBe('gzip');
  expect(JSON.parse(gunzipSync(packed.body).toString())).toEqual(answer);
  for (const accepted of ['identity', 'gzip;q=0', 'xgzip']) {
    const plain = await send({ ...right, ...session, 'accept-encoding': accepted }, '{}');
    expect([plain.headers['content-encoding'], plain.body.length]).toEqual([undefined, expect.any(Number)]);
  }
});

test('a request that is too long is not read to its end', async () => {
  const length = String(49 * 1024 * 1024);
  const refused = await new Promise<number>((resolve, reject) => {
    const headers = { ...right, ...session, 'content-length': length };
    const sent = httpRequest({
      host: '127.0.0.1',
      port: server.port,
      path: PATH,
      method: 'POST',
      headers,
      agent: false,
    });
    sent.on('response', (response) => resolve(response.statusCode ?? 0)).on('error', reject);
    sent.write('{');
  });
  expect(refused).toBe(413);
  expect(bodies).toEqual([]);
});
