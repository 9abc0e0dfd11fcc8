import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MAX_ITEMS, readFeed } from './read-feed.ts';

const URL = 'https://feeds.example/rss?key=1';
const read = (text: string) => readFeed(new TextEncoder().encode(text), URL);
const rss = (items: string): string =>
  `<?xml version="1.0"?><rss version="2.0" xmlns:torznab="x"><channel><title>A feed</title>${items}</channel></rss>`;
const HASH = 'a'.repeat(40);

test.each<readonly [string, string, object]>([
  [
    'an enclosure is surer than the page it is on',
    '<title>One</title><link>https://feeds.example/1</link><guid>g1</guid><pubDate>Wed, 02 Oct 2002 13:00:00 GMT</pubDate>' +
      '<enclosure url="/get?id=1&amp;k=2" type="application/x-bittorrent" length="1234"/>',
    {
      id: 'g1',
      title: 'One',
      link: { kind: 'url', url: 'https://feeds.example/get?id=1&k=2' },
      length: 1234,
      published: Date.UTC(2002, 9, 2, 13),
    },
  ],
  [
    'what an indexer says is the size of the files; the enclosure has that of the torrent file',
    '<title>T</title><enclosure url="http://x.example/a" length="20000" type="application/x-bittorrent"/>' +
      '<torznab:attr name="size" value="1500000000"/>',
    { length: 1_500_000_000 },
  ],
  [
    'a magnet link in CDATA',
    `<title><![CDATA[A & <b>]]></title><link><![CDATA[magnet:?xt=urn:btih:${HASH}&dn=a]]></link>`,
    { title: 'A & <b>', link: { kind: 'magnet', link: `magnet:?xt=urn:btih:${HASH}&dn=a` }, length: null },
  ],
  [
    'the attribute magneturl comes before a page',
    `<title>T</title><link>https://x.example/page</link><torznab:attr name="magneturl" value="magnet:?xt=urn:btih:${HASH}"/>`,
    { link: { kind: 'magnet', link: `magnet:?xt=urn:btih:${HASH}` } },
  ],
  [
    'as Nyaa writes it',
    `<title>T</title><link>https://x.example/1.torrent</link><nyaa:size>1.5 GiB</nyaa:size><nyaa:infoHash>${HASH}</nyaa:infoHash>`,
    { link: { kind: 'url', url: 'https://x.example/1.torrent' }, length: 1.5 * 2 ** 30 },
  ],
  [
    'an info-hash alone',
    `<title>T</title><torrent:infoHash>${HASH.toUpperCase()}</torrent:infoHash>`,
    {
      link: { kind: 'magnet', link: `magnet:?xt=urn:btih:${HASH}` },
    },
  ],
  [
    'one of version 2',
    `<title>T</title><torznab:attr name="infohash" value="${'AB'.repeat(32)}"/>`,
    { link: { kind: 'magnet', link: `magnet:?xt=urn:btmh:1220${'ab'.repeat(32)}` } },
  ],
  [
    'references in what is text already',
    '<title>A &amp;amp; B&amp;#39;s &#x2014; C</title>',
    { title: "A & B's \u2014 C", link: null },
  ],
  ['no title', '<link>https://x.example/1.torrent</link>', { title: 'https://x.example/1.torrent' }],
  ['other schemes are no links', '<title>T</title><link>javascript:alert(1)</link>', { link: null }],
  [
    'a tag that is not closed, and a stray ampersand',
    '<title>A & B</title><category>x<link>http://x.example/a</link>',
    {
      title: 'A & B',
    },
  ],
])('%s', (_, item, expected) => {
  expect(read(rss(`<item>${item}</item>`)).items).toMatchObject([expected]);
});

test('Atom', () => {
  const { title, items } = read(
    `<feed xmlns="http://www.w3.org/2005/Atom"><title>F</title><entry><id>urn:1</id><title type="html">One</title>
     <link rel="alternate" href="https://x.example/1"/><link rel="enclosure" type="application/x-bittorrent" href="1.torrent" length="5"/>
     <updated>2026-01-02T03:04:05Z</updated></entry></feed>`,
  );
  expect(title).toBe('F');
  expect(items).toEqual([
    {
      id: 'urn:1',
      title: 'One',
      link: { kind: 'url', url: 'https://feeds.example/1.torrent' },
      length: null,
      published: Date.UTC(2026, 0, 2, 3, 4, 5),
    },
  ]);
});

test('RSS 1.0 has its items beside the channel', () => {
  const { title, items } = read(
    '<rdf:RDF><channel><title>F</title></channel><item><title>T</title><link>http://x.example/a.torrent</link></item></rdf:RDF>',
  );
  expect([title, items.length]).toEqual(['F', 1]);
});

test('other encodings, by declaration and by first bytes', () => {
  const text = '<?xml version="1.0" encoding="ISO-8859-1"?><rss><channel><title>Caf\u00e9</title></channel></rss>';
  expect(
    readFeed(
      Uint8Array.from(text, (c) => c.charCodeAt(0)),
      URL,
    ).title,
  ).toBe('Caf\u00e9');
  const wide = new Uint8Array(Uint16Array.from(`\ufeff${text}`, (c) => c.charCodeAt(0)).buffer);
  expect(readFeed(wide, URL).title).toBe('Caf\u00e9');
});

test('a page is no feed, and says so', () => {
  expect(() => read('<!doctype html><html><head><title>Sign in</title></head></html>')).toThrow(/no feed/);
  expect(() => read('')).toThrow(/no feed/);
  expect(() => read('{"a": 1}')).toThrow(/no feed/);
});

test('entities that a document defines are not read, and nothing grows', () => {
  const text = `<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "xxxxxxxxxx"><!ENTITY b "&a;&a;&a;">
    <!ENTITY c SYSTEM "file:///etc/passwd">]><rss><channel><item><title>&b; &c; T</title><link>http://x.example/a</link></item></channel></rss>`;
  const { items } = read(text);
  expect(items.every(({ title }) => !title.includes('xxx') && !title.includes('root'))).toBe(true);
});

test('it is bounded: items, depth, ids, titles', () => {
  const many = read(
    rss(Array.from({ length: MAX_ITEMS + 50 }, (_, i) => `<item><guid>${i}</guid><title>T</title></item>`).join('')),
  );
  expect(many.items).toHaveLength(MAX_ITEMS);
  expect(() => read(rss('<item>'.repeat(100)))).toThrow(/nests/);
  const long = 'x'.repeat(5000);
  const { items } = read(
    rss([1, 2].map((n) => `<item><guid>${long}${n}</guid><title>${long}</title></item>`).join('')),
  );
  expect(items).toHaveLength(2);
  expect(items.every(({ id, title }) => id.length <= 120 && title.length <= 300)).toBe(true);
});

test('the same item twice in a feed is one', () => {
  expect(read(rss('<item><guid>1</guid><title>A</title></item>'.repeat(2))).items).toHaveLength(1);
});

test('whatever comes, it is a feed or no feed', () => {
  const parts = [
    '<item>',
    '</item>',
    '<title>',
    '</title>',
    '<![CDATA[',
    ']]>',
    '<!--',
    '&#x41;',
    '&',
    '<',
    '>',
    '"',
    '<enclosure url="',
    '/>',
    'a',
  ];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...parts), { maxLength: 60 }), (some) => {
      expect(read(rss(some.join(''))).items.length).toBeLessThanOrEqual(60);
    }),
  );
});
