import { MAX_TRACKER_HOSTS } from '../base/bounds.ts';
import { EnsembleError } from '../base/errors.ts';
import type { BencodeValue } from '../bencode/bencode.ts';
import type { LenientFields } from '../bencode/lenient.ts';
import { textOf } from './fields.ts';
import type { Notes } from './notes.ts';

const MAX_URLS = 256;
const MAX_URL_LENGTH = 2048;
const TRACKER = new Set(['http:', 'https:', 'udp:']);
const WEB = new Set(['http:', 'https:']);

/** Whether this is the URL of a tracker that can be asked: http, https, or udp with a port. */
export function isTrackerUrl(text: string): boolean {
  const url = parseUrl(text, TRACKER);
  return url !== undefined && (url.protocol !== 'udp:' || url.port !== '');
}

/** The tiers that somebody chose, without repetitions. Throws EnsembleError('usage') for what is no tracker's URL. */
export function chosenTiers(tiers: readonly (readonly string[])[]): string[][] {
  const wrong = tiers.flat().find((url) => !isTrackerUrl(url));
  if (wrong === undefined) return uniqueTiers(tiers);
  throw new EnsembleError(
    'usage',
    `"${wrong.slice(0, 80)}" is no tracker: its address begins with http://, https:// or, with a port, udp://.`,
  );
}

/** Whether this is the URL of a web seed that can be shown (BEP 19): http or https. */
export function isWebUrl(text: string): boolean {
  return parseUrl(text, WEB) !== undefined;
}

/**
 * The tiers of a torrent (BEP 12): `announce-list`, or `announce` as one tier. URLs that cannot be used or were there before are
 * left out, and so are tiers that this leaves empty; at most 256 URLs in all.
 */
export function readTrackers(fields: LenientFields, notes: Notes): string[][] {
  const list = fields.value('announce-list');
  let tiers: string[][] = [];
  if (Array.isArray(list)) tiers = uniqueTiers(list.map((tier) => urls('announce-list', tier, notes)));
  else if (list !== undefined) notes.leftOut('announce-list', list, 'a list of lists of URLs');
  const announce = fields.value('announce');
  if (announce === undefined) return tiers;
  const one = urls('announce', announce, notes);
  return tiers.length > 0 ? tiers : uniqueTiers([one]);
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

/** The different hosts of these tiers, in their order, the first `MAX_TRACKER_HOSTS`. */
export function trackerHosts(tiers: readonly (readonly string[])[]): readonly string[] {
  const hosts = new Set<string>();
  for (const url of tiers.flat()) {
    if (hosts.size >= MAX_TRACKER_HOSTS) break;
    // Only that of http and https is in lower case already.
    if (URL.canParse(url)) hosts.add(new URL(url).hostname.toLowerCase());
  }
  return [...hosts];
}

/** The web seeds of `url-list`, a string or a list (BEP 19). */
export function readWebSeeds(fields: LenientFields, notes: Notes): string[] {
  const value = fields.value('url-list');
  if (value === undefined) return [];
  return [...new Set(urls('url-list', value, notes).filter(isWebUrl))].slice(0, MAX_URLS);
}

/** One URL, or a list of them. */
function urls(field: string, value: BencodeValue, notes: Notes): string[] {
  const out: string[] = [];
  for (const item of Array.isArray(value) ? value : [value]) {
    if (!(item instanceof Uint8Array)) notes.leftOut(field, item, 'a URL');
    else if (item.length > 0) out.push(textOf(item).trim());
  }
  return out;
}

function parseUrl(text: string, protocols: ReadonlySet<string>): URL | undefined {
  if (text.length > MAX_URL_LENGTH || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  return protocols.has(url.protocol) && url.hostname !== '' ? url : undefined;
}
