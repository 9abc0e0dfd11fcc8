import { describe, expect, test } from 'vitest';
import { Bitfield } from '../base/bitfield.ts';
import { parseEndpoint } from '../base/endpoint.ts';
import { EnsembleError } from '../base/errors.ts';
import type { HashRange } from '../base/hash-range.ts';
import { type InfoHash, piece, torrentKey } from '../base/ids.ts';
import { canonicalIp } from '../base/ip.ts';
import { decode, decodePrefix } from '../bencode/bencode.ts';
import { LenientFields } from '../bencode/lenient.ts';
import { parseFromIdentity, parseToIdentity } from '../identity/validate.ts';
import { parseMagnet } from '../metainfo/magnet.ts';
import { parseInfo } from '../metainfo/parse-info.ts';
import { parseTorrent } from '../metainfo/parse-torrent.ts';
import { expectSafePaths, ODD_TORRENTS } from '../metainfo/testing/odd-torrents.ts';
import { wrapInfo } from '../metainfo/wrap-info.ts';
import { decodeResume, encodeResume } from '../store/records/resume.ts';
import { Decoder } from '../wire/decoder.ts';
import * as wire from '../wire/encode.ts';
import { encodeHashes, encodeHashReject, encodeHashRequest } from '../wire/hash-message.ts';
import { decodeExtensionHandshake, encodeExtensionHandshake } from '../wire/extension-handshake.ts';
import type { WireHandler } from '../wire/handler.ts';
import { encodeHandshake, HandshakeReader } from '../wire/handshake.ts';
import { decodeMetadataMessage, encodeMetadataData, encodeMetadataRequest } from '../wire/metadata-message.ts';
import { encodePeerExchange } from '../wire/peer-exchange.ts';
import { times } from './acceptance.ts';
import type { ParserRow } from './fuzz-parsers.ts';
import { fuzzParsers } from './fuzz-parsers.ts';
import { mutate } from './mutate.ts';
import { SeededRandom } from './random.ts';
import { SimSwarm } from './swarm.ts';
import { simTorrent } from './torrent.ts';
import { encodeV2, v2Parts } from '../metainfo/testing/v2-torrents.ts';

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
  hashRequest() {},
  hashes() {},
  hashReject() {},
};

const RANGE: HashRange = { root: 'ab'.repeat(32), base: 4, index: 8, length: 4, proofLayers: 2 };
const stream = [
  wire.encodeHave(piece(3)),
  wire.encodeBitfield(all.bytes),
  wire.encodeRequest(piece(1), 16_384, 16_384),
  wire.encodeExtended(0, encodeExtensionHandshake({ messages: new Map([['ut_metadata', 1]]), client: 'x' })),
  wire.encodeExtended(
    2,
    encodePeerExchange({ added: [{ host: '10.0.3.99', port: 6881, flags: 18 }], dropped: [{ host: '::7', port: 1 }] }),
  ),
  wire.encodePort(6881),
  wire.encodeHaveAll(),
  wire.encodeReject(piece(1), 0, 16_384),
  Uint8Array.of(...wire.encodePieceHeader(piece(1), 0, 9), 1, 2, 3, 4, 5, 6, 7, 8, 9),
  encodeHashRequest(RANGE),
  encodeHashReject(RANGE),
  encodeHashes(RANGE, new Uint8Array(160)),
];

const bencoded = [info.raw, wrapInfo(info, torrent.trackers), text('d1:ai1e1:bl0:ee'), text('i-42e'), text('le')];
const V2_TORRENTS = [false, true].map((hybrid) => {
  const files = ['a', 'b', 'c'].map((name, i) => ({ path: [name, 'x'], length: 20_000 * i }));
  return encodeV2(v2Parts(files, 16_384, { hybrid }));
});
const resume = encodeResume(info.infoHash, {
  clean: true,
  have: all,
  owners: new Uint8Array(info.pieceCount),
  unsynced: all,
  begun: [{ piece: piece(1), blocks: Uint8Array.of(128) }],
  downloaded: 1,
  uploaded: 2,
});

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
    corpus: [...bencoded.slice(1), ...ODD_TORRENTS, ...V2_TORRENTS],
    code: ['invalid-torrent'],
    parse: (data) => expectSafePaths(parseTorrent(data).info),
  },
  {
    name: 'info',
    corpus: [info.raw, ...V2_TORRENTS.map((data) => parseTorrent(data).info.raw)],
    code: ['invalid-torrent'],
    parse: (data) => expectSafePaths(parseInfo(data, undefined, { encoding: 'gbk', keep: [0, 1, 2] })),
  },
  {
    name: 'magnet link',
    corpus: [
      text(`magnet:?xt=urn:btih:${info.infoHash}&dn=x&tr=udp%3A%2F%2Fa%3A1&x.pe=[::1]:80&so=1-3`),
      text('magnet:?xt=urn:btih:MFRGGZDFMZTWQ2LKMNWG23TPOBYXE43U'),
      text(`magnet:?xt=urn:btmh:1220${'ab'.repeat(32)}&xt=urn:btih:${info.infoHash}`),
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
      const decoder = new Decoder(silent, { maxBitfield: 100, v2: true });
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
