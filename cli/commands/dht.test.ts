import { expect, test } from 'vitest';
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
