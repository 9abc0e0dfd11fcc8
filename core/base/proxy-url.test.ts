import { expect, test } from 'vitest';
import { parseProxyUrl, shownProxy } from './proxy-url.ts';

test.each([
  ['socks5://10.0.0.1:9050', { kind: 'socks5', host: '10.0.0.1', port: 9050 }],
  ['socks5h://Proxy.example', { kind: 'socks5', host: 'Proxy.example', port: 1080 }],
  ['http://[2001:db8::1]:3128/', { kind: 'http', host: '2001:db8::1', port: 3128 }],
  ['HTTP://proxy', { kind: 'http', host: 'proxy', port: 8080 }],
  ['socks5://me:pa%40s%3As@h:1', { kind: 'socks5', host: 'h', port: 1, user: 'me', password: 'pa@s:s' }],
  ['socks5://a:b:c@h:1', { kind: 'socks5', host: 'h', port: 1, user: 'a', password: 'b:c' }],
  ['http://me@h:1', { kind: 'http', host: 'h', port: 1, user: 'me', password: '' }],
])('%s', (url, place) => {
  expect(parseProxyUrl(url)).toEqual(place);
});

test.each([
  '',
  '10.0.0.1:1080',
  'socks4://h:1',
  'https://h:1',
  'socks5://h:0',
  'socks5://h:65536',
  'socks5://h:1/path',
  'socks5://h:1?x',
  'socks5://:secret@h:1',
  'socks5://[::g]:1',
  'socks5://a b:1',
  'socks5://%zz:x@h:1',
  'http://me%3Ayou:x@h:1',
  'http://me:line%0D%0Abreak@h:1',
  `socks5://${'u'.repeat(256)}:x@h:1`,
  `socks5://${'h'.repeat(254)}:1`,
])('%s is none', (url) => {
  expect(parseProxyUrl(url)).toBeUndefined();
});

test('people see neither user name nor password', () => {
  const place = parseProxyUrl('http://me:secret@[::1]:3128');
  expect(place && shownProxy(place)).toBe('http://[::1]:3128');
});
