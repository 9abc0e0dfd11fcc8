import { HttpAnswerReader } from '../base/http-answer.ts';
import type { InfoHash } from '../base/ids.ts';
import { encode } from '../bencode/bencode.ts';
import { decodeLoosely } from '../bencode/loose.ts';
import { readHttpAnswer } from '../discovery/http-announce.ts';
import { readScrape } from '../discovery/scrape.ts';
import { decodeUdp } from '../discovery/udp-packets.ts';
import { namesIn } from '../node/hosts-file.ts';
import { addressesIn, nameserverLines } from '../node/name-servers.ts';
import type { ParserRow } from './fuzz-parsers.ts';
import { fuzzParsers } from './fuzz-parsers.ts';
import { SeededRandom } from './random.ts';

const text = (data: string): Uint8Array => new TextEncoder().encode(data);
const random = new SeededRandom(4712);

const ROWS: readonly ParserRow[] = [
  {
    name: 'answer of an HTTP tracker',
    corpus: [
      encode({ interval: 60, 'min interval': 30, peers: new Uint8Array(12), peers6: new Uint8Array(18) }),
      encode({ interval: 60, peers: [{ ip: '10.0.0.1', port: 80 }], 'warning message': 'x', 'tracker id': 'y' }),
      encode({ 'failure reason': 'no', 'retry in': 'never' }),
    ],
    code: ['tracker'],
    parse: (data) => readHttpAnswer(data),
  },
  {
    name: 'scrape of an HTTP tracker',
    corpus: [
      encode({ files: { aaaaaaaaaaaaaaaaaaaa: { complete: 1, incomplete: 2 } }, flags: { min_request_interval: 9 } }),
    ],
    code: ['tracker'],
    parse: (data) => readScrape(data, ['61'.repeat(20) as InfoHash]),
  },
  {
    name: 'lists of name servers, hosts file',
    corpus: [
      text('Link 2 (eth0): 192.168.1.1 fe80::1%2 [2001:db8::1]:53#dns.example\n'),
      text('nameserver 192.168.1.1\n127.0.0.1 localhost # x\n2001:db8::1 t.example\n'),
    ],
    code: [],
    parse: (data) => {
      const words = new TextDecoder().decode(data);
      return [addressesIn(words), nameserverLines(words), namesIn(words)];
    },
  },
  {
    name: 'bencode as trackers write it',
    corpus: [text('d1:ai1e1:bl0:ee'), text('i-42e'), text('le'), text('d1:bi001e1:ai2.5e1:bi3eex')],
    code: ['invalid-bencode'],
    parse: (data) => decodeLoosely(data),
  },
  {
    name: 'answer of an HTTP server, cut anywhere',
    corpus: [
      text('HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Length: 4\r\n\r\nbody'),
      text('HTTP/1.0 200 OK\nLocation: /a\n\nbody'),
      text(
        'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4;x\r\nbody\r\n0\r\n\r\n',
      ),
    ],
    code: ['protocol'],
    parse: (data) => {
      const reader = new HttpAnswerReader(100);
      const cut = Math.floor(random.uniform() * data.length);
      reader.push(data.subarray(0, cut));
      reader.push(data.subarray(cut));
      reader.end();
      if (reader.body.length > 100) throw new Error('a body beyond its bound');
    },
  },
  {
    name: 'answer of a UDP tracker',
    corpus: [
      Uint8Array.of(0, 0, 0, 1, 0, 0, 0, 7, 0, 0, 0, 60, 0, 0, 0, 1, 0, 0, 0, 2, 10, 0, 0, 1, 26, 225),
      Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 7, 1, 2, 3, 4, 5, 6, 7, 8),
      Uint8Array.of(0, 0, 0, 3, 0, 0, 0, 7, 110, 111),
      Uint8Array.of(0, 0, 0, 2, 0, 0, 0, 7, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3),
    ],
    code: ['tracker'],
    parse: (data) => [
      decodeUdp(data, 'scrape', 7, 4),
      decodeUdp(data, 'announce', 7, 4),
      decodeUdp(data, 'connect', 7, 4),
      decodeUdp(data, 'announce', 7, 6),
    ],
  },
];

fuzzParsers(ROWS, random);
