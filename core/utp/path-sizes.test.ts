import { expect, test } from 'vitest';
import { longestDatagram, PathSizes } from './path-sizes.ts';
import { ETHERNET, LEAST, TUNNELLED, USUAL, WIDE } from './sizes.ts';

const FAR = { host: '192.0.2.1', port: 6881 };
const SELF = { host: '127.0.0.1', port: 6881 };

test.each([
  ['nothing is known of the interface', undefined, FAR, USUAL, [TUNNELLED]],
  ['Ethernet', 1500, FAR, USUAL, [ETHERNET, TUNNELLED]],
  ['a line of PPPoE', 1492, FAR, USUAL, [1464, TUNNELLED]],
  ['long frames', 9000, FAR, USUAL, [8972, ETHERNET, TUNNELLED]],
  ['a tunnel', 1280, FAR, USUAL, [1252]],
  ['a shorter one', 1000, FAR, LEAST, [972]],
  ['the machine itself', 65_536, SELF, TUNNELLED, [WIDE, ETHERNET]],
  ['IPv6', 9000, { host: '2001:db8::1', port: 1 }, USUAL, []],
  ['the machine itself by IPv6', 65_536, { host: '::1', port: 1 }, TUNNELLED, []],
])('%s', (_, packet, remote, first, larger) => {
  expect(new PathSizes(longestDatagram(packet)).to(remote, 0)).toEqual({ first, larger });
});

test.each([
  [WIDE, TUNNELLED, [ETHERNET]],
  [ETHERNET, TUNNELLED, []],
  [TUNNELLED, USUAL, []],
  [USUAL, LEAST, []],
  [LEAST, TUNNELLED, [WIDE, ETHERNET]],
])('where %i bytes do not arrive, for ten minutes', (tooLong, first, larger) => {
  const sizes = new PathSizes(longestDatagram(65_536));
  sizes.tooLong(SELF, tooLong, 0);
  expect(sizes.to(SELF, 599_000)).toEqual({ first, larger });
  const otherPort = { ...SELF, port: 6882 };
  for (const one of [sizes.to(SELF, 600_000), sizes.to(otherPort, 0)]) {
    expect(one).toEqual({ first: TUNNELLED, larger: [WIDE, ETHERNET] });
  }
});

test('a thousand places are remembered, the latest', () => {
  const sizes = new PathSizes(undefined);
  for (let port = 1; port <= 1_500; port++) sizes.tooLong({ ...FAR, port }, TUNNELLED, 0);
  expect(sizes.size).toBe(1_000);
  expect([500, 501].map((port) => sizes.to({ ...FAR, port }, 0).larger)).toEqual([[TUNNELLED], []]);
});
