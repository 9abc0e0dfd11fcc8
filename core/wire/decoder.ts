import { readU16, readU32 } from '../base/bytes.ts';
import { EnsembleError } from '../base/errors.ts';
import type { HashRange } from '../base/hash-range.ts';
import { piece } from '../base/ids.ts';
import type { WireHandler } from './handler.ts';
import { HASH_RANGE_LENGTH, hashesLength, MAX_HASHES_PAYLOAD, readHashRange } from './hash-message.ts';
import { MAX_BLOCK_LENGTH, MAX_EXTENDED_PAYLOAD, MessageId, PIECE_HEADER_LENGTH } from './message-id.ts';

/** What is done with the rest of a message whose head has been read. */
type Body = 'block' | 'bitfield' | 'extended' | 'hashes' | 'skipped';

/** Bounds on what a peer may send; all in bytes. */
export interface DecoderLimits {
  /** Of any message, prefix not counted. */
  readonly maxMessage?: number;
  /** Of a bitfield's payload; see `setMaxBitfield`. */
  readonly maxBitfield?: number;
  /** Whether the fast extension was agreed on (default): its messages are a breach otherwise (BEP 6). */
  readonly fast?: boolean;
  /** Whether the connection is one of version 2 (BEP 52): its messages are a breach otherwise, which is the default. */
  readonly v2?: boolean;
}

/** The longest head: that of `hashes` with its prefix. */
const LONGEST_HEAD = 5 + HASH_RANGE_LENGTH;

/**
 * Reads the byte stream after the handshake into messages (BEP 3, 6, 10, 52). However the stream is cut, the messages are
 * the same. A length is checked before memory is taken; block payload is copied once, from chunk to target.
 */
export class Decoder {
  readonly #handler: WireHandler;
  readonly #maxMessage: number;
  readonly #fast: boolean;
  readonly #v2: boolean;
  #maxBitfield: number;
  #stopped = false;
  /** Start of a message whose head is spread over chunks. */
  readonly #head = new Uint8Array(LONGEST_HEAD);
  #headLength = 0;
  /** The message whose body is being read: bytes that are still to come, and those that came. */
  #body: Body = 'skipped';
  #left = 0;
  #done = 0;
  /** Where the body goes; undefined: nowhere. */
  #target: Uint8Array | undefined;
  #piece = piece(0);
  #begin = 0;
  #extendedId = 0;
  #range: HashRange | undefined;
  /** Messages so far, without blocks. */
  messages = 0;
  /** Bytes of blocks so far. */
  blockBytes = 0;

  constructor(handler: WireHandler, limits: DecoderLimits = {}) {
    this.#handler = handler;
    this.#maxMessage = limits.maxMessage ?? MAX_BLOCK_LENGTH + 9;
    this.#maxBitfield = limits.maxBitfield ?? 65536;
    this.#fast = limits.fast ?? true;
    this.#v2 = limits.v2 ?? false;
  }

  /** Bound of a bitfield's payload in bytes, once the number of pieces is known. */
  setMaxBitfield(length: number): void {
    this.#maxBitfield = length;
  }

  /** Calls the handler no more, not even for the rest of the current chunk. */
  stop(): void {
    this.#stopped = true;
    this.#target = undefined;
  }

  /** Skips the rest of the block that is arriving: nothing more is written to the memory that the handler gave for it. */
  dropTarget(): void {
    if (this.#left > 0 && this.#body === 'block') this.#target = undefined;
  }

  /**
   * Calls the handler for each message that ends in `chunk`. Throws EnsembleError('protocol'), after which the decoder is of no
   * more use.
   */
  push(chunk: Uint8Array): void {
    const end = chunk.length;
    let at = 0;
    while (at < end && !this.#stopped) {
      if (this.#left > 0) at = this.#readBody(chunk, at);
      else if (this.#headLength > 0) at = this.#gatherHead(chunk, at);
      else {
        const length = this.#headSize(chunk, at, end - at);
        if (length <= end - at) {
          at += length;
          this.#readHead(chunk, at - length, length);
        } else {
          this.#head.set(chunk.subarray(at));
          this.#headLength = end - at;
          at = end;
        }
      }
    }
  }

  /** Adds to a head that began in an earlier chunk, and reads it when it is whole. Returns the new position. */
  #gatherHead(chunk: Uint8Array, from: number): number {
    let at = from;
    let length = this.#headSize(this.#head, 0, this.#headLength);
    while (this.#headLength < length) {
      const byte = chunk[at++];
      if (byte === undefined) return chunk.length;
      this.#head[this.#headLength++] = byte;
      length = this.#headSize(this.#head, 0, this.#headLength);
    }
    this.#headLength = 0;
    this.#readHead(this.#head, 0, length);
    return at;
  }

  /**
   * Bytes of the head at `at`: the whole message, or all that comes before its body. While too few bytes are `available` to tell, a
   * number greater than `available`. Throws as soon as what there is cannot be a message.
   */
  #headSize(data: Uint8Array, at: number, available: number): number {
    if (available < 4) return 4;
    const length = readU32(data, at);
    if (length === 0) return 4;
    if (length > this.#maxMessage) throw breach(`a message of ${length} bytes; the most is ${this.#maxMessage}`);
    if (available < 5) return 5;
    const id = data[at + 4] ?? 0;
    if (!this.#fast && id >= MessageId.suggest && id <= MessageId.allowedFast)
      throw breach(`message ${id} of the fast extension, which was not agreed on`);
    if (!this.#v2 && id >= MessageId.hashRequest && id <= MessageId.hashReject)
      throw breach(`message ${id} of version 2, for which this connection is not`);
    switch (id) {
      case MessageId.choke:
      case MessageId.unchoke:
      case MessageId.interested:
      case MessageId.notInterested:
      case MessageId.haveAll:
      case MessageId.haveNone:
        return exactly(id, length, 1);
      case MessageId.port:
        return exactly(id, length, 3);
      case MessageId.have:
      case MessageId.suggest:
      case MessageId.allowedFast:
        return exactly(id, length, 5);
      case MessageId.request:
      case MessageId.cancel:
      case MessageId.reject:
        return exactly(id, length, 13);
      case MessageId.bitfield:
        return bounded(id, length, 1, this.#maxBitfield);
      case MessageId.extended:
        return bounded(id, length, 2, MAX_EXTENDED_PAYLOAD);
      case MessageId.piece:
        return bounded(id, length, PIECE_HEADER_LENGTH - 4, MAX_BLOCK_LENGTH);
      case MessageId.hashRequest:
      case MessageId.hashReject:
        return exactly(id, length, 1 + HASH_RANGE_LENGTH);
      case MessageId.hashes:
        return bounded(id, length, 1 + HASH_RANGE_LENGTH, MAX_HASHES_PAYLOAD);
      default:
        return 5;
    }
  }

  /** Reads a whole head of `size` bytes: tells the message, or gets ready for its body. */
  #readHead(data: Uint8Array, at: number, size: number): void {
    const handler = this.#handler;
    const length = readU32(data, at);
    this.messages++;
    if (length === 0) return handler.keepAlive();
    const left = length + 4 - size;
    const id = data[at + 4] ?? 0;
    switch (id) {
      case MessageId.piece: {
        this.messages--;
        this.#piece = piece(readU32(data, at + 5));
        this.#begin = readU32(data, at + 9);
        const target = handler.blockTarget(this.#piece, this.#begin, left);
        if (target !== undefined && target.length !== left)
          throw new RangeError(`the target of a block of ${left} bytes has ${target.length}`);
        return this.#startBody('block', left, target);
      }
      case MessageId.request:
        return handler.request(piece(readU32(data, at + 5)), readU32(data, at + 9), readU32(data, at + 13));
      case MessageId.have:
        return handler.have(piece(readU32(data, at + 5)));
      case MessageId.cancel:
        return handler.cancel(piece(readU32(data, at + 5)), readU32(data, at + 9), readU32(data, at + 13));
      case MessageId.choke:
        return handler.choke();
      case MessageId.unchoke:
        return handler.unchoke();
      case MessageId.interested:
        return handler.interested();
      case MessageId.notInterested:
        return handler.notInterested();
      case MessageId.bitfield:
        return this.#startBody('bitfield', left, undefined);
      case MessageId.port:
        return handler.port(readU16(data, at + 5));
      case MessageId.suggest:
        return handler.suggest(piece(readU32(data, at + 5)));
      case MessageId.haveAll:
        return handler.haveAll();
      case MessageId.haveNone:
        return handler.haveNone();
      case MessageId.reject:
        return handler.reject(piece(readU32(data, at + 5)), readU32(data, at + 9), readU32(data, at + 13));
      case MessageId.allowedFast:
        return handler.allowedFast(piece(readU32(data, at + 5)));
      case MessageId.extended:
        this.#extendedId = data[at + 5] ?? 0;
        return this.#startBody('extended', left, undefined);
      case MessageId.hashRequest:
        return handler.hashRequest(readHashRange(data, at + 5));
      case MessageId.hashReject:
        return handler.hashReject(readHashRange(data, at + 5));
      case MessageId.hashes: {
        const range = readHashRange(data, at + 5);
        if (left !== hashesLength(range))
          throw breach(`${left} bytes of hashes for ${range.length} of them and ${range.proofLayers} proof layers`);
        this.#range = range;
        return this.#startBody('hashes', left, undefined);
      }
      default:
        return this.#startBody('skipped', left, undefined);
    }
  }

  #startBody(body: Body, length: number, target: Uint8Array | undefined): void {
    this.#body = body;
    this.#left = length;
    this.#done = 0;
    this.#target = target;
    if (length === 0) this.#endBody(NOTHING);
  }

  /** Takes what `chunk` has of the body. Returns the new position. */
  #readBody(chunk: Uint8Array, at: number): number {
    const count = Math.min(this.#left, chunk.length - at);
    const part = chunk.subarray(at, at + count);
    const gathers = this.#body !== 'block' && this.#body !== 'skipped';
    if (gathers && this.#done === 0) {
      if (count === this.#left) {
        this.#left = 0;
        this.#endBody(part);
        return at + count;
      }
      this.#target = new Uint8Array(this.#left);
    }
    this.#target?.set(part, this.#done);
    if (this.#body === 'block') this.blockBytes += count;
    this.#left -= count;
    this.#done += count;
    if (this.#left === 0) this.#endBody(this.#target ?? NOTHING);
    return at + count;
  }

  /** `payload`: of a message that is gathered. */
  #endBody(payload: Uint8Array): void {
    const kept = this.#target !== undefined;
    this.#target = undefined;
    if (this.#body === 'block') this.#handler.block(this.#piece, this.#begin, this.#done, kept);
    else if (this.#body === 'bitfield') this.#handler.bitfield(payload);
    else if (this.#body === 'extended') this.#handler.extended(this.#extendedId, payload);
    else if (this.#body === 'hashes' && this.#range !== undefined) this.#handler.hashes(this.#range, payload);
  }
}

const NOTHING = new Uint8Array(0);

/** Head of a message without a body: its length must be `wanted`. */
function exactly(id: number, length: number, wanted: number): number {
  if (length !== wanted) throw breach(`message ${id} with a length of ${length} instead of ${wanted}`);
  return 4 + wanted;
}

/** Head of a message of `head` bytes and a body of at most `most`. */
function bounded(id: number, length: number, head: number, most: number): number {
  if (length < head || length > head + most)
    throw breach(`message ${id} with a length of ${length}; it may be from ${head} to ${head + most}`);
  return 4 + head;
}

function breach(what: string): EnsembleError {
  return new EnsembleError('protocol', `The peer sent ${what}. The connection is closed.`);
}
