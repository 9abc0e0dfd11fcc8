import { describe, expect, it } from 'vitest';
import { concatBytes } from '../base/bytes.ts';
import { EnsembleError } from '../base/errors.ts';
import type { InfoHashV1 } from '../base/ids.ts';
import { encode } from '../bencode/bencode.ts';
import { readScrape, scrapePlace, scrapeUrl } from './scrape.ts';

const A = 'a1'.repeat(20) as InfoHashV1;
const B = '62'.repeat(20) as InfoHashV1;
const text = (s: string): Uint8Array => new TextEncoder().encode(s);

describe('scrapePlace', () => {
  it.each([
    ['http://t/announce', 'http://t/scrape'],
    ['http://t/x/announce?pass=1', 'http://t/x/scrape?pass=1'],
    ['https://t/announce.php?pass=announce#x', 'https://t/scrape.php?pass=announce'],
    ['http://t/announce/pass', 'http://t/scrape/pass'],
    ['http://t/announce/announce', 'http://t/announce/scrape'],
    ['http://announce/x', undefined],
    ['http://announce', undefined],
    ['http://t/a', undefined],
    ['http://t/x?y=/announce', undefined],
    ['http://t/xannounce', undefined],
  ])('of %s is %s', (tracker, place) => {
    expect(scrapePlace(tracker)).toBe(place);
  });
});

it('the URL of a scrape names each torrent once, wherever it was redirected to', () => {
  const url = scrapeUrl('http://t/scrape?pass=1', [A, B]);
  expect(url).toBe(`http://t/scrape?pass=1&info_hash=${'%A1'.repeat(20)}&info_hash=${'b'.repeat(20)}`);
  expect(scrapeUrl(`${url}#x`, [A, B])).toBe(url);
});

describe('readScrape', () => {
  const file = (hash: number, fields: string): Uint8Array =>
    concatBytes(text('20:'), new Uint8Array(20).fill(hash), text(`d${fields}e`));
  const files = (...parts: Uint8Array[]): Uint8Array => concatBytes(text('d5:filesd'), ...parts, text('ee'));
  const both = '8:completei3e10:downloadedi9e10:incompletei4e';

  it('finds each torrent, whether its hash is text or not', () => {
    const { counts } = readScrape(files(file(0x62, both), file(0xa1, '8:completei1e')), [
      A,
      B,
      'c3'.repeat(20) as InfoHashV1,
    ]);
    expect(counts).toEqual([{ seeds: 1 }, { seeds: 3, leechers: 4 }, undefined]);
  });

  it('counts partial seeds as no leechers, where the tracker tells them apart (BEP 21)', () => {
    const { counts } = readScrape(files(file(0x62, `${both.slice(0, 29)}11:downloadersi1e10:incompletei4e`)), [B]);
    expect(counts).toEqual([{ seeds: 3, leechers: 1 }]);
  });

  it('leaves out what is no number', () => {
    const { counts } = readScrape(files(file(0xa1, '8:completei-1e10:incomplete1:x'), file(0x62, '')), [A, B]);
    expect(counts).toEqual([{}, {}]);
  });

  it('hears how long not to ask again', () => {
    const body = encode({ files: {}, flags: { min_request_interval: 7200 } });
    expect(readScrape(body, [A])).toEqual({ counts: [undefined], wait: 7_200_000 });
  });

  it.each([
    ['a refusal', encode({ 'failure reason': text('no') }), 'no'],
    ['a page', text('<html>'), 'not bencoded'],
    ['an announce', encode({ interval: 60 }), 'no numbers'],
    ['a list of files', encode({ files: [] }), 'no numbers'],
  ])('refuses %s', (_, body, why) => {
    expect(() => readScrape(body, [A])).toThrow(EnsembleError);
    expect(() => readScrape(body, [A])).toThrow(why);
  });
});
