import { expect, test } from 'vitest';
import type { Endpoint } from '../base/endpoint.ts';
import { identityIndex } from '../base/ids.ts';
import { dealtTo } from './dealing.ts';

const known: Endpoint[] = Array.from({ length: 60 }, (_, i) => ({ host: `198.51.100.${i}`, port: 6881 }));
const at = (index: number, host: string, machine: string, alive = true) => ({
  index: identityIndex(index),
  endpoint: host === 'none' ? undefined : { host, port: 7000 + index },
  machine,
  alive,
});
type One = ReturnType<typeof at>;

/** Peers by how many of these would dial them. */
function dialled(all: readonly One[]): number[] {
  const lists = all.map((own) =>
    dealtTo(
      own,
      all.filter((one) => one !== own),
      known,
    ),
  );
  return known.map((peer) => lists.filter((list) => list.includes(peer)).length);
}

test.each<[string, One[]]>([
  ['one address', [at(0, '10.0.0.1', 'm'), at(1, '10.0.0.1', 'm'), at(2, '10.0.0.1', 'm')]],
  ['all addresses of one machine', [at(0, '0.0.0.0', 'm'), at(1, '::', 'm'), at(2, '', 'm'), at(3, 'none', 'm')]],
  ['one address, seen from two machines', [at(0, '10.0.0.1', 'm'), at(1, '10.0.0.1', 'n')]],
])('behind %s each peer is dialled by exactly one', (_, all) => {
  expect(new Set(dialled(all))).toEqual(new Set([1]));
});

test.each<[string, One[]]>([
  ['addresses of their own', [at(0, '10.0.0.1', 'm'), at(1, '10.0.0.2', 'm')]],
  ['machines of their own', [at(0, '0.0.0.0', 'm'), at(1, '0.0.0.0', 'n')]],
  ['the same place, but the other is dead', [at(0, '10.0.0.1', 'm')]],
])('with %s all may talk to the same peer', (_, all) => {
  expect(new Set(dialled(all))).toEqual(new Set([all.length]));
});

test('what a dead one would dial goes to those that live', () => {
  const own = at(0, '10.0.0.1', 'm');
  expect(dealtTo(own, [at(1, '10.0.0.1', 'm', false)], known)).toEqual(known);
  expect(dealtTo(own, [at(1, '10.0.0.1', 'm', true)], known).length).toBeLessThan(known.length);
});
