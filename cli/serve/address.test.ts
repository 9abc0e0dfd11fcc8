import { expect, test } from 'vitest';
import { addressOf } from './address.ts';

test.each<[string | undefined, string]>([
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8:1:2::', '2001:db8:1:2::/64'],
  ['fe80::1%eth0', 'fe80::/64'],
  ['::1', '::1'],
  [undefined, ''],
])('%s counts as %s', (remoteAddress, whose) => {
  expect(addressOf({ remoteAddress })).toBe(whose);
});
