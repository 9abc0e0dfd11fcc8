import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BridgeHost } from '../../core/bridge/host/host.ts';
import { fakeServices } from '../../core/bridge/testing/fake-services.ts';
import { movingEngine } from '../../core/engine/testing/moving-engine.ts';
import { connectServed } from '../../core/entry/ask-served.ts';
import { VirtualClock } from '../../core/sim/clock.ts';
import { SeededRandom } from '../../core/sim/random.ts';
import type { PageFile } from './page.ts';
import { Player } from './player.ts';
import { UiServer } from './server.ts';

const file = (body: string, type: string): PageFile => ({ body: Buffer.from(body), type, hashed: false });
const PAGE = new Map([
  ['/', file('<!doctype html>the UI', 'text/html; charset=utf-8')],
  ['/assets/a.js', file('run()', 'text/javascript; charset=utf-8')],
]);

let clock: VirtualClock;
let bridge: BridgeHost;
let player: Player;

describe('over restarts, and behind a proxy', () => {
  let other: UiServer;
  const open = async (change: object): Promise<void> => {
    const fixed = { clock, random: new SeededRandom(4), bridge, player, page: PAGE, host: '127.0.0.1', port: 0 };
    other = await UiServer.open({ ...fixed, warn: () => {}, ...change });
  };
  beforeEach(() => {
    clock = new VirtualClock();
    const engine = movingEngine(clock, []);
    bridge = new BridgeHost(fakeServices(clock, engine));
    player = new Player(engine);
  });
  afterEach(async () => {
    await other.close();
    await bridge.close();
  });
  const visit = (path: string, init: RequestInit = {}): Promise<Response> =>
    fetch(`http://127.0.0.1:${other.port}${path.startsWith('?') ? '/' : ''}${path}`, { redirect: 'manual', ...init });
  const typed = (secret: string): RequestInit => ({ method: 'POST', body: new URLSearchParams({ secret }) });

  test('whoever has no session gets a field, and comes in by the password or the token, not by anything else', async () => {
    await open({
      kept: { token: 'a-token-of-my-own', isPassword: (text: string) => Promise.resolve(text === 'pass & word') },
    });
    expect(other.url).toContain('token=a-token-of-my-own');
    const asked = await visit('/');
    expect(asked.status).toBe(401);
    expect(await asked.text()).toMatch(/<form method="post".*name="secret"/s);
    const wrong = await visit('/', typed('guess'));
    expect(wrong.status).toBe(403);
    expect(await wrong.text()).toContain('role="alert"');
    for (const secret of ['pass & word', 'a-token-of-my-own']) {
      const right = await visit('/', typed(secret));
      expect(right.status).toBe(200);
      const cookie = right.headers.get('set-cookie')?.split(';')[0] ?? '';
      expect(await (await visit('/', { headers: { cookie } })).text()).toContain('the UI');
    }
    const foreign = { ...typed('pass & word'), headers: { origin: 'http://evil.example' } };
    expect((await visit('/', foreign)).status).toBe(403);
    expect((await visit('/', { ...typed('x'.repeat(10_000)) })).status).toBe(413);
  });

  test('a browser that was let in before is so after a restart', async () => {
    await open({});
    const arrived = await visit(new URL(other.url).search);
    const [, session = ''] = arrived.headers.get('set-cookie')?.split(';')[0]?.split('=') ?? [];
    const { sessions } = other;
    await other.close();
    await open({ kept: { sessions } });
    const now = { headers: { cookie: `ensemble-${other.port}=${session}` } };
    expect(await (await visit('/', now)).text()).toContain('the UI');
  });

  test('a program that asks with the token makes no session, so that no browser has to go for it', async () => {
    await open({});
    for (let n = 0; n < 3; n++) {
      const client = await connectServed(other.url);
      expect(await client.call('dhtNodes', null)).toHaveLength(3);
      client.close();
    }
    expect(other.sessions).toEqual([]);
    const wrong = `http://127.0.0.1:${other.port}/?token=guess`;
    for (let n = 0; n < 5; n++) await expect(connectServed(wrong)).rejects.toThrow(/HTTP 401/);
    await expect(connectServed(wrong)).rejects.toThrow(/HTTP 429/);
    const client = await connectServed(other.url);
    client.close();
    const gone = other.url;
    await other.close();
    await expect(connectServed(gone)).rejects.toMatchObject({ code: 'network' });
    await open({});
  });

  test('below a path of another name, whether the proxy takes the path off or not', async () => {
    await open({ publicUrl: new URL('https://my.example/torrents/'), trustedProxies: ['127.0.0.1'] });
    const { pathname, search } = new URL(other.url);
    expect(pathname).toBe('/torrents/');
    const through = { 'x-forwarded-for': '192.0.2.9' };
    for (const path of ['/torrents/', '/']) {
      const arrived = await visit(`${path}${search}`, { headers: through });
      expect(await arrived.text()).toContain('url=/torrents/"');
      const [cookie = '', ...rules] = arrived.headers.get('set-cookie')?.split('; ') ?? [];
      expect(rules).toEqual(expect.arrayContaining(['Path=/torrents/', 'Secure']));
      const file = await visit(`${path}assets/a.js`, { headers: { ...through, cookie } });
      expect(await file.text()).toBe('run()');
    }
    expect((await visit('/torrents', { headers: through })).headers.get('location')).toBe('/torrents/');
    // Guesses count for who made them, and not for the proxy.
    for (let n = 0; n < 6; n++) await visit('/?token=guess', { headers: through });
    expect((await visit('/?token=guess', { headers: through })).status).toBe(429);
    expect((await visit('/?token=guess', { headers: { 'x-forwarded-for': '192.0.2.10' } })).status).toBe(403);
  });
});
