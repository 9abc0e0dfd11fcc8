import { describe, expect, test } from 'vitest';
import { ENDPOINTS, ROUTERS } from './text-lists.ts';

describe('places to start from', () => {
  const places = [
    { host: 'router.example.org', port: 6881 },
    { host: '203.0.113.7', port: 1 },
    { host: '2001:db8::7', port: 65_535 },
  ];
  test.each([
    'router.example.org:6881, 203.0.113.7:1, [2001:db8::7]:65535',
    ' router.example.org:6881 203.0.113.7:1\n[2001:db8::7]:65535,',
  ])('%s', (text) => {
    expect(ENDPOINTS.parse(text)).toEqual(places);
    expect(ENDPOINTS.parse(ENDPOINTS.format(places))).toEqual(places);
  });
  test('none', () => expect(ENDPOINTS.parse('  ')).toEqual([]));
  test.each([
    'router.example.org',
    'a:0',
    'a:65536',
    '2001:db8::7:6881',
    '[1::2::3]:1',
    '1.2.3:80',
    '1.2.3.400:80',
    'http://a:80',
    'a:1, b',
  ])('refused: %s', (text) => expect(ENDPOINTS.parse(text)).toBeUndefined());
  test('no more than anybody types', () => expect(ENDPOINTS.parse('a:1 '.repeat(101))).toBeUndefined());
});

describe('routers', () => {
  test('addresses', () => expect(ROUTERS.parse('10.2.0.1, fe80::1%wg0')).toEqual(['10.2.0.1', 'fe80::1%wg0']));
  test.each(['router.lan', '10.2.0', '0.0.0.0', '224.0.0.1', '10.2.0.1:80', 'fe80::1%'])('refused: %s', (text) =>
    expect(ROUTERS.parse(text)).toBeUndefined(),
  );
});
