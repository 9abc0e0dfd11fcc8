import { expect, test } from 'vitest';
import { parseStoreUrl } from './store-place.ts';

test.each([
  ['nats://10.0.0.1/film', { servers: ['10.0.0.1'], tls: false, name: 'film', shown: 'nats://10.0.0.1/film' }],
  [
    'tls://a.example:4333/f-1',
    { servers: ['a.example:4333'], tls: true, name: 'f-1', shown: 'tls://a.example:4333/f-1' },
  ],
  ['nats://[fd77::1]:4222/x', { servers: ['[fd77::1]:4222'], tls: false, name: 'x', shown: 'nats://[fd77::1]:4222/x' }],
  ['nats://a,b:1,c/x', { servers: ['a', 'b:1', 'c'], tls: false, name: 'x', shown: 'nats://a,b:1,c/x' }],
  ['nats://token@a/x', { servers: ['a'], tls: false, name: 'x', shown: 'nats://a/x', user: 'token' }],
  [
    'nats://anna:p%40ss:w@a/x',
    { servers: ['a'], tls: false, name: 'x', shown: 'nats://a/x', user: 'anna', password: 'p@ss:w' },
  ],
])('%s', (url, place) => {
  expect(parseStoreUrl(url)).toEqual(place);
});

test.each([
  'http://a/x',
  'nats://a',
  'nats://a/',
  'nats://anna:secret@a/no.dots',
  'nats://anna:secret@/x',
  'nats://anna:secret@a:99999/x',
  'nats://anna:secret@a b/x',
  'nats://anna:secret%@a/x',
  'nats://anna:secret@a,,b/x',
  `nats://anna:secret@${'a,'.repeat(20)}a/x`,
  'nats://anna:secret@a/x/y',
  // The host was forgotten.
  'nats://anna:secret/film',
  'nats://anna:1,secret!/film',
  'nats://secret!/film',
  // The password is 12/secret.
  'nats://anna:12/secret@a',
])('%s is refused, and nothing secret is said', (url) => {
  let text = '';
  try {
    parseStoreUrl(url);
  } catch (error) {
    expect(error).toMatchObject({ code: 'usage' });
    text = String(error);
  }
  expect(text).not.toBe('');
  expect(text).not.toContain('secret');
});

test('a host that is none is named where it can be nothing secret', () => {
  expect(() => parseStoreUrl('nats://anna@a.example,b.example:99999/film')).toThrow('"b.example:99999"');
});
