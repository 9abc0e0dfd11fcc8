import { describe, expect, test } from 'vitest';
import { parseIp } from '../base/ip.ts';
import { encode } from '../bencode/bencode.ts';
import { readNodes, readValues } from '../dht/compact.ts';
import { DhtNode } from '../dht/dht-node.ts';
import { decodeKrpc, listIn } from '../dht/krpc.ts';
import { readSavedDht } from '../dht/saved.ts';
import { figure, times } from './acceptance.ts';
import { VirtualClock } from './clock.ts';
import type { ParserRow } from './fuzz-parsers.ts';
import { fuzzParsers } from './fuzz-parsers.ts';
import { mutate } from './mutate.ts';
import { SeededRandom } from './random.ts';

const text = (data: string): Uint8Array => new TextEncoder().encode(data);
const random = new SeededRandom(4714);
const id = new Uint8Array(20).fill(7);
const messages = [
  encode({
    a: { id, info_hash: id, want: ['n4', 'n6'], scrape: 1 },
    q: 'get_peers',
    t: 'aa',
    y: 'q',
    v: 'LT\u0001\u0002',
  }),
  encode({ a: { id, target: id }, q: 'find_node', t: 'a', y: 'q', ro: 1 }),
  encode({ a: { id, target: id }, q: 'sample_infohashes', t: 'aa', y: 'q' }),
  encode({
    a: { id, info_hash: id, port: 6881, implied_port: 1, token: 'token' },
    q: 'announce_peer',
    t: 'aa',
    y: 'q',
  }),
  encode({
    r: { id, nodes: random.bytes(52), nodes6: random.bytes(76), token: 'x', values: [random.bytes(6)] },
    t: 'aa',
    y: 'r',
  }),
  encode({ r: { id: id }, ip: random.bytes(6), t: 'aa', y: 'r' }),
  encode({ e: [203, 'no'], t: 'aa', y: 'e' }),
];

const ROWS: readonly ParserRow[] = [
  {
    name: 'message of the DHT',
    corpus: messages,
    code: ['protocol'],
    parse: (data) => {
      const message = decodeKrpc(data);
      if (message.kind !== 'reply') return;
      for (const value of Object.values(message.body)) if (value instanceof Uint8Array) readNodes(value, 4, '8.8.8.8');
      readValues(listIn(message.body, 'values'), 6, '8.8.8.8');
    },
  },
  {
    name: 'kept nodes of the DHT',
    corpus: [text('{"version":1,"family":4,"id":"0707070707070707070707070707070707070707","nodes":["1.2.3.4:80"]}')],
    code: [],
    parse: (data) => {
      let value: unknown;
      try {
        value = JSON.parse(new TextDecoder().decode(data));
      } catch {
        return;
      }
      readSavedDht(value, 4);
    },
  },
];

fuzzParsers(ROWS, random);

describe('a whole DHT node takes any messages', () => {
  test('as questions and as answers to its own', { timeout: 600_000 }, async (it) => {
    const clock = new VirtualClock();
    const chance = new SeededRandom(11);
    const asked: { readonly data: Uint8Array; readonly host: string; readonly port: number }[] = [];
    let largest = 0;
    const idAt = (ip: Uint8Array): Uint8Array =>
      new SeededRandom(ip.reduce((sum, byte) => sum * 256 + byte, 0)).bytes(20);
    const node = new DhtNode({
      clock,
      random: new SeededRandom(12),
      family: 4,
      version: new Uint8Array(4),
      bootstrap: () => Promise.resolve([{ host: '60.1.1.1', port: 1 }]),
      send: (data, host, port) => {
        largest = Math.max(largest, data.length);
        const message = decodeKrpc(data);
        if (message.kind === 'query' && asked.length < 100) asked.push({ data: message.transaction, host, port });
      },
    });
    node.start();
    const rounds = times(3_000, 100_000);
    for (let round = 0; round < rounds; round++) {
      const open = chance.uniform() < 0.7 ? asked.shift() : undefined;
      const host = open?.host ?? `${20 + (round % 200)}.${(round >> 8) & 255}.${round & 255}.1`;
      const id = idAt(parseIp(host) as Uint8Array);
      const other = Uint8Array.of(60, chance.bytes(1)[0] ?? 0, 1, 1);
      const nodes = Uint8Array.from([...idAt(other), ...other, 26, 225]);
      const reply = encode({ r: { id, nodes, token: 'x', values: [chance.bytes(6)] }, t: open?.data ?? 'aa', y: 'r' });
      // Some are as they should be, or it would have nobody to ask.
      const data = chance.uniform() < 0.4 ? reply : mutate(chance, [reply, reply, ...messages]);
      node.received(data, host, open?.port ?? 6881);
      if (round % 100 === 0) node.search(chance.bytes(20), { announce: { port: 80 }, found() {} });
      if (round % 10 === 0) await clock.advance(1_000);
    }
    expect(largest).toBeLessThanOrEqual(1024);
    const { nodes, sent, received } = node.status();
    expect(nodes.good + nodes.questionable + nodes.spare).toBeLessThan(1300);
    expect(Math.min(sent.messages, received.messages)).toBeGreaterThan(rounds / 10);
    node.stop();
    await clock.advance(1_000);
    expect(clock.pending).toBe(0);
    figure(it, 'messages of the DHT', rounds);
  });
});
