import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatEndpoint, parseEndpoint } from './endpoint.ts';

test.each([
  ['1.2.3.4:6881', { host: '1.2.3.4', port: 6881 }],
  ['[2001:db8::1]:1', { host: '2001:db8::1', port: 1 }],
  ['[::ffff:1.2.3.4]:65535', { host: '::ffff:1.2.3.4', port: 65535 }],
  ['seed.example:80', { host: 'seed.example', port: 80 }],
])('%s', (text, endpoint) => {
  expect(parseEndpoint(text)).toEqual(endpoint);
  expect(formatEndpoint(endpoint)).toBe(text);
});

test.each([
  '',
  ':80',
  'host',
  'host:',
  'host:0',
  'host:65536',
  'host:99999',
  'host:-1',
  'host:1x',
  'host:123456',
  '2001:db8::1:80',
  '[::1]',
  '[::1]80',
  '[host]:80',
  'a b:80',
  'a/b:80',
  '[::1:80',
  'http://x:80',
])('%j is none', (text) => {
  expect(parseEndpoint(text)).toBeUndefined();
});

test('what is formatted reads back', () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6(), fc.domain()), fc.integer({ min: 1, max: 65535 }), (host, port) => {
      expect(parseEndpoint(formatEndpoint({ host, port }))).toEqual({ host, port });
    }),
  );
});
