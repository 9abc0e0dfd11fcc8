import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { describe, expect, test } from 'vitest';
import { Site, type SiteOptions } from './site.ts';

const site = (change: Partial<SiteOptions> = {}): Site =>
  new Site({ started: '127.0.0.1', tls: false, trustedProxies: [], ...change });

const HOST = 'localhost:80';
test.each<[string, IncomingHttpHeaders, boolean]>([
  ['an address bar', { 'sec-fetch-site': 'none' }, false],
  ['our own page', { 'sec-fetch-site': 'same-origin', referer: `http://${HOST}/` }, false],
  ['our own page, of an older browser', { referer: `http://${HOST}/x?y` }, false],
  ['a call of our own page', { origin: `http://${HOST}` }, false],
  ['a program', {}, false],
  ['a picture of another site', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }, true],
  ['another port of this machine', { 'sec-fetch-site': 'same-site' }, true],
  ['a link of another site', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }, true],
  ['what says two things', { 'sec-fetch-site': 'none', origin: 'http://evil.example' }, true],
  ['a site that browsers will know one day', { 'sec-fetch-site': 'near' }, true],
  ['a form of another site', { origin: 'http://evil.example' }, true],
  ['a page without an origin', { origin: 'null' }, true],
  ['a picture of another site, of an older browser', { referer: 'http://evil.example/' }, true],
  ['another port, of an older browser', { referer: 'http://localhost:81/' }, true],
  ['a name that begins as ours', { referer: 'http://localhost:80.evil.example/' }, true],
  ['a referer that is none', { referer: 'about:blank' }, true],
])('%s', (_, headers, other) => {
  expect(site().isForeign({ host: HOST, ...headers })).toBe(other);
});

test.each<[string | undefined, string, string, boolean]>([
  ['127.0.0.1:8080', '127.0.0.1', '127.0.0.1', true],
  ['localhost:8080', '127.0.0.1', '127.0.0.1', true],
  ['LOCALHOST', '127.0.0.1', '127.0.0.1', true],
  ['[::1]:8080', '::1', '::1', true],
  ['192.0.2.7:80', '0.0.0.0', '192.0.2.7', true],
  ['192.0.2.7:80', '::', '::ffff:192.0.2.7', true],
  ['192.0.2.7:80', '192.0.2.7', '::ffff:192.0.2.7', true],
  ['nas.local:80', 'nas.local', '192.0.2.7', true],
  ['evil.example:8080', '127.0.0.1', '127.0.0.1', false],
  ['evil.example', '0.0.0.0', '192.0.2.7', false],
  ['localhost.evil.example', '127.0.0.1', '127.0.0.1', false],
  ['127.0.0.1.evil.example:80', '127.0.0.1', '127.0.0.1', false],
  ['10.0.0.1:8080', '127.0.0.1', '127.0.0.1', false],
  ['user@127.0.0.1', '127.0.0.1', '127.0.0.1', false],
  ['127.0.0.1:8080:1', '127.0.0.1', '127.0.0.1', false],
  ['', '127.0.0.1', '127.0.0.1', false],
  [undefined, '127.0.0.1', '127.0.0.1', false],
])('Host %s, listening on %s, reached at %s: %s', (header, started, local, ours) => {
  expect(site({ started }).isOurs(header, local)).toBe(ours);
});

test.each<[string | undefined, string | undefined, boolean]>([
  ['http://localhost:80', 'localhost:80', true],
  ['http://LOCALHOST:80', 'localhost:80', true],
  ['https://localhost:80', 'localhost:80', false],
  ['http://localhost:81', 'localhost:80', false],
  ['http://evil.example', 'localhost:80', false],
  ['null', 'localhost:80', false],
  ['http://localhost:80.evil.example', 'localhost:80', false],
  [undefined, 'localhost:80', false],
  ['http://undefined', undefined, false],
])('Origin %s for Host %s: %s', (origin, host, ours) => {
  expect(site().isOwn(origin, host)).toBe(ours);
});

describe('behind a reverse proxy', () => {
  const proxied = site({ publicUrl: new URL('https://torrents.example.org/me/'), trustedProxies: ['127.0.0.1'] });
  const from = (remoteAddress: string, headers: IncomingHttpHeaders): IncomingMessage =>
    ({ socket: { remoteAddress }, headers }) as unknown as IncomingMessage;

  test.each<[string | undefined, boolean]>([
    ['torrents.example.org', true],
    ['torrents.example.org:443', true],
    ['TORRENTS.example.org', true],
    ['torrents.example.org:8443', false],
    ['torrents.example.org.evil.example', false],
    ['torrents.example.org@evil.example', false],
    ['localhost:80', true],
    ['evil.example', false],
  ])('Host %s: %s', (host, ours) => {
    expect(proxied.isOurs(host, '127.0.0.1')).toBe(ours);
  });

  test.each<[string, string, boolean]>([
    ['https://torrents.example.org', 'torrents.example.org', true],
    // The proxy asks by its own name for us.
    ['https://torrents.example.org', '127.0.0.1:80', true],
    ['http://torrents.example.org', 'torrents.example.org', true],
    ['https://evil.example', 'torrents.example.org', false],
    ['http://127.0.0.1:80', '127.0.0.1:80', true],
  ])('Origin %s for Host %s: %s', (origin, host, own) => {
    expect(proxied.isOwn(origin, host)).toBe(own);
  });

  test.each<[string, object]>([
    ['/me/', { path: '/' }],
    ['/me/assets/a.js', { path: '/assets/a.js' }],
    ['/me/bridge', { path: '/bridge' }],
    ['/me', { moved: '/me/' }],
    ['/merry', { path: '/merry' }],
    // The proxy took the path off.
    ['/', { path: '/' }],
    ['/bridge', { path: '/bridge' }],
  ])('%s', (path, place) => {
    expect(proxied.pathOf(path)).toEqual(place);
  });

  test('what a browser sees: below the path and by TLS through the proxy, else at the root', () => {
    const through = { base: '/me/', secure: true };
    expect(proxied.seenBy(from('10.0.0.1', { host: 'torrents.example.org' }))).toEqual(through);
    expect(proxied.seenBy(from('127.0.0.1', { host: '127.0.0.1:80', 'x-forwarded-for': '192.0.2.9' }))).toEqual(
      through,
    );
    expect(proxied.seenBy(from('127.0.0.1', { host: '127.0.0.1:80' }))).toEqual({ base: '/', secure: false });
    expect(proxied.url(80, 'T')).toBe('https://torrents.example.org/me/?token=T');
  });

  test.each<[string, string, string | undefined, string]>([
    ['nobody is trusted', '192.0.2.1', '192.0.2.9', '192.0.2.1'],
    ['a trusted one names who asks', '127.0.0.1', '192.0.2.9', '192.0.2.9'],
    ['what stands before may be made up', '127.0.0.1', '10.9.9.9, 192.0.2.9', '192.0.2.9'],
    ['through two trusted ones', '::ffff:127.0.0.1', '192.0.2.9, 127.0.0.1', '192.0.2.9'],
    ['one that says nothing', '127.0.0.1', undefined, '127.0.0.1'],
    ['nonsense', '127.0.0.1', 'unknown', '127.0.0.1'],
    ['with a port', '127.0.0.1', '192.0.2.9:5000', '192.0.2.9'],
    ['IPv6 with a port', '127.0.0.1', '[2001:db8::1]:5000', '2001:db8::/64'],
    ['endless lists', '127.0.0.1', '127.0.0.1, '.repeat(1000), '127.0.0.1'],
  ])('%s', (_, remote, named, who) => {
    const headers = named === undefined ? {} : { 'x-forwarded-for': named };
    expect(proxied.requester(from(remote, headers))).toBe(who);
  });
});

test('with TLS of its own', () => {
  const own = site({ tls: true, started: '::' });
  expect(own.url(443, 'T')).toBe('https://localhost:443/?token=T');
  expect(own.isOwn('https://localhost:443', 'localhost:443')).toBe(true);
  expect(own.isOwn('http://localhost:443', 'localhost:443')).toBe(false);
});
