import { expect, test } from 'vitest';
import { formatEndpoint } from '../../base/endpoint.ts';
import { fewOfAMachine } from './few-of-a-machine.ts';

const ports = (host: string, count: number) => Array.from({ length: count }, (_, i) => ({ host, port: i + 1 }));

test.each([
  ['an address', ports('1.2.3.4', 5), 3],
  ['two addresses', [...ports('1.2.3.4', 5), ...ports('1.2.3.5', 2)], 5],
  ['a /64', ['1', '2', '3', '4', '5'].flatMap((n) => ports(`2001:db9::${n}`, 1)), 3],
  ['loopback', [...ports('127.0.0.1', 5), ...ports('::1', 5)], 10],
])('%s', (_, endpoints, left) => {
  const few = fewOfAMachine(endpoints, 3);
  expect(few).toHaveLength(left);
  const kept = new Set(few.map(formatEndpoint));
  expect(endpoints.filter((one) => kept.has(formatEndpoint(one)))).toEqual(few);
});
