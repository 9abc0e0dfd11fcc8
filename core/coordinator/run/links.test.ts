import { expect, test } from 'vitest';
import { isLinkStandIn } from '../../base/stand-in.ts';
import { linksOf } from './links.ts';

const interfaces = {
  list: () => [{ interfaceName: 'eth0', address: '10.0.0.2', family: 4 as const, internal: false }],
};
const A = 'socks5://me:first@10.1.1.1:1080';
const B = 'http://10.1.1.2:3128';

test('proxies are dealt in turn, each reached from the address of its identity', () => {
  const links = linksOf(interfaces, { bind: ['eth0'], proxies: [A, B] }, 3, true);
  expect(links.map(({ proxy }) => proxy)).toEqual([A, B, A].map((url) => ({ url, from: 'eth0' })));
  expect(links.every(({ address }) => isLinkStandIn(address ?? ''))).toBe(true);
  expect(links[0]?.address).toBe(links[2]?.address);
  expect(links[0]?.address).not.toBe(links[1]?.address);
});

test('a link is known by the same address with another password, and by another from another address', () => {
  const addressOf = (proxy: string, bind: readonly string[]): string | undefined =>
    linksOf(interfaces, { bind, proxies: [proxy] }, 1, false)[0]?.address;
  expect(addressOf(A.replace('first', 'second'), [])).toBe(addressOf(A, []));
  expect(addressOf(A, ['eth0'])).not.toBe(addressOf(A, []));
  expect(addressOf(A.replace('me', 'you'), [])).not.toBe(addressOf(A, []));
});

test('without proxies there are addresses alone', () => {
  expect(linksOf(interfaces, { bind: ['eth0'], proxies: [] }, 2, true)).toEqual([
    { address: '10.0.0.2' },
    { address: '10.0.0.2' },
  ]);
});
