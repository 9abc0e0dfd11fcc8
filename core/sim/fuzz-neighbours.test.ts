import type { InfoHash } from '../base/ids.ts';
import { canonicalIp } from '../base/ip.ts';
import { decodeHolepunch, encodeHolepunch, encodeHolepunchError } from '../wire/holepunch-message.ts';
import { decodeLocalAnnounce, encodeLocalAnnounce } from '../wire/local-announce.ts';
import { decodePeerExchange, encodePeerExchange } from '../wire/peer-exchange.ts';
import { fuzzParsers, type ParserRow } from './fuzz-parsers.ts';
import { SeededRandom } from './random.ts';

const infoHash = 'ab'.repeat(20) as InfoHash;
const text = (data: string): Uint8Array => new TextEncoder().encode(data);

const exchange = encodePeerExchange({
  added: [
    { host: '10.0.3.99', port: 6881, flags: 18 },
    { host: '2001:db8::1', port: 1, flags: 0 },
  ],
  dropped: [{ host: '10.0.3.98', port: 6881 }],
});

const rendezvous = encodeHolepunch('rendezvous', { host: '10.0.3.99', port: 6881 });

const ROWS: readonly ParserRow[] = [
  {
    name: 'hole punching message',
    corpus: [
      rendezvous,
      encodeHolepunch('connect', { host: '2001:db8::1', port: 1 }),
      encodeHolepunchError(rendezvous, 2),
    ],
    code: ['protocol'],
    parse: (data) => {
      const peer = decodeHolepunch(data)?.peer;
      if (peer !== undefined && canonicalIp(peer.host) !== peer.host) throw new Error('peer');
    },
  },
  {
    name: 'peer exchange message',
    corpus: [
      exchange,
      encodePeerExchange({ added: [], dropped: [] }),
      text('d5:added12:aaaabbccccdd7:added.f2:\x12\x007:dropped6:eeeeffe'),
    ],
    code: ['protocol'],
    parse: (data) => {
      const { added, dropped } = decodePeerExchange(data);
      if ([...added, ...dropped].some(({ host, port }) => canonicalIp(host) !== host || port < 1))
        throw new Error('peer');
    },
  },
  {
    name: 'local announce',
    corpus: [
      encodeLocalAnnounce(4, 6881, infoHash, 'abc'),
      text(`BT-SEARCH * HTTP/1.1\r\nport:1\r\nInfohash: ${infoHash}\r\nInfohash: ${'0'.repeat(40)}\r\n\r\n`),
    ],
    code: [],
    parse: (data) => {
      const announce = decodeLocalAnnounce(data);
      if (announce?.infoHashes.some((hash) => !/^[0-9a-f]{40}$/.test(hash)) === true) throw new Error('hash');
    },
  },
];

fuzzParsers(ROWS, new SeededRandom(4714));
