import { expect, test } from 'vitest';
import { PlacesByAddress } from './places-by-address.ts';

test.each([
  ['192.0.2.1', '192.0.2.1', true],
  ['192.0.2.1', '::ffff:192.0.2.1', true],
  ['192.0.2.1', '192.0.2.2', false],
  ['2001:db8:0:1::1', '2001:db8:0:1:ffff::2', true],
  ['2001:db8:0:1::1', '2001:db8:0:2::1', false],
  ['fe80::1%eth0', 'fe80::2%eth0', true],
])('%s and %s share their places: %s', (one, other, shared) => {
  const places = new PlacesByAddress(1);
  const leave = places.take(one);
  expect(leave).toBeDefined();
  expect(places.take(other) === undefined).toBe(shared);
  leave?.();
  if (shared) expect(places.take(other)).toBeDefined();
});
