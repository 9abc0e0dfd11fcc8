import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { concatBytes, toHex } from '../base/bytes.ts';
import { EnsembleError } from '../base/errors.ts';
import { formatIp, parseIp } from '../base/ip.ts';
import { networkError } from '../ports/system-error.ts';
import { listening } from './listening.ts';

/** Most torrents, and peers of each, that are remembered; further ones are refused. */
const MOST_TORRENTS = 100;
const MOST_PEERS = 500;
const MOST_ASKED = 50;
/** A peer that has not announced for this many intervals counts as gone. */
const LIFE = 3;

/** A tracker on this machine, for demonstrations: HTTP, compact answers, IPv4 (BEP 3, 23). */
export interface LocalTracker {
  /** The announce URL. */
  readonly url: string;
  close(): Promise<void>;
}

export interface LocalTrackerOptions {
  /** Where it listens; by default 127.0.0.1. */
  readonly address?: string;
  /** The port; any free one where undefined. */
  readonly port?: number;
  /** Seconds that clients are told to wait between announces; by default 60, as polite clients wait no less. */
  readonly interval?: number;
}

interface Peer {
  /** Address and port in the compact form. */
  readonly compact: Uint8Array;
  readonly seed: boolean;
  readonly seenAt: number;
}

/** Peers of each torrent by peer id; both keys in hex. */
type Torrents = Map<string, Map<string, Peer>>;

/** Starts a tracker that knows any torrent. Rejects with EnsembleError('network') where it cannot listen. */
export async function startLocalTracker(options: LocalTrackerOptions = {}): Promise<LocalTracker> {
  const { address = '127.0.0.1', port = 0, interval = 60 } = options;
  const torrents: Torrents = new Map();
  const server = createServer((request, response) => answer(torrents, interval, request, response));
  server.headersTimeout = 5_000;
  server.requestTimeout = 5_000;
  server.maxConnections = 500;
  await listening(server, { port, host: address }).catch((error: unknown) => {
    throw networkError(`listen on ${address}:${port}`, error);
  });
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new EnsembleError('network', `no port on ${address}`);
  return {
    url: `http://${address}:${bound.port}/announce`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answer(torrents: Torrents, interval: number, request: IncomingMessage, response: ServerResponse): void {
  const [path, query = ''] = (request.url ?? '').split('?', 2);
  if (request.method !== 'GET' || path !== '/announce' || query.length > 2_000) {
    response.writeHead(404, { connection: 'close' }).end();
    return;
  }
  const body = announce(torrents, interval, new Map(fieldsOf(query)), request.socket.remoteAddress ?? '');
  response
    .writeHead(200, { 'content-type': 'text/plain', 'content-length': body.length, connection: 'close' })
    .end(body);
}

function announce(
  torrents: Torrents,
  interval: number,
  fields: ReadonlyMap<string, Uint8Array>,
  remoteAddress: string,
): Uint8Array {
  const infoHash = fields.get('info_hash');
  const peerId = fields.get('peer_id');
  const port = numberOf(fields.get('port'));
  const ip = ipv4Of(remoteAddress);
  if (infoHash?.length !== 20 || peerId?.length !== 20) return refuse('info_hash and peer_id must have 20 bytes');
  if (port === undefined || port < 1 || port > 65535) return refuse('port must be a number from 1 to 65535');
  if (!ip) return refuse('only IPv4 here');
  const peers = torrents.get(toHex(infoHash)) ?? new Map<string, Peer>();
  if (peers.size === 0 && torrents.size >= MOST_TORRENTS) return refuse('too many torrents');
  torrents.set(toHex(infoHash), peers);

  const now = performance.now();
  for (const [id, peer] of peers) if (now - peer.seenAt > LIFE * interval * 1000) peers.delete(id);
  const id = toHex(peerId);
  peers.delete(id);
  if (textOf(fields.get('event')) !== 'stopped') {
    if (peers.size >= MOST_PEERS) return refuse('too many peers');
    const compact = Uint8Array.of(...ip, port >>> 8, port & 0xff);
    peers.set(id, { compact, seed: numberOf(fields.get('left')) === 0, seenAt: now });
  }
  if (peers.size === 0) torrents.delete(toHex(infoHash));
  const asked = Math.min(numberOf(fields.get('numwant')) ?? MOST_ASKED, MOST_ASKED);
  const others = [...peers].filter(([other]) => other !== id).map(([, peer]) => peer);
  const given = concatBytes(...others.slice(0, asked).map((peer) => peer.compact));
  const seeds = [...peers.values()].filter((peer) => peer.seed).length;
  const head =
    `d8:completei${seeds}e10:incompletei${peers.size - seeds}e8:intervali${interval}e` +
    `12:min intervali${interval}e5:peers${given.length}:`;
  return concatBytes(ascii(head), given, ascii('e'));
}

/** Fields of a query whose values are bytes in percent form; malformed ones are left out. */
function* fieldsOf(query: string): Generator<[string, Uint8Array]> {
  for (const field of query.split('&')) {
    const at = field.indexOf('=');
    const value = at > 0 ? percentDecode(field.slice(at + 1)) : undefined;
    if (value) yield [field.slice(0, at), value];
  }
}

function percentDecode(text: string): Uint8Array | undefined {
  if (!/^(?:[\x21-\x24\x26-\x7e]|%[0-9a-fA-F]{2})*$/.test(text)) return undefined;
  const out: number[] = [];
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '%') {
      out.push(Number.parseInt(text.slice(i + 1, i + 3), 16));
      i += 2;
    } else out.push(text.charCodeAt(i));
  }
  return Uint8Array.from(out);
}

function ipv4Of(text: string): Uint8Array | undefined {
  const ip = parseIp(text);
  const plain = ip && parseIp(formatIp(ip)); // an IPv4 address in IPv6 form becomes one of 4 bytes
  return plain?.length === 4 ? plain : undefined;
}

function numberOf(value: Uint8Array | undefined): number | undefined {
  const text = textOf(value);
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

const textOf = (value: Uint8Array | undefined): string | undefined => value && new TextDecoder().decode(value);
const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);
const refuse = (reason: string): Uint8Array => ascii(`d14:failure reason${reason.length}:${reason}e`);
