import { expect, test } from 'vitest';
import { bytesPerSecond, identityIndex } from '../core/base/ids.ts';
import { ordinaryOptions } from '../core/engine/download-options.ts';
import { plainLink } from '../core/engine/testing/plain-link.ts';
import { withoutLinks } from './links.ts';

const fibre = plainLink('fibre', 'eth0');
const A = 'socks5://10.0.0.1:1080';
const B = 'socks5://10.0.0.2:1080';
const limited = { ...fibre, name: 'phone', bind: 'ppp0', proxy: B, down: bytesPerSecond(5), up: bytesPerSecond(9) };
const profiles = [fibre, limited];

test.each([
  ['a link', 0, { links: ['fibre'] }, { bind: ['eth0'], proxies: [], identityDown: 0, identityUp: 0 }],
  ['its limits', 1, { links: ['fibre', 'phone'] }, { bind: ['ppp0'], proxies: [B], identityDown: 5, identityUp: 9 }],
  [
    'the lower limits',
    0,
    { links: ['phone'], identityDown: bytesPerSecond(7), identityUp: bytesPerSecond(7) },
    { bind: ['ppp0'], identityDown: 5, identityUp: 7 },
  ],
  ['a proxy of the options', 2, { links: ['fibre'], proxies: [B, A] }, { bind: ['eth0'], proxies: [B] }],
  ['an address after the links', 1, { links: ['fibre'], bind: ['wg0', 'wg1'] }, { bind: ['wg0'], proxies: [] }],
  ['the next address', 5, { links: ['fibre'], bind: ['wg0', 'wg1'], proxies: [A, B] }, { bind: ['wg1'], proxies: [B] }],
  ['what is dealt elsewhere', 1, { bind: ['wg0', 'wg1'] }, { bind: ['wg0', 'wg1'] }],
])('without a coordinator it leaves by %s', (_, index, chosen, expected) => {
  const options = withoutLinks(ordinaryOptions('/out', chosen), profiles, identityIndex(index));
  expect(options).toMatchObject({ links: [], ...expected });
});

test.each([
  { role: 'fetch' as const },
  { when: { kind: 'up' as const, interface: 'wg0' } },
  { metered: { allowance: 1 as never, day: 1 } },
])('a link that has to be watched is refused: %j', (change) => {
  const options = ordinaryOptions('/out', { links: ['fibre'] });
  expect(() => withoutLinks(options, [{ ...fibre, ...change }], identityIndex(0))).toThrow('fibre has a role');
});
