import type { EncryptionKind, TransportName } from '../base/choices.ts';
import type { Endpoint } from '../base/endpoint.ts';
import { EnsembleError } from '../base/errors.ts';
import type { HashRange } from '../base/hash-range.ts';
import type { PeerId, PieceIndex } from '../base/ids.ts';
import type { Clock, Timer } from '../ports/clock.ts';
import type { CloseReason, Connection, ConnectionHandler } from '../ports/net.ts';
import { MessageBudget } from '../strategy/peers/message-budget.ts';
import { Decoder } from '../wire/decoder.ts';
import { encodeBitfield, encodeExtended, encodePort } from '../wire/encode.ts';
import { encodeHashes, encodeHashReject, encodeHashRequest } from '../wire/hash-message.ts';
import type { WireHandler } from '../wire/handler.ts';
import type { HandshakeExtensions } from '../wire/handshake.ts';
import { MessageBatch } from '../wire/message-batch.ts';
import type { SessionEnd } from './end-reason.ts';
import { KEEP_ALIVE_AFTER, KEEP_ALIVE_LOOK } from './time-outs.ts';

/** Most bytes that are kept of what a peer sends before `start`; reading pauses long before. */
const MAX_EARLY = 1 << 20;

/**
 * Hears a peer's messages. One that throws EnsembleError('protocol') ends the session as a breach of the protocol does.
 */
export interface SessionHandler extends WireHandler {
  /** All messages of a chunk of input have been handed over: the time to answer them together. */
  chunkDone(): void;
  /** All that was queued has left. */
  drained(): void;
  /** It is over; called exactly once, and nothing follows. */
  closed(reason: SessionEnd): void;
}

/** What the handshakes told: `fast`, `extended` and `dht` hold where both sides announce them. */
export interface SessionFacts extends Required<Omit<HandshakeExtensions, 'upgrade'>> {
  readonly v2: boolean;
  readonly peerId: PeerId;
}

/** One peer, after both handshakes (BEP 3). */
export class PeerSession implements ConnectionHandler {
  readonly remote: Endpoint;
  readonly local: Endpoint;
  readonly incoming: boolean;
  readonly transport: TransportName;
  readonly encryption: EncryptionKind;
  readonly peerId: PeerId;
  /** Whether both sides speak the fast extension (BEP 6). */
  readonly fast: boolean;
  /** Whether both sides speak the extension protocol (BEP 10). */
  readonly extended: boolean;
  /** Whether both sides have a DHT node, whose port `port` tells (BEP 5). */
  readonly dht: boolean;
  /** Whether the torrent goes by its hash of version 2 here, so that hashes may be asked for (BEP 52). */
  readonly v2: boolean;
  /** Short messages to send. They leave with `flush`, or by themselves: at the end of the input that is being handled, or of the current events. */
  readonly batch: MessageBatch;
  readonly #clock: Clock;
  readonly #connection: Connection;
  #handler: SessionHandler | undefined;
  #decoder: Decoder | undefined;
  #maxBitfield: number | undefined;
  /** Bytes that came before `start`, until they are decoded. */
  #early: Uint8Array[] = [];
  #earlyBytes = 0;
  #paused = false;
  /** It sent more messages than are handled at once: nothing is read before this is over. */
  #rest: Timer | undefined;
  readonly #budget = new MessageBudget();
  #received = 0;
  #blocksSent = 0;
  #written = 0;
  /** The session has ended: nothing is read or sent any more. */
  #over = false;
  #breach: SessionEnd | undefined;
  /** Why the connection closed, as long as the handler has not been told. */
  #untold: SessionEnd | undefined;
  #flushDue = false;
  /** Input is being handled, after which there is a flush where one is due. */
  #decoding = false;
  #chunkDue = false;
  #corked = false;
  #lastSent: number;
  readonly #keepAlive: Timer;

  constructor(clock: Clock, connection: Connection, facts: SessionFacts) {
    this.#clock = clock;
    this.#connection = connection;
    this.remote = connection.remote;
    this.local = connection.local;
    this.incoming = !connection.outgoing;
    this.transport = connection.transport ?? 'tcp';
    this.encryption = connection.encryption ?? 'plain';
    this.peerId = facts.peerId;
    this.fast = facts.fast;
    this.extended = facts.extended;
    this.dht = facts.dht;
    this.v2 = facts.v2;
    this.batch = new MessageBatch(() => this.#flushSoon());
    this.#lastSent = clock.now();
    this.#keepAlive = clock.every(KEEP_ALIVE_LOOK, () => this.#stayAlive());
  }

  /** Begins decoding; what came earlier is handed over once the current events have been handled. To be called once. */
  start(handler: SessionHandler): void {
    if (this.#handler !== undefined) throw new Error(`the session with ${this.remote.host} has started already`);
    this.#handler = handler;
    this.#decoder = new Decoder(handler, {
      fast: this.fast,
      v2: this.v2,
      ...(this.#maxBitfield !== undefined && { maxBitfield: this.#maxBitfield }),
    });
    if (this.#early.length > 0 || this.#untold !== undefined) this.#clock.soon(() => this.#catchUp());
  }

  /** Bounds a bitfield's payload in bytes, once the number of pieces is known. A longer one is a breach. */
  setMaxBitfield(length: number): void {
    this.#maxBitfield = length;
    this.#decoder?.setMaxBitfield(length);
  }

  /** Sends what is in the batch now. */
  flush(): void {
    this.#write(this.batch.take());
    if (!this.#corked) return;
    this.#corked = false;
    if (!this.#over) this.#connection.uncork();
  }

  /**
   * Sends a block after what is in the batch; it leaves with the next `flush`. `data` is not copied: it must stay as it is as long as it
   * is `unsent`, and on an encrypted connection it is encrypted where it lies.
   */
  sendBlock(piece: PieceIndex, begin: number, data: Uint8Array): void {
    this.#blocksSent += data.length;
    this.batch.pieceHeader(piece, begin, data.length);
    this.#writeBehindBatch(data);
  }

  /** The same with whole messages of blocks, `bytes` of payload in all, which are written as they lie there. */
  sendBlocks(messages: Uint8Array, bytes: number): void {
    this.#blocksSent += bytes;
    if (this.batch.size > 0) this.#cork();
    this.#write(this.batch.take());
    this.#write(messages);
  }

  /** Sends an extended message (BEP 10) under the number that the peer gave it; 0 is the handshake. */
  sendExtended(id: number, payload: Uint8Array): void {
    this.#sendBehindBatch(encodeExtended(id, payload));
  }

  /** Sends our pieces in wire form. May only be the first message. */
  sendBitfield(wire: Uint8Array): void {
    this.#sendBehindBatch(encodeBitfield(wire));
  }

  /** Tells the UDP port of our node in the DHT (BEP 5). */
  sendPort(port: number): void {
    this.#sendBehindBatch(encodePort(port));
  }

  /** Asks for hashes, gives them, or refuses to (BEP 52): only where the connection is of version 2. */
  sendHashRequest(range: HashRange): void {
    this.#sendBehindBatch(encodeHashRequest(range));
  }

  sendHashes(range: HashRange, hashes: Uint8Array): void {
    this.#sendBehindBatch(encodeHashes(range, hashes));
  }

  sendHashReject(range: HashRange): void {
    this.#sendBehindBatch(encodeHashReject(range));
  }

  /** Bytes that have not left yet. */
  get queued(): number {
    return this.#connection.queued + this.batch.size;
  }

  /** Bytes that were written so far. */
  get written(): number {
    return this.#written;
  }

  /** The last of these, which the system has not taken yet. */
  get unsent(): number {
    return this.#connection.queued;
  }

  /** Stops reading from the socket; messages of the current chunk are still handed over. */
  pauseReading(): void {
    this.#paused = true;
    if (!this.#over) this.#connection.pause();
  }

  resumeReading(): void {
    this.#paused = false;
    this.#readOn();
  }

  /** The rest of the block that is arriving is skipped: see `Decoder.dropTarget`. */
  dropTarget(): void {
    this.#decoder?.dropTarget();
  }

  /** Whether it has ended, even if the handler has not been told yet. */
  get over(): boolean {
    return this.#over;
  }

  /** Ends it at once: the handler hears of no message any more, only `closed`. */
  close(): void {
    if (this.#over) return;
    this.#over = true;
    this.#early = [];
    this.#decoder?.stop();
    this.#keepAlive.cancel();
    this.#rest?.cancel();
    this.#connection.destroy();
  }

  /** The connection brought bytes. */
  data(_connection: Connection, data: Uint8Array): void {
    if (this.#over) return;
    if (this.#decoder === undefined || this.#early.length > 0) this.#keep(data);
    else this.#decode(this.#decoder, data);
  }

  /** The connection's queue is empty again. */
  drained(): void {
    if (!this.#over) this.#handler?.drained();
  }

  /** The connection is gone. */
  closed(_connection: Connection, reason: CloseReason): void {
    this.#over = true;
    this.#early = [];
    this.#keepAlive.cancel();
    this.#rest?.cancel();
    this.#untold = this.#breach ?? reason;
    if (this.#handler !== undefined) this.#tellEnd();
  }

  #keep(data: Uint8Array): void {
    this.#earlyBytes += data.length;
    if (this.#earlyBytes > MAX_EARLY)
      return this.#fail(`The peer sent ${this.#earlyBytes} bytes before it was its turn.`);
    this.#early.push(data.slice());
    this.#connection.pause();
  }

  /** Decodes what came before `start`, or tells that the end did. */
  #catchUp(): void {
    const early = this.#early;
    for (const data of early) if (this.#decoder !== undefined && !this.#over) this.#decode(this.#decoder, data);
    this.#early = [];
    if (this.#untold !== undefined) this.#tellEnd();
    else this.#readOn();
  }

  #readOn(): void {
    if (!this.#over && !this.#paused && this.#rest === undefined && this.#early.length === 0) this.#connection.resume();
  }

  /** Lets a peer wait that floods us with messages, so that others have their turn. */
  #restIfFlooded({ messages, blockBytes }: Decoder): void {
    const blocks = blockBytes + this.#blocksSent;
    const sofar = { messages, bytes: this.#received - blockBytes, blocks };
    const wait = this.#budget.rest(sofar, 8 * (this.#maxBitfield ?? 0), this.#clock.now());
    if (wait === 0 || this.#rest !== undefined || this.#over) return;
    this.#connection.pause();
    this.#rest = this.#clock.after(wait, () => {
      this.#rest = undefined;
      this.#readOn();
    });
  }

  #decode(decoder: Decoder, data: Uint8Array): void {
    this.#decoding = true;
    try {
      this.#received += data.length;
      decoder.push(data);
      this.#restIfFlooded(decoder);
      if (!this.#over) this.#handler?.chunkDone();
    } catch (error) {
      if (!(error instanceof EnsembleError && error.code === 'protocol')) throw error;
      this.#fail(error.message);
    } finally {
      this.#decoding = false;
    }
    if (!this.#chunkDue) return;
    this.#chunkDue = false;
    this.flush();
  }

  #fail(message: string): void {
    this.#breach ??= { kind: 'protocol', message };
    this.close();
  }

  #tellEnd(): void {
    const reason = this.#untold;
    this.#untold = undefined;
    this.#decoder?.stop();
    if (reason !== undefined) this.#handler?.closed(reason);
  }

  #sendBehindBatch(data: Uint8Array): void {
    this.#flushSoon();
    this.#writeBehindBatch(data);
  }

  /** What is written before the next flush leaves the socket in one write: it stays corked until then. */
  #writeBehindBatch(data: Uint8Array): void {
    this.#cork();
    this.#write(this.batch.take());
    this.#write(data);
  }

  #cork(): void {
    if (this.#corked || this.#over) return;
    this.#corked = true;
    this.#connection.cork();
  }

  #write(data: Uint8Array | undefined): void {
    if (data === undefined || this.#over) return;
    this.#lastSent = this.#clock.now();
    this.#written += data.length;
    this.#connection.write(data);
  }

  #flushSoon(): void {
    if (this.#decoding) {
      this.#chunkDue = true;
      return;
    }
    if (this.#flushDue) return;
    this.#flushDue = true;
    this.#clock.soon(() => {
      this.#flushDue = false;
      this.flush();
    });
  }

  /** Looked at now and then, together with all else that is: a timer for each of hundreds of sessions would wake the process by itself. */
  #stayAlive(): void {
    if (this.#clock.now() - this.#lastSent < KEEP_ALIVE_AFTER) return;
    this.batch.keepAlive();
    this.flush();
  }
}
