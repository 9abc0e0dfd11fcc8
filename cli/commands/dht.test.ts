import { describe, expect, test } from 'vitest';
import type { BridgeClient } from '../../core/bridge/contract.ts';
import type { DhtNodeSnapshot } from '../../core/engine/engine.ts';
import { MOVING_NODES } from '../../core/engine/testing/moving-sources.ts';
import type { ProbeDhtOptions } from '../../core/entry/probe-dht.ts';
import type { ProbedNode } from '../../core/identity/dht-probe.ts';
import { EXIT } from '../exit-codes.ts';
import { CliBench } from '../testing/run-cli.ts';

const HASH = 'ab'.repeat(20);
const node: ProbedNode = {
  interfaceName: 'eth0',
  address: '192.168.1.5',
  port: 40_000,
  family: 4,
  state: 'joined',
  nodes: { good: 40, questionable: 2, spare: 9 },
  externalAddress: '203.0.113.7',
  strangers: 0,
  sent: { messages: 90, bytes: 9000 },
  received: { messages: 80, bytes: 20_000 },
};
const { externalAddress: _, ...unseen } = node;
const alone: ProbedNode = { ...unseen, state: 'joining', nodes: { good: 0, questionable: 0, spare: 0 } };

async function run(line: string, nodes: readonly ProbedNode[] = [node], found: readonly string[] = []) {
  const asked: ProbeDhtOptions[] = [];
  const bench = new CliBench({
    probeDht: (options) => {
      asked.push(options);
      for (const host of found) options.found(node.address, [{ host, port: 6881 }]);
      return Promise.resolve(nodes);
    },
  });
  return { code: await bench.run(line), bench, asked };
}

test('how the node of each address fares, for programs', async () => {
  const broken: ProbedNode = { ...alone, address: '10.2.0.2', message: 'The address is not available.' };
  const { code, bench, asked } = await run('dht --json --bind eth0 --dht-bootstrap r.example:1 --timeout 5', [
    node,
    broken,
  ]);
  expect(code).toBe(EXIT.done);
  expect(asked).toMatchObject([{ bind: ['eth0'], bootstrap: [{ host: 'r.example', port: 1 }], patience: 5000 }]);
  expect(asked[0]).not.toHaveProperty('infoHash');
  const { interfaceName, ...rest } = node;
  expect(bench.json).toEqual([
    { version: 1, event: 'node', interface: interfaceName, ...rest },
    { event: 'node', interface: 'eth0', address: '10.2.0.2', message: 'The address is not available.' },
  ]);
});

test.each([HASH, HASH.toUpperCase(), `magnet:?xt=urn:btih:${HASH}&dn=x`, 'VOV2XK5LVOV2XK5LVOV2XK5LVOV2XK5L'])(
  'looks up %s; each peer is told once',
  async (source) => {
    const searched = [{ ...node, answered: 33 }];
    const { code, bench, asked } = await run(`dht ${source} --json`, searched, ['10.0.0.1', '10.0.0.2', '10.0.0.1']);
    expect(code).toBe(EXIT.done);
    expect(asked[0]?.infoHash).toBe(HASH);
    expect(bench.json.flatMap((line) => (line as { peers?: unknown }).peers)).toContain('10.0.0.2:6881');
    expect(bench.json.at(-1)).toEqual({ event: 'done', infoHash: HASH, peers: 2, answered: 33 });
  },
);

test('by proxies it makes nodes of its own, of which no address is shown', async () => {
  const byProxy = { ...unseen, interfaceName: 'socks5://10.0.0.9:1080', address: '242.1.2.3', port: 1 };
  const six = { ...byProxy, address: '100::f201:203', family: 6 as const };
  const { code, bench, asked } = await run('dht --proxy socks5://u:pw@10.0.0.9:1080', [byProxy, six]);
  expect([code, asked.map(({ proxies }) => proxies)]).toEqual([EXIT.done, [['socks5://u:pw@10.0.0.9:1080']]]);
  expect(bench.out).toContain('socks5://10.0.0.9:1080\n');
  expect(bench.out).toContain('socks5://10.0.0.9:1080, IPv6\n');
  expect(bench.out).not.toContain('242.');
  expect(bench.out).not.toContain('100::');
});

test('and for people', async () => {
  const { bench } = await run(`dht ${HASH}`, [{ ...node, strangers: 3, answered: 33 }], ['10.0.0.1']);
  for (const part of ['eth0 192.168.1.5:40000', '203.0.113.7', '40 nodes', '10.0.0.1:6881', '33 nodes answered']) {
    expect(bench.out).toContain(part);
  }
});

test.each<[string, string, readonly ProbedNode[], number, string]>([
  ['nobody answers', 'dht', [alone], EXIT.fault, '--dht-bootstrap'],
  ['no network', 'dht', [], EXIT.fault, 'no address but loopback'],
  ['no hash', 'dht hello', [node], EXIT.invalid, 'info-hash'],
])('%s', async (_name, line, nodes, code, words) => {
  const ran = await run(line, nodes);
  expect(ran.code).toBe(code);
  expect(ran.bench.err).toContain(words);
});

describe('programs that run', () => {
  const client = (nodes: readonly DhtNodeSnapshot[], closed: () => void): BridgeClient =>
    ({ call: () => Promise.resolve(nodes), close: closed }) as unknown as BridgeClient;

  async function running(line: string, programs: readonly (readonly DhtNodeSnapshot[])[]) {
    const folders: string[] = [];
    const urls: string[] = [];
    let closed = 0;
    const lines = programs.map((nodes) => client(nodes, () => closed++));
    const bench = new CliBench({
      runningPrograms: (folder) => {
        folders.push(folder);
        return Promise.resolve(lines.map((one, i) => ({ role: i === 0 ? 'serve' : 'get', pid: 40 + i, client: one })));
      },
      connectServed: (url) => {
        urls.push(url);
        return Promise.resolve(lines[0]!);
      },
      probeDht: () => Promise.resolve([node]),
    });
    const code = await bench.run(line);
    expect(closed).toBe(urls.length > 0 ? 1 : programs.length);
    return { code, bench, folders, urls };
  }

  test('tell of their nodes, for programs', async () => {
    const { code, bench, folders } = await running('dht --json', [MOVING_NODES, []]);
    expect([code, folders]).toEqual([EXIT.done, ['/home/.state']]);
    expect(bench.json).toEqual([
      ...MOVING_NODES.map((one, i) => ({
        ...(i === 0 ? { version: 1 } : {}),
        event: 'node',
        program: 'serve',
        pid: 40,
        ...one,
      })),
      { event: 'no-nodes', program: 'get', pid: 41 },
    ]);
  });

  test('and for people', async () => {
    const { bench } = await running('dht', [MOVING_NODES]);
    for (const part of ['192.0.2.14:6881', '203.0.113.7', '1'.repeat(40), '131 peers', 'process 40']) {
      expect(bench.out).toContain(part);
    }
  });

  test('by state folder or URL', async () => {
    expect((await running('dht --state s', [MOVING_NODES])).folders).toEqual(['/home/s']);
    expect((await running('dht --url http://h/?token=t', [MOVING_NODES])).urls).toEqual(['http://h/?token=t']);
  });

  test('where none runs it makes nodes of its own, unless one was named', async () => {
    const { code, bench } = await running('dht --json', []);
    expect(code).toBe(EXIT.done);
    expect(bench.json).toMatchObject([{ event: 'node', interface: 'eth0' }]);
    expect((await running('dht --state s', [])).code).toBe(EXIT.fault);
  });

  test.each(['dht --own', 'dht --bind eth0', `dht ${HASH}`])('%s: nobody is asked', async (line) => {
    const bench = new CliBench({
      runningPrograms: () => Promise.reject(new Error('not expected')),
      probeDht: () => Promise.resolve([node]),
    });
    expect(await bench.run(line)).toBe(EXIT.done);
  });

  test.each([`dht ${HASH} --url http://h/`, 'dht --own --state s', 'dht --state s --url http://h/'])(
    'make no sense: %s',
    async (line) => {
      expect(await new CliBench().run(line)).toBe(EXIT.usage);
    },
  );
});
