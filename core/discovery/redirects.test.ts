import { describe, expect, it } from 'vitest';
import { millis } from '../base/ids.ts';
import type { HttpResponse } from '../ports/http.ts';
import { VirtualClock } from '../sim/clock.ts';
import { SimHttp } from '../sim/http.ts';
import { getOverRedirects } from './redirects.ts';

const to = (location: string): HttpResponse => ({ status: 302, body: new Uint8Array(), location });

function setUp() {
  const clock = new VirtualClock();
  const http = new SimHttp(clock);
  const get = (url: string, ask = (place: string) => place): Promise<HttpResponse> =>
    clock.resolve(getOverRedirects({ http, clock }, { url, timeout: millis(30_000), maxBytes: 100 }, ask));
  return { clock, http, get };
}

const ADDRESSES = {
  global: ['192.0.43.8', '2a00:1450::1'],
  private: ['192.168.1.1', 'fd00::1', '::ffff:10.0.0.1', '64:ff9b::10.0.0.1', '2002:a00:1::1'],
  link: ['169.254.169.254', 'fe80::1'],
  loopback: ['127.0.0.1', '::1', '0.0.0.0', '::ffff:127.0.0.1'],
};
type Where = keyof typeof ADDRESSES;

describe('redirects', () => {
  it.each<[Where, readonly Where[]]>([
    ['global', ['global']],
    ['private', ['global', 'private']],
    ['link', ['global', 'private', 'link']],
    ['loopback', ['global', 'private', 'link', 'loopback']],
  ])('lead from %s to %s', async (from, allowed) => {
    for (const host of ADDRESSES[from]) {
      for (const where of Object.keys(ADDRESSES) as Where[]) {
        for (const target of ADDRESSES[where]) {
          const s = setUp();
          let asked = 0;
          // By name: it is the address behind it that counts.
          s.http.on('http://t/announce', () => to('http://inner/x'), host);
          s.http.on('http://inner/x', () => (asked++, { status: 200, body: new Uint8Array(1) }), target);
          const answer = s.get('http://t/announce');
          if (allowed.includes(where)) expect(await answer).toMatchObject({ status: 200, scope: where });
          else await expect(answer, `${host} to ${target}`).rejects.toMatchObject({ code: 'network' });
          expect(asked, `${host} to ${target}`).toBe(allowed.includes(where) ? 1 : 0);
        }
      }
    }
  });

  it('do not lead in over a place that lies out', async () => {
    const s = setUp();
    s.http.on('http://t/a', () => to('http://out/b'), '127.0.0.1');
    s.http.on('http://out/b', () => to('http://t/c'), '192.0.43.8');
    s.http.on('http://t/c', () => ({ status: 200, body: new Uint8Array() }), '127.0.0.1');
    await expect(s.get('http://t/a')).rejects.toMatchObject({ code: 'network' });
    expect(s.http.requests.map(({ innermost }) => innermost)).toEqual([undefined, 'loopback', 'global']);
  });

  it('are asked what this client asks, wherever they lead', async () => {
    const s = setUp();
    s.http.on('http://t/a', () => to('/b?c=d'));
    s.http.on('http://t/b', () => to('//u/e#f'));
    s.http.on('http://u/e', () => ({ status: 200, body: new Uint8Array() }));
    await s.get('http://t/a', (place) => `${place.split('#')[0]}${place.includes('?') ? '&' : '?'}mine`);
    expect(s.http.requests.map(({ url }) => url)).toEqual([
      'http://t/a?mine',
      'http://t/b?c=d&mine',
      'http://u/e?mine',
    ]);
  });

  it('sign in as before where they stay, and nowhere else, whatever they say', async () => {
    const s = setUp();
    s.http.on('http://t/a', () => to('http://spy:word@t/b'));
    s.http.on('http://t/b', () => to('http://spy:word@u/c'));
    s.http.on('http://u/c', () => ({ status: 200, body: new Uint8Array() }));
    await s.get('http://me:pass@t/a');
    expect(s.http.requests.map(({ url }) => url)).toEqual(['http://me:pass@t/a', 'http://me:pass@t/b', 'http://u/c']);
  });

  it.each([
    ['to a file', 'file:///etc/passwd', /only http and https/],
    ['to nonsense', 'http://[', /no valid address/],
    ['to an endless address', `http://t/${'a'.repeat(5000)}`, /no valid address/],
    ['for ever', 'http://t/a', /more than 5 times/],
  ])('are refused %s', async (_, location, message) => {
    const s = setUp();
    s.http.on('http://t/a', () => to(location));
    await expect(s.get('http://t/a')).rejects.toMatchObject({
      code: 'tracker',
      message: expect.stringMatching(message),
    });
  });

  it('have the time of one request', async () => {
    const s = setUp();
    const late = (answer: HttpResponse) => (): Promise<HttpResponse> =>
      new Promise((resolve) => s.clock.after(millis(12_000), () => resolve(answer)));
    s.http.on('http://t/a', late(to('/a')));
    const began = s.clock.now();
    await expect(s.get('http://t/a')).rejects.toMatchObject({ code: 'network' });
    expect(s.clock.now() - began).toBe(30_000);
  });
});
