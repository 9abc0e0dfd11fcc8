import type { Endpoint } from '../base/endpoint.ts';
import { formatEndpoint, parseEndpoint } from '../base/endpoint.ts';
import { toHex } from '../base/bytes.ts';
import { EnsembleError } from '../base/errors.ts';
import type { InfoHash, InfoHashV1 } from '../base/ids.ts';
import { isWebUrl, uniqueTiers } from './announce-urls.ts';
import { withoutControls } from './fields.ts';
import { type FileRange, readFileRanges } from './file-ranges.ts';
import { readMagnetQuery, withPart } from './magnet-query.ts';
import type { Torrent } from './torrent.ts';

/** A magnet link after validation (BEP 9, 53). */
export interface Magnet {
  readonly infoHash: InfoHash;
  /** `dn`: a name to show until the metadata is there. */
  readonly name?: string;
  /** `tr`: each a tier of its own. */
  readonly trackers: readonly (readonly string[])[];
  /** `ws`: servers that have the files (BEP 19). */
  readonly webSeeds: readonly string[];
  /** `xs`, then `as`: where its .torrent file may be fetched. */
  readonly torrentUrls: readonly string[];
  /** `x.pe`: peers to try. A host may be a name. */
  readonly peers: readonly Endpoint[];
  /** `so`: the only files to fetch (BEP 53); undefined: all. */
  readonly only?: readonly FileRange[];
}

const MAX_LENGTH = 65536;
const MAX_PEERS = 256;
const MAX_WEB_SEEDS = 256;
const MAX_TORRENT_URLS = 8;
const MAX_NAME = 255;
const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';

/** Reads a magnet link. Trackers and peers that cannot be used are left out. Throws EnsembleError('invalid-torrent'). */
export function parseMagnet(link: string): Magnet {
  if (link.length > MAX_LENGTH) throw invalid(`it has ${link.length} characters; at most ${MAX_LENGTH} may be`);
  const values = readMagnetQuery(link);
  if (values === undefined) throw invalid('it must begin with "magnet:?"');
  const hash = infoHashOf(values.get('xt') ?? []);
  const name = withoutControls(values.get('dn')?.[0] ?? '').slice(0, MAX_NAME);
  const trackers = uniqueTiers((values.get('tr') ?? []).map((url) => [url]));
  const webSeeds = [...new Set(values.get('ws') ?? [])].filter(isWebUrl).slice(0, MAX_WEB_SEEDS);
  const sources = [...(values.get('xs') ?? []), ...(values.get('as') ?? [])];
  const torrentUrls = [...new Set(sources)].filter(isWebUrl).slice(0, MAX_TORRENT_URLS);
  const peers = new Map<string, Endpoint>();
  for (const text of values.get('x.pe') ?? []) {
    const endpoint = parseEndpoint(text);
    if (endpoint !== undefined && peers.size < MAX_PEERS) peers.set(formatEndpoint(endpoint), endpoint);
  }
  const only = readFileRanges((values.get('so') ?? []).join(','));
  return {
    infoHash: hash,
    ...(name && { name }),
    trackers,
    webSeeds,
    torrentUrls,
    peers: [...peers.values()],
    ...(only.length > 0 && { only }),
  };
}

/** The magnet link of a torrent. */
export function formatMagnet(torrent: {
  readonly info: Pick<Torrent['info'], 'infoHash' | 'name'>;
  readonly trackers: Torrent['trackers'];
  readonly webSeeds?: Torrent['webSeeds'];
}): string {
  const parts = [`xt=urn:btih:${torrent.info.infoHash}`, `dn=${encodeURIComponent(torrent.info.name)}`];
  for (const url of torrent.trackers.flat()) parts.push(`tr=${encodeURIComponent(url)}`);
  for (const url of torrent.webSeeds ?? []) parts.push(`ws=${encodeURIComponent(url)}`);
  return `magnet:?${parts.join('&')}`;
}

/** The link that wants these files too; itself where it would be too long to be read. */
export function alsoWanting(link: string, only: readonly FileRange[]): string {
  const ranges = only.map(({ first, last }) => (first === last ? first : `${first}-${last}`));
  const longer = withPart(link, 'so', ranges.join(','));
  return longer.length > MAX_LENGTH ? link : longer;
}

/** The first that can be: others may name the same torrent by hashes of other kinds, or be cut off. */
function infoHashOf(topics: readonly string[]): InfoHash {
  let wrong: string | undefined;
  for (const topic of topics) {
    // Some encode the topic once more than the rest.
    const text = /^urn:btih:(.*)$/is.exec(topic.replaceAll(/%3a/gi, ':'))?.[1]?.trim().toLowerCase();
    if (text === undefined) continue;
    if (/^[0-9a-f]{40}$/.test(text)) return text as InfoHashV1;
    if (/^[a-z2-7]{32}$/.test(text)) return toHex(fromBase32(text)) as InfoHashV1;
    wrong ??= text;
  }
  if (wrong !== undefined) {
    throw invalid(`"${wrong.slice(0, 80)}" is no info-hash; it must be 40 hex or 32 base32 digits`);
  }
  if (topics.some((topic) => /^urn:btmh:/i.test(topic))) {
    throw invalid('it names a torrent of version 2 alone (BEP 52), which is not supported yet');
  }
  throw invalid('it names no torrent: "xt=urn:btih:" with an info-hash is missing');
}

/** 32 digits of RFC 4648 base32: 20 bytes. */
function fromBase32(text: string): Uint8Array {
  const out = new Uint8Array(20);
  let bits = 0;
  let value = 0;
  let at = 0;
  for (const digit of text) {
    value = ((value << 5) | BASE32.indexOf(digit)) & 0xfff;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      out[at++] = (value >>> bits) & 0xff;
    }
  }
  return out;
}

function invalid(why: string): EnsembleError {
  return new EnsembleError('invalid-torrent', `The magnet link cannot be used: ${why}.`);
}
