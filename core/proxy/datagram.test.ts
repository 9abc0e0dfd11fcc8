import { expect, test } from 'vitest';
import { unwrapDatagram, wrapDatagram } from './datagram.ts';

const data = Uint8Array.of(1, 2, 3);

test.each([
  ['10.1.2.3', [0, 0, 0, 1, 10, 1, 2, 3, 0x1a, 0xe1, 1, 2, 3]],
  ['a.b', [0, 0, 0, 3, 3, 97, 46, 98, 0x1a, 0xe1, 1, 2, 3]],
  ['2001:db8::1', [0, 0, 0, 4, 0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0x1a, 0xe1, 1, 2, 3]],
])('to and from %s', (host, packet) => {
  const from = { host, port: 6881 };
  expect([...wrapDatagram(from, data)]).toEqual(packet);
  expect(unwrapDatagram(Uint8Array.from(packet))).toEqual({ from, data });
});

test.each([
  ['nothing', []],
  ['no place', [0, 0, 0]],
  ['half a place', [0, 0, 0, 1, 10, 1, 2]],
  ['a name without its length', [0, 0, 0, 3]],
  ['a name without its end', [0, 0, 0, 3, 9, 97, 0, 1]],
  ['a place of no kind', [0, 0, 0, 2, 10, 1, 2, 3, 0, 1, 9]],
  ['a fragment', [0, 0, 1, 1, 10, 1, 2, 3, 0, 1, 9]],
])('%s is dropped', (_, packet) => {
  expect(unwrapDatagram(Uint8Array.from(packet))).toBeUndefined();
});
