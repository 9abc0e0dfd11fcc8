import type { BencodeValue } from '../bencode/bencode.ts';
import { fieldError, textOf } from './fields.ts';

const MAX_URLS = 256;
const MAX_URL_LENGTH = 2048;
const TRACKER = new Set(['http:', 'https:', 'udp:']);
const WEB = new Set(['http:', 'https:']);

/** Whether this is the URL of a tracker that can be asked: http, https, or udp with a port. */
export function isTrackerUrl(text: string): boolean {
  const url = parseUrl(text, TRACKER);
  return url !== undefined && (url.protocol !== 'udp:' || url.port !== '');
}

/** Whether this is the URL of a web seed that can be shown (BEP 19): http or https. */
export function isWebUrl(text: string): boolean {
  return parseUrl(text, WEB) !== undefined;
}

/**
 * The tiers of a torrent (BEP 12): `announce-list`, or `announce` as one tier. URLs that cannot be used or were there before are
 * left out, and so are tiers that this leaves empty; at most 256 URLs in all.
 */
export function readTrackers(announce: BencodeValue | undefined, list: BencodeValue | undefined): string[][] {
  if (announce !== undefined && !(announce instanceof Uint8Array)) throw fieldError('announce', announce, 'a string');
  if (list !== undefined && !Array.isArray(list)) throw fieldError('announce-list', list, 'a list of lists of URLs');
  const tiers = uniqueTiers((list ?? []).map((tier) => urls('announce-list', tier)));
  if (tiers.length > 0 || announce === undefined) return tiers;
  return uniqueTiers([urls('announce', announce)]);
}

/** The tiers without what is no tracker's URL, and without repetitions. */
export function uniqueTiers(tiers: readonly (readonly string[])[]): string[][] {
  const seen = new Set<string>();
  const out: string[][] = [];
  for (const tier of tiers) {
    const kept: string[] = [];
    for (const url of tier) {
      if (seen.size >= MAX_URLS || seen.has(url) || !isTrackerUrl(url)) continue;
      seen.add(url);
      kept.push(url);
    }
    if (kept.length > 0) out.push(kept);
  }
  return out;
}

/** The web seeds of `url-list`, a string or a list (BEP 19). */
export function readWebSeeds(value: BencodeValue | undefined): string[] {
  if (value === undefined) return [];
  return [...new Set(urls('url-list', value).filter(isWebUrl))].slice(0, MAX_URLS);
}

/** One URL, or a list of them. */
function urls(field: string, value: BencodeValue): string[] {
  if (value instanceof Uint8Array) return value.length === 0 ? [] : [textOf(value).trim()];
  if (!Array.isArray(value)) throw fieldError(field, value, 'URLs');
  return value.map((item) => {
    if (!(item instanceof Uint8Array)) throw fieldError(field, item, 'URLs');
    return textOf(item).trim();
  });
}

function parseUrl(text: string, protocols: ReadonlySet<string>): URL | undefined {
  if (text.length > MAX_URL_LENGTH || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  return protocols.has(url.protocol) && url.hostname !== '' ? url : undefined;
}
