import { readU16, readU32, writeU16, writeU32 } from '../base/bytes.ts';

/** Bytes of a header without extensions (BEP 29, "header format"). */
export const HEADER = 20;
const VERSION = 1;

/** What a packet does (BEP 29, "type"). */
export const PACKET = { data: 0, fin: 1, state: 2, reset: 3, syn: 4 } as const;
export type PacketType = (typeof PACKET)[keyof typeof PACKET];

/** The extension that tells which packets behind a missing one have come (BEP 29, "selective ACK"). */
const SELECTIVE_ACK = 1;
/** One that nobody knows, so that everybody skips it: it makes a packet longer. */
const PADDING = 0x70;
const MOST_EXTENSION = 255;

/** What a datagram says. One object serves all of them, and holds until the next one is read. */
export class Packet {
  type: PacketType = PACKET.state;
  connectionId = 0;
  /** When it was sent, by its sender's clock, in microseconds (32 bits). */
  timestamp = 0;
  /** How long the last packet of the other side was under way, as far as the clocks agree, in microseconds; 0: none came yet. */
  delay = 0;
  /** Bytes that the sender has room for. */
  window = 0;
  seq = 0;
  ack = 0;
  /** Where the bits of the selective acknowledgement begin and how many bytes they are; 0: there are none. */
  sackAt = 0;
  sackLength = 0;
  payloadAt = HEADER;
}

/** Reads a datagram; false where it is no packet of ours: another version, an unknown type, extensions that do not fit. */
export function readPacket(data: Uint8Array, into: Packet): boolean {
  const first = data[0] ?? 0;
  const type = first >> 4;
  if (data.length < HEADER || (first & 0xf) !== VERSION || type > PACKET.syn) return false;
  into.type = type as PacketType;
  into.connectionId = readU16(data, 2);
  into.timestamp = readU32(data, 4);
  into.delay = readU32(data, 8);
  into.window = readU32(data, 12);
  into.seq = readU16(data, 16);
  into.ack = readU16(data, 18);
  into.sackAt = 0;
  into.sackLength = 0;
  let extension = data[1] ?? 0;
  let at = HEADER;
  while (extension !== 0) {
    if (at + 2 > data.length) return false;
    const length = data[at + 1] ?? 0;
    const end = at + 2 + length;
    if (end > data.length) return false;
    if (extension === SELECTIVE_ACK) {
      // Four bytes at least by BEP 29; libtorrent sends as few as it needs.
      if (length === 0 || into.sackLength > 0) return false;
      into.sackAt = at + 2;
      into.sackLength = length;
    }
    extension = data[at] ?? 0;
    at = end;
  }
  into.payloadAt = at;
  return true;
}

/** Fields of a header that change from packet to packet of a connection. */
export interface HeaderFields {
  readonly connectionId: number;
  readonly timestamp: number;
  readonly delay: number;
  readonly window: number;
  readonly ack: number;
}

/** Writes a header without extensions to the start of `out`. */
export function writeHeader(out: Uint8Array, type: PacketType, seq: number, fields: HeaderFields): void {
  out[0] = (type << 4) | VERSION;
  out[1] = 0;
  writeU16(out, 2, fields.connectionId);
  writeU32(out, 4, fields.timestamp);
  writeU32(out, 8, fields.delay);
  writeU32(out, 12, fields.window);
  writeU16(out, 16, seq);
  writeU16(out, 18, fields.ack);
}

/** Adds `length` bytes of a selective acknowledgement, of which the bits are written by the caller; returns where they begin. */
export function addSelectiveAck(out: Uint8Array, length: number): number {
  out[1] = SELECTIVE_ACK;
  out[HEADER] = 0;
  out[HEADER + 1] = length;
  return HEADER + 2;
}

/** The same packet (without extensions), `size` bytes long: what is missing is filled with extensions that nobody knows. */
export function padded(packet: Uint8Array, size: number): Uint8Array {
  const out = new Uint8Array(size);
  out.set(packet.subarray(0, HEADER));
  let missing = size - packet.length;
  let at = HEADER;
  // Two bytes are the shortest extension.
  if (missing < 2) return packet.slice();
  out[1] = PADDING;
  while (missing > 0) {
    let part = Math.min(missing - 2, MOST_EXTENSION);
    if (missing - 2 - part === 1) part--;
    missing -= 2 + part;
    out[at] = missing > 0 ? PADDING : 0;
    out[at + 1] = part;
    at += 2 + part;
  }
  out.set(packet.subarray(HEADER), at);
  return out;
}

/** How far `seq` is ahead of `other` (below 0: behind), as numbers of 16 bits go round. */
export function ahead(seq: number, other: number): number {
  return ((seq - other) << 16) >> 16;
}

/** The number `by` after `seq`. */
export function seqAfter(seq: number, by: number): number {
  return (seq + by) & 0xffff;
}
