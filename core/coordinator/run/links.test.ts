import { expect, test } from 'vitest';
import { isLinkStandIn } from '../../base/stand-in.ts';
import type { LinkProfile, LinkWait } from '../../engine/link-profiles.ts';
import { plainLink } from '../../engine/testing/plain-link.ts';
import { linksOf, NO_LINKS } from './links.ts';

const interfaces = {
  list: () => [{ interfaceName: 'eth0', address: '10.0.0.2', family: 4 as const, internal: false }],
};
const strict = { interfaces, named: NO_LINKS, strict: true };
const A = 'socks5://me:first@10.1.1.1:1080';
const B = 'http://10.1.1.2:3128';

test('proxies are dealt in turn, each reached from the address of its identity', () => {
  const links = linksOf(strict, { links: [], bind: ['eth0'], proxies: [A, B] }, 3);
  expect(links.map(({ proxy }) => proxy)).toEqual([A, B, A].map((url) => ({ url, from: 'eth0' })));
  expect(links.every(({ address }) => isLinkStandIn(address ?? ''))).toBe(true);
  expect(links[0]?.address).toBe(links[2]?.address);
  expect(links[0]?.address).not.toBe(links[1]?.address);
});

test('a link is known by the same address with another password, and by another from another address', () => {
  const addressOf = (proxy: string, bind: readonly string[]): string | undefined =>
    linksOf({ ...strict, strict: false }, { links: [], bind, proxies: [proxy] }, 1)[0]?.address;
  expect(addressOf(A.replace('first', 'second'), [])).toBe(addressOf(A, []));
  expect(addressOf(A, ['eth0'])).not.toBe(addressOf(A, []));
  expect(addressOf(A.replace('me', 'you'), [])).not.toBe(addressOf(A, []));
});

test('without proxies there are addresses alone', () => {
  expect(linksOf(strict, { links: [], bind: ['eth0'], proxies: [] }, 2)).toEqual([
    { address: '10.0.0.2' },
    { address: '10.0.0.2' },
  ]);
});

const fibre = plainLink('fibre', 'eth0');
const phone: LinkProfile = { ...fibre, name: 'phone', bind: 'wwan0', role: 'seed' };
const office: LinkProfile = { ...fibre, name: 'office', bind: '10.0.0.2', proxy: A };

function named(profiles: readonly LinkProfile[], waits: Readonly<Record<string, LinkWait>> = {}) {
  const link = (name: string) => {
    const profile = profiles.find((one) => one.name === name);
    const wait = waits[name];
    return profile && (wait === undefined ? { profile } : { profile, wait });
  };
  return { interfaces, strict: false, named: { link, profiles } };
}
const dealt = (links: readonly string[], bind: readonly string[] = [], proxies: readonly string[] = []) => ({
  links,
  bind,
  proxies,
});

test('links with names are dealt before addresses', () => {
  const links = linksOf(named([fibre, phone]), dealt(['fibre', 'phone'], ['10.0.0.2']), 4);
  expect(links).toEqual([
    { address: '10.0.0.2', name: 'fibre', role: 'both' },
    { address: 'wwan0', name: 'phone', role: 'seed', wait: { kind: 'gone', at: 'wwan0' } },
    { address: '10.0.0.2' },
    { address: '10.0.0.2', name: 'fibre', role: 'both' },
  ]);
});

test('a link has a proxy of its own, or the one that is dealt', () => {
  const links = linksOf(named([fibre, office]), dealt(['office', 'fibre'], [], [B, B]), 2);
  expect(links.map(({ proxy }) => proxy)).toEqual([
    { url: A, from: '10.0.0.2' },
    { url: B, from: 'eth0' },
  ]);
});

test('who has a link that is not to be used now, or is not there any more, has no address', () => {
  const wait = { kind: 'up', interface: 'wg0' } as const;
  const local = interfaces.list().flatMap((one) => [one.address, one.interfaceName]);
  const links = linksOf(named([fibre], { fibre: wait }), dealt(['fibre', 'gone']), 2);
  expect(links).toMatchObject([
    { name: 'fibre', wait },
    { name: 'gone', wait: { kind: 'no-profile' } },
  ]);
  for (const { address, proxy } of links) {
    expect(address).toBeDefined();
    expect(local).not.toContain(address);
    expect(proxy).toBeUndefined();
  }
  const tried = (strict: boolean) => () => linksOf({ ...named([fibre], { fibre: wait }), strict }, dealt(['gone']), 1);
  expect(tried(true)).toThrow(/fibre/);
  expect(tried(false)).not.toThrow();
});

test('an interface keeps the address that it still has', () => {
  const list = () => ['10.0.0.9', '10.0.0.2'].map((address) => ({ ...interfaces.list()[0]!, address }));
  const at = (before: string) =>
    linksOf({ ...strict, interfaces: { list } }, dealt([], ['eth0']), 1, [{ address: before }]);
  expect(at('10.0.0.2')).toEqual([{ address: '10.0.0.2' }]);
  expect(at('10.0.0.3')).toEqual([{ address: '10.0.0.9' }]);
});
