import { describe, expect, test } from 'vitest';
import { namesIn } from './hosts-file.ts';
import type { NameServerLists } from './name-servers.ts';
import { addressesIn, nameServersOf, nameserverLines } from './name-servers.ts';

const own = {
  lo: [{ address: '127.0.0.1', cidr: '127.0.0.1/8' }],
  eth0: [
    { address: '192.168.1.7', cidr: '192.168.1.7/24' },
    { address: '2001:db8:1::7', cidr: '2001:db8:1::7/64' },
  ],
  wg0: [{ address: '10.8.0.2', cidr: '10.8.0.2/24' }],
};

function lists(ofLink: Record<string, string[]>, shared: string[]): NameServerLists {
  return {
    ofLink: [() => Promise.reject(new Error('not here')), (name) => Promise.resolve(ofLink[name] ?? [])],
    shared: [() => Promise.reject(new Error('not here')), () => Promise.resolve(shared)],
  };
}

describe('the name servers of an address', () => {
  test.each([
    ['those of its link', '10.8.0.2', { wg0: ['10.8.0.1'], eth0: ['192.168.1.1'] }, ['9.9.9.9'], ['10.8.0.1']],
    ['of its family alone', '192.168.1.7', { eth0: ['2001:db8:1::1', '192.168.1.1'] }, [], ['192.168.1.1']],
    ['of its family alone', '2001:db8:1::7', { eth0: ['192.168.1.1', '2001:db8:1::1'] }, [], ['2001:db8:1::1']],
    ['no forwarder of this machine', '10.8.0.2', { wg0: ['127.0.0.53', '::1'] }, ['127.0.0.1'], []],
    ['no link-local one', '2001:db8:1::7', { eth0: ['fe80::1'] }, [], []],
    ["else the machine's", '10.8.0.2', {}, ['9.9.9.9', '1.1.1.1'], ['9.9.9.9', '1.1.1.1']],
    ["not those in another link's network", '10.8.0.2', {}, ['192.168.1.1', '9.9.9.9'], ['9.9.9.9']],
    ['those in its own', '192.168.1.7', {}, ['192.168.1.1'], ['192.168.1.1']],
    [
      'no more than three, each once',
      '10.8.0.2',
      { wg0: ['1.1.1.1', '1.1.1.1', '1.1.1.2', '1.1.1.3', '1.1.1.4'] },
      [],
      ['1.1.1.1', '1.1.1.2', '1.1.1.3'],
    ],
    ['none of a loopback address', '127.0.0.1', { lo: ['9.9.9.9'] }, ['9.9.9.9'], []],
    ['none of an address that is gone', '10.9.0.1', {}, ['9.9.9.9'], []],
  ] as const)('%s', async (_, address, ofLink, shared, servers) => {
    const told = lists(ofLink as unknown as Record<string, string[]>, [...shared]);
    expect(await nameServersOf(address, told, own)).toEqual(servers);
  });
});

test.each([
  ['was too slow', { killed: true }],
  ['could not be started', { code: 'EMFILE' }],
])('a system that %s may tell the next time', async (_, why) => {
  const told = {
    ofLink: [() => Promise.reject(Object.assign(new Error('x'), why))],
    shared: [() => Promise.resolve(['9.9.9.9'])],
  };
  await expect(nameServersOf('10.8.0.2', told, own)).rejects.toThrow('x');
});

test.each([
  ['Link 2 (eth0): 192.168.1.1 fe80::1%2 2001:db8::1', ['192.168.1.1', 'fe80::1', '2001:db8::1']],
  [
    'Link 3 (wg0): 10.8.0.1:5353 1.1.1.1#dns.example [2001:db8::2]:53#dns.example',
    ['10.8.0.1', '1.1.1.1', '2001:db8::2'],
  ],
  ['192.168.1.1 | 8.8.8.8\n2001:db8::1', ['192.168.1.1', '8.8.8.8', '2001:db8::1']],
  ['Link 2 (eth0):', []],
  ['Failed to get link', []],
])('addresses in %j', (text, addresses) => {
  expect(addressesIn(text)).toEqual(addresses);
});

test('the servers of a resolv.conf', () => {
  const text =
    '# nameserver 1.1.1.1\nsearch lan\n nameserver 192.168.1.1 \nnameserver\t::1\noptions x\nnameservers 9.9.9.9\n';
  expect(nameserverLines(text)).toEqual(['192.168.1.1', '::1']);
});

test('the names of a hosts file', () => {
  const text =
    '127.0.0.1 localhost\r\n# 10.0.0.9 no\n10.0.0.1\tTracker.example  t # x\n2001:DB8::1 tracker.example\nnonsense a\n';
  expect([...namesIn(text)]).toEqual([
    ['localhost', ['127.0.0.1']],
    ['tracker.example', ['10.0.0.1', '2001:db8::1']],
    ['t', ['10.0.0.1']],
  ]);
});
