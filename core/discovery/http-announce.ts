import { fromHex } from '../base/bytes.ts';
import { EnsembleError } from '../base/errors.ts';
import { millis } from '../base/ids.ts';
import type { Millis } from '../base/ids.ts';
import { isDict } from '../bencode/bencode.ts';
import type { BencodeDict, BencodeValue } from '../bencode/bencode.ts';
import { decodeLoosely } from '../bencode/loose.ts';
import type { AnnounceRequest, AnnounceResult } from './announce.ts';
import { intervalOf } from './interval.ts';
import { PeerList, readAddress } from './peer-lists.ts';
import { trackerText } from './tracker-text.ts';

/** A longer answer is an error. */
export const MAX_ANSWER_BYTES = 1024 * 1024;
const MAX_TRACKER_ID = 256;
const MINUTE = 60_000;

const utf8 = new TextDecoder();

const ENCODED = Array.from({ length: 256 }, (_, byte) => {
  const char = String.fromCharCode(byte);
  return /[A-Za-z0-9._~-]/.test(char) ? char : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
});

/** Percent-encodes bytes: all but RFC 3986's unreserved ones. */
export function percentEncode(data: Uint8Array): string {
  let out = '';
  for (const byte of data) out += ENCODED[byte] ?? '';
  return out;
}

/** The URL of an HTTP announce (BEP 3, 7, 23). The tracker's own query stays before ours, without fields that are in ours. */
export function announceUrl(tracker: string, request: AnnounceRequest, trackerId?: Uint8Array): string {
  const hash = fromHex(request.infoHash) ?? new Uint8Array();
  const peerId = fromHex(request.peerId) ?? new Uint8Array();
  const fields = [
    `info_hash=${percentEncode(hash.subarray(0, 20))}`,
    `peer_id=${percentEncode(peerId)}`,
    `port=${request.port}`,
    `uploaded=${request.uploaded}`,
    `downloaded=${request.downloaded}`,
    `left=${request.left}`,
    'compact=1',
    'no_peer_id=1',
    `numwant=${request.numWant}`,
    `key=${request.key.toString(16).toUpperCase().padStart(8, '0')}`,
  ];
  if (request.event) fields.push(`event=${request.event}`);
  if (trackerId) fields.push(`trackerid=${percentEncode(trackerId)}`);
  const base = tracker.replace(/#.*$/s, '');
  const joint = base.indexOf('?');
  if (joint < 0) return `${base}?${fields.join('&')}`;
  const own = base.slice(joint + 1).split('&');
  const rest = own.filter((pair) => pair !== '' && !isOurs(pair, fields));
  return `${base.slice(0, joint)}?${[...rest, ...fields].join('&')}`;
}

/** Whether a field of the tracker's query is one of ours: redirects often repeat them, and a tracker does not choose what we say. */
function isOurs(pair: string, fields: readonly string[]): boolean {
  if (/^(?:info_hash|peer_id)(?:=|$)/.test(pair)) return true;
  return fields.includes(pair.replace(/%[0-9a-f]{2}/gi, (escaped) => escaped.toUpperCase()));
}

/** An answer, and the tracker id that later announces have to repeat. */
export interface HttpAnswer {
  readonly result: AnnounceResult;
  readonly trackerId?: Uint8Array;
}

/**
 * Reads the body of an HTTP announce, field by field (BEP 3, 7, 23, 24, 31). Fields that are malformed are left out, whichever they
 * are: a wrong part takes nothing from a right one. Throws EnsembleError('tracker') where the body is no dictionary.
 */
export function readHttpAnswer(body: Uint8Array): HttpAnswer {
  const dict = readTrackerDict(body);
  const interval = intervalOf(dict['interval']);
  const minInterval = intervalOf(dict['min interval']);
  const refusal = readRefusal(dict);
  if (refusal) {
    const wait = retryIn(dict['retry in']) ?? longer(interval, minInterval);
    return { result: { kind: 'refusal', reason: refusal, ...(wait !== undefined && { retryIn: wait }) } };
  }
  const warning = dict['warning message'];
  const trackerId = dict['tracker id'];
  const seeds = countOf(dict['complete']);
  const leechers = countOf(dict['incomplete']);
  const externalAddress = readAddress(dict['external ip']);
  const { peers, named } = readPeers(dict);
  return {
    result: {
      kind: 'answer',
      interval: interval ?? millis(30 * MINUTE),
      ...(minInterval !== undefined && { minInterval }),
      peers,
      ...(named.length > 0 && { named }),
      ...(seeds !== undefined && { seeds }),
      ...(leechers !== undefined && { leechers }),
      ...(warning instanceof Uint8Array && { warning: trackerText(warning) }),
      ...(externalAddress !== undefined && { externalAddress }),
    },
    ...(trackerId instanceof Uint8Array && trackerId.length <= MAX_TRACKER_ID && { trackerId: trackerId.slice() }),
  };
}

/** The dictionary that a tracker's answer is. Throws EnsembleError('tracker'). */
export function readTrackerDict(body: Uint8Array): BencodeDict {
  let value: BencodeValue;
  try {
    value = decodeLoosely(body, { maxBytes: MAX_ANSWER_BYTES });
  } catch (error) {
    throw new EnsembleError('tracker', 'The tracker sent an answer that is not bencoded', { cause: error });
  }
  if (!isDict(value)) throw new EnsembleError('tracker', 'The tracker sent an answer that is no dictionary');
  return value;
}

/** Why the tracker refuses; undefined where it does not. */
export function readRefusal(dict: BencodeDict): string | undefined {
  const failure = dict['failure reason'];
  if (failure === undefined) return undefined;
  return (failure instanceof Uint8Array && trackerText(failure)) || 'no reason given';
}

function readPeers({ peers, peers6 }: BencodeDict): PeerList {
  const list = new PeerList();
  for (const [part, addressBytes] of [
    [peers, 4],
    [peers6, 16],
  ] as const) {
    if (part instanceof Uint8Array) list.addCompact(part, addressBytes);
    else if (Array.isArray(part)) list.addDicts(part);
  }
  return list;
}

/** A number of peers; undefined where it is none. */
export function countOf(value: BencodeValue | undefined): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

/** The longer of two waits: a tracker that refuses may ask for patience by its intervals too. */
function longer(a: Millis | undefined, b: Millis | undefined): Millis | undefined {
  return a === undefined || b === undefined ? (a ?? b) : millis(Math.max(a, b));
}

/** BEP 31: minutes, or "never". */
function retryIn(value: BencodeValue | undefined): Millis | undefined {
  if (value instanceof Uint8Array) {
    const text = utf8.decode(value.subarray(0, 16)).trim().toLowerCase();
    if (text === 'never') return millis(Infinity);
    return /^\d{1,6}$/.test(text) ? millis(Number(text) * MINUTE) : undefined;
  }
  const minutes = countOf(value);
  return minutes === undefined ? undefined : millis(Math.min(minutes, 1_000_000) * MINUTE);
}
