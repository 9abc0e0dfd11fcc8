import { describe, expect, test } from 'vitest';
import { SimWebServer } from '../sim/web-server.ts';
import { type Answer, scene } from './testing/scene.ts';

describe('redirects of web seeds', () => {
  const moved =
    (to: string): Answer =>
    (request, _, usual) =>
      request.target.startsWith('/pub/')
        ? { status: 302, headers: { Location: `${to}${request.target.slice(5)}` } }
        : usual();

  test('redirects are followed, and asked of again while they hold', async () => {
    const { clock, server, done, right } = await scene({ answer: moved('/else/') });
    for (const [path, file] of server.files) server.files.set(path.replace('/pub/', '/else/'), file);
    expect(await clock.runUntil(done, 60_000)).toBe(true);
    expect(right()).toBe(true);
    const first = server.heard.filter(({ target }) => target.startsWith('/pub/'));
    expect(first.length).toBeLessThan(8);
  });

  test.each(['http://10.9.0.7/', 'http://127.0.0.1/', 'http://inner.example/', 'http://[fe80::1]/', 'file:///etc/'])(
    'a redirect to %s is not followed from the internet',
    async (to) => {
      const { swarm, clock, client, warnings } = await scene({ answer: moved(to) });
      const inner = new SimWebServer();
      swarm.net.name('inner.example', ['10.9.0.7']);
      await inner.listen(swarm.net.host('10.9.0.7', { latency: 1 }));
      await clock.advance(5_000);
      expect(inner.heard).toEqual([]);
      expect(client.verified.size).toBe(0);
      expect(warnings()[0]).toMatch(/further in|only http|no address/);
    },
  );
});

test.each([
  ['http://inner.example/pub/', 1],
  ['http://inner.example/do?reboot=', 0],
])('%s in a private network', async (url, asked) => {
  const { swarm, clock, warnings } = await scene({ urls: [url], files: 30_000 });
  const inner = new SimWebServer();
  inner.files.set('/pub/payload', swarm.payload);
  swarm.net.name('inner.example', ['10.9.0.7']);
  await inner.listen(swarm.net.host('10.9.0.7', { latency: 1 }));
  await clock.advance(5_000);
  expect(inner.heard.length > 0).toBe(asked > 0);
  expect(warnings().some((text) => text.includes('private network'))).toBe(asked === 0);
});
