import type { HashRange } from '../base/hash-range.ts';
import type { PieceIndex } from '../base/ids.ts';

/**
 * What a peer says, message by message, as the decoder reads it. Lengths and forms have been checked,
 * meanings (is there such a piece, was it asked for) have not.
 */
export interface WireHandler {
  keepAlive(): void;
  choke(): void;
  unchoke(): void;
  interested(): void;
  notInterested(): void;
  have(piece: PieceIndex): void;
  /** Wire form, valid during the call alone; its size is not checked against the torrent. */
  bitfield(data: Uint8Array): void;
  request(piece: PieceIndex, begin: number, length: number): void;
  cancel(piece: PieceIndex, begin: number, length: number): void;
  /** A block begins: exactly `length` bytes of memory to copy its payload into, or undefined to skip it. */
  blockTarget(piece: PieceIndex, begin: number, length: number): Uint8Array | undefined;
  /** The block's payload is complete in its target; `kept` false: it was skipped. */
  block(piece: PieceIndex, begin: number, length: number, kept: boolean): void;
  /** DHT port (BEP 5). */
  port(port: number): void;
  /** Fast extension (BEP 6). */
  suggest(piece: PieceIndex): void;
  haveAll(): void;
  haveNone(): void;
  reject(piece: PieceIndex, begin: number, length: number): void;
  allowedFast(piece: PieceIndex): void;
  /** Extension protocol (BEP 10): `id` 0 is the handshake. `payload` is valid during the call alone. */
  extended(id: number, payload: Uint8Array): void;
  /** Version 2 (BEP 52). A request may be about anything; it has to be answered, or rejected. */
  hashRequest(range: HashRange): void;
  /** As many hashes as `range` says, valid during the call alone; not checked against any root, nor whether they were asked for. */
  hashes(range: HashRange, hashes: Uint8Array): void;
  hashReject(range: HashRange): void;
}
