import { afterAll, beforeAll, expect, test } from 'vitest';
import { BridgeHost } from '../../core/bridge/host/host.ts';
import { fakeServices } from '../../core/bridge/testing/fake-services.ts';
import { FakeContent } from '../../core/engine/testing/fake-content.ts';
import { movingEngine } from '../../core/engine/testing/moving-engine.ts';
import { VirtualClock } from '../../core/sim/clock.ts';
import { SeededRandom } from '../../core/sim/random.ts';
import { Player } from './player.ts';
import { UiServer } from './server.ts';

const MIB = 1024 * 1024;
const content = new FakeContent([
  { path: ['T', 'film.mp4'], data: new Uint8Array(3 * MIB) },
  { path: ['T', 'page.html'], data: new Uint8Array(10) },
]);
const film = `/play/${content.key}/T/film.mp4`;
let bridge: BridgeHost;
let server: UiServer;
let cookie: string;

beforeAll(async () => {
  const clock = new VirtualClock();
  const engine = movingEngine(clock, []);
  bridge = new BridgeHost(fakeServices(clock, engine));
  server = await UiServer.open({
    clock,
    random: new SeededRandom(3),
    bridge,
    player: new Player(Object.assign(engine, { content: () => content })),
    page: new Map(),
    host: '127.0.0.1',
    port: 0,
    warn: () => {},
  });
  cookie = (await fetch(server.url)).headers.get('set-cookie')?.split(';')[0] ?? '';
});
afterAll(async () => {
  await server.close();
  await bridge.close();
});

async function ask(path: string, headers: Record<string, string> = {}): Promise<Response> {
  const response = await fetch(new URL(path, server.url), { headers: { cookie, ...headers } });
  await response.arrayBuffer();
  return response;
}

test('films and music are for who has a session', async () => {
  expect((await ask(film, { cookie: '' })).status).toBe(401);
  const { status, headers } = await ask(film, { range: 'bytes=0-9' });
  expect([status, headers.get('content-type'), headers.get('content-length')]).toEqual([206, 'video/mp4', '10']);
  expect(headers.get('content-security-policy')).toContain('sandbox');
});

test('and not for another site that uses it', async () => {
  expect((await ask(film, { origin: 'http://evil.example' })).status).toBe(403);
});

test.each(['page.html', '..%2fT/film.mp4', 'film.mp4/', ''])('nothing else is given out: %s', async (name) => {
  expect((await ask(`/play/${content.key}/T/${name}`)).status).toBe(404);
});

test.each([
  ['Mozilla/5.0 (X11) Chrome/150.0.0.0 Safari/537.36', 'bytes=5-', MIB],
  ['Mozilla/5.0 (X11) Chrome/150.0.0.0 Safari/537.36', 'bytes=0-2000000', 2_000_001],
  ['Mozilla/5.0 (X11; rv:140.0) Gecko/20100101 Firefox/140.0', 'bytes=5-', 3 * MIB - 5],
])('Chromium alone gets short answers, as it asks on by itself: %s, %s', async (agent, range, length) => {
  const { headers } = await ask(film, { 'user-agent': agent, range });
  expect(headers.get('content-length')).toBe(String(length));
});

test('the page may play them, from here alone', async () => {
  const { headers } = await ask('/');
  expect(headers.get('content-security-policy')).toContain("media-src 'self'");
});
