import { fromHex } from '../base/bytes.ts';
import { EnsembleError } from '../base/errors.ts';
import type { InfoHash } from '../base/ids.ts';
import { remembered } from '../base/remembered.ts';
import { binaryText } from '../bencode/binary-text.ts';
import { isDict } from '../bencode/bencode.ts';
import type { ScrapeAnswer, ScrapeCounts } from './announce.ts';
import { countOf, percentEncode, readRefusal, readTrackerDict } from './http-announce.ts';
import { intervalOf } from './interval.ts';

/** Torrents in one scrape by HTTP: some servers take no longer URL, and some trackers no more. */
export const MAX_HTTP_SCRAPED = 40;

/** Where a tracker is scraped (BEP 48): `announce`, where a part of its path begins so, is `scrape` there; else undefined. */
export const scrapePlace = remembered(256, (tracker) => {
  const [, path = '', rest = ''] = /^([^?#]*)(.*)$/s.exec(tracker) ?? [];
  const at = path.lastIndexOf('/announce');
  // Behind the host, which may bear that name too.
  if (at <= path.indexOf('://') + 2) return undefined;
  return `${path.slice(0, at)}/scrape${path.slice(at + '/announce'.length)}${rest.replace(/#.*$/s, '')}`;
});

/** The URL of a scrape of these torrents. The place's own query stays before them. */
export function scrapeUrl(place: string, hashes: readonly InfoHash[]): string {
  const base = place.replace(/#.*$/s, '');
  const joint = base.indexOf('?');
  const own = joint < 0 ? [] : base.slice(joint + 1).split('&');
  const rest = own.filter((pair) => pair !== '' && !/^info_hash(?:=|$)/.test(pair));
  const asked = hashes.map((hash) => `info_hash=${percentEncode(bytesOf(hash))}`);
  return `${joint < 0 ? base : base.slice(0, joint)}?${[...rest, ...asked].join('&')}`;
}

/** Reads the body of a scrape by HTTP. Throws EnsembleError('tracker') where it is none, or refuses. */
export function readScrape(body: Uint8Array, hashes: readonly InfoHash[]): ScrapeAnswer {
  const dict = readTrackerDict(body);
  const refusal = readRefusal(dict);
  if (refusal !== undefined) throw new EnsembleError('tracker', refusal);
  const { files, flags } = dict;
  if (!isDict(files)) throw new EnsembleError('tracker', 'The tracker sent no numbers of peers');
  const wait = isDict(flags) ? intervalOf(flags['min_request_interval']) : undefined;
  const counts = hashes.map((hash): ScrapeCounts | undefined => {
    const file = files[binaryText(bytesOf(hash))];
    if (!isDict(file)) return undefined;
    const seeds = countOf(file['complete']);
    const incomplete = countOf(file['incomplete']);
    // Partial seeds are no leechers (BEP 21).
    const downloaders = countOf(file['downloaders']);
    const leechers = downloaders === undefined ? incomplete : Math.min(downloaders, incomplete ?? downloaders);
    return { ...(seeds !== undefined && { seeds }), ...(leechers !== undefined && { leechers }) };
  });
  return { counts, ...(wait !== undefined && { wait }) };
}

function bytesOf(hash: InfoHash): Uint8Array {
  return (fromHex(hash) ?? new Uint8Array()).subarray(0, 20);
}
