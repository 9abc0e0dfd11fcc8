import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FeedRule } from '../engine/feeds.ts';
import { SHOWS as RULE } from '../engine/testing/feed-rule.ts';
import { episodeOf } from './episode.ts';
import type { FeedItem } from './read-feed.ts';
import { ruleTakes } from './rule.ts';
import { sizeIn } from './size-text.ts';
import { readWords, wordsMatch } from './words.ts';

describe('words', () => {
  test.each([
    ['', 'Anything', true],
    ['   |  ', 'Anything', true],
    ['the show', 'The.Show.S01E02.1080p', true],
    ['show the', 'The.Show.S01E02.1080p', true],
    ['the other', 'The.Show.S01E02.1080p', false],
    ['the show 2160p|the show 1080p', 'The.Show.S01E02.1080p', true],
    ['other|nothing', 'The.Show.S01E02.1080p', false],
    ['other||show', 'The.Show.S01E02.1080p', true],
    ['s01e?? 1080p', 'The.Show.S01E02.1080p', true],
    ['s01*1080p', 'The.Show.S01E02.1080p', true],
    ['1080p*s01', 'The.Show.S01E02.1080p', false],
    ['*', 'Anything', true],
    ['"the show"', 'The.Show.S01E02', true],
    ['"the show"', 'The_Show S01E02', true],
    ['"show the"', 'The.Show.S01E02', false],
    ['"the show s0?e02" x264', 'The Show S01E02 x264', true],
    ['"never closed', 'Never closed', true],
    ['caf\u00e9', 'CAFE au lait', true],
    ['a.b', 'axb', false],
    ['(2020) [x]', 'Film (2020) [x]', true],
    ['.*', 'Anything', false],
  ])('%j in %j: %j', (asked, title, expected) => {
    expect(wordsMatch(readWords(asked), title)).toBe(expected);
  });

  test('a part of a title is in it, whatever it is made of', () => {
    fc.assert(
      fc.property(
        fc.string({ maxLength: 30 }),
        fc.string({ maxLength: 30 }),
        fc.string({ maxLength: 30 }),
        (a, b, c) => {
          const word = b.replace(/[\s|"*?]/gu, '');
          const asked = readWords(word);
          if (asked.length > 0 && a.normalize('NFKD') + c === a + c) expect(wordsMatch(asked, a + word + c)).toBe(true);
        },
      ),
    );
  });

  test('what would take a pattern for ever takes no time', () => {
    expect(wordsMatch(readWords(`${'a*'.repeat(200)}b`), 'a'.repeat(300))).toBe(false);
  });
});

test.each([
  ['The.Show.S01E02.1080p-GRP', 'the.show s1e2'],
  ['The Show s1e2', 'the.show s1e2'],
  ['The Show - 1x02 - Title', 'the.show s1e2'],
  ['[Group] The Show (2019) S01E02', 'the.show s1e2'],
  ["It's a Show S1.E2", 'its.a.show s1e2'],
  ['The.Show.S01E02E03.720p', 'the.show s1e2-3'],
  ['The.Show.S01E02-E03', 'the.show s1e2-3'],
  ['The.Show.S01E02.PROPER.1080p', 'the.show s1e2 again'],
  ['The.Show.S01E02.Repack', 'the.show s1e2 again'],
  ['The.Proper.Show.S01E02', 'the.proper.show s1e2'],
  ['The.Show.2026.01.31.1080p', 'the.show 2026-01-31'],
  ['The Show 31.1.2026', 'the.show 2026-01-31'],
  ['Die Sendung 2026-1-31', 'die.sendung 2026-01-31'],
  ['1923.S01E01', '1923 s1e1'],
  ['Film.2019.1080p.x264', undefined],
  ['Film 1920x1080', undefined],
  ['Film x264', undefined],
  ['Debian 12.10.2 netinst', undefined],
])('the episode of %j: %j', (title, expected) => {
  expect(episodeOf(title)).toBe(expected);
});

test.each([
  ['1234', 1234],
  ['1.5 GiB', 1.5 * 2 ** 30],
  ['700 MB', 700_000_000],
  ['700MiB', 700 * 2 ** 20],
  ['12 bytes', 12],
  ['-1', undefined],
  ['1e9', undefined],
  ['', undefined],
  ['999999999 TiB', undefined],
])('the size %j: %j', (text, expected) => {
  expect(sizeIn(text)).toBe(expected);
});

const ITEM: FeedItem = {
  id: '1',
  title: 'The.Show.S01E02.1080p',
  link: { kind: 'url', url: 'http://x.example/a.torrent' },
  length: 1000,
  published: null,
};
const GIVEN = { url: 'http://x.example/rss', had: ['the.show s1e2'] };

test.each<readonly [Partial<FeedRule>, Partial<FeedItem>, string]>([
  [{ episodes: false }, {}, 'takes'],
  [{}, {}, 'episode'],
  [{}, { title: 'The.Show.S01E03' }, 'takes'],
  [{}, { title: 'The.Show.S01E02.REPACK' }, 'takes'],
  [{ must: 'other' }, {}, 'words'],
  [{ mustNot: 'S01' }, {}, 'not'],
  [{ mustNot: '2160p' }, { title: 'Show' }, 'takes'],
  [{ feeds: ['http://other.example/'] }, {}, 'feed'],
  [{ feeds: [GIVEN.url] }, { title: 'Show' }, 'takes'],
  [{}, { title: 'Show', link: null }, 'no-link'],
  [{ least: 1001 }, { title: 'Show' }, 'size'],
  [{ most: 999 }, { title: 'Show' }, 'size'],
  [{ least: 1000, most: 1000 }, { title: 'Show' }, 'takes'],
  [{ most: 5000 }, { title: 'Show', length: null }, 'no-size'],
  [{}, { title: 'Show', length: null }, 'takes'],
])('a rule of %j, of an item of %j: %s', (rule, item, expected) => {
  const had = new Set(GIVEN.had);
  expect(ruleTakes({ ...RULE, ...rule }, { url: GIVEN.url, item: { ...ITEM, ...item }, had })).toBe(expected);
});
