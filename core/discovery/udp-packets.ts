import { fromHex, readU32, writeU32 } from '../base/bytes.ts';
import type { InfoHash } from '../base/ids.ts';
import { millis } from '../base/ids.ts';
import type { AnnounceAnswer, AnnounceEvent, AnnounceRequest, ScrapeCounts } from './announce.ts';
import { intervalOf } from './interval.ts';
import { PeerList } from './peer-lists.ts';
import { trackerText } from './tracker-text.ts';

// The packets of the UDP tracker protocol (BEP 15) with the URL option of BEP 41. All numbers are big-endian.

const CONNECT = 0;
const ANNOUNCE = 1;
const SCRAPE = 2;
const ERROR = 3;
const MAGIC = Uint8Array.of(0, 0, 0x04, 0x17, 0x27, 0x10, 0x19, 0x80);
// `paused` is not in BEP 15; libtorrent sends this.
const EVENTS: Record<AnnounceEvent, number> = { completed: 1, started: 2, stopped: 3, paused: 4 };
const OPTION_URL = 2;
const MAX_URL_OPTION = 1024;
/** Torrents in one scrape: as many as fit into a packet that no network cuts (BEP 15). */
export const MAX_SCRAPED = 74;

export function encodeConnect(transaction: number): Uint8Array {
  const out = new Uint8Array(16);
  out.set(MAGIC);
  writeU32(out, 8, CONNECT);
  writeU32(out, 12, transaction);
  return out;
}

/** `urlData` is the path and query of the tracker's URL, sent as options of up to 255 bytes (BEP 41); empty: none. */
export function encodeAnnounce(
  connectionId: Uint8Array,
  transaction: number,
  request: AnnounceRequest,
  urlData: Uint8Array,
): Uint8Array {
  const url = urlData.subarray(0, MAX_URL_OPTION);
  const out = new Uint8Array(98 + url.length + 2 * Math.ceil(url.length / 255));
  out.set(connectionId);
  writeU32(out, 8, ANNOUNCE);
  writeU32(out, 12, transaction);
  out.set((fromHex(request.infoHash) ?? new Uint8Array()).subarray(0, 20), 16);
  out.set((fromHex(request.peerId) ?? new Uint8Array()).subarray(0, 20), 36);
  writeU64(out, 56, request.downloaded);
  writeU64(out, 64, request.left);
  writeU64(out, 72, request.uploaded);
  writeU32(out, 80, request.event ? EVENTS[request.event] : 0);
  writeU32(out, 88, request.key);
  writeU32(out, 92, request.numWant);
  out[96] = request.port >>> 8;
  out[97] = request.port;
  for (let from = 0, at = 98; from < url.length; from += 255) {
    const part = url.subarray(from, from + 255);
    out[at] = OPTION_URL;
    out[at + 1] = part.length;
    out.set(part, at + 2);
    at += 2 + part.length;
  }
  return out;
}

/** Asks for the numbers of peers of at most MAX_SCRAPED torrents. */
export function encodeScrape(connectionId: Uint8Array, transaction: number, hashes: readonly InfoHash[]): Uint8Array {
  const out = new Uint8Array(16 + 20 * hashes.length);
  out.set(connectionId);
  writeU32(out, 8, SCRAPE);
  writeU32(out, 12, transaction);
  for (const [i, hash] of hashes.entries()) out.set((fromHex(hash) ?? new Uint8Array()).subarray(0, 20), 16 + 20 * i);
  return out;
}

/** What a tracker is asked. */
export type UdpQuestion = 'connect' | 'announce' | 'scrape';

/** What a tracker may send. */
export type UdpAnswer =
  | { readonly kind: 'connected'; readonly connectionId: Uint8Array }
  | AnnounceAnswer
  | { readonly kind: 'scraped'; readonly counts: readonly ScrapeCounts[] }
  | { readonly kind: 'error'; readonly message: string };

/**
 * Reads an answer to the request `asked` with `transaction`; undefined for a packet that is none, which is to be ignored. Addresses
 * are of the socket's family.
 */
export function decodeUdp(
  data: Uint8Array,
  asked: UdpQuestion,
  transaction: number,
  family: 4 | 6,
): UdpAnswer | undefined {
  if (data.length < 8 || readU32(data, 4) !== transaction) return undefined;
  const action = readU32(data, 0);
  if (action === ERROR) return { kind: 'error', message: trackerText(data.subarray(8)) || 'no reason given' };
  if (asked === 'connect') {
    return action === CONNECT && data.length >= 16 ? { kind: 'connected', connectionId: data.slice(8, 16) } : undefined;
  }
  if (asked === 'scrape') return action === SCRAPE ? { kind: 'scraped', counts: readCounts(data) } : undefined;
  if (action !== ANNOUNCE || data.length < 20) return undefined;
  // Packets may be longer than necessary: what is left over after the last whole entry is ignored.
  const list = new PeerList();
  list.addCompact(data.subarray(20), family === 4 ? 4 : 16);
  return {
    kind: 'answer',
    interval: intervalOf(readU32(data, 8)) ?? millis(30 * 60_000),
    leechers: readU32(data, 12),
    seeds: readU32(data, 16),
    peers: list.peers,
  };
}

function readCounts(data: Uint8Array): ScrapeCounts[] {
  const counts: ScrapeCounts[] = [];
  for (let at = 8; at + 12 <= data.length && counts.length < MAX_SCRAPED; at += 12) {
    counts.push({ seeds: readU32(data, at), leechers: readU32(data, at + 8) });
  }
  return counts;
}

function writeU64(data: Uint8Array, offset: number, value: number): void {
  writeU32(data, offset, Math.floor(value / 2 ** 32));
  writeU32(data, offset + 4, value % 2 ** 32);
}
