import { writeU16, writeU32 } from '../base/bytes.ts';
import type { PieceIndex } from '../base/ids.ts';
import { MessageId, PIECE_HEADER_LENGTH } from './message-id.ts';

/** Bytes of the longest message that `writeMessage` writes. */
export const LONGEST_SHORT_MESSAGE = 17;

/** Writes a message of an id and up to three 32-bit numbers at `at`, which has room for it; returns where it ends. */
export function writeMessage(out: Uint8Array, at: number, id: number, a?: number, b?: number, c?: number): number {
  let end = at + 5;
  out[at + 4] = id;
  if (a !== undefined) {
    writeU32(out, end, a);
    end += 4;
    if (b !== undefined && c !== undefined) {
      writeU32(out, end, b);
      writeU32(out, end + 4, c);
      end += 8;
    }
  }
  writeU32(out, at, end - at - 4);
  return end;
}

/** Writes all of a `piece` message but its payload of `length` bytes at `at`; returns where it ends. */
export function writePieceHeader(
  out: Uint8Array,
  at: number,
  piece: PieceIndex,
  begin: number,
  length: number,
): number {
  writeU32(out, at, PIECE_HEADER_LENGTH - 4 + length);
  out[at + 4] = MessageId.piece;
  writeU32(out, at + 5, piece);
  writeU32(out, at + 9, begin);
  return at + PIECE_HEADER_LENGTH;
}

function message(id: number, a?: number, b?: number, c?: number): Uint8Array {
  const out = new Uint8Array(5 + (a === undefined ? 0 : b === undefined ? 4 : 12));
  writeMessage(out, 0, id, a, b, c);
  return out;
}

/** A message of `id` whose body is given: `prefix` bytes, then `payload`, copied. */
function withBody(id: number, prefix: readonly number[], payload: Uint8Array): Uint8Array {
  const out = new Uint8Array(5 + prefix.length + payload.length);
  writeU32(out, 0, out.length - 4);
  out[4] = id;
  out.set(prefix, 5);
  out.set(payload, 5 + prefix.length);
  return out;
}

// One function a message; each gives new memory. BEP 3, "peer messages".
export const encodeKeepAlive = (): Uint8Array => new Uint8Array(4);
export const encodeChoke = (): Uint8Array => message(MessageId.choke);
export const encodeUnchoke = (): Uint8Array => message(MessageId.unchoke);
export const encodeInterested = (): Uint8Array => message(MessageId.interested);
export const encodeNotInterested = (): Uint8Array => message(MessageId.notInterested);
export const encodeHave = (piece: PieceIndex): Uint8Array => message(MessageId.have, piece);
export const encodeBitfield = (wire: Uint8Array): Uint8Array => withBody(MessageId.bitfield, [], wire);
export const encodeRequest = (piece: PieceIndex, begin: number, length: number): Uint8Array =>
  message(MessageId.request, piece, begin, length);
export const encodeCancel = (piece: PieceIndex, begin: number, length: number): Uint8Array =>
  message(MessageId.cancel, piece, begin, length);

/** The 13 bytes before a block's payload of `length` bytes, which follows separately. */
export function encodePieceHeader(piece: PieceIndex, begin: number, length: number): Uint8Array {
  const out = new Uint8Array(PIECE_HEADER_LENGTH);
  writePieceHeader(out, 0, piece, begin, length);
  return out;
}

/** The UDP port of our DHT node (BEP 5). */
export function encodePort(port: number): Uint8Array {
  const body = new Uint8Array(2);
  writeU16(body, 0, port);
  return withBody(MessageId.port, [], body);
}

// Fast extension (BEP 6).
export const encodeSuggest = (piece: PieceIndex): Uint8Array => message(MessageId.suggest, piece);
export const encodeHaveAll = (): Uint8Array => message(MessageId.haveAll);
export const encodeHaveNone = (): Uint8Array => message(MessageId.haveNone);
export const encodeReject = (piece: PieceIndex, begin: number, length: number): Uint8Array =>
  message(MessageId.reject, piece, begin, length);
export const encodeAllowedFast = (piece: PieceIndex): Uint8Array => message(MessageId.allowedFast, piece);

/** An extended message (BEP 10) under the number that the receiver gave it; `id` 0 is the handshake. */
export const encodeExtended = (id: number, payload: Uint8Array): Uint8Array =>
  withBody(MessageId.extended, [id], payload);
