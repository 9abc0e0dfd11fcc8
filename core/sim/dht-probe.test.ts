import { expect, test } from 'vitest';
import { fromHex } from '../base/bytes.ts';
import { formatEndpoint } from '../base/endpoint.ts';
import { EnsembleError } from '../base/errors.ts';
import { type InfoHash, millis } from '../base/ids.ts';
import { DhtNode } from '../dht/dht-node.ts';
import { type DhtProbeOptions, type ProbedNode, probeDht } from '../identity/dht-probe.ts';
import type { DatagramSocket } from '../ports/datagram.ts';
import { VirtualClock } from './clock.ts';
import { SimHttp } from './http.ts';
import { SimNet } from './net.ts';
import { SeededRandom } from './random.ts';
import { SocksProxy } from './socks-proxy.ts';

const HASH = 'ab'.repeat(20) as InfoHash;
const BOOTSTRAP = [{ host: 'router.example', port: 6881 }];

/** A machine with two addresses, and twelve nodes of others; one of them tells that it has a torrent. */
async function world(net16 = '10.200') {
  const clock = new VirtualClock();
  const random = new SeededRandom(1);
  const net = new SimNet(clock, random);
  const nodes: DhtNode[] = [];
  for (let i = 1; i <= 12; i++) {
    const address = `${net16}.${i}.1`;
    const place: { socket?: DatagramSocket } = {};
    const node: DhtNode = new DhtNode({
      clock,
      random,
      family: 4,
      version: new Uint8Array(4),
      send: (data, to, port) => place.socket?.send(data, to, port),
      bootstrap: () => Promise.resolve(i === 1 ? [] : [{ host: `${net16}.1.1`, port: 6881 }]),
    });
    place.socket = await net.host(address).datagram({ family: 4, port: 6881, localAddress: address }, node);
    node.start();
    nodes.push(node);
  }
  await clock.advance(60_000);
  await clock.resolve(nodes[4]!.search(fromHex(HASH)!, { announce: { port: 7000 }, found: () => {} }).done);
  const host = net.host(['10.201.1.1', '10.202.1.1']);
  net.name('router.example', [`${net16}.1.1`]);
  const found: string[] = [];
  const stop = new AbortController();
  const probe = (change: Partial<DhtProbeOptions> = {}): Promise<readonly ProbedNode[]> => {
    const ports = { clock, random, net: host, interfaces: host, http: new SimHttp(clock) };
    return probeDht(ports, {
      bind: [],
      proxies: [],
      bootstrap: BOOTSTRAP,
      version: new Uint8Array(4),
      patience: millis(60_000),
      signal: stop.signal,
      found: (address, peers) => found.push(...peers.map((peer) => `${address}: ${formatEndpoint(peer)}`)),
      ...change,
    });
  };
  const proxy = new SocksProxy(net.host('10.203.1.1'));
  await proxy.start();
  return { clock, found, stop, probe, proxy };
}

test('a node at each address joins, hears how it is seen, and leaves nothing behind', async () => {
  const w = await world();
  const before = w.clock.pending;
  const nodes = await w.clock.resolve(w.probe());
  expect(nodes).toMatchObject([
    { address: '10.201.1.1', state: 'joined' },
    { address: '10.202.1.1', state: 'joined' },
  ]);
  for (const { nodes: known, sent, received } of nodes) {
    expect(Math.min(known.good, sent.messages, received.messages)).toBeGreaterThan(0);
  }
  expect(w.clock.pending).toBeLessThanOrEqual(before);
});

test('they look up a torrent from the addresses that were chosen', async () => {
  const w = await world();
  const [node, ...others] = await w.clock.resolve(w.probe({ bind: ['10.202.1.1'], infoHash: HASH }));
  expect([node?.address, others]).toEqual(['10.202.1.1', []]);
  expect(node?.answered).toBeGreaterThan(0);
  expect(w.found).toEqual(['10.202.1.1: 10.200.5.1:7000']);
});

test('a search that is stopped counts with what it has', async () => {
  const w = await world();
  const [node] = await w.clock.resolve(w.probe({ bind: ['10.202.1.1'], infoHash: HASH, found: () => w.stop.abort() }));
  expect(node?.state).toBe('joined');
  expect(node?.answered).toBeGreaterThan(0);
});

test('where nobody answers they say so when the time is up, and at once when they are stopped', async () => {
  const w = await world();
  const nobody = [{ host: '10.9.9.9', port: 1 }];
  const begun = w.clock.now();
  const [node] = await w.clock.resolve(w.probe({ bootstrap: nobody, infoHash: HASH }));
  expect(node).toMatchObject({ state: 'joining', nodes: { good: 0 } });
  expect(node).not.toHaveProperty('answered');
  expect(w.clock.now() - begun).toBeGreaterThanOrEqual(60_000);
  const again = w.clock.now();
  const probing = w.probe({ bootstrap: nobody });
  w.stop.abort();
  await w.clock.resolve(probing);
  expect(w.clock.now()).toBe(again);
});

test('an address that this machine has not is named', async () => {
  const w = await world();
  await expect(w.probe({ bind: ['wg7'] })).rejects.toThrow(EnsembleError);
});

test('by a proxy one node looks it up, which asks for names there too, and leaves no connection behind', async () => {
  // What is inside a proxy's network is not believed.
  const w = await world('93.184');
  const proxies = ['socks5://10.203.1.1:1080'];
  const [node, ...others] = await w.clock.resolve(w.probe({ proxies, bind: ['10.202.1.1'], infoHash: HASH }));
  expect([node?.state, node?.interfaceName, others]).toEqual(['joined', ...proxies, []]);
  expect(w.found.map((one) => one.split(' ')[1])).toEqual(['93.184.5.1:7000']);
  expect(w.proxy.asked).toContain('router.example:6881');
  await w.clock.advance(1000);
  expect(w.proxy.clients.size).toBe(0);
});

test('a proxy that carries no UDP is told of', async () => {
  const w = await world();
  w.proxy.udp = false;
  const [node] = await w.clock.resolve(w.probe({ proxies: ['socks5://10.203.1.1:1080'] }));
  expect(node?.message).toContain('10.203.1.1');
});
