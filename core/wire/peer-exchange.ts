import { type BencodeValue, decode, encode, isDict } from '../bencode/bencode.ts';
import { readU16, writeU16 } from '../base/bytes.ts';
import type { Endpoint } from '../base/endpoint.ts';
import { EnsembleError, messageOf } from '../base/errors.ts';
import { formatIp, isUnicast, parseIp } from '../base/ip.ts';

/** The name of peer exchange in the extension handshake (BEP 11). */
export const PEER_EXCHANGE = 'ut_pex';

/** What is known of a peer that is told of (BEP 11). */
export const PEX_FLAG = {
  /** It prefers encryption. */
  encryption: 0x01,
  /** It wants nothing. */
  seed: 0x02,
  utp: 0x04,
  holepunch: 0x08,
  /** The sender dialled it: it listens on this port. */
  reachable: 0x10,
} as const;

/** A peer that another one is connected with; `flags` are those of `PEX_FLAG`. */
export interface ExchangedPeer extends Endpoint {
  readonly flags: number;
}

/** Which peers the sender is connected with, and not connected with any more, since its last message. */
export interface PeerExchangeMessage {
  readonly added: readonly ExchangedPeer[];
  readonly dropped: readonly Endpoint[];
}

/** Most entries of each list that are read; no client sends more. */
const MOST_ENTRIES = 100;
const ADDRESS_BYTES = [4, 16] as const;
const NAMES = { 4: ['added', 'dropped'], 16: ['added6', 'dropped6'] } as const;

/** The payload of a peer exchange message. Entries whose host is no IP literal are left out. */
export function encodePeerExchange({ added, dropped }: PeerExchangeMessage): Uint8Array {
  const fields: Record<string, Uint8Array> = {};
  for (const length of ADDRESS_BYTES) {
    const [addedName, droppedName] = NAMES[length];
    const own = added.filter(({ host }) => parseIp(host)?.length === length);
    fields[addedName] = compact(own, length);
    // Always there, and as long as the list: libtorrent ignores a list without flags.
    fields[`${addedName}.f`] = Uint8Array.from(own, ({ flags }) => flags);
    fields[droppedName] = compact(
      dropped.filter(({ host }) => parseIp(host)?.length === length),
      length,
    );
  }
  return encode(fields);
}

/**
 * Reads the payload of a peer exchange message: at most 100 entries of each list. Lists of a wrong length count as absent, and
 * entries that belong to no single host or have port 0 are left out. Throws EnsembleError('protocol') where it is no dictionary.
 */
export function decodePeerExchange(payload: Uint8Array): PeerExchangeMessage {
  const dict = readDict(payload);
  const added: ExchangedPeer[] = [];
  const dropped: Endpoint[] = [];
  for (const length of ADDRESS_BYTES) {
    const [addedName, droppedName] = NAMES[length];
    const flags = dict[`${addedName}.f`];
    readEntries(dict[addedName], length, (endpoint, i) => {
      added.push({ ...endpoint, flags: (flags instanceof Uint8Array ? flags[i] : undefined) ?? 0 });
    });
    readEntries(dict[droppedName], length, (endpoint) => dropped.push(endpoint));
  }
  return { added, dropped };
}

function compact(endpoints: readonly Endpoint[], length: 4 | 16): Uint8Array {
  const out = new Uint8Array(endpoints.length * (length + 2));
  endpoints.forEach(({ host, port }, i) => {
    out.set(parseIp(host) ?? [], i * (length + 2));
    writeU16(out, i * (length + 2) + length, port);
  });
  return out;
}

function readEntries(list: BencodeValue | undefined, length: 4 | 16, heard: (one: Endpoint, i: number) => void): void {
  const entry = length + 2;
  if (!(list instanceof Uint8Array) || list.length % entry !== 0) return;
  const count = Math.min(MOST_ENTRIES, list.length / entry);
  for (let i = 0; i < count; i++) {
    const ip = list.subarray(i * entry, i * entry + length);
    const port = readU16(list, i * entry + length);
    if (port > 0 && isUnicast(ip)) heard({ host: formatIp(ip), port }, i);
  }
}

function readDict(payload: Uint8Array) {
  try {
    const value = decode(payload, { maxDepth: 4, maxItems: 100 });
    if (isDict(value)) return value;
  } catch (error) {
    throw breach(`cannot be read: ${messageOf(error)}`);
  }
  throw breach('is no dictionary');
}

function breach(what: string): EnsembleError {
  return new EnsembleError('protocol', `The peer's list of peers ${what}. The connection is closed.`);
}
