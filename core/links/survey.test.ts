import { describe, expect, test } from 'vitest';
import type { InterfaceFacts, LocalAddress, Route } from '../ports/interfaces.ts';
import { apply, undo } from './apply.ts';
import { judge, sharedWays } from './link.ts';
import { type RunCommand, survey } from './survey.ts';

const at = (address: string, interfaceName: string, prefix = address.includes(':') ? 64 : 24): LocalAddress => ({
  interfaceName,
  address,
  family: address.includes(':') ? 6 : 4,
  internal: interfaceName === 'lo',
  prefix,
});
const router = (gateway: string, interfaceName: string): Route => ({
  interfaceName,
  family: gateway.includes(':') ? 6 : 4,
  gateway,
  leads: 'everywhere',
  metric: 0,
});

interface Machine {
  readonly list: readonly LocalAddress[];
  readonly routes?: readonly Route[];
  /** The answer to `ip route get` by address; without one it is unreachable. */
  readonly ways?: Readonly<Record<string, object>>;
  readonly links?: Readonly<Record<string, InterfaceFacts>>;
  readonly rules?: readonly object[];
  readonly tables?: readonly object[];
  readonly gateways?: readonly string[];
}

function surveyed({ list, routes = [], ways = {}, links = {}, rules = [], tables = [], gateways = [] }: Machine) {
  const run: RunCommand = (command) => {
    const line = command.join(' ');
    const json = (value: unknown) => Promise.resolve({ output: JSON.stringify(value) });
    if (line.includes('-4 rule show')) return json(rules);
    if (line.includes('-4 route show')) return json(tables);
    const way = ways[command.at(-1) ?? ''];
    if (line.includes('route get') && way !== undefined) return json([way]);
    return Promise.resolve({ failure: 'RTNETLINK answers: Network is unreachable\n' });
  };
  const interfaces = {
    list: () => list,
    describe: () => Promise.resolve(new Map(Object.entries(links))),
    routes: (family: 4 | 6) => Promise.resolve(routes.filter((one) => one.family === family)),
  };
  return survey({ interfaces, run }, gateways);
}

const wired = { kind: 'wired', up: true, pointToPoint: false } as const;
const up = { eth1: wired };

describe('how the packets of an address leave', () => {
  test.for<[string, object | undefined, string]>([
    ['its own link', { dev: 'eth1', gateway: '10.2.0.1' }, 'own'],
    ['another one', { dev: 'eth0', gateway: '10.1.0.1' }, 'elsewhere'],
    ['no route', undefined, 'nowhere'],
    ['a route that throws them away', { dev: 'lo', type: 'blackhole' }, 'nowhere'],
    ['an answer that nobody understands', {}, 'untold'],
  ])('%s', async ([, way, verdict]) => {
    const { links } = await surveyed({
      list: [at('10.2.0.2', 'eth1')],
      ways: way === undefined ? {} : { '10.2.0.2': way },
    });
    expect(links.map(judge)).toEqual([verdict]);
  });

  test('loopback is no link', async () => {
    expect((await surveyed({ list: [at('127.0.0.1', 'lo')] })).links).toEqual([]);
  });

  test('by the device of an address that is one of several', async () => {
    const { links } = await surveyed({
      list: [at('10.2.0.3', 'eth1:1')],
      ways: { '10.2.0.3': { dev: 'eth1' } },
      links: up,
    });
    expect(links.map((link) => [judge(link), link.at.kind])).toEqual([['own', 'wired']]);
  });

  test('addresses that leave by the same way are told together', async () => {
    const way = { dev: 'eth0', gateway: '10.1.0.1' };
    const list = [at('10.1.0.2', 'eth0'), at('10.1.0.3', 'eth0'), at('10.2.0.2', 'eth1')];
    const { links } = await surveyed({
      list,
      ways: { '10.1.0.2': way, '10.1.0.3': way, '10.2.0.2': { dev: 'eth1', gateway: '10.2.0.1' } },
    });
    expect(sharedWays(links).map((group) => group.map(({ own }) => own.address))).toEqual([['10.1.0.2', '10.1.0.3']]);
  });
});

describe('what sets a link right', () => {
  const elsewhere = { '10.2.0.2': { dev: 'eth0', gateway: '10.1.0.1' } };

  test('a table of its own, which all but near packets of the address use', async () => {
    const { repairs } = await surveyed({
      list: [at('10.2.0.2', 'eth1')],
      routes: [router('10.2.0.1', 'eth1')],
      ways: elsewhere,
      links: up,
    });
    expect(repairs.flatMap(({ make }) => make.map((one) => one.join(' ')))).toEqual([
      'ip -4 route add 10.2.0.0/24 src 10.2.0.2 dev eth1 table 17700 protocol 177',
      'ip -4 route add default via 10.2.0.1 src 10.2.0.2 dev eth1 table 17700 protocol 177',
      'ip -4 route add unreachable default metric 4278198272 table 17700 protocol 177',
      'ip -4 rule add from 10.2.0.2 lookup 17700 priority 17700 suppress_prefixlength 1 protocol 177',
      'ip -4 rule add from 10.2.0.2 lookup main priority 17701 suppress_prefixlength 1 protocol 177',
      'ip -4 rule add from 10.2.0.2 lookup 17700 priority 17702 protocol 177',
    ]);
  });

  test('neither tables nor priorities that are taken', async () => {
    const { repairs } = await surveyed({
      list: [at('10.2.0.2', 'eth1'), at('10.3.0.2', 'eth2')],
      routes: [router('10.2.0.1', 'eth1'), router('10.3.0.1', 'eth2')],
      ways: { ...elsewhere, '10.3.0.2': { dev: 'eth0' } },
      tables: [{ dst: 'default', table: '17700' }],
      rules: [{ priority: 17_704, src: 'all', table: 'main' }],
    });
    const words = repairs.map(({ make }) => make.flat());
    expect(words.map((all) => all[all.indexOf('table') + 1])).toEqual(['17702', '17703']);
    expect(words.map((all) => all[all.indexOf('priority') + 1])).toEqual(['17706', '17709']);
  });

  test.for<[string, Partial<Machine>]>([
    ['its router is unknown', { routes: [] }],
    ['nothing is plugged in', { links: { eth1: { ...wired, up: false } } }],
    ['it is right already', { ways: { '10.2.0.2': { dev: 'eth1' } } }],
  ])('nothing, as %s', async ([, change]) => {
    const machine = {
      list: [at('10.2.0.2', 'eth1')],
      routes: [router('10.2.0.1', 'eth1')],
      ways: elsewhere,
      links: up,
    };
    expect((await surveyed({ ...machine, ...change })).repairs).toEqual([]);
  });

  test('what is left of an earlier time, when the link went down, makes room', async () => {
    const left = { src: '10.2.0.2', protocol: '177' };
    const { repairs, takeBack } = await surveyed({
      list: [at('10.2.0.2', 'eth1')],
      routes: [router('10.2.0.1', 'eth1')],
      links: up,
      rules: [
        { ...left, priority: 17_700, table: '17700' },
        { ...left, priority: 17_701, table: 'main' },
        { ...left, priority: 17_702, table: '17700' },
      ],
      tables: [{ dst: 'default', table: '17700' }],
    });
    const make = repairs.flatMap((one) => one.make.map((words) => words.join(' ')));
    expect(make.slice(0, takeBack.length)).toEqual(takeBack.map((words) => words.join(' ')));
    expect(make.at(-1)).toBe('ip -4 rule add from 10.2.0.2 lookup 17700 priority 17702 protocol 177');
  });

  test('one rule for all IPv6 addresses of a network', async () => {
    const { repairs } = await surveyed({
      list: [at('2001:db8::2', 'eth1'), at('2001:db8::aa:1', 'eth1')],
      routes: [router('fe80::1%eth1', 'eth1')],
    });
    expect(repairs).toHaveLength(1);
    expect(repairs[0]?.make.map((one) => one.join(' '))).toContain(
      'ip -6 rule add from 2001:db8::/64 lookup 17700 priority 17702 protocol 177',
    );
    expect(repairs[0]?.make[1]).toContain('fe80::1');
  });

  test('only what bears our mark is taken back', async () => {
    const { takeBack } = await surveyed({
      list: [],
      rules: [
        { priority: 100, src: '10.2.0.2', table: '51820', protocol: 'static' },
        { priority: 17_700, src: '10.2.0.2', table: '17700', protocol: '177' },
        { priority: 17_701, src: '10.2.0.2', table: 'main', protocol: '177' },
      ],
    });
    expect(takeBack.map((one) => one.join(' '))).toEqual([
      'ip -4 rule del priority 17700 protocol 177',
      'ip -4 rule del priority 17701 protocol 177',
      'ip -4 route flush table 17700 protocol 177',
    ]);
  });
});

describe('a command that the system refuses', () => {
  const link = {
    own: at('10.2.0.2', 'eth1'),
    at: wired,
    way: { kind: 'untold' },
  } as const;
  const refusing = (what: string) => {
    const ran: string[] = [];
    const run: RunCommand = (command) => {
      ran.push(command.join(' '));
      return Promise.resolve(
        command.includes(what) ? { failure: 'RTNETLINK answers: Operation not permitted\n' } : { output: '' },
      );
    };
    return { ran, run };
  };

  test('undoes what was made for its link, and says what to do', async () => {
    const { ran, run } = refusing('b');
    const repairs = [{ link, make: [['a'], ['b'], ['c']], undo: [['undo']] }];
    await expect(apply(run, repairs)).rejects.toMatchObject({
      code: 'network',
      message: expect.stringContaining('sudo') as string,
    });
    expect(ran).toEqual(['a', 'b', 'undo']);
  });

  test('does not end the taking back of others', async () => {
    const { ran, run } = refusing('a');
    await expect(undo(run, [['a'], ['b']])).rejects.toMatchObject({ code: 'network' });
    expect(ran).toEqual(['a', 'b']);
  });
});
