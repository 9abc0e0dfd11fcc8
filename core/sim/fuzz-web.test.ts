import { describe, expect, test } from 'vitest';
import { sameBytes } from '../base/bytes.ts';
import { HttpAnswerReader } from '../base/http-answer.ts';
import { millis, type PieceIndex } from '../base/ids.ts';
import { Geometry } from '../metainfo/geometry.ts';
import { rawPaths } from '../metainfo/raw-paths.ts';
import { type Asked, judge, MOST_SKIPPED } from '../webseed/answer.ts';
import { filePlace } from '../webseed/seed-url.ts';
import { figure, times } from './acceptance.ts';
import { SimClient } from './client.ts';
import type { ParserRow } from './fuzz-parsers.ts';
import { fuzzParsers } from './fuzz-parsers.ts';
import { mutate } from './mutate.ts';
import { SeededRandom } from './random.ts';
import { SimSwarm } from './swarm.ts';
import { simTorrent } from './torrent.ts';
import { SimWebServer } from './web-server.ts';

const text = (data: string): Uint8Array => new TextEncoder().encode(data);
const random = new SeededRandom(4713);
const asked: Asked = { from: 16_384, to: 49_152, length: 100_000 };
const { torrent } = simTorrent(random, { files: [{ path: ['a', 'b'], length: 40_000 }], pieceLength: 16_384 });

const ROWS: readonly ParserRow[] = [
  {
    name: 'answer of a web seed',
    corpus: [
      text('HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 16384-49151/100000\r\nContent-Length: 5\r\n\r\nbytes'),
      text('HTTP/1.1 200 OK\r\nContent-Length: 100000\r\nContent-Encoding: gzip\r\nServer: x\r\n\r\nbytes'),
      text('HTTP/1.1 206 x\nContent-Range: bytes 16384-20000/*\nTransfer-Encoding: chunked\n\n5\nbytes\n0\n\n'),
      text('HTTP/1.1 503 Busy\r\nRetry-After: Thu, 01 Jan 2026 00:01:00 GMT\r\nContent-Length: 0\r\n\r\n'),
      text('HTTP/1.1 302 Found\r\nLocation: http://w.example/a?b#c\r\nConnection: close\r\n\r\n'),
    ],
    code: ['protocol'],
    parse: (data) => {
      let handed = 0;
      const verdicts: unknown[] = [];
      const reader = new HttpAnswerReader(Number.POSITIVE_INFINITY, {
        head: (head) => {
          const verdict = judge(head, asked, millis(0));
          verdicts.push(verdict);
          if (verdict.kind !== 'take') return;
          const { at, to } = verdict;
          if (!(
            at >= 0 &&
            at <= asked.from &&
            asked.from - at <= MOST_SKIPPED &&
            to > asked.from &&
            to <= asked.length
          )) {
            throw new Error(`takes ${at} to ${to}`);
          }
        },
        body: (part) => (handed += part.length),
      });
      let taken = 0;
      for (let at = 0; at < data.length; at += 7) taken += reader.push(data.subarray(at, at + 7));
      if (taken > data.length || handed > taken) throw new Error(`${handed} of ${taken} of ${data.length} bytes`);
      if (verdicts.length > 1) throw new Error('two answers');
      if (!reader.done) reader.end();
      return verdicts;
    },
  },
  {
    name: 'names for a URL',
    corpus: [torrent.info.raw, text('a b'), text('../../x'), text('http://w.example/?q=#f')],
    code: [],
    parse: (data) => {
      const place = filePlace('http://w.example/pub', [text('T'), data]);
      if (place === undefined) return undefined;
      if (!/^\/pub\/T\/[\w.~%-]+$/.test(place.target)) throw new Error(place.target);
      if (new URL(place.target, 'http://w.example').pathname.split('/').length !== 4) throw new Error(place.target);
      return place;
    },
  },
  {
    name: 'names of an info dictionary',
    corpus: [torrent.info.raw],
    code: ['invalid-bencode'],
    parse: (raw) => rawPaths({ raw, files: torrent.info.files }),
  },
];

fuzzParsers(ROWS, random);

describe('a whole client takes any answers', () => {
  test('of a web seed that sends right ones, mutated', { timeout: 600_000 }, async (it) => {
    const clients = times(6, 200);
    let verified = 0;
    for (let seed = 1; seed <= clients; seed++) verified += await play(seed);
    expect(verified).toBeGreaterThan(0);
    figure(it, 'clients at a web seed that sends mutated answers', clients);
  });
});

/** Resolves to how many pieces came; rejects where a wrong one did. */
async function play(seed: number): Promise<number> {
  const swarm = new SimSwarm(seed, {
    files: [
      { path: ['a'], length: 300_000 },
      { path: ['b'], length: 50_001 },
    ],
    pieceLength: 16_384,
  });
  const { clock, net, torrent: made, payload } = swarm;
  net.name('files.example', ['203.0.113.9']);
  const server = new SimWebServer();
  for (const { path, offset, length } of made.info.files) {
    server.files.set(`/${path.join('/')}`, payload.subarray(offset, offset + length));
  }
  const luck = new SeededRandom(seed);
  server.garble = (answer) => (luck.uniform() < 0.3 ? answer : mutate(luck, [answer]));
  await server.listen(net.host('203.0.113.9', { latency: 5 }));
  const host = net.host('10.9.0.1', { latency: 5 });
  const client = new SimClient({ clock, random: swarm.random, host, address: '10.9.0.1' });
  client.add(made, undefined, { trackers: [], webSeeds: ['http://files.example/'] });
  await clock.advance(300_000);
  expect(client.heard.filter(({ type }) => type === 'failed')).toEqual([]);
  expect(server.heard.length).toBeLessThan(500);
  const geometry = new Geometry(made.info);
  for (const piece of client.verified as Set<PieceIndex>) {
    for (const { file, offset, length, at } of geometry.spans(piece)) {
      const data = client.disk.content(`/out/.work/files/${made.info.files[file]!.path.join('/')}`);
      const right = payload.subarray(geometry.pieceOffset(piece) + at).subarray(0, length);
      expect(sameBytes(data!.subarray(offset, offset + length), right)).toBe(true);
    }
  }
  await clock.resolve(client.stop());
  expect(host.connections.size).toBe(0);
  return client.verified.size;
}
