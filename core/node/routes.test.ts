import { describe, expect, test } from 'vitest';
import { NodeInterfaces } from './interfaces.ts';
import { readIpRoutes, readProcRoute4, readProcRoute6 } from './routes-linux.ts';
import { readNetstat, readRoutePrint } from './routes-other.ts';

describe('Linux', () => {
  test('`ip -j route`, with tables that rules bind to addresses', () => {
    const routes = [
      { dst: 'default', gateway: '192.168.1.1', dev: 'eth0', protocol: 'dhcp', metric: 100, flags: [] },
      { dst: '192.168.1.0/24', dev: 'eth0', protocol: 'kernel', scope: 'link', prefsrc: '192.168.1.5', flags: [] },
      { dst: '0.0.0.0/1', gateway: '10.8.0.1', dev: 'tun0', flags: [] },
      { dst: '10.9.0.0/16', gateway: '10.8.0.9', dev: 'tun0', flags: [] },
      { dst: 'default', gateway: '10.7.0.1', dev: 'eth1', table: '102', flags: [] },
      { dst: '10.6.0.1', dev: 'ppp0', protocol: 'kernel', scope: 'link', prefsrc: '10.6.0.2', flags: [] },
      { type: 'local', dst: '192.168.1.5', dev: 'eth0', table: 'local', scope: 'host', prefsrc: '192.168.1.5' },
      { type: 'broadcast', dst: '192.168.1.255', dev: 'eth0', table: 'local', scope: 'link', prefsrc: '192.168.1.5' },
      { type: 'blackhole', dst: 'default', gateway: '10.0.0.1', dev: 'eth9' },
      {
        dst: 'default',
        metric: 7,
        nexthops: [
          { gateway: '10.5.0.1', dev: 'eth5' },
          { gateway: '10.4.0.1', dev: 'eth4' },
        ],
      },
    ];
    const rules = [
      { priority: 0, src: 'all', table: 'local' },
      { priority: 100, src: '10.7.0.2', table: '102' },
      { priority: 101, src: '10.7.1.0', srclen: 24, table: '102' },
      { priority: 32766, src: 'all', table: 'main' },
    ];
    const found = readIpRoutes(JSON.stringify(routes), JSON.stringify(rules), 4);
    expect(
      found.map(({ interfaceName, gateway, leads, metric, source }) => [interfaceName, gateway, leads, metric, source]),
    ).toEqual([
      ['eth0', '192.168.1.1', 'everywhere', 100, undefined],
      ['tun0', '10.8.0.1', 'everywhere', 0, undefined],
      ['tun0', '10.8.0.9', 'somewhere', 0, undefined],
      ['eth1', '10.7.0.1', 'everywhere', 0, '10.7.0.2/32'],
      ['eth1', '10.7.0.1', 'everywhere', 0, '10.7.1.0/24'],
      ['ppp0', '10.6.0.1', 'peer', 0, '10.6.0.2/32'],
      ['eth5', '10.5.0.1', 'everywhere', 7, undefined],
      ['eth4', '10.4.0.1', 'everywhere', 7, undefined],
    ]);
    const [six] = readIpRoutes(JSON.stringify([{ dst: 'default', gateway: 'fe80::1', dev: 'eth0' }]), '[]', 6);
    expect(six).toMatchObject({ family: 6, gateway: 'fe80::1%eth0' });
  });

  test.for(['', 'nonsense', '{}', '[1, null, {"dst": 3}]'])('an output of %j has none', (output) => {
    expect(readIpRoutes(output, output, 4)).toEqual([]);
  });

  test("the kernel's files", () => {
    const table = [
      'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT',
      'eth0\t00000000\t0101A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0',
      'eth0\t0001A8C0\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0',
      'tun0\t00000080\t0100080A\t0003\t0\t0\t0\t00000080\t0\t0\t0',
      'tun0\t0000090A\t0900080A\t0003\t0\t0\t0\t0000FFFF\t0\t0\t0',
      'odd',
    ].join('\n');
    expect(readProcRoute4(table).map(({ interfaceName, gateway, leads }) => [interfaceName, gateway, leads])).toEqual([
      ['eth0', '192.168.1.1', 'everywhere'],
      ['tun0', '10.8.0.1', 'everywhere'],
      ['tun0', '10.8.0.9', 'somewhere'],
    ]);
    const zero = '0'.repeat(32);
    const six = [
      `${zero} 00 ${zero} 00 fe800000000000000000000000000001 00000400 00000001 00000000 00000003     eth0`,
      `20010db8000000000000000000000000 40 ${zero} 00 ${zero} 00000100 00000001 00000000 00000001     eth0`,
      `${zero} 00 ${zero} 00 ${zero} ffffffff 00000001 00000000 00200200       lo`,
    ].join('\n');
    expect(readProcRoute6(six)).toEqual([
      { interfaceName: 'eth0', family: 6, gateway: 'fe80::1%eth0', leads: 'everywhere', metric: 1024 },
    ]);
  });
});

test('macOS: `netstat -rn`', () => {
  const output = [
    'Routing tables',
    '',
    'Internet:',
    'Destination        Gateway            Flags               Netif Expire',
    'default            192.168.1.1        UGScg                 en0',
    '0/1                10.8.0.1           UGSc                utun3',
    '10.8.0.5           10.8.0.6           UH                  utun2',
    '127                127.0.0.1          UCS                   lo0',
    '192.168.1          link#6             UCS                   en0      !',
  ].join('\n');
  expect(
    readNetstat(output, 4).map(({ interfaceName, gateway, leads, source }) => [interfaceName, gateway, leads, source]),
  ).toEqual([
    ['en0', '192.168.1.1', 'everywhere', undefined],
    ['utun3', '10.8.0.1', 'everywhere', undefined],
    ['utun2', '10.8.0.5', 'peer', '10.8.0.6/32'],
  ]);
  const six =
    'default                                 fe80::1%en0                             UGcg                  en0';
  expect(readNetstat(six, 6)).toMatchObject([{ gateway: 'fe80::1%en0', leads: 'everywhere', interfaceName: 'en0' }]);
});

test('Windows: `route print`, whose headings are in any language', () => {
  const output = [
    'IPv4-Routentabelle',
    'Aktive Routen:',
    '     Netzwerkziel    Netzwerkmaske          Gateway    Schnittstelle Metrik',
    '          0.0.0.0          0.0.0.0      192.168.1.1      192.168.1.5     25',
    '        127.0.0.0        255.0.0.0   Auf Verbindung         127.0.0.1    331',
    '         10.9.0.0      255.255.0.0         10.8.0.1         10.8.0.2      5',
    'IPv6-Routentabelle',
    ' If Metrik Netzwerkziel             Gateway',
    ' 12    281 ::/0                     fe80::1',
    '  1    331 ::1/128                  Auf Verbindung',
    ' 99    281 ::/0                     fe80::2',
  ].join('\r\n');
  expect(readRoutePrint(output, new Map([['12', 'Ethernet']]))).toEqual([
    { interfaceName: '', family: 4, gateway: '192.168.1.1', leads: 'everywhere', metric: 25, source: '192.168.1.5/32' },
    { interfaceName: '', family: 4, gateway: '10.8.0.1', leads: 'somewhere', metric: 5, source: '10.8.0.2/32' },
    { interfaceName: 'Ethernet', family: 6, gateway: 'fe80::1%12', leads: 'everywhere', metric: 281 },
  ]);
});

test('this machine: each router is on an interface', async () => {
  for (const family of [4, 6] as const) {
    for (const route of await new NodeInterfaces().routes(family)) {
      expect(route.family).toBe(family);
      expect([route.interfaceName, route.gateway]).not.toContain('');
    }
  }
});
