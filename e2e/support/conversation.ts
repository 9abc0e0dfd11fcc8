import type { Packet, Stream } from './capture.ts';
import { streamsOf } from './capture.ts';

const NAMES: Readonly<Record<number, string>> = {
  0: 'choke',
  1: 'unchoke',
  2: 'interested',
  3: 'not-interested',
  4: 'have',
  5: 'bitfield',
  6: 'request',
  7: 'piece',
  8: 'cancel',
  9: 'port',
  13: 'suggest',
  14: 'have-all',
  15: 'have-none',
  16: 'reject',
  17: 'allowed-fast',
  20: 'extended',
};

/** A message between peers as it went over the wire (BEP 3, 5, 6, 10). */
export interface WireMessage {
  readonly time: number;
  readonly ours: boolean;
  readonly name: string;
  /** The payload, after the message id. */
  readonly payload: Buffer;
}

export interface Handshake {
  readonly reserved: Buffer;
  readonly infoHash: string;
  readonly peerId: string;
}

/** All messages of two peers over one connection. */
export interface Conversation {
  readonly peer: string;
  readonly opened: number;
  readonly ours: Handshake;
  readonly theirs: Handshake;
  /** Messages of both sides, by time. */
  readonly messages: readonly WireMessage[];
}

/** The conversations with peers in which `address` took part. */
export function conversationsOf(packets: readonly Packet[], address: string): Conversation[] {
  const streams = streamsOf(packets);
  const found: Conversation[] = [];
  for (const mine of streams.filter(({ from }) => from === address)) {
    const back = streams.find(
      (one) =>
        one.from === mine.to && one.fromPort === mine.toPort && one.toPort === mine.fromPort && one.to === address,
    );
    if (back === undefined || !isPeer(mine) || !isPeer(back)) continue;
    const messages = [...messagesOf(mine, true), ...messagesOf(back, false)].sort((a, b) => a.time - b.time);
    const opened = Math.min(mine.opened, back.opened);
    found.push({ peer: mine.to, opened, ours: handshakeOf(mine), theirs: handshakeOf(back), messages });
  }
  return found;
}

const isPeer = ({ data }: Stream): boolean =>
  data.length >= 68 && data.toString('latin1', 1, 20) === 'BitTorrent protocol';

function handshakeOf({ data }: Stream): Handshake {
  return {
    reserved: data.subarray(20, 28),
    infoHash: data.toString('hex', 28, 48),
    peerId: data.toString('latin1', 48, 68),
  };
}

function messagesOf(stream: Stream, ours: boolean): WireMessage[] {
  const { data } = stream;
  const out: WireMessage[] = [];
  for (let at = 68; at + 4 <= data.length;) {
    const length = data.readUInt32BE(at);
    const end = at + 4 + length;
    if (end > data.length) break;
    const id = data[at + 4] ?? 0;
    const name = length === 0 ? 'keep-alive' : (NAMES[id] ?? `unknown ${id}`);
    out.push({ time: stream.at(end - 1), ours, name, payload: data.subarray(at + 5, Math.max(end, at + 5)) });
    at = end;
  }
  return out;
}

/** The query parameters of all HTTP announces that `address` made. */
export function announcesOf(packets: readonly Packet[], address: string): URLSearchParams[] {
  return streamsOf(packets)
    .filter(({ from }) => from === address)
    .flatMap(({ data }) => [...data.toString('latin1').matchAll(/GET \/announce\?(\S+) HTTP/g)])
    .map(([, query]) => new URLSearchParams(query));
}
