import { expect, test } from 'vitest';
import { NodeNet } from './net.ts';

// What comes of routes is tried in namespaces of their own (`e2e/links.e2e.ts`).
test.each<[4 | 6, string, unknown]>([
  [4, '203.0.113.7', undefined],
  [6, '2001:db8::7', undefined],
  [4, 'no address', undefined],
])('IPv%i: of %s, which is none of this machine, nothing is said', async (family, address, leads) => {
  expect(await new NodeNet().leadsOut(family, address)).toBe(leads);
});

test('from the loopback device there is no way to the internet', async () => {
  expect(await new NodeNet().leadsOut(4, '127.0.0.1')).not.toBe(true);
});
