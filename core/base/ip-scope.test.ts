import { describe, expect, it } from 'vitest';
import { isWithin, scopeOf } from './ip-scope.ts';
import type { Scope } from './ip-scope.ts';

describe('how far in an address lies', () => {
  it.each<[Scope | undefined, readonly string[]]>([
    [
      'global',
      ['1.1.1.1', '9.255.255.255', '11.0.0.0', '100.63.255.255', '100.128.0.0', '126.255.255.255', '128.0.0.0'],
    ],
    ['global', ['169.253.0.1', '172.15.0.1', '172.32.0.1', '192.167.0.1', '192.169.0.1', '198.17.0.1', '198.20.0.1']],
    ['global', ['240.0.0.1']],
    ['global', ['2001:4860::8888', '2a00::1', '::ffff:8.8.8.8', '64:ff9b::808:808', '2002:808:808::1', '3ffe::1']],
    ['private', ['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1', '100.64.0.1', '100.127.0.1', '198.18.0.1']],
    ['private', ['192.0.0.1', '224.0.0.1', '241.0.0.1', '255.255.255.255', 'fc00::1', 'fdff::1', 'fec0::1', 'ff02::1']],
    ['private', ['::ffff:192.168.0.1', '::ffff:a00:1', '::10.0.0.1', '::ffff:0:10.0.0.1', '64:ff9b::10.0.0.1']],
    ['private', ['64:ff9b:1::808:808', '2002:c0a8:101::1', '2002:a00:1::', '2001:0:808:808::f5ff:fffe']],
    ['private', ['2a00::5efe:10.0.0.1', '2a00::200:5efe:10.0.0.1', 'fd00::1']],
    [
      'link',
      ['169.254.169.254', 'fe80::1', 'febf::1', '::ffff:169.254.169.254', '2002:a9fe:a9fe::', '64:ff9b::a9fe:1'],
    ],
    ['loopback', ['127.0.0.1', '127.255.0.9', '0.0.0.0', '::1', '::', '::ffff:127.0.0.1', '::ffff:0.0.0.0']],
    ['loopback', ['64:ff9b::127.0.0.1', '2002:7f00:1::1', '::127.0.0.1', '2001:0:808:808::80ff:fffe']],
    [undefined, ['localhost', '', '1.2.3', 'fe80::1%eth0', '[::1]', '0x7f.1']],
  ])('%s', (scope, addresses) => {
    expect(addresses.map((address) => [address, scopeOf(address)])).toEqual(
      addresses.map((address) => [address, scope]),
    );
  });

  it('leads outwards alone', () => {
    const scopes: readonly Scope[] = ['global', 'private', 'link', 'loopback'];
    const allowed = scopes.map((from) => scopes.filter((to) => isWithin(to, from)));
    expect(allowed).toEqual([scopes.slice(0, 1), scopes.slice(0, 2), scopes.slice(0, 3), scopes]);
  });
});
