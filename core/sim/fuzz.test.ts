import { describe, expect, test } from 'vitest';
import { Bitfield } from '../base/bitfield.ts';
import { parseEndpoint } from '../base/endpoint.ts';
import { EnsembleError } from '../base/errors.ts';
import { type InfoHash, piece, torrentKey } from '../base/ids.ts';
import { canonicalIp, parseIp } from '../base/ip.ts';
import { decode, decodePrefix, encode } from '../bencode/bencode.ts';
import { LenientFields } from '../bencode/lenient.ts';
import { readNodes, readValues } from '../dht/compact.ts';
import { DhtNode } from '../dht/dht-node.ts';
import { decodeKrpc, listIn } from '../dht/krpc.ts';
import { readSavedDht } from '../dht/saved.ts';
import { parseFromIdentity, parseToIdentity } from '../identity/validate.ts';
import { parseMagnet } from '../metainfo/magnet.ts';
import { parseInfo } from '../metainfo/parse-info.ts';
import { parseTorrent } from '../metainfo/parse-torrent.ts';
import { expectSafePaths, ODD_TORRENTS } from '../metainfo/testing/odd-torrents.ts';
import { wrapInfo } from '../metainfo/wrap-info.ts';
import { decodeResume, encodeResume } from '../store/records/resume.ts';
import { Decoder } from '../wire/decoder.ts';
import * as wire from '../wire/encode.ts';
import { decodeExtensionHandshake, encodeExtensionHandshake } from '../wire/extension-handshake.ts';
import type { WireHandler } from '../wire/handler.ts';
import { encodeHandshake, HandshakeReader } from '../wire/handshake.ts';
import { decodeMetadataMessage, encodeMetadataData, encodeMetadataRequest } from '../wire/metadata-message.ts';
import { figure, times } from './acceptance.ts';
import type { ParserRow } from './fuzz-parsers.ts';
import { fuzzParsers } from './fuzz-parsers.ts';
import { VirtualClock } from './clock.ts';
import { mutate } from './mutate.ts';
import { SeededRandom } from './random.ts';
import { SimSwarm } from './swarm.ts';
import { simTorrent } from './torrent.ts';

const LIMIT = { timeout: 600_000 };
const text = (data: string): Uint8Array => new TextEncoder().encode(data);
const random = new SeededRandom(4711);
const { torrent } = simTorrent(random, {
  files: [
    { path: ['a', 'b'], length: 40_000 },
    { path: ['a', 'ü'], length: 30_000 },
  ],
  pieceLength: 16_384,
  trackers: [['http://tracker.example/announce'], ['udp://tracker.example:1/']],
});
const { info } = torrent;
const all = new Bitfield(info.pieceCount);
const peerId = '2d454e303130302d303030303030303030303030' as never;

const silent: WireHandler = {
  keepAlive() {},
  choke() {},
  unchoke() {},
  interested() {},
  notInterested() {},
  have() {},
  bitfield() {},
  request() {},
  cancel() {},
  blockTarget: (_piece, _begin, length) => new Uint8Array(length),
  block() {},
  port() {},
  suggest() {},
  haveAll() {},
  haveNone() {},
  reject() {},
  allowedFast() {},
  extended() {},
};

const stream = [
  wire.encodeHave(piece(3)),
  wire.encodeBitfield(all.bytes),
  wire.encodeRequest(piece(1), 16_384, 16_384),
  wire.encodeExtended(0, encodeExtensionHandshake({ messages: new Map([['ut_metadata', 1]]), client: 'x' })),
  wire.encodePort(6881),
  wire.encodeHaveAll(),
  wire.encodeReject(piece(1), 0, 16_384),
  Uint8Array.of(...wire.encodePieceHeader(piece(1), 0, 9), 1, 2, 3, 4, 5, 6, 7, 8, 9),
];

const bencoded = [info.raw, wrapInfo(info.raw, torrent.trackers), text('d1:ai1e1:bl0:ee'), text('i-42e'), text('le')];
const resume = encodeResume(info.infoHash, {
  clean: true,
  have: all,
  owners: new Uint8Array(info.pieceCount),
  unsynced: all,
  begun: [{ piece: piece(1), blocks: Uint8Array.of(128) }],
  downloaded: 1,
  uploaded: 2,
});

const dhtId = new Uint8Array(20).fill(7);
const dht = [
  encode({
    a: { id: dhtId, info_hash: dhtId, want: ['n4', 'n6'], scrape: 1 },
    q: 'get_peers',
    t: 'aa',
    y: 'q',
    v: 'LT\u0001\u0002',
  }),
  encode({ a: { id: dhtId, target: dhtId }, q: 'find_node', t: 'a', y: 'q', ro: 1 }),
  encode({ a: { id: dhtId, target: dhtId }, q: 'sample_infohashes', t: 'aa', y: 'q' }),
  encode({
    a: { id: dhtId, info_hash: dhtId, port: 6881, implied_port: 1, token: 'token' },
    q: 'announce_peer',
    t: 'aa',
    y: 'q',
  }),
  encode({
    r: { id: dhtId, nodes: random.bytes(52), nodes6: random.bytes(76), token: 'x', values: [random.bytes(6)] },
    t: 'aa',
    y: 'r',
  }),
  encode({ r: { id: dhtId }, ip: random.bytes(6), t: 'aa', y: 'r' }),
  encode({ e: [203, 'no'], t: 'aa', y: 'e' }),
];

const ROWS: readonly ParserRow[] = [
  { name: 'bencode', corpus: bencoded, code: ['invalid-bencode'], parse: (data) => decode(data) },
  {
    name: 'bencode before other bytes',
    corpus: bencoded,
    code: ['invalid-bencode'],
    parse: (data) => decodePrefix(data),
  },
  {
    name: 'bencode read leniently',
    corpus: [...bencoded, text('d1:bi01e1:ali-0e01:xe1:ad1:ai1e1:ai2eeejunk')],
    code: ['invalid-bencode'],
    parse: (data) => {
      const fields = new LenientFields(data, ['info', 'a'], {});
      return [fields.value('info'), fields.value('a')];
    },
  },
  {
    name: 'torrent',
    corpus: [...bencoded.slice(1), ...ODD_TORRENTS],
    code: ['invalid-torrent'],
    parse: (data) => expectSafePaths(parseTorrent(data).info),
  },
  {
    name: 'info',
    corpus: [info.raw],
    code: ['invalid-torrent'],
    parse: (data) => expectSafePaths(parseInfo(data, undefined, { encoding: 'gbk', keep: [0, 1, 2] })),
  },
  {
    name: 'magnet link',
    corpus: [
      text(`magnet:?xt=urn:btih:${info.infoHash}&dn=x&tr=udp%3A%2F%2Fa%3A1&x.pe=[::1]:80&so=1-3`),
      text('magnet:?xt=urn:btih:MFRGGZDFMZTWQ2LKMNWG23TPOBYXE43U'),
      text(`magnet%3A%3Fxt%3Durn%3Abtih%3A${info.infoHash}%26dn%3D%25E9`),
      text(`magnet:?xt.1=urn:sha1:x&amp;xt.2=urn%253Abtih%253A${info.infoHash}&#38;tr.7=http://t/`),
    ],
    code: ['invalid-torrent'],
    parse: (data) => parseMagnet(new TextDecoder().decode(data)),
  },
  {
    name: 'peer messages, cut anywhere',
    corpus: stream,
    code: ['protocol'],
    parse: (data) => {
      const decoder = new Decoder(silent, { maxBitfield: 100 });
      const cut = Math.floor(random.uniform() * data.length);
      decoder.push(data.subarray(0, cut));
      decoder.push(data.subarray(cut));
    },
  },
  {
    name: 'handshake',
    corpus: [encodeHandshake({ infoHash: info.infoHash, peerId, extensions: { fast: true, extended: true } })],
    code: ['protocol'],
    parse: (data) => new HandshakeReader().push(data),
  },
  {
    name: 'extension handshake',
    corpus: [
      encodeExtensionHandshake({ messages: new Map([['ut_metadata', 1]]), client: 'x', port: 1, metadataSize: 9 }),
      text('d1:md11:ut_metadatai3ee4:reqqi99e6:yourip4:aaaae'),
    ],
    code: ['protocol'],
    parse: (data) => decodeExtensionHandshake(data),
  },
  {
    name: 'metadata message',
    corpus: [encodeMetadataRequest(3), encodeMetadataData(0, 100, new Uint8Array(50))],
    code: ['protocol'],
    parse: (data) => decodeMetadataMessage(data),
  },
  {
    name: 'message of the DHT',
    corpus: dht,
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
  {
    name: 'endpoint and address',
    corpus: [text('10.0.0.1:80'), text('[::1]:65535'), text('2001:db8::1'), text('::ffff:1.2.3.4')],
    code: [],
    parse: (data) => [parseEndpoint(new TextDecoder().decode(data)), canonicalIp(new TextDecoder().decode(data))],
  },
  {
    name: 'resume record',
    corpus: [resume],
    code: ['newer-version'],
    parse: (data) => decodeResume(data, info.infoHash as InfoHash, info.pieceCount, '/x'),
  },
  {
    name: 'process message',
    corpus: [
      text('{"type":"ping","n":1}'),
      text('{"type":"peers","key":"a","dial":[{"host":"a","port":1,"source":"user"}]}'),
    ],
    code: ['invalid-message'],
    parse: (data) => {
      let value: unknown;
      try {
        value = JSON.parse(new TextDecoder().decode(data));
      } catch {
        return;
      }
      for (const parse of [parseToIdentity, parseFromIdentity]) {
        try {
          parse(value);
        } catch (error) {
          if (!(error instanceof EnsembleError)) throw error;
        }
      }
    },
  },
];

fuzzParsers(ROWS, random);

describe('a whole client takes any messages', () => {
  test('from peers that send valid ones, mutated', LIMIT, async () => {
    for (let world = 1; world <= times(4, 100); world++) {
      const swarm = new SimSwarm(world, { files: 300_000, pieceLength: 16_384 });
      swarm.seed('10.0.0.1', { up: 30_000 });
      const ours = swarm.leecher('10.9.0.1', {});
      const chance = new SeededRandom(world);
      for (let i = 0; i < 20; i++) {
        const noisy = await swarm
          .wirePeer(
            `10.0.3.${i + 1}`,
            {},
            {
              fast: i % 2 === 0,
              greet: (it) => {
                if (i % 3 === 0) it.batch.unchoke();
                for (let n = 0; n < 40; n++) it.raw(mutate(chance, stream));
              },
              requested: (it, at, begin, length) => {
                const header = wire.encodePieceHeader(at, begin, length);
                it.raw(mutate(chance, [header, wire.encodeReject(at, begin, length)]), new Uint8Array(length));
              },
            },
          )
          .listen();
        ours.introduce(torrentKey(swarm.torrent.info.infoHash), [noisy.endpoint]);
      }
      const { pieceCount } = swarm.torrent.info;
      expect(await swarm.clock.runUntil(() => ours.verified.size === pieceCount, 600_000), `world ${world}`).toBe(true);
      expect(ours.heard.filter((one) => one.type === 'failed')).toEqual([]);
    }
  });
});

describe('a whole DHT node takes any messages', () => {
  test('as questions and as answers to its own', LIMIT, async (it) => {
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
      const data = chance.uniform() < 0.4 ? reply : mutate(chance, [reply, reply, ...dht]);
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
