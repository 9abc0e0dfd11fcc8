import type { Endpoint } from '../base/endpoint.ts';
import { formatEndpoint, parseEndpoint } from '../base/endpoint.ts';
import { toHex } from '../base/bytes.ts';
import { EnsembleError } from '../base/errors.ts';
import type { InfoHash, InfoHashV1, InfoHashV2 } from '../base/ids.ts';
import { isWebUrl, uniqueTiers } from './announce-urls.ts';
import { withoutControls } from './fields.ts';
import { type FileRange, readFileRanges } from './file-ranges.ts';
import { readMagnetQuery, withPart } from './magnet-query.ts';
import { type Hashes, nameOf, type TorrentId, torrentId } from './torrent-id.ts';
import type { Torrent } from './torrent.ts';

/** A magnet link after validation (BEP 9, 52, 53). */
export interface Magnet {
  /** All info-hashes that it names: one, or a hybrid's two. */
  readonly id: TorrentId;
  /** The one that is the torrent's name here (see `TorrentId`). */
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
/** How multihashes of SHA-256 begin: the kind of hash, and 32 bytes of it (BEP 9 takes no other). */
const SHA256_MULTIHASH = '1220';
const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';

/** Reads a magnet link. Trackers and peers that cannot be used are left out. Throws EnsembleError('invalid-torrent'). */
export function parseMagnet(link: string): Magnet {
  if (link.length > MAX_LENGTH) throw invalid(`it has ${link.length} characters; at most ${MAX_LENGTH} may be`);
  const values = readMagnetQuery(link);
  if (values === undefined) throw invalid('it must begin with "magnet:?"');
  const hashes = readTopics(values.get('xt') ?? []);
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
    id: torrentId(hashes),
    infoHash: nameOf(hashes),
    ...(name && { name }),
    trackers,
    webSeeds,
    torrentUrls,
    peers: [...peers.values()],
    ...(only.length > 0 && { only }),
  };
}

/** The magnet link of a torrent: with both hashes of a hybrid, as clients that know one of them are to find all peers. `name`: may be empty. */
export function formatMagnet(torrent: {
  readonly info: { readonly id: Parameters<typeof nameOf>[0]; readonly name: string };
  readonly trackers: Torrent['trackers'];
  readonly webSeeds?: Torrent['webSeeds'];
}): string {
  const { id, name } = torrent.info;
  const { v1, v2 } = id;
  const parts = [
    ...(v1 === undefined ? [] : [`xt=urn:btih:${v1}`]),
    ...(v2 === undefined ? [] : [`xt=urn:btmh:${SHA256_MULTIHASH}${v2}`]),
    ...(name === '' ? [] : [`dn=${encodeURIComponent(name)}`]),
  ];
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

/** The first of each version that can be: others may name the same torrent by hashes of other kinds, or be cut off. */
function readTopics(topics: readonly string[]): Hashes {
  let v1: InfoHashV1 | undefined;
  let v2: InfoHashV2 | undefined;
  let wrong: EnsembleError | undefined;
  for (const topic of topics) {
    // Some encode the topic once more than the rest.
    const [, kind, given = ''] = /^urn:(bt[im]h):(.*)$/is.exec(topic.replaceAll(/%3a/gi, ':')) ?? [];
    const text = given.trim().toLowerCase();
    if (kind?.toLowerCase() === 'btih') {
      if (/^[0-9a-f]{40}$/.test(text)) v1 ??= text as InfoHashV1;
      else if (/^[a-z2-7]{32}$/.test(text)) v1 ??= toHex(fromBase32(text)) as InfoHashV1;
      else wrong ??= invalid(`"${text.slice(0, 80)}" is no info-hash; it must be 40 hex or 32 base32 digits`);
    } else if (kind !== undefined) {
      if (text.startsWith(SHA256_MULTIHASH) && /^[0-9a-f]{68}$/.test(text)) v2 ??= text.slice(4) as InfoHashV2;
      else {
        const expected = `"${SHA256_MULTIHASH}" and 64 hex digits, the multihash of a SHA-256`;
        wrong ??= invalid(`"${text.slice(0, 80)}" is no info-hash of version 2; it must be ${expected}`);
      }
    }
  }
  if (v1 !== undefined || v2 !== undefined) return { ...(v1 !== undefined && { v1 }), ...(v2 !== undefined && { v2 }) };
  throw wrong ?? invalid('it names no torrent: "xt=urn:btih:" or "xt=urn:btmh:" with an info-hash is missing');
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
