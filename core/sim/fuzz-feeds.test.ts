import { readFeed } from '../feeds/read-feed.ts';
import { ruleTakes } from '../feeds/rule.ts';
import { fuzzParsers, type ParserRow } from './fuzz-parsers.ts';
import { SeededRandom } from './random.ts';

const random = new SeededRandom(7341);
const text = (data: string): Uint8Array => new TextEncoder().encode(data);
const RULE = {
  name: 'a',
  on: true,
  feeds: [],
  must: '"the sh?w" s01e*1080p|"other"',
  mustNot: 'cam|ts',
  least: 5,
  episodes: true,
  category: '',
  paused: false,
} as const;

const FEEDS = [
  `<?xml version="1.0" encoding="utf-8"?><!DOCTYPE rss [<!ENTITY a "b">]><rss version="2.0"><channel><title>F</title><!-- c -->
   <item><title><![CDATA[The.Show.S01E02.1080p]]></title><guid isPermaLink="false">1</guid><link>http://x.example/1?a=1&amp;b=2</link>
   <pubDate>Wed, 02 Oct 2002 13:00:00 GMT</pubDate><enclosure url="http://x.example/1.torrent" type="application/x-bittorrent" length="7"/>
   <torznab:attr name="size" value="1234"/><nyaa:size>1.5 GiB</nyaa:size></item></channel></rss>`,
  `<feed><title>F</title><entry><id>urn:1</id><title type="html">Other &#x41;&amp;lt; 2026-01-02</title>
   <link rel="enclosure" href="magnet:?xt=urn:btih:${'a'.repeat(40)}"/><updated>2026-01-02T03:04:05Z</updated></entry></feed>`,
].map(text);

const ROWS: readonly ParserRow[] = [
  {
    name: 'a feed, and a rule about what is in it',
    corpus: FEEDS,
    code: ['network'],
    parse: (data) => {
      const { title, items } = readFeed(data, 'https://x.example/rss');
      for (const item of items) {
        ruleTakes(RULE, { url: 'https://x.example/rss', item, had: new Set() });
        if (item.id === '' || item.id.length > 120 || item.title.length > 300) throw new Error(item.id);
        if (item.length !== null && !Number.isSafeInteger(item.length)) throw new Error(`${item.length}`);
        if (item.link?.kind === 'url' && !/^https?:/.test(item.link.url)) throw new Error(item.link.url);
      }
      return title;
    },
  },
];
fuzzParsers(ROWS, random);
